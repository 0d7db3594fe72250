package meeting

// The audio slots. A slot between voiceChair and voiceFeed is any holder's;
// voiceFeed is kept for a relay feed.
const (
	voiceChair       = 0
	firstHolderVoice = 1
	lastHolderVoice  = 3
	holderVoices     = lastHolderVoice - firstHolderVoice + 1
	voiceFeed        = 4
	voiceContent     = 5
)

// soundOf is the source a floor's grant gives a voice to.
func soundOf(p PointID, floor Floor) SourceKey {
	if floor == FloorContent {
		return SourceKey{Point: p, Kind: ContentSound}
	}
	return SourceKey{Point: p, Kind: Microphone}
}

// freeVoice is the voice a grant takes once the ended grants are gone: the
// chair point and content have their own, a holder takes the one free longest,
// so that the silence tail of the last speaker never meets the next. There is
// always one: a floor has no more places than voices.
func (m *Meeting) freeVoice(p PointID, floor Floor, ended []Request) int {
	switch {
	case floor == FloorContent:
		return voiceContent
	case m.isChair(p):
		return voiceChair
	}
	best := -1
	for v := firstHolderVoice; v <= lastHolderVoice; v++ {
		free := m.s.Voices[v].Source == SourceKey{}
		if free && (best < 0 || m.s.Voices[v].FreeAt < m.s.Voices[best].FreeAt) {
			best = v
		}
	}
	if best < 0 {
		best = ended[0].Voice
	}
	return best
}

// voiceFits reports whether a grant may have the voice.
func (m *Meeting) voiceFits(v int, p PointID, floor Floor) bool {
	switch {
	case floor == FloorContent:
		return v == voiceContent
	case m.isChair(p):
		return v == voiceChair
	}
	return v >= firstHolderVoice && v <= lastHolderVoice && m.s.Voices[v].Source == SourceKey{}
}
