package run

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/tree"
)

// threeTiers are enough to differ in.
const threeTiers = `code,parent,tier,name,points
tw,,Trung ương,Trung tâm,hg-01
02,tw,Tỉnh,Tỉnh Hà Giang,hg-02
024,02,Huyện,H. Xín Mần,hg-11
`

// says waits until a node has logged all of some texts in one line.
func (l *lab) says(c tree.Code, texts ...string) string {
	l.t.Helper()
	var found string
	if !until(l.t.Context(), labWait, func() bool {
		for line := range strings.Lines(l.nodes[c].Errors()) {
			all := true
			for _, text := range texts {
				all = all && strings.Contains(line, text)
			}
			if all {
				found = strings.TrimSpace(line)
				return true
			}
		}
		return false
	}) {
		l.t.Errorf("%s does not say %q: %s", c, texts, l.nodes[c].Errors())
	}
	return found
}

// A replica that folds to another plan than the leader's is found by the digest:
// it closes, begins anew from a snapshot, and sounds again; one that differs
// again stays closed and says so. A node of another version of the protocol is
// refused, in words at both ends.
func TestCascadeDifferences(t *testing.T) {
	overlay := plant(t, "../testdata/differs/replica.patch", "../testdata/differs/version.patch").overlay
	if !shown(t) {
		return
	}
	binary := bridge(t, "-overlay", overlay)
	l := layOut(t, threeTiers, func(tree.Code) string { return binary })
	l.seat(atProvince, atDistrict)
	l.show(meeting.Layout1, atProvince)
	l.arrives(atDistrict, atProvince, false, l.speak(atProvince))
	differs := filepath.Join(l.nodes["024"].dir, "differs")

	mustWrite(t, differs, "once")
	l.show(meeting.Layout1, atDistrict)
	noticed := l.says("024", "plan differs from the leader's")
	l.says("024", "replica begins anew")
	healed := l.arrives(atDistrict, atProvince, false, time.Now())
	t.Logf("once: %s; sound again %v after", noticed, short3(healed))

	mustWrite(t, differs, "always")
	l.show(meeting.Layout1, atProvince)
	alarm := l.says("024", "it stays silent")
	l.rest(time.Second)
	closed := time.Now()
	l.rest(3 * time.Second)
	if got := l.seats[atDistrict].first(atProvince, false, closed); !got.IsZero() {
		t.Errorf("the replica that differs goes on sounding %v after its alarm", got.Sub(closed))
	}
	if got := l.seats[atProvince].State(); !got.Speaking() {
		t.Errorf("the other nodes are disturbed: %+v", got.View.Own)
	}
	t.Logf("for good: %s; no sound in 3 s", alarm)

	mustWrite(t, filepath.Join(l.nodes["024"].dir, "version"), "")
	if err := l.nodes["024"].Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	above := l.says("02", "link refused or closed", "upgrade_required", "version 4, this node speaks 3")
	below := l.says("024", "the node above refuses this one", "upgrade_required", "another version than this node's 4")
	t.Logf("the parent says: %s; the child: %s", above, below)
}
