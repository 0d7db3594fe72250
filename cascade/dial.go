package cascade

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/gorilla/websocket"
)

// connectWait bounds the connection itself: on a line that has just come back a
// new attempt is sooner than TCP's second or third try of an old one.
const connectWait = 1500 * time.Millisecond

// dial tries the next address, in a goroutine of its own that the actor hears of.
func (s *upstate) dial() {
	url := s.cfg.URLs[s.url%len(s.cfg.URLs)]
	tell := func(sock *socket, err error) {
		select {
		case s.dialed <- attempt{sock: sock, err: err}:
		case <-s.ctx.Done():
			if sock != nil {
				sock.close(CodeClosing)
			}
		}
	}
	s.wait.Go(s.scope("dial", func() { tell(nil, errBroke) }).Func(func() { tell(s.reach(url)) }))
}

// reach makes a socket on which both have said hello.
func (u *Uplink) reach(url string) (*socket, error) {
	ctx, cancel := context.WithTimeout(u.ctx, helloWait)
	defer cancel()
	connect := func(ctx context.Context, network, addr string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, connectWait)
		defer cancel()
		return u.cfg.Connect(ctx, network, addr)
	}
	d := websocket.Dialer{NetDialContext: connect, TLSClientConfig: u.cfg.TLS, Subprotocols: []string{Subprotocol}, HandshakeTimeout: helloWait}
	ws, answer, err := d.DialContext(ctx, url, nil)
	if err != nil {
		if answer != nil {
			err = fmt.Errorf("%w: %s", err, answer.Status)
		}
		return nil, fmt.Errorf("dial %s: %w", url, err)
	}
	sock := newSocket(ws, u.log)
	if err := sock.greet(u.cfg.hello(u.epoch), true); err != nil {
		sock.close(codeOf(err))
		return nil, fmt.Errorf("greet %s: %w", url, err)
	}
	parent, _ := u.cfg.Tree().Node(u.cfg.Self)
	if sock.greets.Node != u.cfg.Tree().Path(parent.Parent) {
		sock.close(CodePlace)
		return nil, fmt.Errorf("greet %s: %w", url, violates(CodePlace, "it is %s, the tree says %s", sock.greets.Node, u.cfg.Tree().Path(parent.Parent)))
	}
	return sock, nil
}

// complain says why the parent is not there: once a minute of each reason it
// gave, for somebody has to do something about it.
func (s *upstate) complain(err error) {
	var why *violation
	if now := time.Now(); errors.As(err, &why) && (why.code != s.refused || now.Sub(s.saidAt) >= time.Minute) {
		s.refused, s.saidAt = why.code, now
		s.log.Warn("the node above refuses this one", "code", why.code, "err", err)
		return
	}
	s.log.Info("parent not reached", "err", err)
}
