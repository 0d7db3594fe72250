package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/catalog"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/netlab"
	"github.com/giaoban/giaoban/internal/store"
	"github.com/giaoban/giaoban/internal/store/memory"
	"github.com/giaoban/giaoban/internal/testmedia"
	"github.com/giaoban/giaoban/internal/tree"
	"github.com/giaoban/giaoban/loadtest"
)

// fourTiers is a centre, a province, two districts and a commune of each.
const fourTiers = `code,parent,tier,name,points
tw,,Trung ương,Trung tâm,hg-01
02,tw,Tỉnh,Tỉnh Hà Giang,hg-02
024,02,Huyện,H. Xín Mần,hg-11
030,02,Huyện,H. Vị Xuyên,hg-09
00694,024,Xã,Xã Xín Mần,hg-16
00700,030,Xã,Xã Thanh Thủy,hg-15
`

const (
	atCentre   = meeting.PointID("hg-01")
	atProvince = meeting.PointID("hg-02")
	atDistrict = meeting.PointID("hg-11")
	atCommune  = meeting.PointID("hg-16")
	atOther    = meeting.PointID("hg-15")
	labWait    = 60 * time.Second
)

// lab is a tree of real nodes, each in a namespace of its own, with lines of
// the shape of their tier between, and bots with ears on them.
type lab struct {
	t *testing.T
	*Fleet
	hosts   *hosts
	id      meeting.ID
	watch   *loadtest.Bot // the root's controller
	clip    *testmedia.Clip
	seats   map[meeting.PointID]*seat
	diaries map[tree.Code]*diary
	cuts    []cut     // that were made
	steps   []stepped // of the leader's clock
}

// seat is a bot and what it is sent.
type seat struct {
	*loadtest.Bot
	*ear
	node tree.Code
}

// shapes are the lines above the nodes of each tier.
func shapes(tier string) netlab.Shape {
	switch tier {
	case "Tỉnh":
		return netlab.Shape{Delay: 40 * time.Millisecond, Loss: 0.005, Rate: 20e6}
	case "Huyện":
		return netlab.Shape{Delay: 30 * time.Millisecond, Loss: 0.01, Rate: 8e6}
	}
	return netlab.Shape{Delay: 20 * time.Millisecond, Loss: 0.02, Rate: 4e6}
}

// layOut starts the nodes of a table, each by the program it has.
func layOut(t *testing.T, table string, binary func(tree.Code) string) *lab {
	t.Helper()
	if err := netlab.Ready(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	ground, err := newHosts()
	if err != nil {
		t.Fatal(err)
	}
	l := &lab{t: t, hosts: ground.(*hosts), seats: map[meeting.PointID]*seat{}, diaries: map[tree.Code]*diary{}}
	l.Fleet = &Fleet{nodes: map[tree.Code]*Server{}, ground: ground, log: func(c tree.Code) io.Writer {
		l.diaries[c] = &diary{}
		return l.diaries[c]
	}}
	t.Cleanup(l.end)
	if l.clip, err = testmedia.LoadClip(0); err != nil {
		t.Fatal(err)
	}
	if err := l.openTree(t.Context(), table, catalog.TreeHaGiang, binary); err != nil {
		t.Fatal(err)
	}
	for _, n := range l.tree.Nodes() {
		if n.Parent != "" {
			l.reshape(n.Code, shapes(n.Tier))
		}
	}
	l.watch = l.bot(loadtest.Config{Token: l.Links.Console, Device: "lab-console", NoMedia: true}, l.Links.URL, l.Links.Dial)
	l.id = l.await(l.watch, "the console's view", func(s loadtest.State) bool { return s.View.Floor != nil }).View.Meeting.ID
	l.await(l.watch, "the map with every node up", func(s loadtest.State) bool {
		up := 0
		for _, n := range s.View.Nodes {
			if n.State == "up" && n.Path != "" {
				up++
			}
		}
		return up == len(l.tree.Nodes())-1
	})
	return l
}

// end closes the bots and then the nodes, whose last words are kept of a failure.
func (l *lab) end() {
	for _, s := range l.seats {
		s.Close()
	}
	if l.watch != nil {
		l.watch.Close()
	}
	if l.t.Failed() {
		l.t.Log(l.Errors())
	}
	if err := l.Close(); err != nil {
		l.t.Error(err)
	}
}

// ways are the two directions of the line above a node, towards it first.
func (l *lab) ways(c tree.Code) (down, up *netlab.Way) {
	l.t.Helper()
	n, _ := l.tree.Node(c)
	line := l.hosts.lines[c]
	if line == nil {
		l.t.Fatalf("no line above %s", c)
	}
	return line.To(l.hosts.all[c]), line.To(l.hosts.all[n.Parent])
}

func (l *lab) reshape(c tree.Code, s netlab.Shape) {
	l.t.Helper()
	down, up := l.ways(c)
	if err := errors.Join(down.Set(s), up.Set(s)); err != nil {
		l.t.Fatal(err)
	}
}

func (l *lab) bot(cfg loadtest.Config, base string, dial func(context.Context, string, string) (net.Conn, error)) *loadtest.Bot {
	l.t.Helper()
	var err error
	if cfg.URL, err = socket(base); err != nil {
		l.t.Fatal(err)
	}
	cfg.Dial = dial
	b, err := loadtest.New(cfg)
	if err != nil {
		l.t.Fatal(err)
	}
	return b
}

// seat brings a bot into a point's room and waits until it has media.
func (l *lab) seat(points ...meeting.PointID) {
	l.t.Helper()
	names := make([]meeting.PointID, len(l.Links.Rooms))
	for i, r := range l.Links.Rooms {
		names[i] = r.Point
	}
	for _, p := range points {
		for i, r := range l.Links.Rooms {
			if r.Point != p {
				continue
			}
			e := &ear{at: p, names: names}
			b := l.bot(loadtest.Config{
				Token: r.Token, Device: "lab-" + string(p), MaxTiles: 4, Clip: l.clip, Pace: 2, Trace: uint16(i + 1), OnPacket: e.take,
			}, r.URL, r.Dial)
			l.seats[p] = &seat{Bot: b, ear: e, node: tree.Code(r.Node)}
		}
	}
	for _, p := range points {
		l.await(l.seats[p].Bot, string(p)+" to be in", inside)
	}
}

func inside(s loadtest.State) bool { return s.Up && s.Media == "connected" && s.View.Own != nil }

func (l *lab) await(b *loadtest.Bot, what string, so func(loadtest.State) bool) loadtest.State {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(l.t.Context(), labWait)
	defer cancel()
	s, err := b.Wait(ctx, what, so)
	if err != nil {
		l.t.Fatalf("%v: %+v", err, s.Refused)
	}
	return s
}

// order gives a command that must be carried out.
func (l *lab) order(b *loadtest.Bot, c meeting.Command) meeting.Seq {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(l.t.Context(), answerWait)
	defer cancel()
	seq, err := b.Do(ctx, c)
	if err != nil {
		l.t.Fatal(err)
	}
	return seq
}

// speak gives a point the floor and has it press OK; it says when it pressed.
func (l *lab) speak(p meeting.PointID) time.Time {
	l.t.Helper()
	l.order(l.watch, meeting.GiveFloor{Point: p})
	s := l.seats[p]
	l.await(s.Bot, string(p)+" to be invited", func(s loadtest.State) bool { return s.Mic() == "invited" || s.Speaking() })
	began := time.Now()
	l.order(s.Bot, meeting.SwitchOn{})
	return began
}

// show puts points on everybody's picture.
func (l *lab) show(kind meeting.LayoutKind, points ...meeting.PointID) time.Time {
	l.t.Helper()
	layout := meeting.Layout{Kind: kind}
	for i := range kind.Tiles() {
		if i < len(points) {
			layout.Tiles = append(layout.Tiles, meeting.Binding{Kind: meeting.BindPoint, Point: points[i]})
		} else {
			layout.Tiles = append(layout.Tiles, meeting.Binding{Kind: meeting.BindBlank})
		}
	}
	began := time.Now()
	l.order(l.watch, meeting.SetLayout{Audience: meeting.AudienceAll, Layout: layout})
	return began
}

// arrives waits for the first sound or picture of a point at another and says
// how long it took.
func (l *lab) arrives(at, of meeting.PointID, picture bool, since time.Time) time.Duration {
	l.t.Helper()
	var got time.Time
	if !until(l.t.Context(), labWait, func() bool { got = l.seats[at].first(of, picture, since); return !got.IsZero() }) {
		l.t.Fatalf("%s is not sent %s (picture %t): %s", at, of, picture, l.Errors())
	}
	return got.Sub(since)
}

// rest lets time pass, for what is measured over a time.
func (l *lab) rest(d time.Duration) { pause(l.t.Context(), d) }

// journal stops the node that leads a meeting and gives its log.
func (l *lab) journal(c tree.Code, id meeting.ID) []meeting.Event {
	l.t.Helper()
	s, file := l.nodes[c], filepath.Join(l.t.TempDir(), "log.jsonl")
	if err := s.signal(syscall.SIGTERM); err != nil {
		l.t.Fatal(err)
	}
	if _, err := s.command("export", "--data", s.data(), string(id), file); err != nil {
		l.t.Fatal(err)
	}
	kept := memory.New()
	if _, err := store.Import(l.t.Context(), strings.NewReader(mustRead(l.t, file)), kept); err != nil {
		l.t.Fatal(err)
	}
	var events []meeting.Event
	for e, err := range kept.Read(l.t.Context(), id, 0) {
		if err != nil {
			l.t.Fatal(err)
		}
		events = append(events, e)
	}
	return events
}

// cheat makes bots send sound on their microphones all the time, each packet
// with its time, until the function it gives is called, which says how many.
func (l *lab) cheat(points ...meeting.PointID) (stop func() int) {
	ctx, cancel := context.WithCancel(l.t.Context())
	var wait sync.WaitGroup
	var mu sync.Mutex
	sent := 0
	for _, p := range points {
		wait.Go(func() {
			for ctx.Err() == nil {
				label := fmt.Sprintf("%s%s/%d", cheatLabel, p, time.Now().UnixNano())
				n, _ := l.seats[p].Cheat(ctx, loadtest.WayMicrophone, label, 1) // without media there is nothing to cheat with
				mu.Lock()
				sent += n
				mu.Unlock()
				pause(ctx, 40*time.Millisecond)
			}
		})
	}
	return func() int {
		cancel()
		wait.Wait()
		return sent
	}
}
