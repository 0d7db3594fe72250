package signaling

import (
	"net/http"
	"strings"
	"testing"
)

func TestLine(t *testing.T) {
	h := newHall(t, nil)
	for _, test := range []struct {
		method, path, token, body string
		status                    int
		want                      string
	}{
		{"GET", "/api/v1/line?bytes=1000", "room-p2", "", 200, ""},
		{"GET", "/api/v1/line?bytes=1000", "", "", 401, "token.invalid"},
		{"GET", "/api/v1/line?bytes=3000000", "room-p2", "", 422, "value.invalid"},
		{"GET", "/api/v1/line?bytes=-1", "room-p2", "", 422, "value.invalid"},
		{"GET", "/api/v1/line", "room-p2", "", 422, "value.invalid"},
		{"POST", "/api/v1/line", "room-p2", strings.Repeat("x", 5000), 200, `"bytes":5000`},
		{"POST", "/api/v1/line", "", "x", 401, "token.invalid"},
		{"POST", "/api/v1/line", "room-p2", strings.Repeat("x", lineBytes+1), 413, "frame.too_big"},
	} {
		status, _, body := h.call(test.method, test.path, test.token, test.body)
		if status != test.status || !strings.Contains(body, test.want) {
			t.Errorf("%s %s of %d bytes by %q: %d %.80s, want %d %s",
				test.method, test.path, len(test.body), test.token, status, body, test.status, test.want)
		}
		if test.status == http.StatusOK && test.method == "GET" && len(body) != 1000 {
			t.Errorf("%d bytes came, want 1000", len(body))
		}
	}
}

// Measuring takes the line from meetings, so no more than a few do at a time.
func TestLineIsForAFewAtATime(t *testing.T) {
	h := newHall(t, nil)
	room := tokens["room-p2"]
	room.Token = fingerprint("room-p2")
	measuring, err := h.server.fair.lines.Enter(principalOf(room), nil)
	if err != nil {
		t.Fatal(err)
	}
	if status, _, _ := h.call("GET", "/api/v1/line?bytes=10", "room-p2", ""); status != http.StatusTooManyRequests {
		t.Errorf("a second of one point: %d", status)
	}
	if status, _, _ := h.call("GET", "/api/v1/line?bytes=10", "room-p3", ""); status != http.StatusOK {
		t.Errorf("another's: %d", status)
	}
	measuring.Leave()
	if status, _, _ := h.call("GET", "/api/v1/line?bytes=10", "room-p2", ""); status != http.StatusOK {
		t.Errorf("when one has ended: %d", status)
	}
}
