package signaling

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

const (
	stillPath  = "/api/v1/snapshot"
	stillsPath = "/api/v1/snapshots"
)

// picture is a JPEG of a size, as a string.
func picture(t *testing.T, width, height int) string {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, width, height))
	m.SetGray(1, 1, color.Gray{Y: 200})
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func (h *hall) stills(after uint64) wire.SnapshotList {
	h.t.Helper()
	status, _, body := h.call("GET", fmt.Sprintf("%s?after=%d", stillsPath, after), "controller", "")
	var list wire.SnapshotList
	if err := json.Unmarshal([]byte(body), &list); status != http.StatusOK || err != nil {
		h.t.Fatalf("%d %s: %v", status, body, err)
	}
	return list
}

func TestAConsoleSeesTheStillsOfThePointsOnce(t *testing.T) {
	h := newHall(t, nil)
	sent := picture(t, 160, 90)
	status, _, body := h.call("PUT", stillPath, "room-p2", sent)
	if want := `{"afterMs":30000}`; status != http.StatusOK || body != want {
		t.Fatalf("nobody looks: %d %s, want %s", status, body, want)
	}
	first := h.stills(0)
	if len(first.Snapshots) != 1 || first.Snapshots[0].Point != "p2" || string(first.Snapshots[0].JPEG) != sent {
		t.Fatalf("the wall has %d stills", len(first.Snapshots))
	}
	if again := h.stills(first.Seq); len(again.Snapshots) != 0 || again.Seq != first.Seq {
		t.Errorf("what the console has comes again: %d stills", len(again.Snapshots))
	}
	if status, _, body := h.call("PUT", stillPath, "room-p3", sent); status != http.StatusOK || body != `{"afterMs":8000}` {
		t.Errorf("a console looks: %d %s", status, body)
	}
	if fresh := h.stills(first.Seq); len(fresh.Snapshots) != 1 || fresh.Snapshots[0].Point != "p3" {
		t.Errorf("the new still does not come: %+v", fresh.Snapshots)
	}
	if all := h.stills(first.Seq + 1000); len(all.Snapshots) != 2 {
		t.Errorf("a console of another life of the server has %d stills, want all", len(all.Snapshots))
	}
}

func TestAStillIsSmallRareAndTheRoomsOwn(t *testing.T) {
	h := newHall(t, nil)
	good := picture(t, 160, 90)
	if status, _, body := h.call("PUT", stillPath, "room-p2", good); status != http.StatusOK {
		t.Fatal(status, body)
	}
	for name, c := range map[string]struct {
		token, body string
		status      int
		code        meeting.Code
	}{
		"a second one within five seconds": {"room-p2", good, http.StatusTooManyRequests, wire.CodeRateLimited},
		"one over ten kilobytes":           {"room-p3", good + strings.Repeat("x", wire.MaxSnapshot), http.StatusRequestEntityTooLarge, wire.CodeFrameTooBig},
		"one that is no JPEG":              {"room-p3", "GIF89a", http.StatusBadRequest, wire.CodeFrameMalformed},
		"an empty one":                     {"room-p3", "", http.StatusBadRequest, wire.CodeFrameMalformed},
		"one of too many pixels":           {"room-p3", picture(t, 1280, 720)[:700], http.StatusUnprocessableEntity, meeting.CodeValueInvalid},
		"a controller's":                   {"controller", good, http.StatusForbidden, meeting.CodeRights},
		"a stranger's":                     {"nobody", good, http.StatusUnauthorized, wire.CodeTokenInvalid},
	} {
		status, _, body := h.call("PUT", stillPath, c.token, c.body)
		if status != c.status || !strings.Contains(body, string(c.code)) {
			t.Errorf("%s is answered %d %s, want %d %s", name, status, body, c.status, c.code)
		}
	}
	for name, c := range map[string]struct {
		token, query string
		status       int
	}{
		"a room's wall":               {"room-p2", "", http.StatusForbidden},
		"a stranger's wall":           {"nobody", "", http.StatusUnauthorized},
		"a wall after something else": {"controller", "?after=-1", http.StatusUnprocessableEntity},
	} {
		if status, _, body := h.call("GET", stillsPath+c.query, c.token, ""); status != c.status {
			t.Errorf("%s is answered %d %s, want %d", name, status, body, c.status)
		}
	}
}

func TestStillsFadeAndTakeAPlaceEach(t *testing.T) {
	s := &stills{points: map[meeting.PointID]still{}}
	start := time.Now()
	for i := range 100 {
		now := start.Add(time.Duration(i) * stillEvery)
		if !s.may("p1", now) {
			t.Fatalf("still %d may not come", i)
		}
		s.put("p1", []byte{1}, now)
	}
	if len(s.points) != 1 {
		t.Errorf("%d stills are kept of one point", len(s.points))
	}
	all := func(meeting.PointID) bool { return true }
	end := start.Add(99*stillEvery + stillFades)
	if list := s.after(0, end, all); len(list.Snapshots) != 1 {
		t.Errorf("%d stills before it fades, want 1", len(list.Snapshots))
	}
	if list := s.after(0, end.Add(time.Second), all); len(list.Snapshots) != 0 || len(s.points) != 0 {
		t.Errorf("%d stills after it faded, %d kept", len(list.Snapshots), len(s.points))
	}
}
