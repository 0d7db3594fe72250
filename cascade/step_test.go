package cascade

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"pgregory.net/rapid"
)

// TestTranscripts plays testdata/*.txt: one end of a link. "end child" or "end
// parent" begins one; then each line of "do" is an input: greeted, heard, drain,
// failed, broke (with the roll of the dice, 0.5 if left out), or "wait 1.5s",
// in which the clock goes on and the machine is asked whenever it wants to be.
// Each is answered by what the machine says to do, and where it stands.
func TestTranscripts(t *testing.T) {
	datadriven.Walk(t, "testdata/transcripts", func(t *testing.T, path string) {
		var p *player
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			if d.Cmd == "end" {
				p = &player{t: t, now: time.Unix(0, 0)}
				p.m = newMachine(d.HasArg("child"), p.now)
				return p.stands() + "\n"
			}
			var out strings.Builder
			for line := range strings.Lines(d.Input) {
				line = strings.TrimSpace(line)
				fmt.Fprintf(&out, "%s: %s\n", line, p.play(line))
			}
			return out.String()
		})
	})
}

type player struct {
	t   *testing.T
	m   *machine
	now time.Time
}

func (p *player) play(line string) string {
	words := strings.Fields(line)
	if words[0] == "wait" {
		d, err := time.ParseDuration(words[1])
		if err != nil {
			p.t.Fatal(err)
		}
		return p.pass(d) + p.stands()
	}
	in := input{kind: inputKind(words[0]), roll: 0.5}
	if len(words) > 1 {
		in.roll, _ = strconv.ParseFloat(words[1], 64)
	}
	return say(p.m.step(p.now, in)) + p.stands()
}

func say(acts []act) string {
	var out string
	for _, a := range acts {
		out += string(a) + ", "
	}
	return out
}

// pass lets time go on, and asks the machine at each of its deadlines.
func (p *player) pass(d time.Duration) string {
	end, out := p.now.Add(d), ""
	for asked := 0; ; asked++ {
		due := p.m.deadline()
		if due.IsZero() || due.After(end) || asked > 1000 {
			p.now = end
			return out
		}
		p.now = due
		for _, a := range p.m.step(p.now, input{kind: inTick}) {
			out += fmt.Sprintf("%s at %gs, ", a, p.now.Sub(time.Unix(0, 0)).Seconds())
		}
	}
}

func (p *player) stands() string { return fmt.Sprintf("%s, %s", p.m.phase, p.m.state()) }

// Whatever happens in whatever order: an end is severed exactly when it has
// been without a link for Grace, which begins with the last that was heard of
// one that was closed for its silence; a child that is not up always tries again
// within 8 s and a third, and deadlines never make it spin.
func TestAnEndIsSeveredAfterItsGraceAndNotBefore(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		now := time.Unix(0, 0)
		m := newMachine(rapid.Bool().Draw(rt, "child"), now)
		var lost, heard, silent time.Time // the last link; its other end, and since when that says nothing
		linked := false
		for range 200 {
			due := m.deadline()
			if rapid.Bool().Draw(rt, "deadline") && !due.IsZero() {
				now = later(now, due)
			} else {
				now = now.Add(time.Duration(rapid.IntRange(0, 3000).Draw(rt, "ms")) * time.Millisecond)
			}
			kind := rapid.SampledFrom(possible(m)).Draw(rt, "input")
			acts := m.step(now, input{kind: kind, roll: rapid.Float64Range(0, 1).Draw(rt, "roll")})
			switch kind {
			case inGreeted:
				linked, heard, silent = true, now, time.Time{}
			case inHeard:
				heard = now
			case inBroke:
				if linked {
					lost = now
				}
				if linked && !silent.IsZero() {
					lost = silent
				}
				linked = false
			}
			for _, a := range acts {
				if a == actClose && silent.IsZero() {
					silent = heard
				}
				if a == actSever && (linked || now.Sub(lost) < Grace) {
					rt.Fatalf("severed %v after the loss", now.Sub(lost))
				}
			}
			if kind == inTick && !linked && !lost.IsZero() && now.Sub(lost) >= Grace && !m.severed {
				rt.Fatalf("not severed %v after the loss", now.Sub(lost))
			}
			if next := m.deadline(); kind == inTick && !next.IsZero() && !next.After(now) {
				rt.Fatalf("asks again at once: %v at %v", m, now)
			}
			if m.child && m.phase == waiting && m.next.Sub(now) > lastRetry*4/3 {
				rt.Fatalf("the next attempt is in %v", m.next.Sub(now))
			}
		}
	})
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// possible are the inputs that can come as things stand.
func possible(m *machine) []inputKind {
	kinds := []inputKind{inTick, inTick, inTick}
	switch {
	case m.phase == dialling:
		kinds = append(kinds, inGreeted, inFailed)
	case m.phase == renewing:
		kinds = append(kinds, inGreeted, inFailed, inHeard, inBroke)
	case m.phase == up:
		kinds = append(kinds, inHeard, inBroke, inDrain)
	}
	if !m.child && m.phase != dialling {
		kinds = append(kinds, inGreeted)
	}
	return kinds
}
