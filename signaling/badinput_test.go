package signaling

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/giaoban/giaoban/internal/limit"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
	"github.com/giaoban/giaoban/sfu"
)

func TestBadFramesAreRefusedAndTheSocketLives(t *testing.T) {
	h := newHall(t, nil)
	c, witness := h.join("room-p2", "tv"), h.join("chair", "tablet")
	before := h.meeting.Current().State.Seq
	tests := []struct {
		name, frame string
		code        meeting.Code
	}{
		{"not JSON", `hello`, wire.CodeFrameMalformed},
		{"half of it", `{"t":"mic.on","id":100`, wire.CodeFrameMalformed},
		{"a list", `[1,2]`, wire.CodeFrameMalformed},
		{"null", `null`, wire.CodeFrameMalformed},
		{"two values", `{"t":"mic.on","id":100}{}`, wire.CodeFrameMalformed},
		{"an unknown field", `{"t":"mic.on","id":100,"x":1}`, wire.CodeFrameMalformed},
		{"no number", `{"t":"mic.on"}`, wire.CodeFrameMalformed},
		{"a number below one", `{"t":"mic.on","id":-1}`, wire.CodeFrameMalformed},
		{"no name", `{"id":100}`, wire.CodeFrameMalformed},
		{"an unknown field in the data", `{"t":"mic.on","id":101,"d":{"force":true}}`, wire.CodeFrameMalformed},
		{"data of another type", `{"t":"camera.set","id":102,"d":{"on":"yes"}}`, wire.CodeFrameMalformed},
		{"an unknown command", `{"t":"meeting.destroy","id":103}`, wire.CodeMessageUnknown},
		{"a server's message", `{"t":"welcome","id":104}`, wire.CodeMessageUnknown},
		{"a second hello", `{"t":"hello","id":105,"d":{"token":"chair","device":"x"}}`, wire.CodeMessageUnknown},
		{"presence of another", `{"t":"point.lose","id":106,"d":{"point":"p1","device":"tv","why":"node"}}`, wire.CodeMessageUnknown},
		{"a meeting", `{"t":"meeting.create","id":107}`, wire.CodeMessageUnknown},
		{"a long point", `{"t":"floor.give","id":108,"d":{"point":"` + strings.Repeat("p", 300) + `"}}`, wire.CodeFrameTooBig},
		{"an SDP over its bound", `{"t":"media.offer","id":109,"d":{"sdp":"` + strings.Repeat("a", wire.MaxSDP+1) + `"}}`, wire.CodeFrameTooBig},
		{"an SDP that is none", `{"t":"media.offer","id":110,"d":{"sdp":"v=0"}}`, wire.CodeMediaInvalid},
		{"an SDP without media", `{"t":"media.offer","id":111,"d":{"sdp":"v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\n"}}`, wire.CodeMediaInvalid},
		{"thirty points to look at", `{"t":"media.watch","id":112,"d":{"points":["p1"` + strings.Repeat(`,"p1"`, 29) + `]}}`, wire.CodeFrameTooBig},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c.write([]byte(tt.frame))
			var f wire.Failure
			e := c.until("the refusal", func(e wire.Envelope) bool { return e.T == "error" })
			decode(t, e, &f)
			if f.Code != tt.code || f.Closed {
				t.Errorf("%s, want %s", f.Code, tt.code)
			}
			if _, known := wire.Explain(f.Code); !known {
				t.Errorf("%s has no sentence", f.Code)
			}
		})
	}
	if err := c.conn.WriteMessage(websocket.BinaryMessage, []byte{1}); err != nil {
		t.Fatal(err)
	}
	c.until("the refusal of a binary frame", func(e wire.Envelope) bool { return e.T == "error" })
	c.do("floor.request", meeting.RequestFloor{Floor: meeting.FloorSpeech})
	witness.sees("an undisturbed meeting", func(v wire.View) bool { return len(v.Floor.Requests) == 1 })
	if after := h.meeting.Current().State.Seq; after != before+1 {
		t.Errorf("bad frames made %d facts", after-before-1)
	}
}

func TestAFrameOverItsBoundEndsTheSocket(t *testing.T) {
	h := newHall(t, nil)
	c := h.join("room-p2", "tv")
	c.write([]byte(`{"t":"` + strings.Repeat("a", wire.MaxFrame) + `"}`))
	if code := c.ended(); code != wire.CodeFrameTooBig {
		t.Errorf("told %q", code)
	}
}

func TestWhatIsNoHelloEndsTheSocket(t *testing.T) {
	h := newHall(t, func(c *Config) { c.Limits = quick })
	tests := []struct {
		name, frame string
		code        meeting.Code
	}{
		{"a command first", `{"t":"mic.on","id":1}`, wire.CodeHelloExpected},
		{"rubbish", `rubbish`, wire.CodeFrameMalformed},
		{"a token of nobody", `{"t":"hello","id":1,"d":{"token":"guess","device":"d"}}`, wire.CodeTokenInvalid},
		{"the node's own role", `{"t":"hello","id":1,"d":{"token":"forged","device":"d"}}`, wire.CodeTokenInvalid},
		{"no device", `{"t":"hello","id":1,"d":{"token":"chair","device":""}}`, meeting.CodeValueInvalid},
		{"a device of two words", `{"t":"hello","id":1,"d":{"token":"chair","device":"a b"}}`, meeting.CodeValueInvalid},
		{"a long device", `{"t":"hello","id":1,"d":{"token":"chair","device":"` + strings.Repeat("d", 65) + `"}}`, wire.CodeFrameTooBig},
		{"silence", ``, wire.CodeHelloExpected},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := h.dial()
			if tt.frame != "" {
				c.write([]byte(tt.frame))
			}
			if code := c.ended(); code != tt.code {
				t.Errorf("told %q, want %q", code, tt.code)
			}
		})
	}
}

func TestAFloodOfCommandsHurtsOnlyItself(t *testing.T) {
	h := newHall(t, nil)
	flood, witness := h.join("room-p2", "tv"), h.join("room-p3", "tv")
	before := h.meeting.Current().State.Seq
	type told struct {
		limited int
		last    wire.Failure
	}
	end := make(chan told)
	go func() { // read as a polite client would, so that only the rate can end it
		var all told
		for {
			e, err := flood.read()
			if err != nil {
				end <- all
				return
			}
			var f wire.Failure
			if e.T == "error" && json.Unmarshal(e.D, &f) == nil && f.Code == wire.CodeRateLimited {
				all.limited, all.last = all.limited+1, f
			}
		}
	}()
	sent := 0
	for ; sent < 10_000; sent++ {
		frame := encode([]string{"floor.request", "floor.cancel"}[sent%2], wire.Envelope{ID: uint64(sent + 10)},
			meeting.RequestFloor{Floor: meeting.FloorSpeech})
		if flood.conn.WriteMessage(websocket.TextMessage, frame) != nil {
			break
		}
	}
	flood.patient()
	if all := <-end; all.limited == 0 || !all.last.Closed {
		t.Errorf("%d refused for their rate, the last %+v", all.limited, all.last)
	}
	witness.do("floor.request", meeting.RequestFloor{Floor: meeting.FloorSpeech})
	row := limit.Standard().Row(limit.PointFacts)
	if facts := int(h.meeting.Current().State.Seq - before); facts > 2*row.Burst+int(patience/row.Every) {
		t.Errorf("%v facts of one flood", facts)
	}
}

func TestGuessingTokensIsSlow(t *testing.T) {
	h := newHall(t, nil)
	told := map[meeting.Code]int{}
	for i := range 40 {
		c := h.dial()
		c.send("hello", wire.Hello{Token: strings.Repeat("x", i+1), Device: "d"})
		told[c.ended()]++
	}
	if told[wire.CodeTokenInvalid] == 0 || told[wire.CodeRateLimited] == 0 {
		t.Errorf("told %v", told)
	}
	h.join("room-p2", "tv") // a right token is never stopped
}

func TestATokenOfAnotherPointOpensNothing(t *testing.T) {
	h := newHall(t, nil)
	room, _, _ := speaking(t, h)
	thief := h.join("room-p3", "tv")
	for name, d := range map[string]any{
		"mic.on":        meeting.SwitchOn{Point: "p2"},
		"mic.off":       meeting.SwitchOff{Point: "p2"},
		"camera.set":    meeting.SetCamera{Point: "p2"},
		"floor.request": meeting.RequestFloor{Floor: meeting.FloorContent, Point: "p2"},
		"floor.release": meeting.ReleaseFloor{Floor: meeting.FloorSpeech, Point: "p2"},
		"floor.grant":   meeting.GrantFloor{Floor: meeting.FloorSpeech, Point: "p3"},
		"floor.give":    meeting.GiveFloor{Point: "p3"},
		"layout.set":    meeting.SetLayout{Audience: meeting.AudienceAll, Layout: meeting.Layout{Kind: meeting.Layout1, Tiles: []meeting.Binding{{Kind: meeting.BindBlank}}}},
		"meeting.end":   meeting.EndMeeting{},
	} {
		if code := thief.refused(name, d); code != meeting.CodeRights {
			t.Errorf("%s: %s", name, code)
		}
	}
	if code := thief.refused("mic.on", meeting.SwitchOn{}); code != meeting.CodeFloorNotGranted {
		t.Errorf("its own microphone without a grant: %s", code)
	}
	if !h.point("p2").SwitchedOn || h.point("p3").SwitchedOn {
		t.Error("a microphone was moved")
	}
	room.do("mic.off", meeting.SwitchOff{})
}

// What waits for a client that does not read is bounded in frames and in bytes.
func TestASlowClientIsClosedAndBounded(t *testing.T) {
	most := limit.Standard().Bytes(limit.Outbox)
	for name, frame := range map[string][]byte{"small frames": []byte("{}"), "large frames": make([]byte, 100<<10)} {
		k := newSocket(nil, "", newHall(t, nil).server)
		for range outboxFrames + 100 {
			k.send(frame)
		}
		select {
		case <-k.ended:
		default:
			t.Fatalf("%s: a full outbox does not end the socket", name)
		}
		if len(k.out) > outboxFrames || k.bytes > most || !strings.Contains(string(k.last), string(wire.CodeSessionSlow)) {
			t.Errorf("%s: %d frames of %d bytes wait, last %s", name, len(k.out), k.bytes, k.last)
		}
	}
	k := newSocket(nil, "", newHall(t, nil).server)
	k.send(make([]byte, outboxHeavy+1))
	if !k.busy() {
		t.Error("views do not wait for a large frame")
	}
	if k.take(); k.busy() || len(k.relieved()) == 0 {
		t.Error("nobody is told that it has gone")
	}
	k.send(make([]byte, 2*most))
	if len(k.out) != 1 {
		t.Error("a view longer than the outbox never goes")
	}
}

func TestConnectionsAreBounded(t *testing.T) {
	h := newHall(t, func(c *Config) {
		c.Table = limit.Standard().With(limit.Sockets, func(r *limit.Row) { r.Each = 3 })
	})
	for range 3 {
		h.dial()
	}
	if status := upgrade(h, nil); status != http.StatusTooManyRequests {
		t.Errorf("a fourth socket of one address: %d", status)
	}
}

func TestAPageOfAnotherSiteIsRefused(t *testing.T) {
	h := newHall(t, nil)
	for origin, want := range map[string]int{
		"https://evil.example":            http.StatusForbidden,
		"null":                            http.StatusForbidden,
		"http://" + h.http.URL[7:] + ".x": http.StatusForbidden,
		h.http.URL:                        http.StatusSwitchingProtocols,
	} {
		if status := upgrade(h, http.Header{"Origin": {origin}}); status != want {
			t.Errorf("origin %s: %d, want %d", origin, status, want)
		}
	}
}

// upgrade tries to open a socket and gives the status.
func upgrade(h *hall, header http.Header) int {
	h.t.Helper()
	conn, response, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(h.http.URL, "http")+"/api/v1/bridge", header)
	if err == nil {
		conn.Close()
	}
	if response == nil {
		h.t.Fatal(err)
	}
	return response.StatusCode
}

// explosive is a media path with a bug in it.
type explosive struct{}

func (explosive) Port() int                                { return 1 }
func (explosive) Press(meeting.ID, meeting.SourceKey) bool { return false }
func (explosive) Unpress(meeting.ID, meeting.SourceKey)    {}
func (explosive) Join(sfu.PeerConfig) (Peer, error)        { panic("a bug") }

func TestAPanicEndsOneSessionOnly(t *testing.T) {
	h := newHall(t, func(c *Config) { c.Media = explosive{} })
	c, witness := h.join("room-p2", "tv"), h.join("chair", "tablet")
	c.send("media.offer", sdp("7", 1))
	if code := c.ended(); code != wire.CodeServerFailed {
		t.Errorf("told %q", code)
	}
	witness.sees("the loss", func(v wire.View) bool { return v.Roster["p2"].Presence == meeting.Lost })
	h.join("room-p2", "tv").sees("its point again", func(v wire.View) bool { return v.Own != nil })
}

func TestUnupgradedRequestIsRefused(t *testing.T) {
	h := newHall(t, nil)
	w := httptest.NewRecorder()
	h.server.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/v1/bridge", nil))
	if w.Code != http.StatusBadRequest {
		t.Errorf("status %d", w.Code)
	}
	if n := h.server.fair.greetings.Taken(); n != 0 {
		t.Errorf("%d sockets before their hello", n)
	}
}
