package redis

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// How long a call is repeated while the server is away or says that it cannot
// answer now: patienceAlone is for a restart of Redis, patienceSentinel for a
// switch of the master, which takes 2.4 to 3.1 s where Sentinels call a master
// down after 1 s. retryPause is the wait between two attempts.
const (
	patienceAlone    = 2 * time.Second
	patienceSentinel = 4 * time.Second
	retryPause       = 50 * time.Millisecond
)

// errUnreplicated is a change that no replica has confirmed in time.
var errUnreplicated = errors.New("redis: no replica has confirmed the change")

// patiently repeats a call that may be carried out twice while its error may
// pass. It ends ioTimeout after the patience at the latest, whatever hangs.
func (s *Store) patiently(ctx context.Context, call func(context.Context) error) error {
	return s.insist(ctx, passing, call)
}

// insist repeats a call while its error is one that is worth it.
func (s *Store) insist(ctx context.Context, again func(error) bool, call func(context.Context) error) error {
	deadline := time.Now().Add(s.patience)
	ctx, cancel := context.WithDeadline(ctx, deadline.Add(ioTimeout))
	defer cancel()
	for {
		err := call(ctx)
		if err == nil || !again(err) || ctx.Err() != nil || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(retryPause):
		}
	}
}

// waitRefused is what a server says to a WAIT when it is no master any more.
const waitRefused = "ERR WAIT cannot be used with replica instances"

// passingAnswers begin the errors of a server that may answer otherwise soon:
// it reads its file, was or will be a replica, has lost its replicas for the
// moment, runs a long script, or has too many clients. Any other, such as a
// full disk (MISCONF), a full memory (OOM) or a wrong password, is a refusal:
// waiting does not help, and the caller learns it at once.
func passingAnswers() []string {
	return []string{
		"LOADING ", "READONLY ", "MASTERDOWN ", "CLUSTERDOWN ", "TRYAGAIN ", "NOREPLICAS ", "UNBLOCKED ", "BUSY ",
		"ERR max number of clients reached", waitRefused,
	}
}

// passing reports whether an error may pass by itself.
func passing(err error) bool { return brokenOff(err) || undone(err) || errors.Is(err, errUnreplicated) }

// brokenOff reports whether the connection failed: what was asked may have been
// carried out.
func brokenOff(err error) bool {
	var network net.Error
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &network)
}

// undone reports whether an error may pass and what was asked was surely not
// carried out: no connection came about, or the server said so.
func undone(err error) bool {
	var dial *net.OpError
	if errors.As(err, &dial) && dial.Op == "dial" || errors.Is(err, redis.ErrPoolTimeout) || errors.Is(err, redis.ErrPoolExhausted) {
		return true
	}
	var answer redis.Error
	if brokenOff(err) || !errors.As(err, &answer) {
		return false
	}
	for _, begin := range passingAnswers() {
		if strings.HasPrefix(answer.Error(), begin) {
			return true
		}
	}
	return false
}
