package meeting

import "maps"

// outage ends a time in which the log could not be written: no sound is open.
func (g *game) outage() {
	g.apply(Actor{Role: RoleNode}, g.m.Restored(g.now, pick(g, "why", OutageJournal, OutageCrash)))
	for k := range g.m.Plan().Open {
		if k.Kind.Audio() && g.m.Seq() > 0 {
			g.Fatalf("%s is open after an outage", k)
		}
	}
}

// shuts checks that what a node closed ahead of the log can be put on record,
// and that it then closes that opening and no other.
func (g *game) shuts(plan *Plan) {
	for k, tag := range plan.Open {
		if !k.Kind.Audio() {
			continue
		}
		after, err := Restore(g.m.Snapshot())
		if err != nil {
			g.Fatal(err)
		}
		if facts := g.m.Shut(k, tag.Since-1); facts != nil {
			g.Fatalf("an older opening of %s closes this one: %v", k, facts)
		}
		for _, f := range g.m.Shut(k, tag.Since) {
			if err := after.Apply(Event{Seq: after.Seq() + 1, At: g.now, By: Actor{Role: RoleNode}, Fact: f}); err != nil {
				g.Fatal(err)
			}
		}
		closed := plan.Closed(after.Plan())
		if closed[k] != tag.Since || len(closed) != 1 {
			g.Fatalf("%s shut: %v closed", k, closed)
		}
		if diff := diffOf(openSound(plan.Without(closed)), openSound(after.Plan())); diff != "" {
			g.Fatalf("closed ahead of the log and by it: %s", diff)
		}
	}
}

func openSound(p *Plan) map[SourceKey]Tag {
	sound := maps.Clone(p.Open)
	maps.DeleteFunc(sound, func(k SourceKey, _ Tag) bool { return !k.Kind.Audio() })
	return sound
}
