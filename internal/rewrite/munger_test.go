package rewrite

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

const audio = 48000

// numbered starts a munger whose first packet gets number 1 and time 1.
func numbered() Munger {
	m := NewMunger(audio, Numbers{})
	return m
}

func TestMungerNumbersOneStream(t *testing.T) {
	m := numbered()
	m.Switch(700, 5000, 0)
	expect := func(what string, seq, ts uint64, at time.Duration, want Numbers, wantOK bool) {
		t.Helper()
		if got, ok := m.Map(seq, ts, at); got != want || ok != wantOK {
			t.Errorf("%s: got %v, %v, want %v, %v", what, got, ok, want, wantOK)
		}
	}
	at := func(ms int) time.Duration { return time.Duration(ms) * time.Millisecond }

	expect("the first", 700, 5000, 0, Numbers{1, 1}, true)
	expect("the next", 701, 5960, at(20), Numbers{2, 961}, true)
	expect("after real loss the hole stays", 704, 8840, at(80), Numbers{5, 3841}, true)
	expect("a late packet fills it", 702, 6920, at(81), Numbers{3, 1921}, true)
	expect("from before the run", 699, 4040, at(82), Numbers{}, false)

	if !m.Skip(705) {
		t.Error("the next packet can be left out")
	}
	if m.Skip(705) || m.Skip(704) {
		t.Error("one left out or sent already cannot be")
	}
	expect("after one left out there is no hole", 706, 9800, at(120), Numbers{6, 4801}, true)
	expect("a late one of before gets the offset of then", 703, 7880, at(121), Numbers{4, 2881}, true)
	expect("the one left out is refused", 705, 9000, at(121), Numbers{}, false)

	silence := m.Insert(960, at(140))
	if want := (Numbers{7, 5761}); silence != want {
		t.Errorf("silence: got %v, want %v", silence, want)
	}
	expect("after silence the run is over", 707, 10760, at(150), Numbers{}, false)
	m.Resume(750, 52040, at(1000))
	expect("resumed: numbers go on, time is natural", 750, 52040, at(1000), Numbers{8, 52040 - 4999}, true)

	m.Switch(9, 77, at(2000))
	expect("another source: a second has passed", 9, 77, at(2000), Numbers{9, 52040 - 4999 + audio}, true)
	expect("what came before the switch is refused", 8, 76, at(2001), Numbers{}, false)
}

func TestMungerResume(t *testing.T) {
	m := numbered()
	m.Switch(10, 960, 0)
	m.Map(10, 960, 0)
	for i := range uint64(5) {
		m.Insert(960, time.Duration(i+1)*20*time.Millisecond)
	}
	m.Resume(12, 1920, 40*time.Millisecond) // the source's clock is behind our silence
	got, ok := m.Map(12, 1920, 40*time.Millisecond)
	if want := (Numbers{7, 1 + 5*960 + 1}); !ok || got != want {
		t.Errorf("got %v, want %v: time never stands still nor goes back", got, want)
	}
}

func TestMungerNowFollowsTheClock(t *testing.T) {
	m := numbered()
	m.Switch(1, 1, time.Second)
	m.Map(1, 1, time.Second)
	if got, want := m.Now(3*time.Second), m.Newest().TS+2*audio; got != want {
		t.Errorf("got %d, want %d", got, want)
	}
	if got := m.Now(0); got != m.Newest().TS {
		t.Errorf("before the newest packet: got %d", got)
	}
}

func TestTicksOverYears(t *testing.T) {
	if got, want := ticks(10*365*24*time.Hour, 90000), uint64(10*365*24*3600)*90000; got != want {
		t.Errorf("got %d, want %d", got, want)
	}
	if ticks(-time.Second, 90000) != 0 {
		t.Error("time does not go back")
	}
}

// Whatever sources, losses, late packets and duplicates a stream is made of,
// no number is given out twice, numbers and times of in-order packets only
// grow, and a switch leaves no hole.
func TestMungerIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := NewMunger(audio, Numbers{Seq: 1 << 32, TS: 1 << 40})
		var window Window
		var at time.Duration
		seq, ts := uint64(1<<40), uint64(1<<40)
		given := map[uint64]bool{}
		last := m.Newest()
		begin := func(resume bool) {
			if resume {
				m.Resume(seq, ts, at)
				return
			}
			window = Window{}
			m.Switch(seq, ts, at)
		}
		fresh, what := true, "switch" // the first packet's
		for range rapid.IntRange(1, 200).Draw(t, "packets") {
			at += time.Duration(rapid.IntRange(0, 60).Draw(t, "ms")) * time.Millisecond
			before := m.Newest()
			this := what
			what = rapid.SampledFrom([]string{"next", "next", "next", "loss", "late", "skip", "silence", "resume", "switch"}).Draw(t, "what")
			switch this {
			case "loss":
				seq += rapid.Uint64Range(1, 40).Draw(t, "lost")
				fresh = false
			case "late":
				old := seq - min(seq-1, rapid.Uint64Range(1, 60).Draw(t, "back"))
				if window.Add(old) != Late {
					continue
				}
				if out, ok := m.Map(old, ts, at); ok {
					if given[out.Seq] {
						t.Fatalf("number %d given twice", out.Seq)
					}
					given[out.Seq] = true
				}
				continue
			case "skip":
				if m.Skip(seq) {
					window.Add(seq)
					seq, ts = seq+1, ts+960
				}
				continue
			case "silence":
				out := m.Insert(960, at)
				if out.Seq != before.Seq+1 || out.TS <= before.TS || given[out.Seq] {
					t.Fatalf("silence %v after %v", out, before)
				}
				given[out.Seq], last, before, fresh = true, out, out, true
				seq, ts = seq+5, ts+5*960
				begin(true)
			case "resume":
				seq, ts = seq+rapid.Uint64Range(1, 1000).Draw(t, "held"), ts+rapid.Uint64Range(1, 1<<33).Draw(t, "held ts")
				begin(true)
				fresh = true
			case "switch":
				seq, ts = rapid.Uint64Range(1<<39, 1<<41).Draw(t, "seq"), rapid.Uint64Range(1<<39, 1<<41).Draw(t, "ts")
				begin(false)
				fresh = true
			}
			window.Add(seq)
			out, ok := m.Map(seq, ts, at)
			switch {
			case !ok:
				t.Fatalf("an in-order packet was refused")
			case given[out.Seq]:
				t.Fatalf("number %d given twice", out.Seq)
			case out.Seq <= before.Seq || fresh && out.Seq != before.Seq+1:
				t.Fatalf("number %d after %d, fresh %v", out.Seq, before.Seq, fresh)
			case out.TS <= last.TS:
				t.Fatalf("time %d after %d", out.TS, last.TS)
			}
			given[out.Seq], last, fresh = true, out, false
			seq, ts = seq+1, ts+960
		}
	})
}

func TestReplay(t *testing.T) {
	at := func(ms int) time.Duration { return time.Duration(ms) * time.Millisecond }
	const frame = 960 // 20 ms
	tests := []struct {
		name    string
		sent    int    // ms at which another source was last sent, 0 is never
		present uint64 // of the newest of 10 packets, by the wall; newest sent is 1000
		want    []uint64
	}{
		{"with room behind it the past keeps its course", 0, 1000 + 10*frame, []uint64{1000 + frame, 1000 + 2*frame, 1000 + 10*frame, 1000 + 11*frame}},
		{"without, it is squeezed into the time there is", 1, 1091, []uint64{1001, 1011, 1091, 1091 + frame}},
		{"with none at all, every picture still has its own", 1, 1000, []uint64{1001, 1004, 1029, 1029 + frame}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := NewMunger(audio, Numbers{Seq: 7, TS: 1000})
			first := Numbers{Seq: 500, TS: 1 << 40}
			got := m.Replay(first, first.TS+9*frame, tt.present, at(1000))
			if got != (Numbers{8, tt.want[0]}) {
				t.Fatalf("the first: %v", got)
			}
			for i, n := range []uint64{0, 1, 9, 10} {
				got, ok := m.Map(first.Seq+n, first.TS+n*frame, at(1000))
				if want := (Numbers{8 + n, tt.want[i]}); !ok || got != want {
					t.Errorf("packet %d: got %v, %v, want %v", n, got, ok, want)
				}
			}
			if !m.Skip(first.Seq + 11) {
				t.Error("the next cannot be left out")
			}
			if late, ok := m.Map(first.Seq+1, first.TS+frame, at(1200)); !ok || late.TS != tt.want[1] {
				t.Errorf("late: got %v, %v", late, ok)
			}
		})
	}
}
