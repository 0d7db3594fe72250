package cascade

import (
	"errors"
	"strings"
	"testing"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// some is one of each message.
func some() map[string]any {
	return map[string]any{
		"hello":    helloMsg{Version: Version, Node: "tw/02", Name: "Tỉnh", Tier: "Tỉnh", Build: "v1", Epoch: "e", NowMs: 1},
		"meetings": meetingsMsg{Meetings: []meeting.ID{"m1"}},
		"attach":   attachMsg{Meeting: "m1", Last: 7, Lost: true},
		"snapshot": snapshotMsg{Meeting: "m1", Snapshot: meeting.New("m1").Snapshot(), Plan: "5a"},
		"events": eventsMsg{Meeting: "m1", Plan: "5a", Events: []meeting.Event{
			{Seq: 8, By: meeting.Actor{Role: meeting.RoleNode, Node: "tw/02"}, Fact: meeting.SwitchedOn{Point: "p2"}},
		}},
		"severed": severedMsg{Meeting: "m1"},
		"closed":  closedMsg{Meeting: "m1", Ahead: ahead{Closed: map[meeting.SourceKey]meeting.Seq{{Point: "p2", Kind: meeting.Microphone}: 7}}},
		"command": commandMsg{N: 1, Meeting: "m1", By: meeting.Actor{Role: meeting.RoleRoom, Point: "p2", Node: "tw/02"}, Name: "mic.on", Data: []byte("{}")},
		"answer":  answerMsg{N: 1, Code: meeting.CodeRights, Args: map[string]any{"role": "room"}},
		"ping":    pingMsg{N: 1}, "pong": pongMsg{N: 1, NowMs: 2},
		"sight": sightMsg{Nodes: []Sight{{Node: "tw/02/024", State: StateUp}}},
		"watch": watchMsg{Meetings: []meeting.ID{"m1"}, Stills: true},
		"lines": linesMsg{Meeting: "m1", Lines: []wire.LineView{{Point: "p2", Word: wire.LineWeak, RTTMs: 40, Layers: []string{"q"}}}},
		"still": stillMsg{Point: "p2", AtMs: 7, JPEG: []byte{0xff, 0xd8}},
		"media": mediaMsg{T: "media.want", D: []byte(`{"x":1}`)},
		"bye":   byeMsg{Code: CodeClosing}, "drain": struct{}{},
	}
}

func TestEveryMessageIsRead(t *testing.T) {
	for name, msg := range some() {
		got, _, err := decode(encode(name, msg))
		if err != nil || got != name {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if len(some()) != len(kinds) {
		t.Errorf("%d messages here, %d known", len(some()), len(kinds))
	}
}

// What this build does not know may mean something: it is never passed over.
func TestTheUnknownClosesTheLink(t *testing.T) {
	for name, c := range map[string]struct {
		frame string
		want  meeting.Code
	}{
		"a newer message":    {`{"t":"replicate","d":{}}`, CodeUpgrade},
		"a newer field":      {`{"t":"ping","d":{"n":1,"urgent":true}}`, CodeUpgrade},
		"a newer fact":       {`{"t":"events","d":{"meeting":"m1","plan":"","events":[{"seq":1,"at":"2026-11-23T08:00:00Z","by":{"role":"room"},"fact":"mic.shouted","v":1,"d":{}}]}}`, CodeUpgrade},
		"a newer fact form":  {`{"t":"events","d":{"meeting":"m1","plan":"","events":[{"seq":1,"at":"2026-11-23T08:00:00Z","by":{"role":"room"},"fact":"mic.switchedOn","v":9,"d":{"point":"p2"}}]}}`, CodeUpgrade},
		"garbage":            {"\x00\xff", CodeMalformed},
		"a list":             {`[1]`, CodeMalformed},
		"two frames":         {`{"t":"ping","d":{"n":1}}{"t":"ping"}`, CodeMalformed},
		"a frame too big":    {strings.Repeat(" ", maxFrame+1), CodeMalformed},
		"too many meetings":  {`{"t":"meetings","d":{"meetings":["m"` + strings.Repeat(`,"m"`, maxMeetings) + `]}}`, CodeMalformed},
		"a name too long":    {`{"t":"hello","d":{"version":1,"node":"` + strings.Repeat("x", maxText+1) + `"}}`, CodeMalformed},
		"no command number":  {`{"t":"command","d":{"meeting":"m1","name":"mic.on"}}`, CodeMalformed},
		"too many sights":    {`{"t":"sight","d":{"nodes":[{}` + strings.Repeat(`,{}`, maxSights) + `]}}`, CodeMalformed},
		"too much watched":   {`{"t":"watch","d":{"meetings":["m"` + strings.Repeat(`,"m"`, maxMeetings) + `]}}`, CodeMalformed},
		"too many lines":     {`{"t":"lines","d":{"meeting":"m1","lines":[{"word":"good"}` + strings.Repeat(`,{"word":"good"}`, maxLines) + `]}}`, CodeMalformed},
		"another word":       {`{"t":"lines","d":{"meeting":"m1","lines":[{"word":"fine"}]}}`, CodeMalformed},
		"too many layers":    {`{"t":"lines","d":{"meeting":"m1","lines":[{"word":"good","layers":["q","h","f","x"]}]}}`, CodeMalformed},
		"too large a still":  {`{"t":"still","d":{"point":"p2","jpeg":"` + strings.Repeat("AAAA", wire.MaxSnapshot/3+1) + `"}}`, CodeMalformed},
		"a string for a seq": {`{"t":"attach","d":{"meeting":"m1","last":"7"}}`, CodeUpgrade},
	} {
		_, _, err := decode([]byte(c.frame))
		if err == nil || codeOf(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for name, msg := range some() {
		f.Add(encode(name, msg))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		name, msg, err := decode(data)
		if err != nil {
			var v *violation
			if !errors.As(err, &v) || v.code == "" {
				t.Fatalf("an error without a code: %v", err)
			}
			return
		}
		if again, _, err := decode(encode(name, msg)); err != nil || again != name {
			t.Fatalf("%s is not read again: %v", name, err)
		}
	})
}
