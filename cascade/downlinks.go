package cascade

import (
	"crypto/rand"
	"crypto/x509"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/tree"
)

// Admission after a restart of the parent: this many links a second, this many
// at once. The others wait their turn, for the dear part of a link, its TLS
// handshake, is behind them; those whose turn is too far off are told to come
// back, and do so at random times.
const (
	admitRate  = 40
	admitBurst = 40
	admitWait  = helloWait * 4 / 5
	snapshotsN = 4 // snapshots encoded at once
)

// DownlinksConfig is what the links to the children need.
type DownlinksConfig struct {
	Config
	// Node says which node a certificate is trusted for; ok is false for a key
	// that is unknown or revoked. It is asked again while a link lasts.
	Node func(*x509.Certificate) (code tree.Code, ok bool)
}

// Downlinks are the links of the nodes below. It is the handler of their door,
// whose TLS must ask for a certificate.
type Downlinks struct {
	cfg       DownlinksConfig
	epoch     string
	upgrader  websocket.Upgrader
	snapshots chan struct{} // a token for each being encoded
	ending    chan struct{} // closed by Close

	mu       sync.Mutex
	children map[tree.Code]*child
	closed   bool
	tokens   float64 // of the admission; below zero are those who wait
	filled   time.Time
	refused  map[meeting.Code]uint64
	saidAt   map[meeting.Code]time.Time
	wait     sync.WaitGroup // of requests
}

// NewDownlinks returns the door of a node's children.
func NewDownlinks(cfg DownlinksConfig) (*Downlinks, error) {
	if err := cfg.fill(); err != nil {
		return nil, err
	}
	if cfg.Node == nil {
		return nil, errors.New("cascade: downlinks need to know whose key is whose")
	}
	return &Downlinks{
		cfg: cfg, epoch: rand.Text(), snapshots: make(chan struct{}, snapshotsN), ending: make(chan struct{}),
		upgrader: websocket.Upgrader{Subprotocols: []string{Subprotocol}, HandshakeTimeout: helloWait},
		children: map[tree.Code]*child{}, tokens: admitBurst, filled: time.Now(),
		refused: map[meeting.Code]uint64{}, saidAt: map[meeting.Code]time.Time{},
	}, nil
}

// ServeHTTP lets a child in, and stays as long as its link does.
func (d *Downlinks) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	code, c, wait, err := d.enter(r)
	if err == nil {
		defer d.wait.Done()
		err = d.queue(r, wait)
	}
	if err != nil {
		d.refuse(code, codeOf(err), err)
		status := http.StatusForbidden
		if codeOf(err) == CodeBusy {
			status = http.StatusServiceUnavailable
		}
		http.Error(w, string(codeOf(err)), status)
		return
	}
	ws, err := d.upgrader.Upgrade(w, r, nil)
	if err != nil {
		d.refuse(code, CodeMalformed, err)
		return
	}
	sock := newSocket(ws, d.cfg.Log)
	if ws.Subprotocol() != Subprotocol {
		err = violates(CodeUpgrade, "subprotocol %q", ws.Subprotocol())
	} else {
		err = sock.greet(d.cfg.hello(d.epoch), false)
	}
	if err == nil && sock.greets.Node != c.path {
		err = violates(CodePlace, "it says it is %.100s, its key is that of %s", sock.greets.Node, c.path)
	}
	if err != nil {
		d.refuse(code, codeOf(err), err)
		sock.close(codeOf(err))
		return
	}
	sock.send(encode("hello", d.cfg.hello(d.epoch)))
	cert := r.TLS.PeerCertificates[0]
	if err := c.serve(sock, func() bool { now, ok := d.cfg.Node(cert); return ok && now == code }); err != nil {
		d.refuse(code, codeOf(err), err)
	}
	sock.close(codeOf(err))
}

// enter says whose link it is, and how long until it may come in.
func (d *Downlinks) enter(r *http.Request) (code tree.Code, c *child, wait time.Duration, err error) {
	if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		return "", nil, 0, violates(CodeStranger, "no key")
	}
	code, ok := d.cfg.Node(r.TLS.PeerCertificates[0])
	if !ok {
		return "", nil, 0, violates(CodeStranger, "a key that is not trusted")
	}
	n, ok := d.below(code)
	if !ok {
		return code, nil, 0, violates(CodePlace, "%s is no child of %s in the tree", code, d.cfg.Self)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	d.tokens = min(admitBurst, d.tokens+admitRate*now.Sub(d.filled).Seconds())
	d.filled = now
	if wait = max(time.Duration((1-d.tokens)/admitRate*float64(time.Second)), 0); d.closed || wait > admitWait {
		return code, nil, 0, violates(CodeBusy, "too many links at once")
	}
	d.tokens--
	d.wait.Add(1)
	c = d.children[code]
	if c == nil {
		c = newChild(d, n)
		d.children[code] = c
	}
	return code, c, wait, nil
}

// below finds a node among those directly below this one, in the tree of today.
func (d *Downlinks) below(code tree.Code) (n tree.Node, ok bool) {
	n, ok = d.cfg.Tree().Node(code)
	return n, ok && n.Parent == d.cfg.Self
}

// queue waits for a child's turn.
func (d *Downlinks) queue(r *http.Request, wait time.Duration) error {
	if wait <= 0 {
		return nil
	}
	turn := time.NewTimer(wait)
	defer turn.Stop()
	select {
	case <-turn.C:
		return nil
	case <-r.Context().Done():
		return violates(CodeSilent, "it left before its turn")
	case <-d.ending:
		return violates(CodeClosing, "the node stops")
	}
}

// refuse counts what was refused, and says it once a minute.
func (d *Downlinks) refuse(code tree.Code, why meeting.Code, err error) {
	now := time.Now()
	d.mu.Lock()
	d.refused[why]++
	say := now.Sub(d.saidAt[why]) >= time.Minute
	if say {
		d.saidAt[why] = now
	}
	d.mu.Unlock()
	if say {
		d.cfg.Log.Warn("link refused or closed", "node", code, "code", why, "err", err)
	}
}

// Refused counts links that were refused or closed, by code.
func (d *Downlinks) Refused() map[meeting.Code]uint64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := make(map[meeting.Code]uint64, len(d.refused))
	for code, n := range d.refused {
		all[code] = n
	}
	return all
}

// Sights tells of every node below, and of those that never came.
func (d *Downlinks) Sights() []Sight {
	d.mu.Lock()
	children := make(map[tree.Code]*child, len(d.children))
	for code, c := range d.children {
		children[code] = c
	}
	d.mu.Unlock()
	var all []Sight
	for _, n := range d.cfg.Tree().Children(d.cfg.Self) {
		if c := children[n.Code]; c != nil {
			all = append(all, c.sights()...)
			continue
		}
		all = append(all, Sight{Node: d.cfg.Tree().Path(n.Code), Name: n.Name, Tier: n.Tier, State: StateDown})
	}
	slices.SortFunc(all, func(a, b Sight) int { return strings.Compare(string(a.Node), string(b.Node)) })
	return all
}

// Drain tells every child that this node is about to stop: one that knows
// another address of it moves there before it leaves here.
func (d *Downlinks) Drain() {
	for _, c := range d.all() {
		c.drain()
	}
}

func (d *Downlinks) all() []*child {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := make([]*child, 0, len(d.children))
	for _, c := range d.children {
		all = append(all, c)
	}
	return all
}

// Close ends every link and waits. Nobody is declared lost: the children come
// back to the next start within their grace, or are found lost then.
func (d *Downlinks) Close() error {
	d.mu.Lock()
	if !d.closed {
		d.closed = true
		close(d.ending)
	}
	d.mu.Unlock()
	for _, c := range d.all() {
		c.close()
	}
	d.wait.Wait()
	return nil
}
