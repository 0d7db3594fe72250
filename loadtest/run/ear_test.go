package run

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/loadtest"
)

// ear keeps what one bot is sent: who sent it, when, and when it came. All
// bots and nodes of a lab are on one machine, so their clock is one.
type ear struct {
	at    meeting.PointID
	names []meeting.PointID // by the number of a trace, from 1

	mu       sync.Mutex
	sounds   []arrival
	pictures []arrival
	unmarked []arrival // sound and pictures of browsers, which mark nothing
}

// arrival is one packet of sound, or the end of one picture.
type arrival struct {
	of        meeting.PointID
	sent, got time.Time
	cheat     bool
	picture   bool
}

// leastSound is more than the silence a bridge ends a voice with.
const leastSound = 20 // bytes

// take is a loadtest.Config.OnPacket.
func (e *ear) take(slot loadtest.SlotID, packet []byte) {
	_, body, _, marker, ok := loadtest.Payload(slot, packet)
	if !ok || slot.Index < 0 {
		return
	}
	a := arrival{got: time.Now()}
	switch t, marked, _ := loadtest.ReadTrace(body); {
	case loadtest.Cheated(packet):
		a.cheat = true
		_, label, _ := strings.Cut(string(packet), cheatLabel)
		label, _, _ = strings.Cut(label, "|")
		point, stamp, _ := strings.Cut(label, "/")
		nanos, err := strconv.ParseInt(stamp, 10, 64)
		if err != nil {
			return // a cheat of nobody here, which no test sends
		}
		a.of, a.sent = meeting.PointID(point), time.Unix(0, nanos)
	case marked && int(t.Point) <= len(e.names) && t.Point > 0:
		a.of, a.sent = e.names[t.Point-1], t.Sent
	case len(body) >= leastSound:
		e.mu.Lock()
		defer e.mu.Unlock()
		a.picture = !slot.Audio
		e.unmarked = append(e.unmarked, a)
		return
	default:
		return // the silence of a bridge, or the middle of a picture
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if slot.Audio {
		e.sounds = append(e.sounds, a)
	} else if marker {
		e.pictures = append(e.pictures, a)
	}
}

// first is the first sound, or picture, of a point that came after a time; zero
// if none did.
func (e *ear) first(of meeting.PointID, picture bool, after time.Time) time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	list := e.sounds
	if picture {
		list = e.pictures
	}
	from, _ := slices.BinarySearchFunc(list, after, func(a arrival, t time.Time) int { return a.got.Compare(t) })
	for _, a := range list[from:] {
		if a.of == of && !a.cheat && a.sent.After(after.Add(-time.Second)) {
			return a.got
		}
	}
	return time.Time{}
}

// ofBrowser is the first packet that marks nothing and came after a time.
func (e *ear) ofBrowser(picture bool, after time.Time) time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, a := range e.unmarked {
		if a.picture == picture && a.got.After(after) {
			return a.got
		}
	}
	return time.Time{}
}

// delay is the median of how long the sound of a point took since a time.
func (e *ear) delay(of meeting.PointID, since time.Time) time.Duration {
	e.mu.Lock()
	defer e.mu.Unlock()
	var all []time.Duration
	for _, a := range e.sounds {
		if a.of == of && a.got.After(since) && !a.cheat {
			all = append(all, a.got.Sub(a.sent))
		}
	}
	return median(all)
}

func median[T cmp.Ordered](all []T) (m T) {
	if len(all) > 0 {
		slices.Sort(all)
		m = all[len(all)/2]
	}
	return m
}

// worst of a list that median has sorted.
func worst[T any](sorted []T) T { return sorted[len(sorted)-1] }

// short3 is a time as a table shows it.
func short3(d time.Duration) time.Duration { return d.Round(time.Millisecond) }
