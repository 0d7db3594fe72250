package signaling

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/giaoban/giaoban/internal/limit"
	"github.com/giaoban/giaoban/internal/wire"
)

const (
	outboxFrames = 512             // frames waiting for one socket's writer
	outboxBusy   = 32              // above it views wait, so that they merge
	outboxHeavy  = 64 << 10        // bytes, likewise
	writeTimeout = 5 * time.Second // of one frame
	linger       = time.Second     // for the client to take the last frame and close
)

var (
	errNotText = errors.New("signaling: not a text frame")
	errPings   = errors.New("signaling: too many pings")
)

// socket is one WebSocket: a reader (the goroutine of its HTTP request), a
// writer, and an outbox between the session and the writer, bounded in frames
// and in bytes.
type socket struct {
	conn    *websocket.Conn
	address string
	limits  Limits
	most    int // bytes of the outbox
	pings   *limit.Rate
	asked   atomic.Int32  // pings that have gone out and whose pongs have not come
	wake    chan struct{} // holds a token while there is something to write
	room    chan struct{} // and one since the outbox was no longer busy
	ended   chan struct{} // closed by end
	silent  chan struct{} // closed by hush: nothing more will be read
	once    sync.Once
	last    []byte // the frame before the close, set by end

	mu    sync.Mutex
	out   [][]byte
	bytes int // of out
}

func newSocket(conn *websocket.Conn, address string, s *Server) *socket {
	return &socket{
		conn: conn, address: address, limits: s.cfg.Limits,
		most: s.fair.table.Bytes(limit.Outbox), pings: limit.NewRate(s.fair.table, limit.Pings),
		wake: make(chan struct{}, 1), room: make(chan struct{}, 1), ended: make(chan struct{}), silent: make(chan struct{}),
	}
}

// send queues a frame. A socket whose outbox is full is too slow to be told
// the truth, so it is ended; its client comes back to a whole view. A frame
// that is longer than the outbox goes if nothing waits before it.
func (k *socket) send(frame []byte) {
	k.mu.Lock()
	full := len(k.out) >= outboxFrames || len(k.out) > 0 && k.bytes+len(frame) > k.most
	if !full {
		k.out = append(k.out, frame)
		k.bytes += len(frame)
	}
	k.mu.Unlock()
	if full {
		k.end(failure(0, refusal(wire.CodeSessionSlow), true))
		return
	}
	signal(k.wake)
}

// take gives the next frame to write, nil if there is none.
func (k *socket) take() []byte {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.out) == 0 {
		return nil
	}
	was := k.heavy()
	frame := k.out[0]
	k.out[0], k.out = nil, k.out[1:]
	k.bytes -= len(frame)
	if len(k.out) == 0 {
		k.out = nil
	}
	if was && !k.heavy() {
		signal(k.room)
	}
	return frame
}

// signal leaves a token; one that is there already will do.
func signal(token chan struct{}) {
	select {
	case token <- struct{}{}:
	default:
	}
}

func (k *socket) heavy() bool { return len(k.out) > outboxBusy || k.bytes > outboxHeavy }

// busy reports whether the writer is behind.
func (k *socket) busy() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.heavy()
}

// choked reports whether the writer is so far behind that refusals would fill
// the outbox.
func (k *socket) choked() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.out) > outboxFrames/2 || k.bytes > k.most/2
}

// relieved tells when a busy writer has caught up, nil (never) without a socket.
func (k *socket) relieved() <-chan struct{} {
	if k == nil {
		return nil
	}
	return k.room
}

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
		case <-k.wake:
			frame := k.take()
			if frame == nil {
				continue
			}
			if !k.put(frame) {
				return
			}
			signal(k.wake) // there may be more, and a ping may be due between
		case <-beat.C:
			k.asked.Add(1)
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
	for range hushFrames {
		if _, _, err := k.conn.NextReader(); err != nil {
			return
		}
	}
}

// hushFrames is how many frames of a socket that has ended are read: of one that
// goes on sending nothing more is.
const hushFrames = 64

// finish writes what is queued, the last frame, and the close, and lets the
// client answer it. One that does not take them within a writeTimeout has them
// dropped.
func (k *socket) finish() {
	if k.conn.SetWriteDeadline(time.Now().Add(writeTimeout)) != nil {
		return
	}
	for frame := k.take(); frame != nil; frame = k.take() {
		if k.conn.WriteMessage(websocket.TextMessage, frame) != nil {
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
	pong := k.conn.PingHandler()
	k.conn.SetPongHandler(func(data string) error {
		if k.asked.Add(-1) >= 0 {
			return alive(data)
		}
		k.asked.Add(1)
		return k.within(alive)(data)
	})
	k.conn.SetPingHandler(k.within(pong))
	return alive("")
}

// within holds pings, and pongs nobody asked for, to their rate: each costs an answer or a clock
// set, and none counts as a frame.
func (k *socket) within(handle func(string) error) func(string) error {
	return func(data string) error {
		if k.pings.Take(time.Now()) != nil {
			return errPings
		}
		return handle(data)
	}
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
