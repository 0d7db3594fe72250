package rewrite

// Widths of the counters of a VP8 descriptor, as masks.
const (
	pictureMask = 1<<15 - 1
	keyMask     = 1<<5 - 1
)

// cutsKept is how many pictures left out are remembered for late packets.
const cutsKept = 16

// Pictures keeps the picture ids, TL0PICIDX and KEYIDX of an outgoing VP8
// stream continuous while it carries one source after another, and while
// pictures of it are left out. A browser that sees them jump freezes.
type Pictures struct {
	unwrap   Unwrapper
	offset   uint64 // added to the extended incoming picture id
	tl0, key uint8  // added to incoming values
	cuts     [cutsKept]uint64
	cut      uint64 // pictures left out in the run; the newest of them are in cuts
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
	p.cut = 0
	p.offset = p.newest.picture + 1 - p.unwrap.Unwrap(uint32(d.Picture))
	p.tl0 = p.newest.tl0 + 1 - d.TL0
	p.key = p.newest.key + 1 - d.Key
}

// Skip leaves out the picture of a packet; those after it close up. It may be
// called for each of the picture's packets.
func (p *Pictures) Skip(d VP8) {
	if !d.HasPicture {
		return
	}
	picture := p.unwrap.Unwrap(uint32(d.Picture))
	if p.cut > 0 && picture <= p.cuts[(p.cut-1)%cutsKept] || !after(p.place(picture), p.newest.picture) {
		return
	}
	p.cuts[p.cut%cutsKept] = picture
	p.cut++
}

// place gives the outgoing id of an incoming one, which has moved up by as many
// as were left out before it.
func (p *Pictures) place(picture uint64) uint64 {
	before := p.cut
	for before > 0 && before+cutsKept > p.cut && p.cuts[(before-1)%cutsKept] >= picture {
		before--
	}
	return picture + p.offset - before
}

// Map gives the descriptor to send for one received in the current run.
func (p *Pictures) Map(d VP8) VP8 {
	if d.HasPicture {
		picture := p.place(p.unwrap.Unwrap(uint32(d.Picture)))
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
