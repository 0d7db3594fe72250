package signaling

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// What can be open when a right ends.

func openRoom(r *registry, token string) openedWith {
	c := r.join(token, "tv")
	c.do("floor.request", map[string]any{"floor": "speech"})
	var answer wire.MediaAnswer
	c.answer(c.send("media.offer", sdp("1", 1)), "media.answer", &answer)
	peer := r.media.last(r.t)
	return openedWith{after: func() error {
		if code := c.ended(); code != wire.CodeTokenInvalid {
			return fmt.Errorf("the page is told %q", code)
		}
		if !peer.isClosed() {
			return fmt.Errorf("its media goes on")
		}
		r.await("p2 is lost", func() bool { return r.point("p2").Presence == meeting.Lost })
		return nil
	}}
}

// openConsole is a page that goes on giving commands while its right ends.
func openConsole(r *registry, token string) openedWith {
	c := r.join(token, "desk")
	if c.welcome.You.Role == meeting.RoleController {
		c.do("floor.mode", map[string]any{"mode": meeting.ModeOneByOne}) // so that nothing after the end means something
	}
	return openedWith{after: func() error {
		before := r.acts()
		for i := range 20 {
			mode := []meeting.Mode{meeting.ModeChairOnly, meeting.ModeDiscussion}[i%2]
			c.id++
			if c.conn.WriteMessage(1, encode("floor.mode", wire.Envelope{ID: c.id}, map[string]any{"mode": mode})) != nil {
				break
			}
		}
		if code := c.ended(); code != wire.CodeTokenInvalid {
			return fmt.Errorf("the page is told %q", code)
		}
		if now := r.acts(); now != before {
			return fmt.Errorf("%d facts after the end", now-before)
		}
		return nil
	}}
}

// openAway is a session whose socket is gone for a moment; it cannot be gone on
// with.
func openAway(r *registry, token string) openedWith {
	c := r.join(token, "desk")
	session := c.welcome.Session
	c.conn.Close()
	return openedWith{after: func() error {
		back := r.dial()
		back.send("hello", wire.Hello{Token: token, Device: "desk", Resume: session})
		if code := back.ended(); code != wire.CodeTokenInvalid {
			return fmt.Errorf("a session is gone on with: %q", code)
		}
		return nil
	}}
}

func openVisit(r *registry, path, token string) openedWith {
	location, tag := r.enter(path, token)
	peer := r.media.last(r.t)
	visits := r.visits()
	return openedWith{after: func() error {
		r.awaitVisits(visits)
		if !peer.isClosed() {
			return fmt.Errorf("its media goes on")
		}
		status, _, body := r.knock(doorCall{"PATCH", location, token, "a=ice-ufrag:next\r\n", typeFragment, tag})
		if status != http.StatusUnauthorized || !strings.Contains(body, string(wire.CodeTokenInvalid)) {
			return fmt.Errorf("patched: %d %s", status, body)
		}
		return nil
	}}
}

// bodied is a request with a body.
type bodied struct{ head, kind, body string }

// half sends the head of a request and half of its body, and gives what sends
// the rest and reads the status.
func half(r *registry, token string, c bodied) func() (int, string) {
	r.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(r.http.URL, "http://"))
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { conn.Close() })
	cut := len(c.body) / 2
	fmt.Fprintf(conn, "%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n",
		c.head, token, c.kind, len(c.body))
	// The server asks for the body once it has judged the head.
	asked := make([]byte, 25)
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	if _, err := io.ReadFull(conn, asked); err != nil || !bytes.HasPrefix(asked, []byte("HTTP/1.1 100")) {
		r.t.Fatalf("%s: %q, %v", c.head, asked, err)
	}
	io.WriteString(conn, c.body[:cut])
	return func() (int, string) {
		io.WriteString(conn, c.body[cut:])
		answer, _ := io.ReadAll(conn)
		status := 0
		fmt.Sscanf(string(answer), "HTTP/1.1 %d", &status)
		return status, string(answer)
	}
}

// refusedHalf is a request whose body comes after its right has ended.
func refusedHalf(r *registry, token string, c bodied) openedWith {
	rest := half(r, token, c)
	return openedWith{after: func() error {
		before := r.acts()
		if status, answer := rest(); status != http.StatusUnauthorized {
			return fmt.Errorf("%s: %s", c.head, answer)
		}
		if now := r.acts(); now != before {
			return fmt.Errorf("%d facts after the end", now-before)
		}
		return nil
	}}
}

func openCommand(r *registry, token string) openedWith {
	return refusedHalf(r, token, bodied{"POST " + commandsPath, "application/json", `{"t":"floor.closeAll","d":{}}`})
}

func openStill(r *registry, token string) openedWith {
	return refusedHalf(r, token, bodied{"PUT " + stillPath, "image/jpeg", picture(r.t, 160, 90)})
}

func openPin(r *registry, token string) openedWith {
	return refusedHalf(r, token, bodied{"POST /api/v1/pin", "application/json", `{"pin":"1234"}`})
}

func openOffer(r *registry, token string) openedWith {
	return refusedHalf(r, token, bodied{"POST /whep", typeSDP, someOffer})
}

// openLine is a body without end.
func openLine(r *registry, token string) openedWith {
	rest := half(r, token, bodied{"POST /api/v1/line", "application/octet-stream", strings.Repeat("x", 1<<20)})
	return openedWith{after: func() error {
		if status, answer := rest(); status == http.StatusOK {
			return fmt.Errorf("measured: %s", answer)
		}
		return nil
	}}
}
