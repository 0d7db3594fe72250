package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/testmedia"
	"github.com/giaoban/giaoban/internal/tree"
	"github.com/giaoban/giaoban/internal/wire"
	"github.com/giaoban/giaoban/loadtest"
)

// fourTiers is a centre, a province, two districts and two communes, each with
// points of the demo; hg-01 is the chair point.
const fourTiers = `code,parent,tier,name,points
tw,,Trung ương,Trung tâm,hg-01
02,tw,Tỉnh,Tỉnh Hà Giang,hg-02
024,02,Huyện,H. Xín Mần,hg-11
030,02,Huyện,H. Vị Xuyên,hg-09
00694,024,Xã,Xã Xín Mần,hg-16
00700,030,Xã,Xã Thanh Thủy,hg-15
`

const (
	atCentre  = meeting.PointID("hg-01")
	atCommune = meeting.PointID("hg-16")
	atOther   = meeting.PointID("hg-15")
)

// forest is a tree of nodes on this machine, each a process of its own.
type forest struct {
	t     *testing.T
	tree  *tree.Tree
	file  string
	dirs  map[tree.Code]string
	doors map[tree.Code]string
	nodes map[tree.Code]*program
}

// plant makes the nodes of a table, each trusting those next to it, and starts
// them from the root down.
func plant(t *testing.T, table string) *forest {
	t.Helper()
	nodes, err := tree.Read([]byte(table), today())
	if err != nil {
		t.Fatal(err)
	}
	f := &forest{t: t, tree: nodes, dirs: map[tree.Code]string{}, doors: map[tree.Code]string{}, nodes: map[tree.Code]*program{}}
	f.file = filepath.Join(t.TempDir(), "tree.csv")
	if err := os.WriteFile(f.file, []byte(table), 0o600); err != nil {
		t.Fatal(err)
	}
	keys := map[tree.Code]string{}
	for _, n := range nodes.Nodes() {
		f.dirs[n.Code], f.doors[n.Code] = t.TempDir(), "localhost:0"
		keys[n.Code] = f.run("node", "key", "--data", f.dirs[n.Code])
	}
	for _, n := range nodes.Nodes() {
		if n.Parent != "" {
			f.run("node", "trust", "--data", f.dirs[n.Code], string(n.Parent), keys[n.Parent])
			f.run("node", "trust", "--data", f.dirs[n.Parent], string(n.Code), keys[n.Code])
		}
	}
	for _, n := range nodes.Nodes() {
		f.start(n.Code)
	}
	return f
}

// run runs a command of the program and gives what it printed.
func (f *forest) run(args ...string) string {
	f.t.Helper()
	status, out, errs := giaoban(args...)
	if status != 0 {
		f.t.Fatalf("%v: %s", args, errs)
	}
	return strings.TrimSpace(out)
}

func (f *forest) configure(c tree.Code) {
	f.t.Helper()
	n, _ := f.tree.Node(c)
	parents := ""
	if n.Parent != "" {
		parents = f.doors[n.Parent]
	}
	text := fmt.Sprintf("data: %s\nnode:\n  id: %q\n  file: %s\n  listen: %s\n  parents: [%s]\nlog:\n  level: info\n",
		f.dirs[n.Code], n.Code, f.file, f.doors[n.Code], parents)
	if err := os.WriteFile(f.config(n.Code), []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

func (f *forest) config(c tree.Code) string { return filepath.Join(f.dirs[c], "giaoban.yaml") }

func (f *forest) start(c tree.Code) {
	f.t.Helper()
	f.configure(c)
	p := launch(f.t, "--config", f.config(c), "--demo-points", "0", "--links", filepath.Join(f.dirs[c], "links.json"))
	p.open(f.t)
	f.nodes[c] = p
	f.doors[c] = f.links(c).Listen // the same after a restart
}

// room is a bot in a room, with the sound and picture of a clip.
func (f *forest) room(point meeting.PointID, clip *testmedia.Clip) *loadtest.Bot {
	f.t.Helper()
	home, _ := f.tree.At(f.tree.Home(point))
	return f.client(home.Code, f.links(home.Code).Rooms[point], clip)
}

func (f *forest) links(c tree.Code) links {
	f.t.Helper()
	text, err := os.ReadFile(filepath.Join(f.dirs[c], "links.json"))
	if err != nil {
		f.t.Fatal(err)
	}
	var l links
	if err := json.Unmarshal(text, &l); err != nil {
		f.t.Fatal(err)
	}
	return l
}

func (f *forest) client(c tree.Code, link string, clip *testmedia.Clip) *loadtest.Bot {
	f.t.Helper()
	_, token, _ := strings.Cut(link, "#t=")
	b, err := loadtest.New(loadtest.Config{
		URL:   "ws" + strings.TrimPrefix(f.nodes[c].url, "http") + "/api/v1/bridge",
		Token: token, Device: "device-" + token[:8], Clip: clip, NoMedia: clip == nil,
	})
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { b.Close() })
	return b
}

// say prints what every node had to say, if the test failed.
func (f *forest) say() {
	if !f.t.Failed() {
		return
	}
	for c, p := range f.nodes {
		f.t.Logf("node %s:\n%s", c, p.errs)
	}
}

func aClip(t *testing.T) *testmedia.Clip {
	t.Helper()
	c, err := testmedia.LoadClip(0)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func here(s loadtest.State) bool { return s.View.Own != nil && s.Media == "connected" }

// Four tiers: a room at a commune is invited by the chair's side at the centre,
// presses OK, and is heard at the centre and at another district's commune.
func TestACommuneIsHeardAtTheCentreAndInAnotherDistrict(t *testing.T) {
	f := plant(t, fourTiers)
	defer f.say()
	ctx, cancel := context.WithTimeout(t.Context(), 3*patience)
	defer cancel()
	clip := aClip(t)
	centre, commune, other := f.room(atCentre, clip), f.room(atCommune, clip), f.room(atOther, clip)
	var id meeting.ID
	for name, b := range map[string]*loadtest.Bot{"centre": centre, "commune": commune, "other commune": other} {
		s, err := b.Wait(ctx, name+" to be in the meeting", here)
		if err != nil {
			t.Fatal(err)
		}
		id = s.View.Meeting.ID
	}
	began := time.Now()
	f.nodes["tw"].command(t, id, meeting.GiveFloor{Point: atCommune})
	if err := commune.SwitchOn(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := commune.Wait(ctx, "the commune to speak", loadtest.State.Speaking); err != nil {
		t.Fatal(err)
	}
	voice := meeting.SourceKey{Point: atCommune, Kind: meeting.Microphone}
	for name, b := range map[string]*loadtest.Bot{"centre": centre, "other commune": other} {
		f.heard(ctx, name, b, voice)
	}
	t.Logf("granted, switched on and heard in %v", time.Since(began))
	f.looksAt(ctx, f.nodes["tw"], atCommune)
}

// looksAt waits until a console at a node is told how the line of a point is,
// wherever that is, and has its still, once it has asked for it.
func (f *forest) looksAt(ctx context.Context, at *program, point meeting.PointID) {
	t := f.t
	t.Helper()
	desk := at.bot(t, "desk", at.console())
	line := func(s loadtest.State) bool {
		return slices.ContainsFunc(s.Lines, func(l wire.LineView) bool { return l.Point == point && l.UpKbps+l.DownKbps > 0 })
	}
	if _, err := desk.Wait(ctx, "the line of "+string(point), line); err != nil {
		t.Error(err)
	}
	home, _ := f.tree.At(f.tree.Home(point))
	_, token, _ := strings.Cut(f.links(home.Code).Rooms[point], "#t=")
	var still bytes.Buffer
	if err := jpeg.Encode(&still, image.NewGray(image.Rect(0, 0, 192, 108)), nil); err != nil {
		t.Fatal(err)
	}
	put, err := http.NewRequest("PUT", f.nodes[home.Code].url+"/api/v1/snapshot", bytes.NewReader(still.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if status, text := fetch(t, put, token); status != http.StatusOK {
		t.Fatalf("the still is not taken: %d %s", status, text)
	}
	get, err := http.NewRequest("GET", at.url+"/api/v1/snapshots?after=0", nil)
	if err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for ; ctx.Err() == nil; <-tick.C {
		var wall wire.SnapshotList
		_, text := fetch(t, get, at.console())
		if err := json.Unmarshal(text, &wall); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if slices.ContainsFunc(wall.Snapshots, func(s wire.Snapshot) bool { return s.Point == point && bytes.Equal(s.JPEG, still.Bytes()) }) {
			return
		}
	}
	t.Errorf("the wall has no still of %s", point)
}

// fetch makes a request with a token and gives its answer.
func fetch(t *testing.T, req *http.Request, token string) (int, []byte) {
	t.Helper()
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, text
}

// heard waits until a bot has received sound of a source and a picture.
func (f *forest) heard(ctx context.Context, name string, b *loadtest.Bot, voice meeting.SourceKey) {
	t := f.t
	t.Helper()
	s, err := b.Wait(ctx, name+" to have a voice for it", func(s loadtest.State) bool { return s.Sound(voice) >= 0 })
	if err != nil {
		t.Fatal(err)
	}
	slot := loadtest.SlotID{Audio: true, Index: s.Sound(voice)}
	for ctx.Err() == nil {
		stats := b.Stats()
		if stats[slot].Packets > 10 && stats[loadtest.SlotID{}].Frames > 0 {
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
	t.Fatalf("%s hears or sees nothing: %+v; live %v", name, b.Stats(), s.Live)
}
