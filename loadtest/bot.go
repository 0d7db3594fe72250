package loadtest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/testmedia"
	"github.com/giaoban/giaoban/internal/wire"
)

// Config says who a bot is and how it behaves.
type Config struct {
	URL       string            // of the WebSocket: ws://host:port/api/v1/bridge
	Token     string            // of the point or role it plays
	Device    string            // the same over reloads; another one is a second device
	Simulated bool              // gives way to a real device
	MaxTiles  int               // pictures it asks for; 0 is 1
	Clip      *testmedia.Clip   // what it publishes; nil publishes nothing and offers no sending m-line
	Layers    []string          // rids of the camera's layers; none sends one encoding
	Films     []*testmedia.Clip // pictures of the layers, one for each, or of the only encoding; nil takes the clip's for all
	TCPOnly   bool              // media by ICE-TCP alone
	NoMedia   bool              // never offers media: a script's hand on the console
	Eager     bool              // dishonest: offers media even where it is not called to a meeting
	Pace      int               // plays the clip so many times slower, with packets so many times rarer; 0 is 1
	Trace     uint16            // puts a Trace with this number into all it sends; 0 puts none

	// Dial reaches a bridge that does not stand on this host; nil dials as usual.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	// OnPacket sees every decrypted RTP packet of the server, those of
	// undeclared SSRCs included, before anything else does. It must not keep
	// the packet or block.
	OnPacket func(slot SlotID, packet []byte)
	Log      *slog.Logger // nil discards
}

func (c Config) validate() error {
	if !strings.HasPrefix(c.URL, "ws://") && !strings.HasPrefix(c.URL, "wss://") {
		return fmt.Errorf("bot url %q: want ws:// or wss://", c.URL)
	}
	if c.Token == "" || c.Device == "" {
		return errors.New("bot: token and device are needed")
	}
	if c.Pace < 0 || c.Pace > 10 {
		return fmt.Errorf("bot: pace %d, want 0 to 10", c.Pace)
	}
	if c.Films != nil && len(c.Films) != max(len(c.Layers), 1) {
		return fmt.Errorf("bot: %d films of %d layers", len(c.Films), len(c.Layers))
	}
	if c.h264() && (len(c.Films) > 1 || c.Trace != 0) {
		return errors.New("bot: h264 is sent in one encoding, without traces")
	}
	if c.MaxTiles < 0 || c.MaxTiles > 25 {
		return fmt.Errorf("bot: %d tiles, want 0 to 25", c.MaxTiles)
	}
	return nil
}

// h264 reports whether the camera's film is H.264.
func (c Config) h264() bool { return len(c.Films) > 0 && c.Films[0].H264 }

// The bounds of reconnecting: doubling from the first to the last.
const (
	firstRetry = 100 * time.Millisecond
	lastRetry  = 8 * time.Second
	never      = math.MaxInt64 * time.Nanosecond
	silence    = 8 * time.Second // a server that ticks every 2 s and says nothing for this long is gone
	patience   = 10 * time.Second
)

// Bot is one client. It connects, and comes back, by itself until Close.
type Bot struct {
	cfg    Config
	log    *slog.Logger
	ctx    context.Context
	cancel context.CancelFunc
	done   chan struct{}
	orders chan order
	nudge  chan struct{} // the state of media changed; holds one token

	media *media // owned by run

	mu      sync.Mutex
	state   State
	changed chan struct{}          // closed and replaced with every change of state
	waiting map[uint64]chan answer // commands without an answer yet
	out     chan []byte            // of the live socket, nil without one
	last    uint64                 // id given last; ids go on over reconnects
	playing *media                 // media, for callers
	total   map[SlotID]*counter    // over all PeerConnections

	begged atomic.Uint64 // keyframes the server asked for
}

// order is what a caller wants run to do.
type order int

const (
	orderDrop   order = iota // lose the socket
	orderReload              // lose socket, session and media, as a page that is reloaded
)

// New starts a bot. It is not connected yet: Wait for the state that is needed.
func New(cfg Config) (*Bot, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	if cfg.MaxTiles == 0 {
		cfg.MaxTiles = 1
	}
	cfg.Pace = max(cfg.Pace, 1)
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	b := &Bot{
		cfg:     cfg,
		log:     cfg.Log.With("device", cfg.Device),
		done:    make(chan struct{}),
		orders:  make(chan order),
		nudge:   make(chan struct{}, 1),
		changed: make(chan struct{}),
		waiting: map[uint64]chan answer{},
		total:   map[SlotID]*counter{},
	}
	b.ctx, b.cancel = context.WithCancel(context.Background())
	go b.run()
	return b, nil
}

// Close leaves the meeting and waits for every goroutine of the bot.
func (b *Bot) Close() error {
	b.cancel()
	<-b.done
	return nil
}

// DropSocket cuts the WebSocket; the bot comes back and resumes by itself.
func (b *Bot) DropSocket() { b.order(orderDrop) }

// Reload forgets session and media and joins again with the same device.
func (b *Bot) Reload() { b.order(orderReload) }

func (b *Bot) order(o order) {
	select {
	case b.orders <- o:
	case <-b.done:
	}
}

// run is the life of the bot: one socket after the other.
func (b *Bot) run() {
	defer close(b.done)
	defer b.dropMedia()
	retry := firstRetry
	for b.ctx.Err() == nil {
		welcomed, err := b.session()
		if b.ctx.Err() != nil {
			return
		}
		if welcomed {
			retry = firstRetry
		}
		b.log.Debug("session ended", "err", err)
		if final(err) {
			b.rest(never)
			return
		}
		if refused(err, wire.CodeSessionTakenOver) {
			retry = lastRetry / 2
		}
		b.rest(retry)
		retry = min(2*retry, lastRetry)
	}
}

// rest waits before the next try; orders are obeyed meanwhile.
func (b *Bot) rest(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
			return
		case <-b.ctx.Done():
			return
		case o := <-b.orders:
			b.obey(o)
		}
	}
}

// obey does what can be done without a socket.
func (b *Bot) obey(o order) {
	if o == orderReload {
		b.dropMedia()
		b.update(func(s *State) { s.Session = "" })
	}
}

// final reports whether another try would end the same way.
func final(err error) bool {
	return refused(err, wire.CodeTokenInvalid) || refused(err, wire.CodeOriginDenied) || refused(err, wire.CodeSessionReplaced)
}

func refused(err error, code meeting.Code) bool {
	var why *meeting.Error
	return errors.As(err, &why) && why.Code == code
}
