package signaling

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/giaoban/giaoban/internal/focus"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store/memory"
	"github.com/giaoban/giaoban/internal/wire"
)

// patience is how long a test waits for what must come.
const patience = 20 * time.Second

// hall is a server with one meeting of five points; p1 is the chair point.
type hall struct {
	t       *testing.T
	reg     *focus.Registry
	media   *fakeMedia
	server  *Server
	http    *httptest.Server
	meeting *focus.Focus
}

const hallMeeting = meeting.ID("hop-1")

var tokens = map[string]Identity{
	"chair":      {Role: meeting.RoleChair, Point: "p1", Name: "Chủ trì"},
	"controller": {Role: meeting.RoleController, Name: "Kỹ thuật"},
	"observer":   {Role: meeting.RoleObserver},
	"screen-p2":  {Role: meeting.RoleObserver, Point: "p2"}, // its second screen
	"second":     {Role: meeting.RoleController, Name: "Kỹ thuật 2"},
	"of-system":  {Role: meeting.RoleController, System: "ha-giang"},
	"of-another": {Role: meeting.RoleController, System: "tuyen-quang"},
	"focal-p2":   {Role: meeting.RoleFocal, Point: "p2", Name: "Cán bộ p2"},
	"operator":   {Role: meeting.RoleOperator, Name: "Vận hành"},
	"carrier":    {Role: meeting.RoleCarrier, Name: "VNPT"},
	"room-p1":    {Role: meeting.RoleRoom, Point: "p1"},
	"room-p2":    {Role: meeting.RoleRoom, Point: "p2"},
	"room-p3":    {Role: meeting.RoleRoom, Point: "p3"},
	"room-p4":    {Role: meeting.RoleRoom, Point: "p4"},
	"room-p9":    {Role: meeting.RoleRoom, Point: "p9"}, // in no meeting
	"forged":     {Role: meeting.RoleNode},
}

// limits are short so that what must time out does so soon.
var quick = Limits{Beat: 20 * time.Millisecond, Silence: 400 * time.Millisecond, Grace: 150 * time.Millisecond, Hello: 300 * time.Millisecond}

func newHall(t *testing.T, change func(*Config)) *hall {
	t.Helper()
	h := &hall{t: t, media: &fakeMedia{}}
	h.reg = focus.NewRegistry(focus.Config{Journal: memory.New(), Media: deafMedia{}})
	t.Cleanup(h.reg.Close)
	h.open(hallMeeting)
	cfg := Config{
		Meetings: h.reg, Media: h.media, Version: "test", Limits: Limits{Beat: 20 * time.Millisecond},
		Auth: func(token string) (Bearer, bool) { who, ok := tokens[token]; return Bearer{Identity: who}, ok },
	}
	if change != nil {
		change(&cfg)
	}
	server, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	h.server = server
	h.http = httptest.NewServer(server)
	t.Cleanup(func() {
		server.Close()
		h.http.Close()
	})
	return h
}

func (h *hall) open(id meeting.ID) {
	h.t.Helper()
	f, err := h.reg.Create(context.Background(), id, meeting.Actor{Role: meeting.RoleNode}, create(5))
	if err != nil {
		h.t.Fatal(err)
	}
	h.meeting = f
}

func create(points int) meeting.CreateMeeting {
	c := meeting.CreateMeeting{Title: "Giao ban tuần", HostUnit: "UBND tỉnh", System: "ha-giang", ChairPoint: "p1"}
	for i := 1; i <= points; i++ {
		c.Points = append(c.Points, meeting.Point{
			ID: meeting.PointID(fmt.Sprintf("p%d", i)), Number: i, Code: fmt.Sprint(i), Name: fmt.Sprintf("Điểm cầu %d", i),
		})
	}
	return c
}

// point is a point's state as the meeting has it.
func (h *hall) point(id meeting.PointID) meeting.PointState {
	h.t.Helper()
	for _, p := range h.meeting.Current().State.Points {
		if p.ID == id {
			return p
		}
	}
	h.t.Fatalf("no point %q", id)
	return meeting.PointState{}
}

// await waits until the meeting is as wanted.
func (h *hall) await(what string, ok func() bool) {
	h.t.Helper()
	changed, stop := h.meeting.Watch()
	defer stop()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for !ok() {
		select {
		case <-changed:
		case <-deadline.C:
			h.t.Fatalf("never came true: %s", what)
		}
	}
}

// client is a test's hand on one WebSocket.
type client struct {
	t       *testing.T
	conn    *websocket.Conn
	welcome wire.Welcome
	view    map[string]json.RawMessage // as patched
	id      uint64
}

func (h *hall) dial() *client {
	h.t.Helper()
	d := websocket.Dialer{Subprotocols: []string{wire.Subprotocol}, HandshakeTimeout: patience}
	conn, _, err := d.Dial("ws"+strings.TrimPrefix(h.http.URL, "http")+"/api/v1/bridge", nil)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { conn.Close() })
	return &client{t: h.t, conn: conn}
}

// join says hello and waits for the whole view.
func (h *hall) join(token, device string) *client {
	h.t.Helper()
	return h.hello(wire.Hello{Token: token, Device: device})
}

func (h *hall) hello(hello wire.Hello) *client {
	h.t.Helper()
	c := h.dial()
	re := c.send("hello", hello)
	c.answer(re, "welcome", &c.welcome)
	c.until("the whole view", func(e wire.Envelope) bool { return e.T == "view" })
	return c
}

func (c *client) send(t string, d any) uint64 {
	c.t.Helper()
	c.id++
	c.write(encode(t, wire.Envelope{ID: c.id}, d))
	return c.id
}

func (c *client) write(frame []byte) {
	c.t.Helper()
	if err := c.conn.WriteMessage(websocket.TextMessage, frame); err != nil {
		c.t.Fatalf("write: %v", err)
	}
}

// patient gives the coming reads, all together, as long as must be enough.
func (c *client) patient() { c.conn.SetReadDeadline(time.Now().Add(patience)) }

// read gives the next frame and keeps the view up to date.
func (c *client) read() (wire.Envelope, error) {
	var e wire.Envelope
	_, data, err := c.conn.ReadMessage()
	if err != nil {
		return e, err
	}
	if err := json.Unmarshal(data, &e); err != nil {
		c.t.Fatalf("frame %s: %v", data, err)
	}
	switch e.T {
	case "view":
		c.view = applyPatch(c.t, nil, e.D)
	case "patch":
		c.view = applyPatch(c.t, c.view, e.D)
	}
	return e, nil
}

// until reads up to the wanted frame.
func (c *client) until(what string, ok func(wire.Envelope) bool) wire.Envelope {
	c.t.Helper()
	c.patient()
	for {
		e, err := c.read()
		if err != nil {
			c.t.Fatalf("waiting for %s: %v", what, err)
		}
		if ok(e) {
			return e
		}
	}
}

// answer waits for the answer to a number and decodes it.
func (c *client) answer(re uint64, t string, into any) wire.Envelope {
	c.t.Helper()
	e := c.until(fmt.Sprintf("the answer to %d", re), func(e wire.Envelope) bool { return e.Re == re })
	if e.T != t {
		c.t.Fatalf("answer to %d is %s %s, want %s", re, e.T, e.D, t)
	}
	if into != nil {
		if err := json.Unmarshal(e.D, into); err != nil {
			c.t.Fatal(err)
		}
	}
	return e
}

// do gives a command that must be carried out.
func (c *client) do(t string, d any) meeting.Seq {
	c.t.Helper()
	return c.answer(c.send(t, d), "ok", nil).Seq
}

// refused gives a command that must be refused, and returns why.
func (c *client) refused(t string, d any) meeting.Code {
	c.t.Helper()
	var f wire.Failure
	c.answer(c.send(t, d), "error", &f)
	return f.Code
}

// news waits for a frame that answers nothing and decodes it.
func (c *client) news(t string, into any) {
	c.t.Helper()
	e := c.until(t, func(e wire.Envelope) bool { return e.T == t && e.Re == 0 })
	if err := json.Unmarshal(e.D, into); err != nil {
		c.t.Fatal(err)
	}
}

// decode reads a frame's data.
func decode(t *testing.T, e wire.Envelope, into any) {
	t.Helper()
	if err := json.Unmarshal(e.D, into); err != nil {
		t.Fatal(err)
	}
}

// ended waits for the server to close the socket, and gives the last error told.
func (c *client) ended() meeting.Code {
	c.t.Helper()
	c.patient()
	var last wire.Failure
	for {
		e, err := c.read()
		if err != nil {
			var timeout interface{ Timeout() bool }
			if errors.As(err, &timeout) && timeout.Timeout() {
				c.t.Fatal("the server did not close the socket")
			}
			return last.Code
		}
		if e.T == "error" {
			if err := json.Unmarshal(e.D, &last); err != nil {
				c.t.Fatal(err)
			}
		}
	}
}

// sees waits until the client's view is as wanted.
func (c *client) sees(what string, ok func(wire.View) bool) {
	c.t.Helper()
	c.patient()
	for !ok(c.whole()) {
		if _, err := c.read(); err != nil {
			c.t.Fatalf("waiting to see %s: %v\nsees %s", what, err, mustJSON(c.view))
		}
	}
}

// whole is the client's view as it stands.
func (c *client) whole() wire.View {
	c.t.Helper()
	var v wire.View
	if c.view == nil {
		return v
	}
	if err := wire.Decode(mustJSON(c.view), &v); err != nil {
		c.t.Fatalf("view does not decode strictly: %v", err)
	}
	return v
}

// applyPatch is all a client does with a patch: sections are replaced, roster
// rows by key.
func applyPatch(t *testing.T, old map[string]json.RawMessage, d json.RawMessage) map[string]json.RawMessage {
	t.Helper()
	var patch map[string]json.RawMessage
	if err := json.Unmarshal(d, &patch); err != nil {
		t.Fatalf("patch %s: %v", d, err)
	}
	now := map[string]json.RawMessage{}
	rows := map[string]json.RawMessage{}
	for name, section := range old {
		now[name] = section
	}
	for name, section := range patch {
		now[name] = section
	}
	for _, roster := range []json.RawMessage{old["roster"], patch["roster"]} {
		if roster != nil {
			if err := json.Unmarshal(roster, &rows); err != nil {
				t.Fatal(err)
			}
		}
	}
	for id, row := range rows {
		if string(row) == "null" {
			delete(rows, id)
		}
	}
	delete(now, "roster")
	if len(rows) > 0 {
		now["roster"] = mustJSON(rows)
	}
	return now
}

// sdp is an offer of a PeerConnection as far as signaling reads it.
func sdp(origin string, version int) wire.MediaOffer {
	return wire.MediaOffer{SDP: fmt.Sprintf("v=0\r\no=- %s %d IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n", origin, version)}
}
