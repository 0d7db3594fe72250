package signaling

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/giaoban/giaoban/internal/limit"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// prompt is how long the control may take beside a flood on a busy machine;
// without one it takes milliseconds.
const prompt = 2 * time.Second

// elsewhere is a neighbourhood of loopback that is not the control's.
const elsewhere = "127.0.0.2"

// dialFrom opens a socket from an address of loopback.
func (h *hall) dialFrom(address string) (*websocket.Conn, *http.Response, error) {
	d := websocket.Dialer{
		NetDial: (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}).Dial, HandshakeTimeout: patience,
	}
	return d.Dial("ws"+strings.TrimPrefix(h.http.URL, "http")+bridgePath, nil)
}

// joinFrom says hello from an address of loopback and gives the answer's code.
func (h *hall) joinFrom(address, token, device string) (*client, meeting.Code) {
	h.t.Helper()
	conn, response, err := h.dialFrom(address)
	if err != nil {
		if response != nil && response.StatusCode == http.StatusTooManyRequests {
			return nil, wire.CodeTooManyConnections
		}
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { conn.Close() })
	c := &client{t: h.t, conn: conn}
	c.send("hello", wire.Hello{Token: token, Device: device})
	c.patient()
	for {
		e, err := c.read()
		if err != nil {
			h.t.Fatalf("%s from %s: %v", token, address, err)
		}
		switch e.T {
		case "welcome":
			return c, ""
		case "error":
			var f wire.Failure
			if err := json.Unmarshal(e.D, &f); err != nil {
				h.t.Fatal(err)
			}
			return nil, f.Code
		}
	}
}

// slowly makes a rate give nothing back while a test runs, however slow the
// machine is.
func slowly(id limit.ID) func(*Config) {
	return func(c *Config) {
		c.Table = limit.Standard().With(id, func(r *limit.Row) { r.Every = time.Hour })
	}
}

// within fails if something takes longer than the control may.
func within(t *testing.T, what string, do func()) {
	t.Helper()
	began := time.Now()
	do()
	if took := time.Since(began); took > prompt {
		t.Errorf("%s took %s", what, took)
	}
}

// Silent sockets of one neighbourhood take their share of the greeting places
// and no more: a room elsewhere gets in at once, one beside them within moments.
func TestSilentSocketsKeepNobodyOut(t *testing.T) {
	h := newHall(t, nil)
	share := limit.Standard().Row(limit.Greetings)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 3 * share.Each {
		wg.Go(func() {
			for {
				if conn, _, err := h.dialFrom(elsewhere); err == nil {
					defer conn.Close()
				}
				select {
				case <-stop:
					return
				case <-time.After(50 * time.Millisecond):
				}
			}
		})
	}
	defer wg.Wait()
	defer close(stop)
	for h.server.fair.greetings.Taken() < share.Each {
		<-time.After(time.Millisecond)
	}
	for i := range 20 {
		within(t, "a room elsewhere", func() { h.join("room-p2", fmt.Sprint("tv-", i)) })
		if n := h.server.fair.greetings.Taken(); n > share.Each+1 {
			t.Fatalf("%d greeting places of one neighbourhood", n)
		}
	}
}

// Beside silent sockets of its own neighbourhood a room waits until one of them
// has been silent for a second.
func TestSilenceOfANeighbourGivesWay(t *testing.T) {
	h := newHall(t, nil)
	for range limit.Standard().Row(limit.Greetings).Each {
		if _, _, err := h.dialFrom(elsewhere); err != nil {
			t.Fatal(err)
		}
	}
	within(t, "a room beside them", func() {
		if _, code := h.joinFrom(elsewhere, "room-p2", "tv"); code != "" {
			t.Errorf("refused with %s", code)
		}
	})
}

// A link may be on many walls, but not on any number.
func TestOneLinkHasItsShareOfSessions(t *testing.T) {
	h := newHall(t, nil)
	most := limit.Standard().Row(limit.Sessions).Each
	for i := range most {
		if _, code := h.joinFrom("127.0.0.1", "observer", fmt.Sprint("wall-", i)); code != "" {
			t.Fatalf("wall %d: %s", i, code)
		}
	}
	if _, code := h.joinFrom(elsewhere, "observer", "one-more"); code != wire.CodeTooManyConnections {
		t.Errorf("one more: %q", code)
	}
	if _, code := h.joinFrom("127.0.0.1", "second", "desk"); code != "" {
		t.Errorf("another link: %q", code)
	}
	room := h.join("room-p2", "tv")
	for range most + 2 { // a page that is loaded anew has its own place again
		room.conn.Close()
		room = h.join("room-p2", "tv")
	}
}

// Hellos cost a session and a line in the log of acts each.
func TestHellosHaveARate(t *testing.T) {
	h := newHall(t, slowly(limit.Hellos))
	told := map[meeting.Code]int{}
	burst := limit.Standard().Row(limit.Hellos).Burst
	for range burst + 20 {
		c, code := h.joinFrom(elsewhere, "room-p3", "tv")
		told[code]++
		if c != nil {
			c.conn.Close()
		}
	}
	if told[""] != burst || told[wire.CodeRateLimited] != 20 {
		t.Errorf("told %v", told)
	}
	within(t, "a room", func() { h.join("room-p2", "tv") })
}

// A focal officer who writes without end is refused; the room of the same point
// and a console go on, and the console is not flooded with what has not changed.
func TestMessagesHaveARate(t *testing.T) {
	h := newHall(t, slowly(limit.Messages))
	room, desk := h.join("room-p2", "tv"), h.join("controller", "desk")
	officer := h.join("focal-p2", "phone")
	sent, told := 100, map[meeting.Code]int{}
	for range sent {
		told[officer.tries("message.send", meeting.SendMessage{Text: strings.Repeat("x", 200)})]++
	}
	if told[""] != limit.Standard().Row(limit.Messages).Burst || told[wire.CodeRateLimited] != sent-told[""] {
		t.Errorf("told %v", told)
	}
	within(t, "the room of the point", func() {
		room.do("floor.request", meeting.RequestFloor{Floor: meeting.FloorSpeech})
		room.do("message.send", meeting.SendMessage{Text: "Phòng họp"})
	})
	within(t, "the desk", func() { desk.do("floor.grant", meeting.GrantFloor{Floor: meeting.FloorSpeech, Point: "p2"}) })
}

// Whoever is over every rate still closes, at once and as often as needed.
func TestClosingHasItsOwnLane(t *testing.T) {
	h := newHall(t, slowly(limit.ControllerFacts))
	desk := h.join("controller", "desk")
	for i := range limit.Standard().Row(limit.ControllerFacts).Burst {
		desk.tries("content.lock", meeting.LockContent{On: i%2 == 0})
	}
	if code := desk.tries("content.lock", meeting.LockContent{}); code != wire.CodeRateLimited {
		t.Fatalf("no command was over the rate: %q", code)
	}
	within(t, "closing", func() {
		for name, c := range map[string]any{
			"floor.closeAll": meeting.CloseAll{}, "floor.revoke": meeting.RevokeFloor{Floor: meeting.FloorSpeech, Point: "p2"},
			"feed.close": meeting.CloseFeed{}, "floor.mode": meeting.SetMode{Mode: meeting.ModeChairOnly}, "mic.off": meeting.SwitchOff{},
		} {
			for range 8 {
				if code := desk.tries(name, c); code == wire.CodeRateLimited {
					t.Errorf("%s is refused for its rate", name)
				}
			}
		}
		desk.do("meeting.end", meeting.EndMeeting{})
	})
}

// An offer over the rate is told when the next is due, and may come again with
// its own number.
func TestOffersHaveARate(t *testing.T) {
	h := newHall(t, slowly(limit.Offers))
	c := h.join("observer", "wall")
	told := map[meeting.Code]int{}
	for i := range 40 {
		told[c.tries("media.offer", sdp(fmt.Sprint(i), 1))]++
	}
	if told[wire.CodeRateLimited] != 40-limit.Standard().Row(limit.Offers).Burst {
		t.Errorf("told %v", told)
	}
	room := h.join("room-p2", "tv")
	if code := room.tries("media.offer", sdp("1", 1)); code != "" {
		t.Errorf("a room's offer: %s", code)
	}
}

// tries gives a command and the code it is refused with, "" if it is not.
func (c *client) tries(t string, d any) meeting.Code {
	c.t.Helper()
	id := c.send(t, d)
	c.patient()
	for {
		e, err := c.read()
		if err != nil {
			c.t.Fatalf("%s: %v", t, err)
		}
		if e.Re != id {
			continue
		}
		var f wire.Failure
		if e.T == "error" {
			if err := json.Unmarshal(e.D, &f); err != nil {
				c.t.Fatal(err)
			}
			if f.Code == wire.CodeRateLimited && f.Args["afterMs"] == nil {
				c.t.Errorf("%s: not told when to come again: %v", t, f.Args)
			}
		}
		return f.Code
	}
}

// A body that trickles in holds no route, whether it reads the body or not.
func TestTrickledBodiesEnd(t *testing.T) {
	h := newHall(t, func(c *Config) { c.Limits.Request = 200 * time.Millisecond })
	for _, line := range []string{
		"POST /healthz", "GET /healthz", "POST /nowhere", "POST /whip", "PUT /api/v1/snapshot", "POST " + commandsPath, "GET /metrics", "GET /", "GET " + bridgePath,
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			conn, err := net.Dial("tcp", h.http.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			fmt.Fprintf(conn, "%s HTTP/1.1\r\nHost: %s\r\nContent-Length: 100000\r\n\r\n", line, conn.RemoteAddr())
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				for buffer := make([]byte, 4096); ; {
					if _, err := conn.Read(buffer); err != nil {
						return
					}
				}
			}()
			trickle := time.NewTicker(20 * time.Millisecond)
			defer trickle.Stop()
			for deadline := time.After(prompt); ; {
				select {
				case <-ended:
					return
				case <-trickle.C:
					fmt.Fprint(conn, "x") // fails once the server has gone
				case <-deadline:
					t.Fatal("the connection is still held")
				}
			}
		})
	}
}

// A ping costs a pong and counts as no frame.
func TestPingsHaveARate(t *testing.T) {
	h := newHall(t, nil)
	flood := h.join("observer", "wall")
	for range 10_000 {
		if flood.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(patience)) != nil {
			break
		}
	}
	flood.patient()
	for {
		if _, err := flood.read(); err != nil {
			if strings.Contains(err.Error(), "timeout") {
				t.Error("the socket takes any number of pings")
			}
			break
		}
	}
	within(t, "a room", func() { h.join("room-p2", "tv") })
}

// A long section that changes all the time goes once a second, and the newest
// is what the client has in the end.
func TestLongSectionsAreThinned(t *testing.T) {
	var th thick
	at := func(text string) *page {
		p := &page{}
		p.sections[sectionMessages] = json.RawMessage(text)
		p.sections[sectionFloor] = json.RawMessage(text[:2])
		return p
	}
	long := strings.Repeat("a", 100)
	sent := at(long + "0")
	th.thin(sent, nil, 50)
	next := at(long + "1")
	if th.thin(next, sent, 50); string(next.sections[sectionMessages]) != long+"0" || th.C == nil {
		t.Error("a long section goes twice in a second")
	}
	short := at("bb")
	if th.thin(short, sent, 50); string(short.sections[sectionFloor]) != "bb" || string(short.sections[sectionMessages]) != "bb" {
		t.Error("a short section waits")
	}
	<-th.C
	last := at(long + "2")
	if th.thin(last, sent, 50); string(last.sections[sectionMessages]) != long+"2" {
		t.Error("what was held back never goes")
	}
	th.stop()
}
