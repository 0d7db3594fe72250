package redis

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"github.com/giaoban/giaoban/internal/store"
	"github.com/giaoban/giaoban/internal/store/storetest"
)

const prefix = "giaoban:"

func open(t *testing.T, server *storetest.RedisServer, prefix string) *Store {
	t.Helper()
	s, err := Open(t.Context(), Config{URL: server.URL(), Prefix: prefix})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestConformance(t *testing.T) {
	server, n := storetest.StartRedis(t), 0
	storetest.Run(t, func(t *testing.T) storetest.Store {
		n++
		return open(t, server, fmt.Sprint("giaoban", n, ":"))
	})
}

func TestEverythingIsThereAfterAKill(t *testing.T) {
	server := storetest.StartRedis(t)
	s := open(t, server, prefix)
	if err := s.Append(t.Context(), "m", 4, storetest.Events(1, 3)); err != nil {
		t.Fatal(err)
	}
	rev, err := s.Put(t.Context(), "k/a", []byte("one"), 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Delete(t.Context(), "k/a", rev); err != nil {
		t.Fatal(err)
	}
	server.Kill()
	server.Start()

	if diff := cmp.Diff(storetest.Events(1, 3), storetest.Log(t, s, "m", 0)); diff != "" {
		t.Error(diff)
	}
	if err := s.Append(t.Context(), "m", 4, storetest.Events(1, 3)); err != nil {
		t.Errorf("a retry after the kill: %v", err)
	}
	if err := s.Append(t.Context(), "m", 3, storetest.Events(4, 1)); !errors.Is(err, store.ErrFenced) {
		t.Errorf("an older epoch after the kill: %v, want ErrFenced", err)
	}
	again, err := s.Put(t.Context(), "k/a", []byte("two"), 0)
	if err != nil || again <= rev {
		t.Errorf("revision %d, %v after the kill, want one above %d", again, err, rev)
	}
}

func TestInstallationsAreApart(t *testing.T) {
	server := storetest.StartRedis(t)
	a, b := open(t, server, "a:"), open(t, server, "b:")
	if err := a.Append(t.Context(), "m", 1, storetest.Events(1, 3)); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Put(t.Context(), "k/a", nil, 0); err != nil {
		t.Fatal(err)
	}
	ids, err := b.Meetings(t.Context())
	keys, err2 := b.List(t.Context(), "")
	if len(ids)+len(keys) != 0 || err != nil || err2 != nil || len(storetest.Log(t, b, "m", 0)) != 0 {
		t.Errorf("another installation sees %v %v, %v %v", ids, keys, err, err2)
	}
}

// A server that would lose acknowledged facts is refused, at the start and later.
func TestServerThatLosesFactsIsRefused(t *testing.T) {
	for _, option := range [][2]string{
		{"appendonly", "no"}, {"appendfsync", "everysec"}, {"maxmemory-policy", "allkeys-lru"},
	} {
		t.Run(strings.Join(option[:], " "), func(t *testing.T) {
			server := storetest.StartRedis(t, "--"+option[0], option[1])
			_, err := Open(t.Context(), Config{URL: server.URL(), Prefix: prefix})
			if !errors.Is(err, ErrNotDurable) || !strings.Contains(err.Error(), fmt.Sprintf("its %s is %q", option[0], option[1])) {
				t.Errorf("open: %v, want ErrNotDurable with the setting", err)
			}
		})
	}
	s := open(t, storetest.StartRedis(t), prefix)
	if err := s.client.ConfigSet(t.Context(), "appendfsync", "no").Err(); err != nil {
		t.Fatal(err)
	}
	if err := s.Ready(t.Context()); !errors.Is(err, ErrNotDurable) {
		t.Errorf("ready: %v, want ErrNotDurable", err)
	}
}

func TestServerThatIsAwayIsSaidSo(t *testing.T) {
	server := storetest.StartRedis(t)
	s := open(t, server, prefix)
	server.Kill()
	if err := s.Ready(t.Context()); !errors.Is(err, ErrUnavailable) {
		t.Errorf("ready: %v, want ErrUnavailable", err)
	}
	if err := s.Append(t.Context(), "m", 1, storetest.Events(1, 1)); err == nil {
		t.Error("an event is appended to no server")
	}
	server.Start()
	if err := s.patiently(t.Context(), s.Ready); err != nil {
		t.Errorf("ready when the server is back: %v", err)
	}
}

func TestPasswordIsNotTold(t *testing.T) {
	for _, url := range []string{"redis://u:secret@127.0.0.1:1/0", "redis://u:secret@[::1/0", "http://u:secret@localhost"} {
		_, err := Open(t.Context(), Config{URL: url})
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: error %v", url, err)
		}
	}
}

func TestNewerFormatIsRefusedUntouched(t *testing.T) {
	server := storetest.StartRedis(t)
	s := open(t, server, prefix)
	if err := s.client.Set(t.Context(), s.key("format"), Format+1, 0).Err(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Config{URL: server.URL(), Prefix: prefix}); !errors.Is(err, ErrFormat) {
		t.Errorf("open: %v, want ErrFormat", err)
	}
	if v := s.client.Get(t.Context(), s.key("format")).Val(); v != fmt.Sprint(Format+1) {
		t.Errorf("a refused format was changed to %q", v)
	}
}

// deaf is a connection that loses the answer to every script while it is told to.
type deaf struct {
	net.Conn
	lose  *atomic.Int32 // answers still to lose
	asked bool
}

func (c *deaf) Write(b []byte) (int, error) {
	c.asked = strings.Contains(strings.ToLower(string(b)), "\r\neval")
	return c.Conn.Write(b)
}

func (c *deaf) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.asked && err == nil && c.lose.Add(-1) >= 0 {
		c.Close() // the server has carried it out
		return 0, net.ErrClosed
	}
	return n, err
}

func TestLostAnswersAreAskedForAgain(t *testing.T) {
	server := storetest.StartRedis(t)
	direct := open(t, server, prefix)
	if err := direct.Append(t.Context(), "m", 1, storetest.Events(1, 1)); err != nil {
		t.Fatal(err) // the server knows the script from here on
	}
	options, err := redis.ParseURL(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	var lose atomic.Int32
	options.Dialer = func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, network, addr)
		return &deaf{Conn: c, lose: &lose}, err
	}
	s := connect(options, Config{Prefix: prefix})
	defer s.Close()
	lose.Store(2)
	if err := s.Append(t.Context(), "m", 1, storetest.Events(2, 3)); err != nil {
		t.Errorf("append with lost answers: %v", err)
	}
	if left := lose.Load(); left >= 0 {
		t.Errorf("%d answers were not lost", left+1)
	}
	if diff := cmp.Diff(storetest.Events(1, 4), storetest.Log(t, s, "m", 0)); diff != "" {
		t.Error(diff)
	}
	lose.Store(1)
	if _, err := s.Put(t.Context(), "k/a", []byte("one"), 0); err == nil {
		t.Error("a put whose answer was lost is said to be done")
	}
}
