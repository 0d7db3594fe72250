package rewrite

// Widths of the counters of a VP8 descriptor, as masks.
const (
	pictureMask = 1<<15 - 1
	keyMask     = 1<<5 - 1
)

// Pictures keeps the picture ids, TL0PICIDX and KEYIDX of an outgoing VP8
// stream continuous while it carries one source after another. A browser that
// sees them jump back freezes.
type Pictures struct {
	unwrap   Unwrapper
	offset   uint64 // added to the extended incoming picture id
	tl0, key uint8  // added to incoming values
	newest   struct {
		picture  uint64
		tl0, key uint8
	}
}

// Switch begins a run with the first packet of a key frame.
func (p *Pictures) Switch(d VP8) {
	p.unwrap = NewUnwrapper(7)
	if d.Wide {
		p.unwrap = NewUnwrapper(15)
	}
	p.offset = p.newest.picture + 1 - p.unwrap.Unwrap(uint32(d.Picture))
	p.tl0 = p.newest.tl0 + 1 - d.TL0
	p.key = p.newest.key + 1 - d.Key
}

// Map gives the descriptor to send for one received in the current run.
func (p *Pictures) Map(d VP8) VP8 {
	if d.HasPicture {
		picture := p.unwrap.Unwrap(uint32(d.Picture)) + p.offset
		if after(picture, p.newest.picture) {
			p.newest.picture = picture
		}
		d.Picture, d.Wide = uint16(picture&pictureMask), true
	}
	if d.HasTL0 {
		d.TL0 += p.tl0
		if int8(d.TL0-p.newest.tl0) > 0 {
			p.newest.tl0 = d.TL0
		}
	}
	if d.HasKey {
		d.Key = (d.Key + p.key) & keyMask
		if ahead := (d.Key - p.newest.key) & keyMask; ahead != 0 && ahead <= keyMask>>1 {
			p.newest.key = d.Key
		}
	}
	return d
}
