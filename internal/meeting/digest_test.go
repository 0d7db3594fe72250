package meeting

import (
	"testing"

	"pgregory.net/rapid"
)

// Two plans have the same digest if and only if they are equal.
func TestDigestTellsPlansApart(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		g := &game{tester: rt, draw: drawFrom(rt), m: New("gb-1"), now: dawn()}
		g.start()
		seen := map[string]Seq{}
		for range 20 {
			c := g.command()
			g.decide(g.actorFor(c), c)
			plan := g.m.Plan()
			if at, ok := seen[plan.Digest()]; ok && at != plan.Seq {
				rt.Fatalf("plans at %d and %d have one digest", at, plan.Seq)
			}
			seen[plan.Digest()] = plan.Seq
			again, err := Restore(g.m.Snapshot())
			if err != nil || again.Plan().Digest() != plan.Digest() {
				rt.Fatalf("the restored machine differs: %v", err)
			}
		}
	})
}

func TestDigestSeesEveryPart(t *testing.T) {
	m := newMeeting(t, 3, 3)
	plain := m.Plan().Digest()
	for name, change := range map[string]func(p *Plan){
		"a gate opened": func(p *Plan) { p.Open[SourceKey{Point: "p2", Kind: Microphone}] = Tag{Since: 3} },
		"a gate closed": func(p *Plan) { delete(p.Open, SourceKey{Point: "p2", Kind: Camera}) },
		"a newer gate":  func(p *Plan) { p.Open[SourceKey{Point: "p2", Kind: Camera}] = Tag{Since: 99} },
		"a tile":        func(p *Plan) { p.Views[AudienceAll].Tiles[0] = SourceKey{Point: "p3", Kind: Camera} },
		"a voice":       func(p *Plan) { p.Views[AudienceAll].Voices[2] = SourceKey{Point: "p3", Kind: Microphone} },
		"a role":        func(p *Plan) { p.Roles["p3"] = AudienceChair },
		"a view":        func(p *Plan) { p.Views[AudiencePoint("p3")] = p.Views[AudienceAll] },
	} {
		p := m.Plan()
		change(p)
		if p.Digest() == plain {
			t.Errorf("%s: the digest does not see it", name)
		}
	}
}

func TestSilentPlanKeepsPictures(t *testing.T) {
	m := newMeeting(t, 3, 3)
	p := m.Plan()
	p.Open[SourceKey{Point: "p2", Kind: Microphone}] = Tag{Since: 3}
	p.Open[SourceKey{Point: "p2", Kind: ContentSound}] = Tag{Since: 3}
	silent := p.Silent()
	if len(silent.Open) != len(p.Open)-2 || len(p.Open) != 5 {
		t.Errorf("%v of %v", silent.Open, p.Open)
	}
}
