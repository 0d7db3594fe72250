package redis

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store/storetest"
)

func openGroup(t *testing.T, g *storetest.SentinelGroup) *Store {
	t.Helper()
	s, err := Open(t.Context(), Config{
		URL: "redis://nobody/0", Prefix: prefix, Sentinels: g.Addrs(), Master: storetest.MasterName,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// A master that hung, was replaced, and goes on, acknowledges nothing to those
// who have not noticed: by WAIT, by the server's min-replicas-to-write, and
// with a retry on a new connection, whose WAIT has nothing of its own to wait for.
func TestSplitBrainAcknowledgesNothing(t *testing.T) {
	t.Parallel()
	g := storetest.StartSentinels(t)
	s := openGroup(t, g)
	for seq := meeting.Seq(1); seq <= 3; seq++ {
		if err := s.Append(t.Context(), "m", 1, storetest.Events(seq, 1)); err != nil {
			t.Fatal(err)
		}
	}
	old := g.Master()
	stale := connected(t, "redis://"+old.Addr())
	stale.replicated.Store(true)
	trusting := connected(t, "redis://"+old.Addr()) // which does not wait
	for _, c := range []*Store{stale, trusting} {
		if _, err := c.Lead(t.Context(), "m", 1); err != nil {
			t.Fatal(err) // connected before the fault
		}
	}
	old.Freeze()
	began := time.Now()
	if err := s.Append(t.Context(), "m", 2, storetest.Events(4, 1)); err != nil {
		t.Fatalf("append over the switch: %v after %s", err, time.Since(began))
	}
	t.Logf("silence of %s", time.Since(began).Round(10*time.Millisecond))
	old.Thaw()
	acknowledged := 0
	for seq := meeting.Seq(4); seq < 44; seq++ {
		ctx, cancel := context.WithTimeout(t.Context(), ioTimeout)
		if stale.Append(ctx, "m", 1, storetest.Events(seq, 1)) == nil || trusting.Append(ctx, "m", 1, storetest.Events(seq, 1)) == nil {
			acknowledged++
		}
		cancel()
	}
	if acknowledged != 0 {
		t.Errorf("the old master acknowledged %d of 40 appends, all of which are lost", acknowledged)
	}
	g.Whole()
	if diff := cmp.Diff(storetest.Events(1, 4), storetest.Log(t, s, "m", 0)); diff != "" {
		t.Error(diff)
	}
}

// A hung Sentinel is not asked for ever: the others say which server is the master.
func TestHungSentinelIsLeft(t *testing.T) {
	t.Parallel()
	g := storetest.StartSentinels(t)
	s, err := Open(t.Context(), Config{
		URL: "redis://nobody/0", Prefix: prefix, Sentinels: g.Addrs()[:1], Master: storetest.MasterName,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	g.Sentinels[0].Freeze() // the one it knows best
	g.Servers[0].Kill()
	began := time.Now()
	for {
		err := s.Append(t.Context(), "m", 1, storetest.Events(1, 1))
		if err == nil {
			break
		}
		if time.Since(began) > 15*time.Second {
			t.Fatalf("no append after %s: %v", time.Since(began), err)
		}
	}
	t.Logf("silence of %s", time.Since(began).Round(10*time.Millisecond))
	g.Sentinels[0].Thaw()
}

// Of a server with a replica that hangs nothing counts, however often it is
// asked again; what is read then is not taken for durable either.
func TestNothingCountsBeforeAReplicaHasIt(t *testing.T) {
	t.Parallel()
	g := storetest.StartSentinels(t)
	s, other := openGroup(t, g), openGroup(t, g)
	s.patience, other.patience = time.Second, time.Second
	rev, err := s.Put(t.Context(), "k", []byte("one"), 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Append(t.Context(), "m", 1, storetest.Events(1, 1)); err != nil {
		t.Fatal(err)
	}
	if err := s.client.ConfigSet(t.Context(), minReplicas, "0").Err(); err != nil {
		t.Fatal(err) // so that WAIT alone must see it
	}
	for _, r := range g.Servers[1:] {
		r.Freeze()
	}
	for _, c := range []*Store{s, s, other} { // the last on a connection that has written nothing of it
		if err := c.Append(t.Context(), "m", 1, storetest.Events(2, 1)); !errors.Is(err, errUnreplicated) {
			t.Errorf("append: %v", err)
		}
	}
	if n := s.client.LLen(t.Context(), s.key(nameLog("m"))).Val(); n != 2 {
		t.Errorf("the master has %d events, want 2: the test is about those it has alone", n)
	}
	var told error
	for _, err := range s.Read(t.Context(), "m", 0) {
		told = err
	}
	if !errors.Is(told, errUnreplicated) {
		t.Errorf("what only the master has is read as if it were durable: %v", told)
	}
	if _, err := s.Put(t.Context(), "k", []byte("two"), rev); !errors.Is(err, errUnreplicated) {
		t.Errorf("put: %v", err)
	}
	if err := s.Delete(t.Context(), "k", rev+1); !errors.Is(err, errUnreplicated) {
		t.Errorf("delete: %v", err)
	}
	for _, r := range g.Servers[1:] {
		r.Thaw()
	}
	if err := s.client.ConfigSet(t.Context(), minReplicas, "1").Err(); err != nil {
		t.Fatal(err)
	}
	g.Whole()
	if err := s.Append(t.Context(), "m", 1, storetest.Events(2, 1)); err != nil {
		t.Errorf("the retry: %v", err)
	}
	if diff := cmp.Diff(storetest.Events(1, 2), storetest.Log(t, s, "m", 0)); diff != "" {
		t.Error(diff)
	}
}

// A retry writes again, since WAIT is for what its own connection wrote: Redis
// promises no more, though 7.0 counts what others wrote before as well.
func TestRetryWritesAgain(t *testing.T) {
	t.Parallel()
	server := storetest.StartRedis(t)
	s := open(t, server, prefix)
	written := func() string {
		t.Helper()
		if err := s.Append(t.Context(), "m", 1, storetest.Events(1, 2)); err != nil {
			t.Fatal(err)
		}
		info, err := s.client.Info(t.Context(), "persistence").Result()
		if err != nil {
			t.Fatal(err)
		}
		_, changes, _ := strings.Cut(info, "rdb_changes_since_last_save:")
		changes, _, _ = strings.Cut(changes, "\r\n")
		return changes
	}
	first := written()
	if second := written(); first == "" || first == second {
		t.Errorf("%s changes before the retry, %s after", first, second)
	}
}

// A server with replicas must be set up to refuse when it has lost them.
func TestReplicasAreDemanded(t *testing.T) {
	t.Parallel()
	server := storetest.StartRedis(t, "--"+minReplicas, "1")
	_, err := Open(t.Context(), Config{URL: server.URL(), Prefix: prefix})
	if !errors.Is(err, ErrNotDurable) || !strings.Contains(err.Error(), `its min-replicas-max-lag is "10"`) {
		t.Errorf("replicas wanted, a lag of 10 s: %v", err)
	}
	g := storetest.StartSentinels(t)
	options, err := redis.ParseURL("redis://nobody/0")
	if err != nil {
		t.Fatal(err)
	}
	unknown := connect(options, Config{Prefix: prefix, Sentinels: g.Addrs(), Master: "another"})
	defer unknown.Close()
	if _, _, err := unknown.Get(t.Context(), "k"); err == nil {
		t.Error("a master that no Sentinel knows is read as an empty catalogue")
	}
	direct := redis.NewClient(&redis.Options{Addr: g.Master().Addr()})
	defer direct.Close()
	if err := direct.ConfigSet(t.Context(), minReplicas, "0").Err(); err != nil {
		t.Fatal(err)
	}
	for name, cfg := range map[string]Config{
		"by Sentinels": {URL: "redis://nobody/0", Prefix: prefix, Sentinels: g.Addrs(), Master: storetest.MasterName},
		"by itself":    {URL: "redis://" + g.Master().Addr(), Prefix: prefix},
	} {
		_, err := Open(t.Context(), cfg)
		if !errors.Is(err, ErrNotDurable) || !strings.Contains(err.Error(), `its min-replicas-to-write is "0"`) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
