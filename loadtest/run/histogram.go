package run

import (
	"math"
	"time"
)

// histogram counts times in steps of a sixteenth of an octave, from 10 µs to
// about 20 minutes, so that a percentile is right within 5 %.
type histogram struct {
	steps [buckets]uint32
	count int
	most  time.Duration
}

const (
	buckets   = 16 * 27
	perOctave = 16
	finest    = 10 * time.Microsecond
)

func (h *histogram) add(d time.Duration) {
	at := 0
	if d > finest {
		at = min(int(perOctave*math.Log2(float64(d)/float64(finest))), buckets-1)
	}
	h.steps[at]++
	h.count++
	h.most = max(h.most, d)
}

func (h *histogram) merge(other *histogram) {
	for i, n := range other.steps {
		h.steps[i] += n
	}
	h.count += other.count
	h.most = max(h.most, other.most)
}

// quantile is the time that a share of all does not exceed, in milliseconds.
func (h *histogram) quantile(share float64) float64 {
	want := int(math.Ceil(share * float64(h.count)))
	seen := 0
	for i, n := range h.steps {
		if seen += int(n); seen >= want && n > 0 {
			upper := float64(finest) * math.Exp2(float64(i+1)/perOctave)
			return ms(min(time.Duration(upper), h.most))
		}
	}
	return 0
}

func ms(d time.Duration) float64 {
	return math.Round(float64(d)/float64(time.Microsecond)/10) / 100
}
