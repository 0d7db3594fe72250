package sfu

import (
	"slices"
	"sync/atomic"
	"time"
)

const (
	missingMax   = 128                    // packets of one stream that are waited for
	missingTries = 8                      // requests for one packet
	missingAge   = 600 * time.Millisecond // then it is given up
	missingFirst = 8 * time.Millisecond   // it may only be late
	missingLeast = 20 * time.Millisecond  // between two requests for one,
	missingMost  = 400 * time.Millisecond // which grows by a quarter each time
)

// gaps is what of one stream has not come, and when to ask for it (RFC 4585
// §6.2.1): once it can hardly be only late, then after a round trip, then less
// and less often. The packets of a stream that starts anew are not asked for.
type gaps struct {
	found, lost *atomic.Uint64 // packets that were missing, and those given up

	began   bool
	newest  uint16
	missing []missing
}

// missing is a packet that has not come.
type missing struct {
	seq   uint16
	due   time.Duration // to be asked for next
	until time.Duration // given up
	tries int
}

// forget begins anew with the packet that comes next.
func (g *gaps) forget() { g.began, g.missing = false, g.missing[:0] }

// note follows the numbers and notes the holes that one leaves behind it, which
// are due at once if it cannot have overtaken what was to come there.
func (g *gaps) note(seq uint16, atOnce bool, now time.Duration) {
	ahead := int16(seq - g.newest)
	switch {
	case !g.began || ahead > missingMax || ahead < -resyncOld*8:
		g.forget()
		g.began, g.newest = true, seq
	case ahead > 0:
		due := now + missingFirst
		if atOnce {
			due = now
		}
		for s := g.newest + 1; s != seq; s++ {
			if len(g.missing) == missingMax {
				g.lost.Add(1)
				g.missing = slices.Delete(g.missing, 0, 1)
			}
			g.missing = append(g.missing, missing{seq: s, due: due, until: now + missingAge})
			g.found.Add(1)
		}
		g.newest = seq
	case ahead < 0:
		g.mend(seq)
	}
}

// overtake gives up what is missing before a picture that needs no other: what
// it would have completed is not looked at any more, and asking for it only
// fills a line that is bad already.
func (g *gaps) overtake(seq uint16) {
	kept := g.missing[:0]
	for _, m := range g.missing {
		if int16(m.seq-seq) < 0 {
			g.lost.Add(1)
			continue
		}
		kept = append(kept, m)
	}
	g.missing = kept
}

// begins reports whether a picture that needs no other begins with a packet,
// whose header has so many bytes.
func (l *layer) begins(raw []byte, header int, padded bool) bool {
	payload, ok := unpad(raw, header, padded)
	p := packet{codec: codec(l.source.codec.Load()), payload: payload}
	return ok && p.parse() == nil && p.key
}

// mend takes back a packet that came after all, or again.
func (g *gaps) mend(seq uint16) {
	if i := slices.IndexFunc(g.missing, func(m missing) bool { return m.seq == seq }); i >= 0 {
		g.missing = slices.Delete(g.missing, i, i+1)
	}
}

// ask gives the numbers that are to be asked for now, over a line of that round trip.
func (g *gaps) ask(trip, now time.Duration) (due []uint16) {
	g.missing = slices.DeleteFunc(g.missing, func(m missing) bool {
		given := now > m.until || m.tries == missingTries && now >= m.due
		if given {
			g.lost.Add(1)
		}
		return given
	})
	for i := range g.missing {
		m := &g.missing[i]
		if now < m.due {
			continue
		}
		due = append(due, m.seq)
		wait := min(max(trip*5/4, missingLeast), missingMost)
		for range m.tries {
			wait = min(wait*5/4, missingMost)
		}
		m.tries++
		m.due = now + wait
	}
	return due
}
