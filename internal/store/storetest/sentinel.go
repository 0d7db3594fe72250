package storetest

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// MasterName is what the Sentinels of a SentinelGroup call the master.
const MasterName = "mymaster"

// The sizes of a SentinelGroup, and how long it may take to be whole again: a
// server that comes back as a master is made a replica after 8 s and more.
const (
	groupServers   = 3
	groupSentinels = 3
	groupPatience  = time.Minute
)

// SentinelGroup is a master of Redis with two replicas, watched by three
// Sentinels, which call a server down after a second. All are on ports of
// 127.0.0.1 and end with the test.
type SentinelGroup struct {
	t         *testing.T
	Servers   []*RedisServer
	Sentinels []*RedisServer
	asking    *redis.SentinelClient
}

// StartSentinels starts a group and returns when it is whole.
func StartSentinels(t *testing.T) *SentinelGroup {
	t.Helper()
	g := &SentinelGroup{t: t}
	for i := range groupServers {
		s := listening(t, "Ready to accept connections", `
appendonly yes
appendfsync always
save ""
min-replicas-to-write 1
min-replicas-max-lag 2
repl-diskless-sync-delay 0
`)
		if i > 0 {
			s.configure(fmt.Sprintf("replicaof 127.0.0.1 %d\n", g.Servers[0].port))
		}
		s.Start()
		g.Servers = append(g.Servers, s)
	}
	for range groupSentinels {
		s := listening(t, "+monitor master", fmt.Sprintf(`
sentinel monitor %[1]s 127.0.0.1 %[2]d 2
sentinel down-after-milliseconds %[1]s 1000
sentinel failover-timeout %[1]s 5000
`, MasterName, g.Servers[0].port))
		s.args = append(s.args, "--sentinel")
		s.Start()
		g.Sentinels = append(g.Sentinels, s)
	}
	g.asking = redis.NewSentinelClient(&redis.Options{Addr: g.Sentinels[0].Addr()})
	t.Cleanup(func() {
		if err := g.asking.Close(); err != nil {
			t.Error(err)
		}
	})
	g.Whole()
	return g
}

// listening is a server with a configuration file, which it rewrites itself.
func listening(t *testing.T, up, config string) *RedisServer {
	t.Helper()
	s := newServer(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.port = l.Addr().(*net.TCPAddr).Port
	l.Close()
	s.up, s.args = up, []string{filepath.Join(s.dir, "redis.conf")}
	s.configure(fmt.Sprintf("bind 127.0.0.1\nport %d\ndir %s\n%s", s.port, s.dir, config))
	return s
}

// configure adds lines to the server's configuration file.
func (s *RedisServer) configure(lines string) {
	s.t.Helper()
	f, err := os.OpenFile(s.args[0], os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = f.WriteString(lines)
		f.Close()
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// Addr is where a server of a group listens, the same after a restart.
func (s *RedisServer) Addr() string { return fmt.Sprintf("127.0.0.1:%d", s.port) }

// Addrs are where the Sentinels listen.
func (g *SentinelGroup) Addrs() []string {
	var addrs []string
	for _, s := range g.Sentinels {
		addrs = append(addrs, s.Addr())
	}
	return addrs
}

// Master is the server the Sentinels call the master now.
func (g *SentinelGroup) Master() *RedisServer {
	g.t.Helper()
	addr, err := g.asking.GetMasterAddrByName(g.t.Context(), MasterName).Result()
	if err != nil {
		g.t.Fatal(err)
	}
	for _, s := range g.Servers {
		if s.Addr() == net.JoinHostPort(addr[0], addr[1]) {
			return s
		}
	}
	g.t.Fatalf("the master %v is none of the group's", addr)
	return nil
}

// Whole returns when every Sentinel sees a master, its two replicas and the
// other Sentinels in order, and the master may write.
func (g *SentinelGroup) Whole() {
	g.t.Helper()
	why := ""
	for deadline := time.Now().Add(groupPatience); time.Now().Before(deadline); <-time.After(100 * time.Millisecond) {
		if why = g.missing(g.t.Context()); why == "" {
			return
		}
	}
	g.t.Fatalf("the group is not whole: %s", why)
}

// missing says what keeps the group from being whole.
func (g *SentinelGroup) missing(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	for _, s := range g.Sentinels {
		c := redis.NewSentinelClient(&redis.Options{Addr: s.Addr(), ContextTimeoutEnabled: true})
		why := unseen(ctx, c)
		c.Close()
		if why != "" {
			return fmt.Sprintf("Sentinel %s: %s", s.Addr(), why)
		}
	}
	master := redis.NewClient(&redis.Options{Addr: g.Master().Addr(), ContextTimeoutEnabled: true})
	defer master.Close()
	info, err := master.Info(ctx, "replication").Result()
	if err != nil {
		return err.Error()
	}
	if !strings.Contains(info, fmt.Sprint("min_slaves_good_slaves:", groupServers-1)) {
		return info
	}
	return ""
}

// unseen says what a Sentinel misses.
func unseen(ctx context.Context, c *redis.SentinelClient) string {
	if said, err := c.CkQuorum(ctx, MasterName).Result(); err != nil || !strings.HasPrefix(said, "OK ") {
		return fmt.Sprint(said, err)
	}
	others, err := c.Sentinels(ctx, MasterName).Result()
	if err != nil || len(others) != groupSentinels-1 {
		return fmt.Sprint(len(others), " other Sentinels ", err)
	}
	replicas, err := c.Replicas(ctx, MasterName).Result()
	if err != nil || len(replicas) != groupServers-1 {
		return fmt.Sprint(len(replicas), " replicas ", err)
	}
	for _, r := range replicas {
		if r["flags"] != "slave" || r["master-link-status"] != "ok" {
			return fmt.Sprint("replica ", r["name"], " ", r["flags"], " link ", r["master-link-status"])
		}
	}
	return ""
}
