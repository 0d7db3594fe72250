package run

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/tree"
	"github.com/giaoban/giaoban/internal/wire"
	"github.com/giaoban/giaoban/loadtest"
)

// A district's node with valid keys, but with planted faults, sends sound nobody
// invited and announces a point that is not its own: not a byte gets past its
// parent, which says so.
func TestCascadeCheatingSubtree(t *testing.T) {
	overlay := plant(t, "../testdata/subtree/gates-open.patch", "../testdata/subtree/sends-all.patch").overlay
	if !shown(t) {
		return
	}
	honest, rogue := bridge(t), bridge(t, "-overlay", overlay)
	l := layOut(t, fourTiers, func(c tree.Code) string {
		if c == "024" {
			return rogue
		}
		return honest
	})
	l.seat(atProvince, atDistrict, atOther)
	l.show(meeting.Layout1, atOther)
	l.arrives(atProvince, atOther, true, time.Now())
	began := time.Now()
	stop := l.cheat(atDistrict)
	l.rest(2 * time.Second)
	before := l.flows()
	l.rest(3 * time.Second)
	up := l.flows().up["024"] - before.up["024"]
	l.show(meeting.Layout1, atDistrict) // its camera is announced as another's
	said := func(what string) bool { return strings.Contains(l.nodes["02"].Errors(), what) }
	for _, why := range []string{"why=not_permitted", "why=stranger"} {
		if !until(t.Context(), labWait, func() bool { return said(why) }) {
			t.Errorf("the parent raises no alarm %s", why)
		}
	}
	desk := l.bot(loadtest.Config{Token: l.nodes["02"].Links.Console, Device: "lab-province", NoMedia: true}, l.nodes["02"].Links.URL, l.nodes["02"].dial)
	defer desk.Close()
	l.await(desk, "the alarms on the parent's map", func(s loadtest.State) bool {
		return slices.ContainsFunc(s.View.Nodes, func(n wire.NodeView) bool { return n.Node == "tw/02/024" && n.Alarms >= 2 })
	})
	heard := func(p meeting.PointID, since time.Time) (n int) {
		e := l.seats[p].ear
		e.mu.Lock()
		defer e.mu.Unlock()
		for _, a := range e.sounds {
			if a.of == atDistrict && a.got.After(since) {
				n++
			}
		}
		return n
	}
	passed := heard(atProvince, began) + heard(atOther, began)
	if passed > 0 {
		t.Errorf("%d packets of ungranted sound got past the parent", passed)
	}
	if up < 3000 {
		t.Errorf("only %d bytes came up the rogue's line: the fault did nothing", up)
	}
	granted := l.speak(atDistrict)
	l.arrives(atProvince, atDistrict, false, granted) // the same way carries it when it may
	sent := stop()
	t.Logf("%d packets sent without a grant's leave, %d bytes in 3 s up the line of the rogue, 0 wanted and %d got past its parent; after an invitation %d did", sent, up, passed, heard(atProvince, granted))
}
