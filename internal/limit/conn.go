package limit

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
)

// placeKey is of a request's context.
type placeKey struct{}

// Listener accepts connections while their neighbourhood has places. What is
// over the share is closed without a word.
type Listener struct {
	net.Listener
	places *Places[Neighbourhood]
}

// Listen bounds the connections of a listener.
func Listen(l net.Listener, places *Places[Neighbourhood]) *Listener { return &Listener{l, places} }

// Accept waits for the next connection that has a place.
func (l *Listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		place, err := l.places.Enter(NearConn(c), func() { c.Close() })
		if err != nil {
			c.Close()
			continue
		}
		return &conn{Conn: c, place: place}, nil
	}
}

// conn is a connection that gives its place back when it is closed.
type conn struct {
	net.Conn
	place *Place[Neighbourhood]
	once  sync.Once
}

// Read notes that the other end is there.
func (c *conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 {
		c.place.Speak()
	}
	return n, err
}

// Close closes the connection; the place is free.
func (c *conn) Close() error {
	c.once.Do(c.place.Leave)
	return c.Conn.Close()
}

// Context is the ConnContext of an http.Server on a Listener, so that Keep
// finds the connection's place.
func Context(ctx context.Context, c net.Conn) context.Context {
	if secure, ok := c.(*tls.Conn); ok {
		c = secure.NetConn()
	}
	if placed, ok := c.(*conn); ok {
		return context.WithValue(ctx, placeKey{}, placed.place)
	}
	return ctx
}

// Keep says that a request's connection is of somebody known: its place is not
// given away any more. It is false if it has been.
func Keep(ctx context.Context) bool {
	place, ok := ctx.Value(placeKey{}).(*Place[Neighbourhood])
	return !ok || place.Settle()
}
