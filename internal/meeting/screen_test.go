package meeting

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestScreen(t *testing.T) {
	camera := func(p PointID) SourceKey { return SourceKey{Point: p, Kind: Camera} }
	content := SourceKey{Point: "p2", Kind: Content}
	voices := [Voices]SourceKey{{Point: "p1", Kind: Microphone}, {Point: "p2", Kind: Microphone}, {Point: "p2", Kind: ContentSound}}
	all := &View{Layout: LayoutContentStrip, Tiles: []SourceKey{content, camera("p1"), camera("p2"), camera("p3"), {}, {}}, Voices: voices}
	own := &View{Layout: Layout1, Tiles: []SourceKey{camera("p3")}, Voices: voices}
	chair := &View{Layout: Layout1, Tiles: []SourceKey{camera("p1")}}
	plan := &Plan{Views: map[Audience]*View{AudienceAll: all, AudiencePoint("p3"): own, AudienceChair: chair}}
	people := []SourceKey{camera("p1"), camera("p2"), camera("p3"), {}}

	for name, test := range map[string]struct {
		screen Screen
		want   *View
	}{
		"without a choice the role's": {Screen{}, all},
		"an audience":                 {Screen{Audience: AudienceChair}, chair},
		"a point":                     {Screen{Audience: AudiencePoint("p3")}, own},
		"an audience without a layout sees the all": {Screen{Audience: AudienceTier("xã")}, all},
		"the presentation fills the screen": {Screen{Part: PartContent},
			&View{Layout: Layout1, Tiles: []SourceKey{content}, Voices: voices}},
		"people move up": {Screen{Part: PartPeople},
			&View{Layout: Layout2x2, Tiles: people, Voices: voices}},
		"nothing is presented": {Screen{Audience: AudiencePoint("p3"), Part: PartContent}, own},
		"mix-minus leaves out every sound of a point": {Screen{Audience: AudiencePoint("p3"), Exclude: []PointID{"p2"}},
			&View{Layout: Layout1, Tiles: own.Tiles, Voices: [Voices]SourceKey{voices[0]}}},
	} {
		if diff := cmp.Diff(test.want, test.screen.View(plan, all)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
	if all.Layout != LayoutContentStrip || all.Tiles[0] != content || all.Voices != voices {
		t.Errorf("the plan's own view was changed: %+v", all)
	}
}

func TestScreenValid(t *testing.T) {
	for screen, want := range map[string]bool{
		"": true, "all": true, "chair": true, "tier:xã": true, "system:a": true, "point:p2": true,
		"point:": false, "controllers": false, "nobody": false, "point:a b": false,
	} {
		s := Screen{Audience: Audience(screen)}
		if got := s.Valid(); got != want {
			t.Errorf("audience %q: %v, want %v", screen, got, want)
		}
	}
	if s := (Screen{Part: "half"}); s.Valid() {
		t.Error("part half is valid")
	}
}
