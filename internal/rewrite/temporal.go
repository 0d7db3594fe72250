package rewrite

// AllTemporal is the cap that leaves nothing out.
const AllTemporal = 3

// Temporal decides which pictures of a VP8 stream with temporal layers
// (RFC 7741 §4.2, TID and Y) are sent. Fewer takes effect with the next
// picture; one more only with a picture that needs none left out before.
// The zero value sends the base alone.
type Temporal struct {
	level uint8  // highest layer sent
	ts    uint64 // of the picture decided on, plus one
	keep  bool   // and what was decided
}

// Begin starts with a key frame, on which every layer up to the cap can build.
func (t *Temporal) Begin(limit uint8) { *t = Temporal{level: limit} }

// Sends reports whether pictures of a packet's layer are sent now.
func (t *Temporal) Sends(d VP8) bool { return !d.HasTID || d.TID>>6 <= t.level }

// Keep decides on the picture a packet belongs to, in order.
func (t *Temporal) Keep(d VP8, ts uint64, limit uint8) bool {
	if t.ts == ts+1 {
		return t.keep
	}
	t.ts = ts + 1
	id, sync := d.TID>>6, d.TID&0x20 != 0
	t.level = min(t.level, limit)
	switch {
	case d.Keyframe:
		t.level = limit
	case d.HasTID && sync && id == t.level+1 && id <= limit:
		t.level = id
	}
	t.keep = t.Sends(d)
	return t.keep
}
