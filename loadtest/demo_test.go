package loadtest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// rehearse plays a delegate for some minutes against a chair who invites, or
// declines, five seconds after every request, and tells what was done when.
func rehearse(d *delegate, chair wire.MicState) []string {
	now := time.Unix(0, 0)
	start, end := now, now.Add(4*time.Minute)
	mic := wire.MicOff
	var chairAt time.Time
	var log []string
	for now.Before(end) {
		s := State{View: wire.View{Own: &wire.OwnView{Mic: mic, MayAsk: true}}}
		act, next := d.decide(s, now)
		if act != nil {
			log = append(log, fmt.Sprintf("%v %s", now.Sub(start), meeting.CommandName(act)))
		}
		switch act.(type) {
		case meeting.RequestFloor:
			mic, chairAt = wire.MicAsked, now.Add(5*time.Second)
			continue
		case meeting.SwitchOn:
			mic = wire.MicOn
			continue
		case meeting.ReleaseFloor:
			mic = wire.MicOff
			continue
		}
		if mic == wire.MicAsked && !chairAt.After(next) {
			now, mic = chairAt, chair
			continue
		}
		now = next
	}
	return log
}

func steady(d time.Duration) func() time.Duration { return func() time.Duration { return d } }

func TestDelegateAsksSpeaksAndAsksAgain(t *testing.T) {
	t.Parallel()
	d := newDelegate(firstAsk(12, 19))
	d.speech, d.again = steady(30*time.Second), steady(60*time.Second)
	want := []string{
		"20s floor.request", "26.5s mic.on", "56.5s floor.release",
		"1m56.5s floor.request", "2m3s mic.on", "2m33s floor.release",
		"3m33s floor.request", "3m39.5s mic.on",
	}
	if got := rehearse(d, wire.MicInvited); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestDeclinedDelegateWaitsBeforeItAsksAgain(t *testing.T) {
	t.Parallel()
	d := newDelegate(firstAsk(6, 19))
	d.again = steady(time.Minute)
	want := []string{"8s floor.request", "1m8s floor.request", "2m8s floor.request", "3m8s floor.request"}
	if got := rehearse(d, wire.MicOff); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTwoPointsAskWithinHalfAMinute(t *testing.T) {
	t.Parallel()
	for _, n := range []int{2, 3, 19, 216} {
		asked := 0
		for i := range n {
			first := firstAsk(i, n)
			if first == 0 {
				continue
			}
			if asked++; first > 28*time.Second {
				t.Errorf("point %d of %d asks first after %v", i, n, first)
			}
		}
		if asked != 2 {
			t.Errorf("of %d points %d ask", n, asked)
		}
	}
}

func TestDelegateWhoDoesNotAskSpeaksWhenInvited(t *testing.T) {
	t.Parallel()
	d := newDelegate(firstAsk(5, 19))
	now := time.Unix(0, 0)
	state := func(mic wire.MicState) State {
		return State{View: wire.View{Own: &wire.OwnView{Mic: mic, MayAsk: true}}}
	}
	if act, _ := d.decide(state(wire.MicOff), now); act != nil {
		t.Errorf("asked: %v", act)
	}
	for _, mic := range []wire.MicState{wire.MicInvited, wire.MicOff, wire.MicBack} {
		act, next := d.decide(state(mic), now)
		if act != nil {
			t.Errorf("%s: did %v at once", mic, act)
		}
		if mic == wire.MicOff {
			continue
		}
		if act, _ = d.decide(state(mic), next); act != (meeting.SwitchOn{}) {
			t.Errorf("%s: did %v after thinking", mic, act)
		}
		now = next
	}
}

func TestRefusedCommandIsNotRepeatedInAHurry(t *testing.T) {
	t.Parallel()
	d := newDelegate(firstAsk(6, 19))
	s := State{View: wire.View{Own: &wire.OwnView{Mic: wire.MicOff, MayAsk: true}}}
	now := time.Unix(0, 0)
	d.decide(s, now)
	end, asked := now.Add(d.first+20*time.Second), 0
	for now.Before(end) {
		act, next := d.decide(s, now)
		if act != nil {
			asked++
		}
		now = next
	}
	if asked > 10 {
		t.Errorf("asked %d times in 20 s", asked)
	}
}

func TestEveryDemoPointJoinsOnceAndLeaves(t *testing.T) {
	t.Parallel()
	f := newFakeBridge(t)
	d, err := Play(DemoConfig{URL: f.url(), Points: []DemoPoint{{ID: "hg-07", Token: "t"}}})
	if err != nil {
		t.Fatal(err)
	}
	h := <-f.hellos
	if !h.Simulated || h.Token != "t" || h.Device != "simulated-hg-07" || h.MaxTiles != 1 {
		t.Errorf("hello %+v", h)
	}
	eventually(t, "its picture", func() bool { return len(f.packets(meeting.Camera)) > 5 })
	d.Close()
	if _, err := Play(DemoConfig{URL: "http://x", Points: []DemoPoint{{ID: "hg-07", Token: "t"}}}); err == nil {
		t.Error("a wrong address was accepted")
	}
}
