package sfu

import (
	"fmt"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/netlab"
)

// A camera that sends its smallest layer alone is seen three lines away as soon
// as its packets come: no node waits for the size that was asked for.
func TestASmallCameraIsSeenSoonOverThreeLines(t *testing.T) {
	bubble(t, func(t *testing.T, l *span) {
		var nodes []*SFU
		for i := range 4 {
			addr := fmt.Sprintf("10.0.0.%d", i+1)
			nodes = append(nodes, l.node(l.Join(addr), addr))
		}
		for i := range 3 {
			connect(t, nodes[i], nodes[i+1], "p").await(t)
		}
		from := dial(t, nodes[3], clientConfig{point: "p1", publish: true, layers: allLayers, net: l.client()})
		seat := dial(t, nodes[0], clientConfig{point: "r1", video: 9, net: l.client()})
		from.film.reports = true
		netlab.Pass(t, 5*time.Second)
		carry(planOf(1, layered(meeting.Layout1, camera("p1")), camera("p1")), nodes...)
		from.await("the order to send", func(n Notice) bool { return n.Demand != nil && n.Demand.Camera })
		began := time.Now()
		from.film.layer("q").play()
		slot := seat.video(0)
		seat.until("the picture", func() bool { return slot.packets.Load() > 0 })
		took := time.Since(began)
		t.Logf("the picture is there after %v of virtual time", took)
		if took > 500*time.Millisecond {
			t.Errorf("over lines of %v each", lineDelay)
		}
	})
}
