package cascade

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/auth"
	"github.com/giaoban/giaoban/internal/focus"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store/memory"
	"github.com/giaoban/giaoban/internal/tree"
	"github.com/giaoban/giaoban/sfu"
)

// grove is a tree of nodes in this process: keys, TLS, WebSockets, DTLS.
type grove struct {
	t        *testing.T
	tree     *tree.Tree
	land     land
	keys     map[tree.Code]auth.NodeKey
	journals map[tree.Code]*memory.Store
	down     map[tree.Code]*Downlinks
	rooms    map[tree.Code]*gallery

	mu       sync.Mutex
	meetings map[tree.Code]*focus.Registry
	fell     map[tree.Code]func()
}

// land is what nodes stand on.
type land interface {
	// media is a node's SFU, and what ends it with the node.
	media(tree.Node) (*sfu.SFU, func())
	// door is where a node's children come in.
	door(tree.Node) net.Listener
	// way is the address of a node's parent, and how it connects; nil is TCP.
	way(tree.Node) (string, func(ctx context.Context, network, addr string) (net.Conn, error))
}

// loopback are real sockets of this host. Every node has a media port of its own,
// as every machine has: a session is known by the address of its other end.
type loopback struct {
	t     *testing.T
	doors map[tree.Code]string
}

func newLoopback(t *testing.T) *loopback {
	return &loopback{t: t, doors: map[tree.Code]string{}}
}

func portOf(t *testing.T, cfg sfu.Config) *sfu.SFU {
	t.Helper()
	s, err := sfu.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func (l *loopback) media(tree.Node) (*sfu.SFU, func()) {
	l.t.Helper()
	s := portOf(l.t, sfu.Config{Addrs: []string{"127.0.0.1"}})
	return s, func() { s.Close() }
}

func (l *loopback) door(n tree.Node) net.Listener {
	l.t.Helper()
	at, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		l.t.Fatal(err)
	}
	l.doors[n.Code] = at.Addr().String()
	return at
}

func (l *loopback) way(n tree.Node) (string, func(ctx context.Context, network, addr string) (net.Conn, error)) {
	return l.doors[n.Parent], nil
}

func newGrove(t *testing.T, table string, on land) *grove {
	t.Helper()
	nodes, err := tree.Read([]byte(table), tree.Date("2026-11-26"))
	if err != nil {
		t.Fatal(err)
	}
	g := &grove{
		t: t, tree: nodes, land: on, keys: map[tree.Code]auth.NodeKey{}, journals: map[tree.Code]*memory.Store{},
		meetings: map[tree.Code]*focus.Registry{}, down: map[tree.Code]*Downlinks{}, rooms: map[tree.Code]*gallery{}, fell: map[tree.Code]func(){},
	}
	for _, n := range nodes.Nodes() {
		if g.keys[n.Code], err = auth.OpenNodeKey(t.TempDir()); err != nil {
			t.Fatal(err)
		}
		g.journals[n.Code] = memory.New()
		g.rooms[n.Code] = &gallery{own: n.Points, lines: map[meeting.PointID]int{}, came: map[meeting.PointID]int{}}
	}
	for _, n := range nodes.Nodes() {
		g.grow(n)
	}
	return g
}

// whose is the node a key belongs to.
func (g *grove) whose(c *x509.Certificate) (tree.Code, bool) {
	for code, key := range g.keys {
		if key.Public() == auth.CertificateKey(c) {
			return code, true
		}
	}
	return "", false
}

func (g *grove) secure(c tree.Code) *tls.Config {
	g.t.Helper()
	secure, err := g.keys[c].TLS(func(*x509.Certificate) error { return nil })
	if err != nil {
		g.t.Fatal(err)
	}
	return secure
}

// grow starts a node: its door, and its link up. It ends with the test, or by
// what is left in fell.
func (g *grove) grow(n tree.Node) {
	t := g.t
	var ends []func()
	g.fell[n.Code] = sync.OnceFunc(func() {
		for _, end := range slices.Backward(ends) {
			end()
		}
	})
	t.Cleanup(g.fell[n.Code])
	media, silence := g.land.media(n)
	r := focus.NewRegistry(focus.Config{Journal: g.journals[n.Code], Media: media, Node: g.tree.Path(n.Code), Place: g.tree.Home})
	ends = append(ends, silence, r.Close)
	g.mu.Lock()
	g.meetings[n.Code] = r
	g.mu.Unlock()
	base := Config{Tree: func() *tree.Tree { return g.tree }, Self: n.Code, Build: "test", Meetings: r, Media: media.Link, Rooms: g.rooms[n.Code]}
	if len(g.tree.Children(n.Code)) > 0 {
		down, err := NewDownlinks(DownlinksConfig{Config: base, Node: g.whose})
		if err != nil {
			t.Fatal(err)
		}
		l := g.land.door(n)
		server := &http.Server{Handler: down, TLSConfig: g.secure(n.Code)}
		served := make(chan struct{})
		go func() { defer close(served); server.ServeTLS(l, "", "") }()
		ends = append(ends, func() { down.Close(); server.Close(); <-served })
		g.down[n.Code] = down
	}
	if n.Parent == "" {
		return
	}
	addr, connect := g.land.way(n)
	up, err := Dial(UplinkConfig{Config: base, URLs: []string{"wss://" + addr + "/cascade"}, TLS: g.secure(n.Code), Connect: connect})
	if err != nil {
		t.Fatal(err)
	}
	ends = append(ends, func() { up.Close() })
}

// at is a meeting at a node; nil if it is not there.
func (g *grove) at(c tree.Code, id meeting.ID) *focus.Focus {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.meetings[c].Get(id)
}

// linked waits until every node but the root follows the meeting and has its
// media, and says how long that took.
func (g *grove) linked(id meeting.ID, most time.Duration) time.Duration {
	g.t.Helper()
	began := time.Now()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for ; ; <-tick.C {
		missing := 0
		for _, n := range g.tree.Nodes() {
			f := g.at(n.Code, id)
			if f == nil || f.Current() == nil {
				missing++
			}
		}
		for _, d := range g.down {
			for _, s := range d.Sights() {
				if s.State != StateUp || s.Path == "" {
					missing++
				}
			}
		}
		if missing == 0 {
			return time.Since(began)
		}
		if time.Since(began) > most {
			g.t.Fatalf("%d nodes or paths are missing after %v", missing, most)
		}
	}
}

// hold begins a meeting at the root that calls every point.
func (g *grove) hold(id meeting.ID) {
	g.t.Helper()
	root := g.tree.Nodes()[0]
	c := meeting.CreateMeeting{Title: "Giao ban", HostUnit: "UBND", StartsAt: time.Now()}
	for i, n := range g.tree.Nodes() {
		for _, p := range n.Points {
			c.Points = append(c.Points, meeting.Point{ID: p, Number: i + 1, Name: string(p), Tier: n.Tier})
		}
	}
	c.ChairPoint = c.Points[0].ID
	if _, err := g.meetings[root.Code].Create(g.t.Context(), id, meeting.Actor{Role: meeting.RoleNode}, c); err != nil {
		g.t.Fatal(err)
	}
}

func used() (cpu time.Duration) {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // it cannot fail
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}

// Many children of one parent link up, each with its meeting and its media. The
// figures are of both ends together, in one process.
func TestCascadeOfManyChildren(t *testing.T) {
	children, watched := 12, time.Second
	if os.Getenv("GIAOBAN_PROVE_CASCADE") != "" {
		children, watched = 124, 20*time.Second
	}
	var table strings.Builder
	table.WriteString("code,parent,tier,name,points\ntw,,Tỉnh,Tỉnh,p-0\n")
	for n := 1; n <= children; n++ {
		fmt.Fprintf(&table, "x%d,tw,Xã,Xã %d,p-%d\n", n, n, n)
	}
	before, cpu := heap(), used()
	g := newGrove(t, table.String(), newLoopback(t))
	g.hold("m")
	took := g.linked("m", 90*time.Second)
	linkCPU := used() - cpu
	if busy := g.down["tw"].Refused()[CodeBusy]; busy > 0 {
		t.Errorf("%d were told to come back", busy)
	}
	memory := int64(heap()) - int64(before)
	cpu = used()
	select {
	case <-time.After(watched):
	case <-t.Context().Done():
	}
	idle := float64(used()-cpu) / float64(watched) / float64(children)
	t.Logf("%d children: all with meeting and media after %v, %v CPU each; %d kB each, %.2f %% of a core each at rest; both ends together",
		children, took.Round(time.Millisecond), (linkCPU / time.Duration(children)).Round(time.Millisecond), memory/int64(children)/1000, 100*idle)
}

// Five tiers, one below the other, hold one meeting.
func TestCascadeOfFiveTiers(t *testing.T) {
	g := newGrove(t, `code,parent,tier,name,points
a,,Trung ương,A,p-1
b,a,Tỉnh,B,p-2
c,b,Huyện,C,p-3
d,c,Xã,D,p-4
e,d,Thôn,E,p-5
`, newLoopback(t))
	g.hold("m")
	took := g.linked("m", 60*time.Second)
	t.Logf("five tiers with meeting and media after %v", took.Round(time.Millisecond))
	if seq := g.at("e", "m").Current().State.Seq; seq == 0 {
		t.Error("the fifth has no state")
	}
	// A command goes up four links, and is back with its facts when it returns.
	began := time.Now()
	f := g.at("e", "m")
	if _, err := f.Submit(t.Context(), meeting.Actor{Role: meeting.RoleNode}, meeting.Cause{}, meeting.Connect{Point: "p-5", Device: "d"}); err != nil {
		t.Fatal(err)
	}
	t.Logf("a command up four links and its fact down them: %v", time.Since(began).Round(time.Millisecond))
	if p := g.meetings["e"].Called("p-5").Current().State.Points[4]; p.Presence != meeting.Present {
		t.Errorf("%+v", p)
	}
}
