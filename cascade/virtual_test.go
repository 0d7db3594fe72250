package cascade

import (
	"context"
	"fmt"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/netlab"
	"github.com/giaoban/giaoban/internal/tree"
	"github.com/giaoban/giaoban/sfu"
	"github.com/pion/transport/v5/vnet"
)

// bubble is a land in virtual time: every node has an SFU on a simulated
// network, and a cord to its parent.
type bubble struct {
	*netlab.Virtual
	t *testing.T

	mu    sync.Mutex
	nodes map[tree.Code]tree.Node
	hosts map[tree.Code]*vnet.Net
	addrs map[tree.Code]string
	doors map[tree.Code]chan net.Conn
	cords map[tree.Code]*cord // by the node below
}

// inBubble plays a test on a tree of nodes in virtual time, from when all of
// them hold a meeting.
func inBubble(t *testing.T, table string, play func(t *testing.T, g *grove, b *bubble)) {
	netlab.InVirtualTime(t, cordDelay, func(t *testing.T, v *netlab.Virtual) {
		b := &bubble{
			Virtual: v, t: t, nodes: map[tree.Code]tree.Node{}, hosts: map[tree.Code]*vnet.Net{}, addrs: map[tree.Code]string{},
			doors: map[tree.Code]chan net.Conn{}, cords: map[tree.Code]*cord{},
		}
		v.AddChunkFilter(b.passes)
		g := newGrove(t, table, b)
		g.hold("m")
		g.linked("m", time.Minute)
		play(t, g, b)
	})
}

// passes reports whether a datagram crosses no line that is cut.
func (b *bubble) passes(c vnet.Chunk) bool {
	from, _, _ := net.SplitHostPort(c.SourceAddr().String())
	to, _, _ := net.SplitHostPort(c.DestinationAddr().String())
	b.mu.Lock()
	defer b.mu.Unlock()
	for code, cord := range b.cords {
		low, high := b.addrs[code], b.addrs[b.nodes[code].Parent]
		if (from == low && to == high || from == high && to == low) && cord.isCut() {
			return false
		}
	}
	return true
}

func (b *bubble) media(n tree.Node) (*sfu.SFU, func()) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.nodes[n.Code] = n
	if b.hosts[n.Code] == nil {
		b.addrs[n.Code] = fmt.Sprintf("10.0.0.%d", len(b.hosts)+1)
		b.hosts[n.Code] = b.Join(b.addrs[n.Code])
	}
	s := portOf(b.t, sfu.Config{Addrs: []string{b.addrs[n.Code]}, Port: 10000, Net: b.hosts[n.Code]})
	return s, func() { s.Close() }
}

func (b *bubble) door(n tree.Node) net.Listener {
	d := &door{came: make(chan net.Conn, 256), done: make(chan struct{})}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.doors[n.Code] = d.came
	return d
}

func (b *bubble) way(n tree.Node) (string, func(context.Context, string, string) (net.Conn, error)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.cords[n.Code] == nil {
		b.cords[n.Code] = newCord(func() chan net.Conn {
			b.mu.Lock()
			defer b.mu.Unlock()
			return b.doors[n.Parent]
		})
	}
	return "10.0.0.1:8444", b.cords[n.Code].connect
}

// kill ends a node as kill -9 does: the other ends of its connections are told
// by the host, and nobody says goodbye.
func (b *bubble) kill(g *grove, c tree.Code) {
	b.mu.Lock()
	delete(b.doors, c)
	for code, cord := range b.cords {
		if code == c || b.nodes[code].Parent == c {
			cord.reset()
		}
	}
	b.mu.Unlock()
	g.fell[c]()
}

const village = `code,parent,tier,name,points
a,,Trung ương,A,p-1
b,a,Tỉnh,B,p-2
c,b,Huyện,C,p-3
d,c,Xã,D,p-4
`

// write has the controllers of the first and the last node write numbered
// lines until the function it gives is called, which gives those that were
// acknowledged.
func (g *grove) write(every time.Duration) (stop func() []string) {
	ctx, cancel := context.WithCancel(g.t.Context())
	var wait sync.WaitGroup
	var mu sync.Mutex
	var acked []string
	for _, c := range []tree.Code{"a", "d"} {
		wait.Go(func() {
			tick := time.NewTicker(every)
			defer tick.Stop()
			for n := 0; ; n++ {
				select {
				case <-tick.C:
				case <-ctx.Done():
					return
				}
				f := g.at(c, "m")
				if f == nil {
					continue
				}
				text := fmt.Sprintf("line %d of %s", n, c)
				if _, err := f.Submit(ctx, meeting.Actor{Role: meeting.RoleController, Node: g.tree.Path(c)}, meeting.Cause{Session: "of-" + string(c), ID: uint64(n + 1)}, meeting.SendMessage{Text: text}); err == nil {
					mu.Lock()
					acked = append(acked, text)
					mu.Unlock()
				}
			}
		})
	}
	return func() []string { cancel(); wait.Wait(); return acked }
}

// judge holds the root's log against what was acknowledged, and every replica
// against the root.
func (g *grove) judge(acked []string) {
	g.t.Helper()
	in := map[string]int{}
	for e, err := range g.journals["a"].Read(g.t.Context(), "m", 0) {
		if err != nil {
			g.t.Fatal(err)
		}
		if m, ok := e.Fact.(meeting.MessageSent); ok {
			in[m.Text]++
		} else if m, ok := e.Fact.(*meeting.MessageSent); ok {
			in[m.Text]++
		}
	}
	for _, text := range acked {
		if in[text] != 1 {
			g.t.Errorf("%q was acknowledged and is in the log %d times", text, in[text])
		}
	}
	netlab.Pass(g.t, time.Second)
	top := g.at("a", "m").Current()
	for _, n := range g.tree.Nodes() {
		if u := g.at(n.Code, "m").Current(); u.Severed || u.State.Seq != top.State.Seq || u.Plan.Digest() != top.Plan.Digest() {
			g.t.Errorf("%s is at %d, severed %t; the root at %d", n.Code, u.State.Seq, u.Severed, top.State.Seq)
		}
	}
	g.t.Logf("%d lines acknowledged, each once in the log; %d facts at every node", len(acked), top.State.Seq)
}

// severed are the nodes that are silenced.
func (g *grove) severed() (all []tree.Code) {
	for _, n := range g.tree.Nodes() {
		if f := g.at(n.Code, "m"); f != nil && f.Current() != nil && f.Current().Severed {
			all = append(all, n.Code)
		}
	}
	return all
}

// Lines on which one write in five has to be sent again carry every command up
// and every fact down, and no link is thought lost.
func TestAVirtualTreeOverLossyLines(t *testing.T) {
	inBubble(t, village, func(t *testing.T, g *grove, b *bubble) {
		for _, c := range b.cords {
			c.lose.Store(5)
		}
		stop := g.write(200 * time.Millisecond)
		netlab.Pass(t, 15*time.Second)
		for _, d := range g.down {
			for _, s := range d.Sights() {
				if s.State != StateUp || s.Redialled > 1 {
					t.Errorf("%+v", s)
				}
			}
		}
		g.judge(stop())
	})
}

// linkIncident is the root's newest incident of a node's link.
func (g *grove) linkIncident(node meeting.NodePath) (found meeting.Incident) {
	for _, i := range g.at("a", "m").Current().State.Incidents {
		if i.Node == node {
			found = i
		}
	}
	return found
}

// A line cut for less than its grace changes nothing. One cut for longer severs
// both ends five seconds after the last that was heard, opens an incident, and is
// up again soon after it is back; no acknowledged command is lost, nor carried
// out twice.
func TestAVirtualTreeWithACutLine(t *testing.T) {
	inBubble(t, village, func(t *testing.T, g *grove, b *bubble) {
		stop := g.write(200 * time.Millisecond)
		netlab.Pass(t, time.Second)
		line := b.cords["c"]
		line.cut()
		netlab.Pass(t, 3*time.Second)
		line.heal()
		netlab.Pass(t, 3*time.Second)
		if s, i := g.severed(), g.linkIncident("a/b/c"); len(s) > 0 || i.Node != "" {
			t.Errorf("after 3 s severed %v, %+v", s, i)
		}
		line.cut()
		netlab.Pass(t, Grace-pingEvery-cordDelay)
		if s := g.severed(); len(s) > 0 {
			t.Errorf("severed before the grace was over: %v", s)
		}
		netlab.Pass(t, time.Second)
		if s := g.severed(); !slices.Equal(s, []tree.Code{"c", "d"}) {
			t.Errorf("after the grace severed are %v", s)
		}
		if i := g.linkIncident("a/b/c"); i.Node == "" || !i.ClosedAt.IsZero() {
			t.Errorf("no incident is open: %+v", i)
		}
		netlab.Pass(t, 10*time.Second)
		line.heal()
		t.Logf("up again %v after the line", g.linked("m", lastRetry*4/3+2*connectWait))
		netlab.Pass(t, time.Second)
		if i := g.linkIncident("a/b/c"); i.ClosedAt.IsZero() {
			t.Errorf("the incident is open still: %+v", i)
		}
		g.judge(stop())
	})
}

// A node that is killed and begins again, in the middle or at the root, has its
// children back, and they the meeting, before anything is severed below.
func TestAVirtualTreeWhoseNodesRestart(t *testing.T) {
	inBubble(t, village, func(t *testing.T, g *grove, b *bubble) {
		stop := g.write(200 * time.Millisecond)
		for _, c := range []tree.Code{"b", "a"} {
			netlab.Pass(t, time.Second)
			b.kill(g, c)
			netlab.Pass(t, 2*time.Second)
			g.grow(b.nodes[c])
			if c == "a" {
				if _, err := g.meetings[c].Open(t.Context(), "m"); err != nil {
					t.Fatal(err)
				}
			}
			t.Logf("%s has its place again after %v", c, g.linked("m", 20*time.Second))
			if s := g.severed(); len(s) > 0 {
				t.Errorf("after %s: severed %v", c, s)
			}
		}
		netlab.Pass(t, 2*time.Second)
		g.judge(stop())
	})
}

// A command without a cause that is under way while a node between it and the
// leader dies is carried out once: whenever it dies, before or after the leader
// has heard of it.
func TestAVirtualTreeCarriesOutOnceWhatHasNoCause(t *testing.T) {
	inBubble(t, village, func(t *testing.T, g *grove, b *bubble) {
		const hop = cordDelay
		var acked []string
		for when := hop / 2; when < 6*hop; when += hop {
			text := fmt.Sprintf("b dies %v after it was sent", when)
			done := make(chan error, 1)
			go func() {
				_, err := g.at("d", "m").Submit(t.Context(), meeting.Actor{Role: meeting.RoleController}, meeting.Cause{}, meeting.SendMessage{Text: text})
				done <- err
			}()
			netlab.Pass(t, when)
			b.kill(g, "b")
			netlab.Pass(t, time.Second)
			g.grow(b.nodes["b"])
			g.linked("m", 20*time.Second)
			if err := <-done; err != nil {
				t.Errorf("%s: %v", text, err)
			}
			acked = append(acked, text)
		}
		g.judge(acked)
	})
}
