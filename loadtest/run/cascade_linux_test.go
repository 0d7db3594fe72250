package run

import (
	"slices"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/tree"
	"github.com/giaoban/giaoban/internal/wire"
	"github.com/giaoban/giaoban/loadtest"
)

// Four tiers over lines of their kind: a commune is invited, presses OK, and is
// heard and shown at the centre, on the way, and at another district's commune.
func TestACommuneIsHeardOverFourTiers(t *testing.T) {
	beside(t)
	binary := bridge(t)
	l := layOut(t, fourTiers, func(tree.Code) string { return binary })
	sinks := []meeting.PointID{atDistrict, atProvince, atCentre, atOther}
	l.seat(append(sinks, atCommune)...)
	hops := map[meeting.PointID]int{atDistrict: 1, atProvince: 2, atCentre: 3, atOther: 4}
	flight := map[meeting.PointID]time.Duration{
		atDistrict: 20 * time.Millisecond, atProvince: 50 * time.Millisecond, atCentre: 90 * time.Millisecond, atOther: 100 * time.Millisecond,
	}
	l.show(meeting.Layout1, atCentre)
	l.arrives(atOther, atCentre, true, time.Now())
	turns := 1
	if inFull() {
		turns = 20
	}
	audible, seen := map[meeting.PointID][]time.Duration{}, map[meeting.PointID][]time.Duration{}
	began := time.Now()
	for range turns {
		since := l.show(meeting.Layout1, atCommune)
		for _, p := range sinks {
			seen[p] = append(seen[p], l.arrives(p, atCommune, true, since))
		}
		pressed := l.speak(atCommune)
		for _, p := range sinks {
			audible[p] = append(audible[p], l.arrives(p, atCommune, false, pressed))
		}
		l.rest(2 * time.Second)
		l.tellsOfItsLine("024")
		l.order(l.watch, meeting.RevokeFloor{Floor: meeting.FloorSpeech, Point: atCommune})
		l.show(meeting.Layout1, atCentre)
		l.arrives(atOther, atCentre, true, time.Now())
		l.rest(time.Second)
	}
	t.Logf("| at | hops | OK to audible, median (worst) of %d | mouth to ear, median | of that the lines | per hop beside them | layout to first picture, median (worst) |", turns)
	for _, p := range sinks {
		ear := l.seats[p].delay(atCommune, began)
		added := (ear - flight[p]) / time.Duration(hops[p])
		t.Logf("| %s | %d | %v (%v) | %v | %v | %v | %v (%v) |", p, hops[p], short3(median(audible[p])), short3(worst(audible[p])),
			short3(ear), flight[p], short3(added), short3(median(seen[p])), short3(worst(seen[p])))
		if ear < flight[p] {
			t.Errorf("%s hears sooner than the lines allow: %v", p, ear)
		}
	}
}

// tellsOfItsLine waits until the console of a node shows that something goes up
// the line above it.
func (l *lab) tellsOfItsLine(c tree.Code) {
	l.t.Helper()
	s := l.nodes[c]
	desk := l.bot(loadtest.Config{Token: s.Links.Console, Device: "lab-line-" + string(c), NoMedia: true}, s.Links.URL, s.dial)
	defer desk.Close()
	l.await(desk, "the line above "+string(c), func(s loadtest.State) bool {
		return slices.ContainsFunc(s.View.Nodes, func(n wire.NodeView) bool {
			return n.Node == l.tree.Path(c) && n.UpBps > 0 && n.StreamsUp > 0
		})
	})
}
