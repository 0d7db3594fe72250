package redis

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/giaoban/giaoban/internal/store/storetest"
)

// says is a server that answers every command but the handshake with one
// error, a number of times, and then with what follows.
func says(t *testing.T, answer string, times int, then string) (url string, asked func() int) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	count := make(chan int, 1)
	count <- 0
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				for in := bufio.NewReader(c); ; {
					words, err := command(in)
					if err != nil {
						return
					}
					reply := "-ERR unknown command\r\n" // to HELLO: RESP2 then
					if strings.HasPrefix(strings.ToLower(words[0]), "eval") || strings.EqualFold(words[0], "hget") {
						n := <-count
						count <- n + 1
						if reply = "-" + answer + "\r\n"; n >= times {
							reply = then
						}
					}
					if _, err := io.WriteString(c, reply); err != nil {
						return
					}
				}
			}()
		}
	}()
	return "redis://" + l.Addr().String(), func() int { n := <-count; count <- n; return n }
}

// command reads a command as clients send it.
func command(in *bufio.Reader) ([]string, error) {
	var n int
	if _, err := fmt.Fscanf(in, "*%d\r\n", &n); err != nil {
		return nil, err
	}
	words := make([]string, n)
	for i := range words {
		var size int
		if _, err := fmt.Fscanf(in, "$%d\r\n", &size); err != nil {
			return nil, err
		}
		text := make([]byte, size+2)
		if _, err := io.ReadFull(in, text); err != nil {
			return nil, err
		}
		words[i] = string(text[:size])
	}
	return words, nil
}

func connected(t *testing.T, url string) *Store {
	t.Helper()
	options, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	s := connect(options, Config{Prefix: prefix})
	t.Cleanup(func() { s.Close() })
	return s
}

// What a server says is waited out if it may pass, and else told at once; a
// change that was refused is never made twice by it.
func TestAnswersOfAServerInTrouble(t *testing.T) {
	for answer, passes := range map[string]bool{
		"LOADING Redis is loading the dataset in memory":                                   true,
		"READONLY You can't write against a read only replica.":                            true,
		"MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.": true,
		"CLUSTERDOWN The cluster is down":                                                  true,
		"TRYAGAIN Multiple keys request during rehashing of slot":                          true,
		"NOREPLICAS Not enough good replicas to write.":                                    true,
		"BUSY Redis is busy running a script. You can only call SCRIPT KILL":               true,
		"UNBLOCKED force unblock from blocking operation, instance state changed":          true,
		"ERR max number of clients reached":                                                true,
		"MISCONF Errors writing to the AOF file: No space left on device":                  false,
		"OOM command not allowed when used memory > 'maxmemory'.":                          false,
		"NOAUTH Authentication required.":                                                  false,
		"NOPERM this user has no permissions to run the 'evalsha' command":                 false,
		"WRONGTYPE Operation against a key holding the wrong kind of value":                false,
		"ERR something else":     false,
		"MOVED 3999 127.0.0.1:1": false,
	} {
		t.Run(strings.Fields(answer)[0]+" "+strings.Fields(answer)[1], func(t *testing.T) {
			t.Parallel()
			for what, c := range map[string]struct {
				then string
				call func(*Store) error
			}{
				"append": {"*2\r\n:0\r\n:1\r\n", func(s *Store) error { return s.Append(t.Context(), "m", 1, storetest.Events(2, 1)) }},
				"lead":   {"$20\r\n00000000000000000007\r\n", func(s *Store) error { _, err := s.Lead(t.Context(), "m", 0); return err }},
				"put":    {":5\r\n", func(s *Store) error { _, err := s.Put(t.Context(), "k", nil, 0); return err }},
				"delete": {":1\r\n", func(s *Store) error { return s.Delete(t.Context(), "k", 1) }},
				"get":    {"$5\r\n1 one\r\n", func(s *Store) error { _, _, err := s.Get(t.Context(), "k"); return err }},
			} {
				url, asked := says(t, answer, 3, c.then)
				began := time.Now()
				err := c.call(connected(t, url))
				switch {
				case passes && (err != nil || asked() != 4):
					t.Errorf("%s: %v after %d times, want it waited out", what, err, asked())
				case !passes && (err == nil || asked() != 1 || time.Since(began) > time.Second):
					t.Errorf("%s: %v after %d times and %s, want a refusal at once", what, err, asked(), time.Since(began))
				}
			}
		})
	}
}

// A server that never comes to itself is left after the patience.
func TestPatienceEnds(t *testing.T) {
	t.Parallel()
	url, _ := says(t, "LOADING Redis is loading the dataset in memory", 1<<30, "")
	began := time.Now()
	err := connected(t, url).Append(t.Context(), "m", 1, storetest.Events(2, 1))
	if took := time.Since(began); !redis.HasErrorPrefix(err, "LOADING") || took < patienceAlone || took > patienceAlone+2*ioTimeout {
		t.Errorf("%v after %s", err, took)
	}
}

// A server that hangs ends no call later than the patience and one try, and a
// context that ends sooner, sooner.
func TestFrozenServer(t *testing.T) {
	t.Parallel()
	server := storetest.StartRedis(t)
	s := open(t, server, prefix)
	if err := s.Append(t.Context(), "m", 1, storetest.Events(1, 1)); err != nil {
		t.Fatal(err)
	}
	server.Freeze()
	defer server.Thaw()
	bounded := func(what string, limit time.Duration, call func(ctx context.Context) error) {
		t.Helper()
		began := time.Now()
		err := call(t.Context())
		if took := time.Since(began); err == nil || took > limit {
			t.Errorf("%s: %v after %s, want an error within %s", what, err, took, limit)
		}
	}
	const slack = 150 * time.Millisecond
	appends := func(ctx context.Context) error { return s.Append(ctx, "m", 1, storetest.Events(2, 1)) }
	bounded("append", patienceAlone+ioTimeout+slack, appends)
	bounded("put", 2*ioTimeout+slack, func(ctx context.Context) error { _, err := s.Put(ctx, "k", nil, 0); return err })
	bounded("ready", 2*ioTimeout+slack, s.Ready)
	bounded("append with 100 ms", 100*time.Millisecond+slack, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
		defer cancel()
		return appends(ctx)
	})
	ended := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { ended <- appends(ctx) }()
	cancel()
	bounded("append that is called off", ioTimeout+slack, func(context.Context) error { return <-ended })
	server.Thaw()
	if err := appends(t.Context()); err != nil {
		t.Errorf("the same append when the server goes on: %v", err)
	}
	if _, _, err := s.Get(t.Context(), "k"); err != nil {
		t.Error(err)
	}
}
