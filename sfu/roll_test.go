package sfu

import (
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
)

func TestTheRollHasEachSourceThatSendsAndEachSlotThatShows(t *testing.T) {
	t.Parallel()
	s := newTestSFU(t)
	from, to := watching(t, s)
	dial(t, s, clientConfig{point: "c", publish: true}) // sends nothing, has no slot
	newClient(t, s, clientConfig{point: "d"})           // has not connected
	to.until("the rates to be seen", func() bool {
		all := s.AllSources()
		return len(all) == 1 && len(all[0].Layers) == 1 && all[0].Layers[0].Rate > 0
	})
	src := s.AllSources()[0]
	if src.Meeting != "m" || src.Source != camera("a") || !src.Open || src.Passed == 0 || src.Layers[0].Fan != 1 {
		t.Errorf("%+v", src)
	}
	shows := func() (slots []SlotSight) {
		for _, c := range s.Clients() {
			if c.Point == "b" && c.Client == to.peer.number {
				slots = c.Slots
			} else if len(c.Slots) > 0 {
				t.Errorf("%s shows %+v", c.Point, c.Slots)
			}
		}
		return slots
	}
	to.until("the slot to be seen", func() bool { slots := shows(); return len(slots) == 1 && slots[0].Rate > 0 })
	slot := shows()[0]
	if slot.Source != camera("a") || slot.Slot != 0 || !slot.Video || slot.Packets == 0 || slot.Bytes == 0 || slot.Refused+slot.Thinned+slot.Unrepaired > 0 {
		t.Errorf("%+v", slot)
	}
	to.peer.attached.Load().slots[0].count.refused.Add(3)
	to.until("what it was not sent to be seen", func() bool { slots := shows(); return len(slots) == 1 && slots[0].Refused == 3 })
	s.Carry("m", planOf(2, tiles(), camera("a")))
	to.until("the slot to go", func() bool { return len(shows()) == 0 })
	if err := from.peer.Close(); err != nil {
		t.Fatal(err)
	}
	to.until("the source to go", func() bool { return len(s.AllSources()) == 0 })
	if got := len(s.Clients()); got != 2 {
		t.Errorf("%d clients are left, want 2", got)
	}
}

// The rate of a slot is that of the time since it was last looked at.
func TestASlotsRateIsOfTheLastSecond(t *testing.T) {
	s := &slot{writer: newDownlinkWriter(), seen: 1_000_000}
	s.sent.bytes = 1_050_000
	shown := &layer{source: &source{key: camera("a")}}
	if got := s.look(shown, 2*time.Second); got.Rate != 200_000 || got.Bytes != 1_050_000 {
		t.Errorf("50 kB in two seconds: %+v", got)
	}
}

// A source of which two clients are known for a moment is counted once: a page
// that has been loaded again and the one before.
func TestASourceIsOnTheRollOnce(t *testing.T) {
	t.Parallel()
	s := newTestSFU(t)
	r := s.open("m")
	var peers []*Peer
	for packets := range uint64(2) {
		p := &Peer{sfu: s, router: r}
		src := &source{key: meeting.SourceKey{Point: "a", Kind: meeting.Microphone}, router: r, sfu: s}
		src.count.packets.Add(packets + 1)
		p.attached.Store(&attachment{sources: []*source{src}})
		peers = append(peers, p)
	}
	r.mu.Lock()
	r.peers = peers
	r.mu.Unlock()
	if all := s.AllSources(); len(all) != 1 || all[0].Packets != 2 {
		t.Errorf("%+v", all)
	}
	r.mu.Lock()
	r.peers = nil
	r.mu.Unlock()
}
