package redis

import (
	"fmt"
	"testing"

	"github.com/giaoban/giaoban/internal/store/storetest"
)

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
