package run

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/giaoban/giaoban/internal/tree"
	"github.com/giaoban/giaoban/loadtest/report"
)

const (
	ledgerEvery = 2 * time.Second // between two looks at what the nodes say
	ledgerWait  = time.Second     // for one of them
	ledgerMost  = 1 << 20         // bytes of its answer
	pathLeast   = 50              // packets that make a way's latency worth naming
)

// way is one direction of the line above a node.
type way struct {
	node tree.Code
	up   bool
}

// String reads "031, up".
func (w way) String() string {
	if w.up {
		return string(w.node) + ", up"
	}
	return string(w.node) + ", down"
}

// ledger follows the lines between the nodes of a tree, by what each node says
// it sends over them. Without a tree it has none.
type ledger struct {
	fleet *Fleet

	mu   sync.Mutex
	ways map[way]*traffic
}

// traffic is what crossed one way.
type traffic struct {
	last                    linkFigures
	at                      time.Time
	bytes, packets, streams uint64
	most                    int     // streams at once
	doubled                 int     // looks in a row at which an encoding crossed twice
	twice                   int     // most of them
	mbit                    float64 // a second, since the look before
}

// linkFigures are those of one link, as its sending node counts them.
type linkFigures struct {
	bytes, packets, begun uint64
	streams, encodings    int
}

func newLedger(f *Fleet) *ledger { return &ledger{fleet: f, ways: map[way]*traffic{}} }

func (l *ledger) run(ctx context.Context) {
	if l.fleet == nil || l.fleet.tree == nil {
		return
	}
	tick := time.NewTicker(ledgerEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			l.look(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// look asks every node. One that does not answer is being harmed, and asked again.
func (l *ledger) look(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, ledgerWait)
	defer cancel()
	var asking sync.WaitGroup
	for _, n := range l.fleet.tree.Nodes() {
		asking.Go(func() {
			text, err := l.fleet.nodes[n.Code].metrics(ctx)
			if err != nil {
				return
			}
			for node, figures := range readLinkFigures(text) {
				other, _ := l.fleet.tree.Node(tree.Code(node))
				switch {
				case other.Code == "":
				case other.Code == n.Parent:
					l.note(way{n.Code, true}, figures)
				case other.Parent == n.Code:
					l.note(way{other.Code, false}, figures)
				}
			}
		})
	}
	asking.Wait()
}

// note adds what a way carried since the last look. A link that began anew
// counts from nothing.
func (l *ledger) note(w way, now linkFigures) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.ways[w]
	if t == nil {
		t = &traffic{at: time.Now(), last: now}
		l.ways[w] = t
		t.bytes, t.packets, t.streams = now.bytes, now.packets, now.begun
		return
	}
	from := t.last
	if now.bytes < from.bytes || now.packets < from.packets {
		from = linkFigures{}
	}
	span := time.Since(t.at).Seconds()
	t.mbit = round(float64(now.bytes-from.bytes) * 8 / 1e6 / max(span, 0.1))
	t.bytes, t.packets, t.streams = t.bytes+now.bytes-from.bytes, t.packets+now.packets-from.packets, t.streams+now.begun-from.begun
	t.most = max(t.most, now.streams)
	t.doubled++
	if now.streams <= now.encodings {
		t.doubled = 0
	}
	t.twice = max(t.twice, t.doubled)
	t.last, t.at = now, time.Now()
}

// rates are what each line carries now, both ways, Mbit/s.
func (l *ledger) rates() map[string]float64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.ways) == 0 {
		return nil
	}
	all := map[string]float64{}
	for w, t := range l.ways {
		all[string(w.node)] = round(all[string(w.node)] + t.mbit)
	}
	return all
}

// report is what crossed each line, in the order of the tree.
func (l *ledger) report(seconds float64, latency func(way) float64) []report.Line {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.ways) == 0 {
		return nil
	}
	one := func(w way) report.Way {
		t := l.ways[w]
		if t == nil {
			t = &traffic{}
		}
		return report.Way{
			Bytes: t.bytes, Packets: t.packets, Streams: t.streams, MostStreams: t.most, Twice: t.twice,
			PacketsPerStream: round(float64(t.packets) / float64(max(t.streams, 1))),
			MbitPerS:         round(float64(t.bytes) * 8 / 1e6 / max(seconds, 1)), Latency: latency(w),
		}
	}
	var all []report.Line
	for _, n := range l.fleet.tree.Nodes() {
		if n.Parent != "" {
			all = append(all, report.Line{Node: string(n.Code), Name: n.Name, Up: one(way{n.Code, true}), Down: one(way{n.Code, false})})
		}
	}
	return all
}

// metrics is what the node says of itself, as it tells its own host alone.
func (s *Server) metrics(ctx context.Context) (string, error) {
	client := http.Client{Transport: &http.Transport{DialContext: s.dial, DisableKeepAlives: true}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.http+"/metrics", nil)
	if err != nil {
		return "", fmt.Errorf("metrics of %s: %w", s.name(), err)
	}
	response, err := client.Do(request)
	if err != nil {
		return "", fmt.Errorf("metrics of %s: %w", s.name(), err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, ledgerMost))
	if err != nil || response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("metrics of %s: %s, %w", s.name(), response.Status, err)
	}
	return string(text), nil
}

// readLinkFigures reads the figures of links from the metrics of a node, by the
// code of the node at the other end: the last part of its path.
func readLinkFigures(text string) map[string]linkFigures {
	all := map[string]linkFigures{}
	form := regexp.MustCompile(`(?m)^giaoban_link_(\w+)\{node="([^"]+)"\} (\S+)$`)
	for _, m := range form.FindAllStringSubmatch(text, -1) {
		value, err := strconv.ParseFloat(m[3], 64)
		if err != nil || value < 0 {
			continue
		}
		node := m[2][strings.LastIndex(m[2], "/")+1:]
		f := all[node]
		switch m[1] {
		case "bytes_out_total":
			f.bytes = uint64(value)
		case "packets_out_total":
			f.packets = uint64(value)
		case "streams_out_total":
			f.begun = uint64(value)
		case "streams_out":
			f.streams = int(value)
		case "encodings_out":
			f.encodings = int(value)
		}
		all[node] = f
	}
	return all
}

// paths are the latencies of what came from one node to another, pictures and
// sound together.
type paths map[[2]tree.Code]*histogram

func (p paths) merge(from, to tree.Code, h *histogram) {
	key := [2]tree.Code{from, to}
	if p[key] == nil {
		p[key] = &histogram{}
	}
	p[key].merge(h)
}

// over is the median of the fastest path over one way, ms, 0 if nothing came
// over it: a line that is slow makes every path over it slow, and a path that
// is not acquits every line on it.
func (p paths) over(t *tree.Tree, w way) float64 {
	behind := below(t, w.node)
	fastest := 0.0
	for key, h := range p {
		from, to := slices.Contains(behind, key[0]), slices.Contains(behind, key[1])
		if from == to || from != w.up || h.count < pathLeast {
			continue
		}
		if median := h.quantile(0.5); fastest == 0 || median < fastest {
			fastest = median
		}
	}
	return fastest
}
