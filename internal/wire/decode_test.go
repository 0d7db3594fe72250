package wire

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/giaoban/giaoban/internal/meeting"
)

func codeOf(err error) meeting.Code {
	var coded *meeting.Error
	if errors.As(err, &coded) {
		return coded.Code
	}
	return ""
}

func TestReadCommand(t *testing.T) {
	tests := []struct {
		name, data string
		want       meeting.Command
		code       meeting.Code
	}{
		{"floor.grant", `{"floor":"speech","point":"hg-03"}`, meeting.GrantFloor{Floor: "speech", Point: "hg-03"}, ""},
		{"floor.closeAll", ``, meeting.CloseAll{}, ""},
		{"floor.closeAll", `{}`, meeting.CloseAll{}, ""},
		{"camera.set", `{"on":true}`, meeting.SetCamera{On: true}, ""},
		{"layout.set", `{"audience":"all","layout":{"kind":"1","tiles":[{"kind":"point","point":"hg-01"}]}}`, meeting.SetLayout{
			Audience: "all", Layout: meeting.Layout{Kind: "1", Tiles: []meeting.Binding{{Kind: "point", Point: "hg-01"}}},
		}, ""},
		{"floor.closeAll", `null`, nil, CodeFrameMalformed},
		{"floor.closeAll", `{} {}`, nil, CodeFrameMalformed},
		{"floor.grant", `{"floor":"speech","points":"hg-03"}`, nil, CodeFrameMalformed},
		{"floor.mode", `{"limit":1e30}`, nil, CodeFrameMalformed},
		{"floor.give", `{"point":"` + strings.Repeat("x", 257) + `"}`, nil, CodeFrameTooBig},
		{"layout.set", `{"layout":{"tiles":[` + strings.Repeat(`{},`, 25) + `{}]}}`, nil, CodeFrameTooBig},
		{"programme.set", `{"entries":[{"point":"` + strings.Repeat("x", 257) + `"}]}`, nil, CodeFrameTooBig},
		{"programme.set", `{"entries":[` + strings.Repeat(`{},`, 300) + `{}]}`, nil, CodeFrameTooBig},
		{"programme.set", `{"entries":[` + strings.Repeat(`{},`, 299) + `{}]}`, meeting.SetProgramme{Entries: make([]meeting.Entry, 300)}, ""},
		{"floor", `{}`, nil, CodeMessageUnknown},
	}
	for _, tt := range tests {
		t.Run(tt.name+" "+shorten(tt.data), func(t *testing.T) {
			got, err := ReadCommand(tt.name, []byte(tt.data))
			if codeOf(err) != tt.code {
				t.Fatalf("refused with %v, want %q", err, tt.code)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// What a client may not say is told from what it may by the name alone.
func TestPresenceAndCreationAreNotClientCommands(t *testing.T) {
	for _, c := range []meeting.Command{meeting.Connect{}, meeting.Lose{}, meeting.CreateMeeting{}} {
		name := meeting.CommandName(c)
		if _, err := ReadCommand(name, []byte(`{}`)); codeOf(err) != CodeMessageUnknown {
			t.Errorf("%s is taken from a client", name)
		}
	}
}

func TestEveryOtherCommandIsAClientCommand(t *testing.T) {
	var want, got []string
	for _, name := range commandNames(t) {
		if !slices.Contains([]string{
			"point.connect", "point.lose", "meeting.create",
			"node.lose", "node.find", "island.fork", "island.rejoin", "island.report", // of nodes alone
		}, name) {
			want = append(want, name)
		}
	}
	for _, c := range Commands() {
		got = append(got, meeting.CommandName(c))
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("commands of the core and of the wire (-core +wire)\n%s", diff)
	}
}

func TestReadFrame(t *testing.T) {
	tests := []struct {
		name, data string
		want       Frame
		code       meeting.Code
	}{
		{"a command", `{"t":"mic.on","id":7,"d":{}}`, Frame{T: "mic.on", ID: 7, D: json.RawMessage(`{}`)}, ""},
		{"without data", `{"t":"mic.on","id":7}`, Frame{T: "mic.on", ID: 7}, ""},
		{"without a number", `{"t":"mic.on"}`, Frame{T: "mic.on"}, CodeFrameMalformed},
		{"with a number no script keeps", `{"t":"mic.on","id":9007199254740992}`, Frame{T: "mic.on", ID: 1 << 53}, CodeFrameMalformed},
		{"with a server's field", `{"t":"mic.on","id":7,"re":1}`, Frame{T: "mic.on", ID: 7}, CodeFrameMalformed},
		{"of nothing", ``, Frame{}, CodeFrameMalformed},
		{"too big", strings.Repeat(" ", MaxFrame+1), Frame{}, CodeFrameTooBig},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ReadFrame([]byte(tt.data))
			if codeOf(err) != tt.code {
				t.Fatalf("refused with %v, want %q", err, tt.code)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestSDPHasItsOwnBound(t *testing.T) {
	var o MediaOffer
	if err := Decode(mustOffer(MaxSDP), &o); err != nil {
		t.Errorf("an SDP of %d bytes: %v", MaxSDP, err)
	}
	if err := Decode(mustOffer(MaxSDP+1), &o); codeOf(err) != CodeFrameTooBig {
		t.Errorf("an SDP of %d bytes: %v", MaxSDP+1, err)
	}
}

func mustOffer(bytes int) []byte {
	return []byte(`{"sdp":"` + strings.Repeat("a", bytes) + `"}`)
}

func FuzzReadFrame(f *testing.F) {
	for _, c := range Commands() {
		f.Add([]byte(`{"t":"` + meeting.CommandName(c) + `","id":1,"d":{}}`))
	}
	f.Add([]byte(`{"t":"hello","id":1,"d":{"token":"t","device":"d","maxTiles":9}}`))
	f.Add([]byte(`{"t":"media.watch","id":3,"d":{"points":["hg-01","hg-02"]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		frame, err := ReadFrame(data)
		if err != nil {
			checkRefusal(t, err)
			return
		}
		if frame.T == "" || frame.ID == 0 {
			t.Errorf("%s was taken as %+v", data, frame)
		}
		readData(t, frame)
	})
}

// readData reads a frame's data as whatever its name says.
func readData(t *testing.T, frame Frame) {
	t.Helper()
	for _, m := range Messages() {
		if m.Name == frame.T && m.From == FromClient {
			into := reflect.New(reflect.TypeOf(m.Data))
			if err := Decode(frame.D, into.Interface()); err != nil {
				checkRefusal(t, err)
			}
			return
		}
	}
	c, err := ReadCommand(frame.T, frame.D)
	if err != nil {
		checkRefusal(t, err)
		return
	}
	again, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	if same, err := ReadCommand(frame.T, again); err != nil || !reflect.DeepEqual(c, same) {
		t.Errorf("%#v came back as %#v, %v", c, same, err)
	}
}

func FuzzReadPosted(f *testing.F) {
	f.Add([]byte(`{"t":"floor.closeAll"}`))
	f.Add([]byte(`{"t":"floor.grant","id":4,"d":{"floor":"speech","point":"hg-03"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, c, err := ReadPosted(data); err != nil {
			checkRefusal(t, err)
		} else if c == nil {
			t.Error("neither a command nor a refusal")
		}
	})
}

// checkRefusal holds every refusal to a code of the list and to little text.
func checkRefusal(t *testing.T, err error) {
	t.Helper()
	var coded *meeting.Error
	if !errors.As(err, &coded) {
		t.Fatalf("%v has no code", err)
	}
	if _, ok := Explain(coded.Code); !ok {
		t.Errorf("%s has no sentence", coded.Code)
	}
	text, err := json.Marshal(coded.Args)
	if err != nil || len(text) > 1000 || !utf8.Valid(text) {
		t.Errorf("arguments %s, %v", text, err)
	}
}
