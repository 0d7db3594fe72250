package limit

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func crowded(each, all int) Table {
	return Standard().With(Greetings, func(r *Row) { r.Each, r.All = each, all })
}

func TestANeighbourhoodHasItsShare(t *testing.T) {
	c := stopped()
	p := NewPlaces[string](crowded(2, 6), Greetings, c.now)
	out := 0
	for range 2 {
		if _, err := p.Enter("flood", func() { out++ }); err != nil {
			t.Fatal(err)
		}
	}
	var refused *Refusal
	if _, err := p.Enter("flood", func() { out++ }); !errors.As(err, &refused) || refused.After <= 0 {
		t.Errorf("a third place: %v", err)
	}
	if _, err := p.Enter("room", func() { out++ }); err != nil || out != 0 {
		t.Errorf("another neighbourhood: %v, %d sent out", err, out)
	}
	c.pass(2 * time.Second)
	if _, err := p.Enter("flood", func() { out++ }); err != nil || out != 1 {
		t.Errorf("the longest silent did not make room: %v, %d sent out", err, out)
	}
	if p.Taken() != 3 {
		t.Errorf("%d places taken", p.Taken())
	}
}

func TestTheGreediestMakesRoom(t *testing.T) {
	c := stopped()
	p := NewPlaces[string](crowded(4, 6), Greetings, c.now)
	var out []string
	enter := func(who, name string) *Place[string] {
		t.Helper()
		place, err := p.Enter(who, func() { out = append(out, name) })
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		c.pass(time.Millisecond)
		return place
	}
	first := enter("flood", "f1")
	second := enter("flood", "f2")
	enter("flood", "f3")
	enter("flood", "f4")
	enter("other", "o1")
	enter("other", "o2")
	first.Speak()
	if !second.Settle() {
		t.Fatal("not settled")
	}
	enter("room", "r1")
	if len(out) != 1 || out[0] != "f3" {
		t.Errorf("sent out %v, want the longest silent of the greediest", out)
	}
	enter("third", "t1")
	for _, name := range out {
		if name == "r1" || name == "f2" {
			t.Errorf("sent out %v", out)
		}
	}
	second.Leave()
	second.Leave()
	if p.Taken() != 5 { // of 6
		t.Errorf("%d places taken", p.Taken())
	}
}

func TestEqualsDoNotPushEachOtherOut(t *testing.T) {
	p := NewPlaces[int](crowded(4, 4), Greetings, stopped().now)
	for who := range 4 {
		if _, err := p.Enter(who, func() { t.Error("sent out") }); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := p.Enter(9, func() {}); err == nil {
		t.Error("a fifth took a place of four")
	}
}

func TestPlacesThatCannotBeGivenAway(t *testing.T) {
	c := stopped()
	p := NewPlaces[string](crowded(1, 2), Greetings, c.now)
	place, err := p.Enter("a", nil)
	if err != nil {
		t.Fatal(err)
	}
	c.pass(time.Hour)
	if _, err := p.Enter("a", nil); err == nil {
		t.Error("two places of one")
	}
	place.Leave()
	if _, err := p.Enter("a", nil); err != nil {
		t.Error(err)
	}
}

// Two hundred rooms behind one address say hello within a moment of their
// turn: all get in, none is sent out, and nothing is left behind.
func TestAHallComesInInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPlaces[string](crowded(16, 256), Greetings, nil)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		var wg sync.WaitGroup
		for range 217 {
			wg.Go(func() {
				place, err := p.Await(ctx, "hall", func() { t.Error("sent out") })
				if err != nil {
					t.Error(err)
					return
				}
				time.Sleep(200 * time.Millisecond)
				place.Leave()
			})
		}
		wg.Wait()
		if p.Taken() != 0 || len(p.each) != 0 {
			t.Errorf("%d places, %d sharers left", p.Taken(), len(p.each))
		}
	})
}

// Among silent ones of its own neighbourhood a newcomer waits a second; the
// others do not wait at all.
func TestSilenceMakesRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPlaces[string](crowded(16, 256), Greetings, nil)
		for range 16 {
			if _, err := p.Enter("flood", func() {}); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		began := time.Now()
		if _, err := p.Await(ctx, "room", func() {}); err != nil || time.Since(began) != 0 {
			t.Errorf("a room elsewhere: %v after %s", err, time.Since(began))
		}
		if _, err := p.Await(ctx, "flood", func() {}); err != nil || time.Since(began) > 1100*time.Millisecond {
			t.Errorf("one of the same neighbourhood: %v after %s", err, time.Since(began))
		}
		short, stop := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer stop()
		if _, err := p.Await(short, "flood", func() {}); err == nil {
			for range 16 {
				_, err = p.Await(short, "flood", func() {})
			}
			if err == nil {
				t.Error("nobody was refused")
			}
		}
	})
}
