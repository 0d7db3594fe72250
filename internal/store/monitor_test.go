package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store"
	"github.com/giaoban/giaoban/internal/store/memory"
	"github.com/giaoban/giaoban/internal/store/storetest"
)

// sick is a store whose writes fail with an error, or hang.
type sick struct {
	*memory.Store
	err   atomic.Pointer[error]
	hang  chan struct{}
	tries atomic.Int64
}

func (s *sick) trouble() error {
	s.tries.Add(1)
	if s.hang != nil {
		<-s.hang
	}
	if err := s.err.Load(); err != nil {
		return *err
	}
	return nil
}

func (s *sick) Put(ctx context.Context, key string, body []byte, rev uint64) (uint64, error) {
	if err := s.trouble(); err != nil {
		return 0, err
	}
	return s.Store.Put(ctx, key, body, rev)
}

func (s *sick) Append(ctx context.Context, id meeting.ID, epoch uint64, events []meeting.Event) error {
	if err := s.trouble(); err != nil {
		return err
	}
	return s.Store.Append(ctx, id, epoch, events)
}

func (*sick) Close() error { return nil }

func watched(s *sick) *store.Monitor {
	return store.NewMonitor(store.MonitorConfig{Catalog: s, Journal: s, Closer: s})
}

// A store that takes no write is not ready, says since when, and is ready
// again by itself once it does; it is tried at most once a second.
func TestAStoreThatTakesNoWriteIsNotReady(t *testing.T) {
	for _, err := range []error{syscall.ENOSPC, syscall.EROFS, syscall.EIO, context.DeadlineExceeded, fmt.Errorf("page: %w", store.ErrDamaged)} {
		synctest.Test(t, func(t *testing.T) {
			s := &sick{Store: memory.New()}
			m := watched(s)
			defer m.Close()
			if err := m.Append(t.Context(), "m", 1, storetest.Events(1, 1)); err != nil || m.Ready() != nil {
				t.Fatal(err, m.Ready())
			}
			began := time.Now().UTC().Format(time.RFC3339)
			s.err.Store(&err)
			if got := m.Append(t.Context(), "m", 1, storetest.Events(2, 1)); !errors.Is(got, err) {
				t.Fatal(got)
			}
			s.tries.Store(0)
			for range 100 {
				time.Sleep(50 * time.Millisecond)
				if got := m.Ready(); got == nil || !errors.Is(got, err) || !strings.Contains(got.Error(), "journal.unavailable since "+began) {
					t.Fatalf("%v: ready says %v", err, got)
				}
			}
			if n := s.tries.Load(); n < 4 || n > 6 {
				t.Errorf("%v: tried %d times in 5 s", err, n)
			}
			s.err.Store(nil)
			time.Sleep(time.Second)
			if got := m.Ready(); got != nil {
				t.Errorf("%v: a second after it was put right: %v", err, got)
			}
			if m.Refused() < 5 {
				t.Errorf("%d refused writes are counted", m.Refused())
			}
		})
	}
}

// A write that does not come back is a store that takes none, and asking does
// not wait for it.
func TestAStalledWriteIsNotReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &sick{Store: memory.New(), hang: make(chan struct{})}
		m := watched(s)
		defer m.Close()
		go func() { _ = m.Append(context.Background(), "m", 1, storetest.Events(1, 1)) }()
		time.Sleep(1900 * time.Millisecond)
		if err := m.Ready(); err != nil {
			t.Errorf("a slow write: %v", err)
		}
		time.Sleep(100 * time.Millisecond)
		asked := time.Now()
		if err := m.Ready(); err == nil || !strings.Contains(err.Error(), "journal.unavailable") || time.Since(asked) > 0 {
			t.Errorf("a stalled write: %v after %v", err, time.Since(asked))
		}
		close(s.hang)
		synctest.Wait()
		if err := m.Ready(); err != nil {
			t.Errorf("after it ended: %v", err)
		}
	})
}

// What a healthy store refuses says nothing about its health.
func TestRefusalsAreNoSickness(t *testing.T) {
	s := &sick{Store: memory.New()}
	m := watched(s)
	defer m.Close()
	if _, err := m.Put(t.Context(), "k/a", nil, 7); !errors.Is(err, store.ErrConflict) {
		t.Error(err)
	}
	if err := m.Append(t.Context(), "m", 1, storetest.Events(5, 1)); !errors.Is(err, store.ErrGap) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Put(ctx, "k/a", nil, 0); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := m.Ready(); err != nil || m.Refused() != 0 || len(m.Damaged()) != 0 {
		t.Errorf("%v, %d refused, %v", err, m.Refused(), m.Damaged())
	}
}
