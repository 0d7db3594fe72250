package estimate

import "time"

const (
	meterSlice  = 50 * time.Millisecond
	meterSlices = 10
)

// Meter tells how many bits a second passed in the last half second. The zero
// value is ready.
type Meter struct {
	bytes [meterSlices]uint64
	slice int64 // the newest, counted since the beginning
}

// Add counts bytes that pass now.
func (m *Meter) Add(bytes int, now time.Duration) {
	m.turn(now)
	m.bytes[m.slice%meterSlices] += uint64(bytes)
}

// Rate is bits a second.
func (m *Meter) Rate(now time.Duration) uint64 {
	m.turn(now)
	var sum uint64
	for _, n := range m.bytes {
		sum += n
	}
	return sum * 8 * uint64(time.Second) / uint64(meterSlice*meterSlices)
}

func (m *Meter) turn(now time.Duration) {
	newest := int64(now / meterSlice)
	if newest-m.slice >= meterSlices {
		m.bytes = [meterSlices]uint64{}
		m.slice = newest
	}
	for m.slice < newest {
		m.slice++
		m.bytes[m.slice%meterSlices] = 0
	}
}
