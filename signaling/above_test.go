package signaling

import (
	"strings"
	"testing"

	"github.com/giaoban/giaoban/internal/focus"
	"github.com/giaoban/giaoban/internal/meeting"
)

// Everybody is told which server is out of reach while the meeting is led above
// and its link is lost, and nobody before or after.
func TestALostLinkAboveIsNamed(t *testing.T) {
	m := meeting.New("m")
	for _, severed := range []bool{false, true} {
		b := newBoard(&focus.Update{State: m.Snapshot(), Plan: m.Plan(), Severed: severed}, nobody{}.Card, "Tỉnh Hà Giang")
		if named := strings.Contains(string(b.common[sectionMeeting]), `"above":"Tỉnh Hà Giang"`); named != severed {
			t.Errorf("severed %t: %s", severed, b.common[sectionMeeting])
		}
	}
}
