package signaling

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/giaoban/giaoban/internal/focus"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store"
	"github.com/giaoban/giaoban/internal/store/memory"
)

// shelf is the hall's own journal, for reading.
type shelf struct{ *memory.Store }

func (s shelf) Export(ctx context.Context, w io.Writer, id meeting.ID) error {
	return store.Export(ctx, w, s.Store, id)
}

func TestMinutesOverHTTP(t *testing.T) {
	journal := memory.New()
	h := newHall(t, func(c *Config) {
		reg := focus.NewRegistry(focus.Config{Journal: journal, Media: deafMedia{}})
		t.Cleanup(reg.Close)
		if _, err := reg.Create(context.Background(), hallMeeting, node, create(5)); err != nil {
			t.Fatal(err)
		}
		c.Meetings, c.Logs = reg, shelf{journal}
	})
	h.join("room-p2", "tv")
	h.call("POST", commandsPath, "chair", `{"t":"floor.give","d":{"point":"p2"}}`)
	path := "/api/v1/meetings/hop-1/minutes"
	for token, want := range map[string]int{
		"chair": 200, "controller": 200, "operator": 200, "of-system": 200, "of-another": 403,
		"room-p2": 403, "focal-p2": 403, "observer": 403, "carrier": 403, "nobody": 401,
	} {
		if status, _, body := h.call("GET", path, token, ""); status != want {
			t.Errorf("%s: %d %s", token, status, body)
		}
	}
	status, head, page := h.call("GET", path+"?lang=en", "chair", "")
	if status != 200 || !strings.Contains(page, "Điểm cầu 2") || !strings.Contains(head.Get("Content-Security-Policy"), "sha256-") {
		t.Errorf("page %d %s", status, page)
	}
	if _, head, book := h.call("GET", path+"?format=xlsx", "chair", ""); !strings.Contains(head.Get("Content-Disposition"), "hop-1-minutes.xlsx") {
		t.Errorf("workbook %v", head)
	} else if _, err := excelize.OpenReader(bytes.NewReader([]byte(book))); err != nil {
		t.Error(err)
	}
	if _, _, text := h.call("GET", path+"?format=csv&table=speakers", "chair", ""); !strings.Contains(text, "Điểm cầu 2") {
		t.Errorf("speakers %s", text)
	}
	for _, bad := range []string{"?format=pdf", "?format=csv&table=secrets"} {
		if status, _, body := h.call("GET", path+bad, "chair", ""); status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", bad, status, body)
		}
	}
	if status, _, _ := h.call("GET", "/api/v1/meetings/no-such/minutes", "controller", ""); status != 404 {
		t.Errorf("an unknown meeting: %d", status)
	}
	_, _, log := h.call("GET", "/api/v1/meetings/hop-1/journal", "controller", "")
	other := memory.New()
	if id, err := store.Import(context.Background(), strings.NewReader(log), other); id != hallMeeting || err != nil {
		t.Errorf("the journal does not import: %v", err)
	}
	if status, _, _ := h.call("GET", "/api/v1/meetings/hop-1/journal", "chair", ""); status != 403 {
		t.Errorf("a chair's journal: %d", status)
	}
}
