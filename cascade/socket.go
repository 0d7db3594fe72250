package cascade

import (
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/giaoban/giaoban/internal/guard"
	"github.com/giaoban/giaoban/internal/meeting"
)

// outboxSize bounds the frames that wait for the other end; writeWait bounds
// one write. An end that does not read is closed, and comes back to a tail.
const (
	outboxSize = 1024
	writeWait  = 5 * time.Second
)

// socket is one WebSocket of a link, with a reader and a writer.
type socket struct {
	ws     *websocket.Conn
	out    chan []byte
	gone   chan struct{} // closed when it is over
	once   sync.Once
	code   meeting.Code // of the bye, set before gone closes
	wait   sync.WaitGroup
	greets helloMsg // the other end's hello
}

func newSocket(ws *websocket.Conn, log *slog.Logger) *socket {
	ws.SetReadLimit(maxFrame)
	s := &socket{ws: ws, out: make(chan []byte, outboxSize), gone: make(chan struct{})}
	s.wait.Go(guard.Scope{Name: "link's socket", Log: log, Shut: func() { _ = ws.Close() }}.Func(s.write))
	return s
}

// from is where the other end is.
func (s *socket) from() netip.Addr {
	at, _ := netip.ParseAddrPort(s.ws.RemoteAddr().String())
	return at.Addr()
}

// send queues a frame and never blocks; an end that is too slow is closed. It
// reports whether the frame may arrive.
func (s *socket) send(data []byte) bool {
	select {
	case <-s.gone:
		return false
	default:
	}
	select {
	case s.out <- data:
		return true
	default:
		s.end(CodeSlow)
		return false
	}
}

// end closes the socket, after a bye that says why. The first reason counts.
func (s *socket) end(code meeting.Code) {
	s.once.Do(func() {
		s.code = code
		close(s.gone)
	})
}

func (s *socket) write() {
	defer s.ws.Close()
	for {
		select {
		case data := <-s.out:
			if s.put(data) != nil {
				s.end(CodeSilent)
				return
			}
		case <-s.gone:
			s.flush()
			_ = s.put(encode("bye", byeMsg{Code: s.code})) // it may be gone already
			return
		}
	}
}

// flush sends what was queued before the end.
func (s *socket) flush() {
	for range outboxSize {
		select {
		case data := <-s.out:
			if s.put(data) != nil {
				return
			}
		default:
			return
		}
	}
}

func (s *socket) put(data []byte) error {
	_ = s.ws.SetWriteDeadline(time.Now().Add(writeWait)) // fails on a closed socket, as the write will
	return s.ws.WriteMessage(websocket.TextMessage, data)
}

// read hands every frame to take, until the socket or take fails.
func (s *socket) read(take func(name string, msg any) error) error {
	for {
		_, data, err := s.ws.ReadMessage()
		if err != nil {
			s.end(CodeSilent)
			return err
		}
		name, msg, err := decode(data)
		if err == nil {
			err = take(name, msg)
		}
		if err != nil {
			s.end(codeOf(err))
			return err
		}
	}
}

// close ends the socket and waits for its writer.
func (s *socket) close(code meeting.Code) {
	s.end(code)
	s.wait.Wait()
}

// greet exchanges hellos within helloWait, the child's first.
func (s *socket) greet(ours helloMsg, first bool) error {
	_ = s.ws.SetReadDeadline(time.Now().Add(helloWait)) // fails on a closed socket, as the read will
	if first {
		s.send(encode("hello", ours))
	}
	_, data, err := s.ws.ReadMessage()
	if err != nil {
		return err
	}
	name, msg, err := decode(data)
	if err != nil {
		return err
	}
	switch m := msg.(type) {
	case *helloMsg:
		if m.Version != Version {
			return violates(CodeUpgrade, "version %d, this node speaks %d", m.Version, Version)
		}
		s.greets = *m
	case *byeMsg:
		if m.Code == CodeUpgrade {
			return violates(m.Code, "the other end speaks another version than this node's %d", Version)
		}
		return violates(m.Code, "refused")
	default:
		return violates(CodeMalformed, "%s before hello", name)
	}
	_ = s.ws.SetReadDeadline(time.Time{})
	return nil
}
