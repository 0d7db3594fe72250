package rewrite

// unwrapBase is where extended counters begin, so that a packet older than the
// first one still has a positive number. It is a multiple of every modulus.
const unwrapBase = 1 << 40

// Unwrapper extends a wrapping counter of up to 32 bits to 64 bits. A value is
// taken to be the nearest one to the newest seen, so it may lie in the past.
type Unwrapper struct {
	bits    uint
	newest  uint64
	started bool
}

// NewUnwrapper returns an Unwrapper of a counter that many bits wide, 1 to 32.
func NewUnwrapper(bits uint) Unwrapper { return Unwrapper{bits: bits} }

// Unwrap gives the extended value of v. Its low bits are those of v.
func (u *Unwrapper) Unwrap(v uint32) uint64 {
	mask := uint64(1)<<u.bits - 1
	if !u.started {
		u.started = true
		u.newest = unwrapBase + uint64(v)&mask
		return u.newest
	}
	ahead := (uint64(v) - u.newest) & mask
	if ahead > mask>>1 {
		return u.newest + ahead - mask - 1
	}
	u.newest += ahead
	return u.newest
}
