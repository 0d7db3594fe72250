package netlab

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/logging"
	"github.com/pion/transport/v5/vnet"
)

// Virtual is a simulated network in virtual time: it needs no root, and seconds
// of a meeting take milliseconds. Every datagram takes the same delay.
type Virtual struct {
	*vnet.Router
	t testing.TB
}

// InVirtualTime plays a test on a simulated network, in a bubble of synctest.
func InVirtualTime(t *testing.T, delay time.Duration, play func(t *testing.T, v *Virtual)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		silent := &logging.DefaultLoggerFactory{DefaultLogLevel: logging.LogLevelDisabled, ScopeLevels: map[string]logging.LogLevel{}}
		router, err := vnet.NewRouter(&vnet.RouterConfig{CIDR: "10.0.0.0/24", MinDelay: delay, QueueSize: 4096, LoggerFactory: silent})
		if err == nil {
			err = router.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		t.Cleanup(func() {
			if err := router.Stop(); err != nil {
				t.Error(err)
			}
			t.Logf("%v of virtual time", time.Since(began).Round(time.Millisecond))
		})
		play(t, &Virtual{Router: router, t: t})
	})
}

// Join puts a host at an address of 10.0.0.0/24.
func (v *Virtual) Join(addr string) *vnet.Net {
	v.t.Helper()
	host, err := vnet.NewNet(&vnet.NetConfig{StaticIPs: []string{addr}})
	if err == nil {
		err = v.AddNet(host)
	}
	if err != nil {
		v.t.Fatal(err)
	}
	return host
}

// Pass lets virtual time go by.
func Pass(t testing.TB, d time.Duration) {
	select {
	case <-time.After(d):
	case <-t.Context().Done():
	}
}
