package rewrite

// Clock ties an RTP clock to the sender's own: what a sender report says
// (RFC 3550 §6.4.1).
type Clock struct {
	NTP uint64 // 32.32 fixed point seconds
	RTP uint32
}

// Translate gives the timestamp that another clock of the same sender and rate
// showed when this one showed ts. Both reports are taken to be recent: the
// differences must fit 31 bits.
func (c Clock) Translate(ts uint32, to Clock, rate uint32) uint32 {
	between := int64(c.NTP - to.NTP) // the reports are this far apart
	whole, part := between>>32, uint64(uint32(between))
	ticks := whole*int64(rate) + int64((part*uint64(rate)+1<<31)>>32)
	return to.RTP + uint32(ticks) + (ts - c.RTP)
}
