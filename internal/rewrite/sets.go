package rewrite

// Bounds of what is kept of a stream's parameter sets; an encoder has one of each.
const (
	setMax    = 256  // bytes of one
	setsMax   = 8    // of each kind
	stapHead  = 0x78 // head of a STAP-A of the highest importance (RFC 6184 §5.7.1)
	setsBytes = 1100 // of all in one packet
)

// Types of the units that are parameter sets (ITU-T H.264 table 7-1).
const (
	UnitSequence = nalSPS
	UnitPicture  = nalPPS
)

// ParameterSets are the sequence and picture parameter sets of a stream of H.264
// (ITU-T H.264 §7.4.1.2.1), the newest of each number. The zero value has none.
type ParameterSets struct {
	sequence, picture []set
	packed            []byte
}

// set is one parameter set.
type set struct {
	number uint32
	unit   []byte
}

// EachSet calls f with every parameter set in a payload (RFC 6184 §5): alone in
// it, or among the units of a STAP-A. f must not keep the unit.
func EachSet(payload []byte, f func(unit []byte)) {
	if len(payload) < 2 {
		return
	}
	switch payload[0] & 0x1f {
	case nalSPS, nalPPS:
		f(payload)
	case nalSTA:
		for b := payload[1:]; len(b) > 2; {
			size := int(b[0])<<8 | int(b[1])
			if size == 0 || size > len(b)-2 {
				return
			}
			if kind := b[2] & 0x1f; kind == nalSPS || kind == nalPPS {
				f(b[2 : 2+size])
			}
			b = b[2+size:]
		}
	}
}

// Learn takes a parameter set in, in the place of the one of its number. It
// allocates only for one that is new. Others than sets are left alone.
func (p *ParameterSets) Learn(unit []byte) {
	if len(unit) > setMax {
		return
	}
	switch number, kind := setNumber(unit); kind {
	case nalSPS:
		p.keep(&p.sequence, number, unit)
	case nalPPS:
		p.keep(&p.picture, number, unit)
	}
}

func (p *ParameterSets) keep(all *[]set, number uint32, unit []byte) {
	kept := *all
	for i := range kept {
		if kept[i].number != number {
			continue
		}
		if string(kept[i].unit) == string(unit) {
			return
		}
		kept = append(kept[:i], kept[i+1:]...)
		break
	}
	if len(kept) == setsMax {
		kept = append(kept[:0], kept[1:]...)
	}
	*all = append(kept, set{number: number, unit: append([]byte(nil), unit...)})
	p.pack()
}

// pack writes all sets as one STAP-A, those of sequences first. Of more than fit
// it has none.
func (p *ParameterSets) pack() {
	p.packed = append(p.packed[:0:0], stapHead)
	for _, all := range [][]set{p.sequence, p.picture} {
		for _, s := range all {
			p.packed = append(p.packed, byte(len(s.unit)>>8), byte(len(s.unit)))
			p.packed = append(p.packed, s.unit...)
		}
	}
	if len(p.sequence) == 0 || len(p.picture) == 0 || len(p.packed) > setsBytes {
		p.packed = nil
	}
}

// Packed is the payload that holds all sets (a STAP-A), nil until there is one
// of each kind. It must not be written to.
func (p *ParameterSets) Packed() []byte { return p.packed }

// setNumber reads which parameter set a unit is (ITU-T H.264 §7.3.2.1, §7.3.2.2);
// of another unit the kind is 0.
func setNumber(unit []byte) (number uint32, kind byte) {
	if len(unit) < 2 {
		return 0, 0
	}
	from := 1
	if kind = unit[0] & 0x1f; kind == nalSPS {
		from = 4 // after the profile, its constraints and the level
	}
	if kind != nalSPS && kind != nalPPS || len(unit) <= from {
		return 0, 0
	}
	number, ok := expGolomb(unit[from:])
	if !ok || number > 255 {
		return 0, 0
	}
	return number, kind
}

// expGolomb reads a number of variable length at the beginning of some bits
// (ITU-T H.264 §9.1).
func expGolomb(b []byte) (uint32, bool) {
	bit := func(i int) uint32 { return uint32(b[i/8]>>(7-i%8)) & 1 }
	zeros := 0
	for ; zeros < len(b)*8 && zeros < 16 && bit(zeros) == 0; zeros++ {
	}
	if zeros == 16 || 2*zeros >= len(b)*8 {
		return 0, false
	}
	value := uint32(0)
	for i := zeros; i <= 2*zeros; i++ {
		value = value<<1 | bit(i)
	}
	return value - 1, true
}

// BeginsPicture reports whether the first slice of a picture begins in a payload
// that begins with a slice or a part of one: its first macroblock is number 0.
func BeginsPicture(payload []byte) bool {
	switch {
	case len(payload) < 3:
		return false
	case payload[0]&0x1f == nalFUA:
		return payload[2]&0x80 != 0
	}
	return payload[1]&0x80 != 0
}
