package meeting

// A technical check is a grant of the speech floor whose audience is the
// controllers alone (Art 7.2–7.3): the room is invited and presses OK as
// always, and nobody but controllers hears it. There is one at a time; it
// counts for no limit and is in no programme.

// mayHear reports whether a grant may have the audience.
func (m *Meeting) mayHear(a Audience, p PointID, floor Floor) bool {
	return a == "" || a == AudienceControllers && floor == FloorSpeech && !m.isChair(p)
}

// checks are the grants heard by the controllers alone: none or one.
func (m *Meeting) checks() []Request {
	for _, r := range m.s.Requests {
		if r.State == Granted && r.Audience == AudienceControllers {
			return []Request{r}
		}
	}
	return nil
}

// roomForCheck ends the check before it. A check takes no speaker's place.
func (m *Meeting) roomForCheck(holders []Request) ([]Request, Why, error) {
	if len(holders) == holderVoices {
		return nil, "", refuse(CodeFloorFull, "limit", m.s.Limit)
	}
	return m.checks(), WhyNext, nil
}

// microphones are all grants of the speech floor but the chair point's.
func (m *Meeting) microphones() []Request { return append(m.holders(FloorSpeech), m.checks()...) }
