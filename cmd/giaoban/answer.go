package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/giaoban/giaoban/internal/guard"
	"github.com/giaoban/giaoban/internal/limit"
)

// answer runs an HTTP server on a listener until the node closes. Requests end
// by themselves within a moment; sockets belong to signaling, which ends them.
func (n *node) answer(s *http.Server, l net.Listener) {
	l = bounded(s, l)
	s.ErrorLog = slog.NewLogLogger(n.log.Handler(), slog.LevelDebug)
	done := make(chan struct{})
	go guard.Scope{Name: "http", Log: n.log}.Run(func() {
		defer close(done)
		serve := s.Serve
		if s.TLSConfig != nil {
			serve = func(l net.Listener) error { return s.ServeTLS(l, "", "") }
		}
		if err := serve(l); !errors.Is(err, http.ErrServerClosed) {
			n.broken <- fmt.Errorf("serve %s: %w", l.Addr(), err)
		}
	})
	n.closers = append(n.closers, func() error {
		ctx, cancel := context.WithTimeout(context.Background(), drain/4)
		defer cancel()
		if s.Shutdown(ctx) != nil {
			s.Close()
		}
		<-done
		return nil
	})
}

// The bounds of a request's time. A route that needs more says so.
const (
	requestTime = 10 * time.Second // from its first byte to its last
	answerTime  = time.Minute      // from its first byte until the answer was taken
	idleTime    = 2 * time.Minute  // between two requests
)

// bounded holds a server and its listener to the limits: whoever comes from the
// network has so many connections and so much time. The socket file is the
// operator's alone.
func bounded(s *http.Server, l net.Listener) net.Listener {
	t := limit.Standard()
	s.ReadHeaderTimeout, s.IdleTimeout = requestTime, idleTime
	s.MaxHeaderBytes = t.Bytes(limit.Header)
	if l.Addr().Network() == "unix" {
		return l
	}
	s.ReadTimeout, s.WriteTimeout = requestTime, answerTime
	s.HTTP2 = &http.HTTP2Config{MaxConcurrentStreams: t.Row(limit.Streams).Each}
	s.ConnContext = limit.Context
	return limit.Listen(l, limit.NewPlaces[limit.Neighbourhood](t, limit.Connections, nil))
}
