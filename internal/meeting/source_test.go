package meeting

import (
	"strings"
	"testing"
)

func TestSourceKeyText(t *testing.T) {
	for _, kind := range Kinds {
		want := SourceKey{Point: "hg-03", Kind: kind}
		text, err := want.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var got SourceKey
		if err := got.UnmarshalText(text); err != nil || got != want {
			t.Errorf("%s read as %v, %v", text, got, err)
		}
		if want := strings.HasSuffix(string(kind), "phone") || strings.HasSuffix(string(kind), "sound"); kind.Audio() != want {
			t.Errorf("%s is audio: %v", kind, kind.Audio())
		}
	}
	got := SourceKey{Point: "left over"}
	if err := got.UnmarshalText(nil); err != nil || got != (SourceKey{}) {
		t.Errorf("no text read as %v, %v", got, err)
	}
	for _, bad := range []string{"hg-03", "/camera", "hg-03/", "hg-03/lens", "hg-03/camera/x"} {
		if err := got.UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q read as %v", bad, got)
		}
	}
}

func TestPermitsOnlyWhatIsOpen(t *testing.T) {
	m := newMeeting(t, 2, 1)
	p := m.Plan()
	for source, want := range map[SourceKey]bool{
		{"p1", Camera}: true, {"p1", Microphone}: false, {"p2", Camera}: false, {}: false,
	} {
		if p.Permits(source) != want {
			t.Errorf("%v permitted: %v, want %v", source, !want, want)
		}
	}
}

func TestLayoutRefusesBadTiles(t *testing.T) {
	m := newMeeting(t, 2, 2)
	for name, tile := range map[string]Binding{
		"unknown binding":           {Kind: "patrol"},
		"no binding":                {},
		"speaker that names a room": {Kind: BindSpeaker, Point: "p2"},
		"point without a name":      {Kind: BindPoint},
	} {
		c := SetLayout{Audience: AudienceAll, Layout: Layout{Kind: Layout1, Tiles: []Binding{tile}}}
		if _, err := m.Decide(dawn(), Actor{Role: RoleController}, c); code(err) != CodeLayoutInvalid && code(err) != CodePointUnknown {
			t.Errorf("%s: %v", name, err)
		}
	}
}
