package signaling

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/giaoban/giaoban/internal/wire"
)

// The map is asked for once in two seconds, however many consoles look at it.
func TestTheMapOfATreeIsDrawnOncePerPeriod(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		n := &nodeMap{ask: func() []wire.NodeView {
			asked++
			return []wire.NodeView{{Node: "tw/02", State: "up", RTTMs: 80}}
		}}
		for range 100 {
			if got := string(n.now()); !strings.Contains(got, `"rttMs":80`) {
				t.Fatal(got)
			}
		}
		if asked != 1 {
			t.Errorf("asked %d times", asked)
		}
		time.Sleep(nodesEvery)
		if n.now(); asked != 2 {
			t.Errorf("asked %d times after a period", asked)
		}
		if alone := (&nodeMap{}).now(); alone != nil {
			t.Errorf("a node that is alone has a map: %s", alone)
		}
	})
}
