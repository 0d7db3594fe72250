package signaling

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// A refused move of a meeting is on record by either door, as every refused command is.
func TestARefusedMoveOfAMeetingIsOnRecord(t *testing.T) {
	var mu sync.Mutex
	var acts []Act
	h := newHall(t, func(c *Config) {
		c.Audit = func(a Act) { mu.Lock(); defer mu.Unlock(); acts = append(acts, a) }
	})
	refused := func() (n int) {
		mu.Lock()
		defer mu.Unlock()
		for _, a := range acts {
			if a.Act == "meeting.rehome" && a.Err != nil {
				n++
			}
		}
		return n
	}
	move := meeting.Rehome{System: "tuyen-quang", Point: "p1"}
	h.call("POST", "/api/v1/meetings/"+string(hallMeeting)+"/commands", "of-system", `{"t":"meeting.rehome","d":{"system":"tuyen-quang","point":"p1"}}`)
	if n := refused(); n != 1 {
		t.Errorf("%d refusals on record of the one over HTTP", n)
	}
	c := h.join("of-system", "d-1")
	if code := c.refused("meeting.rehome", move); code != meeting.CodeRights || refused() != 2 { // noted before it is answered
		t.Errorf("over the socket: %s, %d refusals on record of both", code, refused())
	}
}

// The stills of a point are for who controls a meeting it is called to.
func TestAControllerOfAnotherSystemSeesNoStills(t *testing.T) {
	h := newHall(t, nil)
	if status, _, body := h.call("PUT", stillPath, "room-p2", picture(t, 160, 90)); status != 200 {
		t.Fatal(status, body)
	}
	seen := []string{}
	for _, token := range []string{"controller", "of-system", "of-another"} {
		_, _, body := h.call("GET", stillsPath+"?after=0", token, "")
		var list wire.SnapshotList
		if err := json.Unmarshal([]byte(body), &list); err != nil {
			t.Fatal(err)
		}
		seen = append(seen, fmt.Sprint(token, " ", len(list.Snapshots)))
	}
	if !slices.Equal(seen, []string{"controller 1", "of-system 1", "of-another 0"}) {
		t.Error(seen)
	}
}
