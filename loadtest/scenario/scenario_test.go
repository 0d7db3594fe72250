package scenario

import (
	"strings"
	"testing"
	"time"
)

func TestEveryScenarioThatShipsIsRead(t *testing.T) {
	for _, name := range Names() {
		s, err := Load(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if s.Name != name {
			t.Errorf("%s.yaml calls itself %q", name, s.Name)
		}
	}
	if len(Names()) < 5 {
		t.Errorf("only %v ship", Names())
	}
}

const small = `name: small
title: {vi: Nhỏ, en: Small}
points: 4
duration: 10s
floor: {every: 5s, speak: 3s}
faults:
  - {at: 2s, do: reload, point: 4}
limits:
  missing: 0
`

func TestAWrongScenarioIsRefusedWithItsLine(t *testing.T) {
	if _, err := Parse("a.yaml", []byte(small)); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ old, now, want string }{
		"an unknown key":         {"points: 4", "pionts: 4", "a.yaml:3: "},
		"a wrong type":           {"points: 4", "points: many", "a.yaml:3: "},
		"a value out of bounds":  {"points: 4", "points: 251", "a.yaml:3: points: want 3 to 250, got 251"},
		"no duration":            {"duration: 10s", "duration: 10", "a.yaml:"},
		"a speech without end":   {"speak: 3s", "speak: 5s", "a.yaml:5: floor.speak"},
		"a fault after the end":  {"at: 2s", "at: 11s", "a.yaml:7: faults[0].at"},
		"an unknown fault":       {"do: reload", "do: explode", "a.yaml:7: faults[0].do"},
		"a fault of nobody":      {"point: 4}", "point: 5}", "a.yaml:7: faults[0].point"},
		"a limit that is no one": {"missing: 0", "mising: 0", "a.yaml:9: "},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("a.yaml", []byte(strings.Replace(small, c.old, c.now, 1)))
			if err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
	if _, err := Load("no-such"); err == nil || !strings.Contains(err.Error(), "L1") {
		t.Errorf("%v: want the names there are", err)
	}
}

func TestASmallerScenarioLosesTheFaultsOfThoseWhoAreGone(t *testing.T) {
	s, err := Parse("a.yaml", []byte(small))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Scale(3, 20*time.Second); err != nil || len(s.Faults) != 0 || s.Points != 3 || s.Duration.D() != 20*time.Second {
		t.Errorf("%v: %+v", err, s)
	}
	if err := s.Scale(2, 0); err == nil {
		t.Error("two points are no meeting")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(small))
	for _, name := range Names() {
		text, err := files.ReadFile("files/" + name + ".yaml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := Parse("fuzz.yaml", text)
		if err == nil && s.Validate() != nil {
			t.Errorf("read, but invalid: %+v", s)
		}
	})
}
