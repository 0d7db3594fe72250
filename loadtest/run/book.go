package run

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/loadtest/report"
)

// book is the truth of the run: who may be heard, what was disturbed on
// purpose, and what was found and measured.
type book struct {
	began time.Time
	names []meeting.PointID // by number − 1
	base  int               // numbers in traces before the first of them
	homes []string          // the nodes of the points, in that order; "" without a tree

	mu       sync.Mutex
	heard    map[meeting.SourceKey]window
	trouble  []time.Time // by number − 1: until when a point is disturbed on purpose
	findings map[[2]string]*report.Finding
	measures map[string]*histogram
	turns    int
	layouts  int
	restarts int
	refusals int
	cheated  int
}

// window is when a source may be heard.
type window struct {
	open   bool
	closed time.Time // when it last was
}

// Graces of what is judged: a packet on its way, a view behind its packet. The
// limits of a scenario are far stricter; these tell a fault from a delay.
const (
	soundGrace = time.Second
	viewGrace  = 2 * time.Second
	dark       = 5 * time.Second // a slot without its picture: the budget of a join
)

func newBook(names []meeting.PointID) *book {
	return &book{
		began: time.Now(), names: names, heard: map[meeting.SourceKey]window{}, trouble: make([]time.Time, len(names)),
		findings: map[[2]string]*report.Finding{}, measures: map[string]*histogram{},
	}
}

// name is the point with a number in traces, "" if it is of another meeting.
func (b *book) name(trace uint16) meeting.PointID {
	number := int(trace) - b.base
	if number < 1 || number > len(b.names) {
		return ""
	}
	return b.names[number-1]
}

// trace is the number of a point in traces.
func (b *book) trace(number int) uint16 { return uint16(b.base + number) }

// home is the node of the point with a number, "" if it is not known.
func (b *book) home(number int) string {
	if number < 1 || number > len(b.homes) {
		return ""
	}
	return b.homes[number-1]
}

// permit says that a source may be heard from now on, or no longer.
func (b *book) permit(k meeting.SourceKey, open bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.heard[k] = window{open: open, closed: time.Now()}
}

// hush says that nothing may be heard any more.
func (b *book) hush() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for k, w := range b.heard {
		if w.open {
			b.heard[k] = window{closed: time.Now()}
		}
	}
}

// mayBeHeard reports whether a packet of a source, sent then, may arrive now. On
// a machine that stands still for a second what passed an open gate arrives
// after it was closed; what was sent after passed no open one.
func (b *book) mayBeHeard(k meeting.SourceKey, sent, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	w := b.heard[k]
	return w.open || sent.Sub(w.closed) < soundGrace && now.Sub(w.closed) < dark
}

// disturb says that a point is not judged until then; 0 is every point.
func (b *book) disturb(number int, until time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range b.trouble {
		if (number == 0 || i == number-1) && until.After(b.trouble[i]) {
			b.trouble[i] = until
		}
	}
}

// calm ends a disturbance of a point soon.
func (b *book) calm(number int, until time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.trouble[number-1] = until
}

// disturbed reports whether a point was disturbed at some time since.
func (b *book) disturbed(number int, since time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if number == 0 { // the console suffers what everybody does
		return !slices.ContainsFunc(b.trouble, func(t time.Time) bool { return !t.After(since) })
	}
	return b.trouble[number-1].After(since)
}

// disturbedPoint is disturbed for a point's name; strangers are not judged.
func (b *book) disturbedPoint(p meeting.PointID, since time.Time) bool {
	at := slices.Index(b.names, p)
	return at < 0 || b.disturbed(at+1, since)
}

// find notes what must not be.
func (b *book) find(what, where, format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	key := [2]string{what, where}
	if f := b.findings[key]; f != nil {
		f.Count++
		return
	}
	b.findings[key] = &report.Finding{
		What: what, Where: where, Count: 1, AtS: seconds(time.Since(b.began)), Instance: fmt.Sprintf(format, args...),
	}
}

// measure notes how long something took.
func (b *book) measure(figure string, d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	h := b.measures[figure]
	if h == nil {
		h = &histogram{}
		b.measures[figure] = h
	}
	h.add(max(d, 0))
}

// note changes a count.
func (b *book) note(count *int, by int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	*count += by
}

// found lists the findings, the most certain and most frequent first.
func (b *book) found() []report.Finding {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := make([]report.Finding, 0, len(b.findings))
	for _, f := range b.findings {
		list = append(list, *f)
	}
	slices.SortFunc(list, func(x, y report.Finding) int {
		return cmp.Or(cmp.Compare(y.Count, x.Count), cmp.Compare(x.What, y.What), cmp.Compare(x.Where, y.Where))
	})
	return list
}

func seconds(d time.Duration) float64 { return float64(d.Milliseconds()) / 1000 }
