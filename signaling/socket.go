package signaling

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/giaoban/giaoban/internal/wire"
)

const (
	outboxSize   = 256             // frames waiting for one socket's writer
	outboxBusy   = 32              // above it views wait, so that they merge
	writeTimeout = 5 * time.Second // of one frame
	linger       = time.Second     // for the client to take the last frame and close
)

var errNotText = errors.New("signaling: not a text frame")

// socket is one WebSocket: a reader (the goroutine of its HTTP request), a
// writer, and a bounded outbox between the session and the writer.
type socket struct {
	conn    *websocket.Conn
	address string
	limits  Limits
	out     chan []byte
	ended   chan struct{} // closed by end
	silent  chan struct{} // closed by hush: nothing more will be read
	once    sync.Once
	last    []byte // the frame before the close, set by end
}

func newSocket(conn *websocket.Conn, address string, limits Limits) *socket {
	return &socket{
		conn: conn, address: address, limits: limits,
		out: make(chan []byte, outboxSize), ended: make(chan struct{}), silent: make(chan struct{}),
	}
}

// send queues a frame. A socket whose outbox is full is too slow to be told
// the truth, so it is ended; its client comes back to a whole view.
func (k *socket) send(frame []byte) {
	select {
	case <-k.ended:
	case k.out <- frame:
	default:
		k.end(failure(0, refusal(wire.CodeSessionSlow), true))
	}
}

// busy reports whether the writer is behind.
func (k *socket) busy() bool { return len(k.out) > outboxBusy }

// choked reports whether the writer is so far behind that refusals would fill
// the outbox.
func (k *socket) choked() bool { return len(k.out) > outboxSize/2 }

// end closes the socket after what is queued and a last frame, which may be nil.
func (k *socket) end(last []byte) {
	k.once.Do(func() {
		k.last = last
		close(k.ended)
	})
}

// write is the writer's goroutine; it closes the connection when it returns.
func (k *socket) write() {
	defer k.conn.Close()
	beat := time.NewTicker(k.limits.Beat)
	defer beat.Stop()
	for {
		select {
		case frame := <-k.out:
			if !k.put(frame) {
				return
			}
		case <-beat.C:
			if k.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeTimeout)) != nil {
				return
			}
		case <-k.ended:
			k.finish()
			return
		}
	}
}

func (k *socket) put(frame []byte) bool {
	return k.conn.SetWriteDeadline(time.Now().Add(writeTimeout)) == nil &&
		k.conn.WriteMessage(websocket.TextMessage, frame) == nil
}

// hush reads on without looking until the connection is closed. Closing it
// with something unread would make TCP drop what the client has yet to read.
func (k *socket) hush() {
	defer close(k.silent)
	for {
		if _, _, err := k.conn.NextReader(); err != nil {
			return
		}
	}
}

// finish writes what is queued, the last frame, and the close, and lets the
// client answer it. One that does not take them within a writeTimeout has them
// dropped.
func (k *socket) finish() {
	if k.conn.SetWriteDeadline(time.Now().Add(writeTimeout)) != nil {
		return
	}
	for len(k.out) > 0 {
		if k.conn.WriteMessage(websocket.TextMessage, <-k.out) != nil {
			return
		}
	}
	if k.last != nil && k.conn.WriteMessage(websocket.TextMessage, k.last) != nil {
		return
	}
	bye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	if k.conn.WriteMessage(websocket.CloseMessage, bye) != nil {
		return
	}
	patience := time.NewTimer(linger)
	defer patience.Stop()
	select {
	case <-k.silent:
	case <-patience.C:
	}
}

// listen makes the socket live: from now on silence ends it.
func (k *socket) listen() error {
	alive := func(string) error { return k.conn.SetReadDeadline(time.Now().Add(k.limits.Silence)) }
	k.conn.SetPongHandler(alive)
	return alive("")
}

// read gives the next text frame, at most one byte longer than allowed.
func (k *socket) read() ([]byte, error) {
	kind, r, err := k.conn.NextReader()
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(r, wire.MaxFrame+1))
	if err != nil {
		return nil, fmt.Errorf("read frame: %w", err)
	}
	if kind != websocket.TextMessage {
		return nil, errNotText
	}
	return data, nil
}
