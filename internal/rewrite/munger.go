package rewrite

import "time"

// runsKept is how many runs of one source a Munger remembers for late packets:
// about a second's, where every second picture is left out.
const runsKept = 16

// Numbers are the extended sequence number and timestamp of an outgoing packet.
type Numbers struct{ Seq, TS uint64 }

// run is a stretch of incoming packets that share one offset.
// It is empty while last is first-1.
type run struct {
	first, last uint64 // incoming sequence numbers
	seq, ts     uint64 // added to incoming numbers, modulo 2^64
	past        squeeze
}

// squeeze maps the timestamps of a replayed past, which lie before what has
// been sent already, to the little time there is between that and the present.
type squeeze struct {
	from, until uint64 // incoming timestamps it holds for, the end exclusive
	first, span uint64 // the outgoing ones
}

// time gives the outgoing timestamp of an incoming one.
func (r *run) time(ts uint64) uint64 {
	if ts >= r.past.from && ts < r.past.until {
		return r.past.first + (ts-r.past.from)*r.past.span/(r.past.until-r.past.from)
	}
	return ts + r.ts
}

// Munger numbers the packets of one outgoing stream that carries one source
// after another. A stretch of one source is a run; within a run the holes of
// real upstream loss are kept, so that the receiver asks for them; between
// runs there is none. The newest timestamp only ever moves forward.
type Munger struct {
	rate   uint64 // clock rate, Hz
	runs   [runsKept]run
	count  int // runs[:count], newest first, all of one source
	open   bool
	newest Numbers
	at     time.Duration // when newest.TS was first sent
}

// NewMunger returns a Munger for a clock of rate Hz whose first packet follows start.
func NewMunger(rate uint32, start Numbers) Munger {
	return Munger{rate: uint64(rate), newest: start}
}

// Newest is the highest sequence number and timestamp given out.
func (m *Munger) Newest() Numbers { return m.newest }

// Switch begins a run with a packet of another source. The sequence number
// goes on by one; the timestamp advances by the wall time since the last
// packet, because a clock that stands still makes the receiver's buffer grow
// for ever. The packet's numbers are taken from then on.
func (m *Munger) Switch(seq, ts uint64, at time.Duration) Numbers {
	m.count = 0
	next := m.newest.TS + max(1, ticks(at-m.at, m.rate))
	m.begin(run{first: seq, last: seq, seq: m.newest.Seq + 1 - seq, ts: next - ts})
	return m.note(Numbers{Seq: m.newest.Seq + 1, TS: next}, at)
}

// spliceMost is how far a splice may be from the wall time since the last packet.
const spliceMost = time.Second

// Splice begins a run with a packet of another encoding of the same picture.
// The sequence number goes on by one; the timestamp is the one that the old
// encoding's packet of that moment, timestamped same, would have had. If that
// lies behind the newest or far from the wall time, the sender's reports are
// wrong and this is a Switch.
func (m *Munger) Splice(in Numbers, same uint32, at time.Duration) Numbers {
	next, ok := m.Place(same, at)
	if !ok {
		return m.Switch(in.Seq, in.TS, at)
	}
	m.count = 0
	m.begin(run{first: in.Seq, last: in.Seq, seq: m.newest.Seq + 1 - in.Seq, ts: next - in.TS})
	return m.note(Numbers{Seq: m.newest.Seq + 1, TS: next}, at)
}

// Place gives the outgoing timestamp that a packet of the current encoding,
// timestamped same, would have. It reports false if that lies behind the
// newest or far from the wall time.
func (m *Munger) Place(same uint32, at time.Duration) (uint64, bool) {
	if m.count == 0 {
		return 0, false
	}
	next := m.newest.TS + uint64(int64(int32(same+uint32(m.runs[0].ts)-uint32(m.newest.TS))))
	wall, most := m.Now(at), ticks(spliceMost, m.rate)
	return next, after(next, m.newest.TS) && !after(next, wall+most) && !after(wall, next+most)
}

// squeezeMost is by how much a past is shortened at most, so that no two
// pictures of it get one timestamp.
const squeezeMost = 300

// Replay begins a run with the first of some packets that came a while ago.
// The newest of them, timestamped newest, gets the timestamp present. What lies
// before it keeps its natural course if that is ahead of everything sent, and
// else is squeezed into the time there is.
func (m *Munger) Replay(first Numbers, newest, present uint64, at time.Duration) Numbers {
	length := newest - first.TS
	if least := m.newest.TS + 1 + length/squeezeMost; !after(present, least) {
		present = least
	}
	next := run{first: first.Seq, last: first.Seq, seq: m.newest.Seq + 1 - first.Seq, ts: present - newest}
	if start := m.newest.TS + 1; after(start, first.TS+next.ts) {
		next.past = squeeze{from: first.TS, until: newest, first: start, span: present - start}
	}
	m.count = 0
	m.begin(next)
	return m.note(Numbers{Seq: m.newest.Seq + 1, TS: next.time(first.TS)}, at)
}

// Resume begins a run with a later packet of the same source, after packets
// that were held back on purpose. The sequence number goes on by one; the
// timestamp keeps its natural course.
func (m *Munger) Resume(seq, ts uint64, at time.Duration) Numbers {
	if m.count == 0 {
		return m.Switch(seq, ts, at)
	}
	offset := m.runs[0].ts
	if next := ts + offset; !after(next, m.newest.TS) {
		offset = m.newest.TS + 1 - ts
	}
	m.begin(run{first: seq, last: seq, seq: m.newest.Seq + 1 - seq, ts: offset})
	return m.note(Numbers{Seq: m.newest.Seq + 1, TS: ts + offset}, at)
}

// Map numbers a packet of the current source that arrived at the given time.
// A late packet gets the offset that was valid when it was due; it is refused
// if that is not known, or if its place was closed.
func (m *Munger) Map(seq, ts uint64, at time.Duration) (Numbers, bool) {
	if m.count == 0 {
		return Numbers{}, false
	}
	current := &m.runs[0]
	if m.open && seq > current.last {
		current.last = seq
	}
	for i := range m.runs[:m.count] {
		r := &m.runs[i]
		if seq >= r.first && seq <= r.last {
			return m.note(Numbers{Seq: seq + r.seq, TS: r.time(ts)}, at), true
		}
	}
	return Numbers{}, false
}

// Skip leaves out a packet on purpose and closes its place, so that the
// receiver does not ask for it; holes before it stay open. It reports false,
// and does nothing, if the place was given out or passed already.
func (m *Munger) Skip(seq uint64) bool {
	if m.count == 0 || !m.open || seq <= m.runs[0].last {
		return false
	}
	current := &m.runs[0]
	next := run{first: seq + 1, last: seq, seq: current.seq - 1, ts: current.ts, past: current.past}
	if current.last = seq - 1; current.last < current.first { // nothing of it was sent
		*current = next
		return true
	}
	m.begin(next)
	return true
}

// Insert numbers a packet of our own, ticks of the clock after the newest, and
// ends the run: what follows begins with Resume or Switch.
func (m *Munger) Insert(ticks uint32, at time.Duration) Numbers {
	m.open = false
	return m.note(Numbers{Seq: m.newest.Seq + 1, TS: m.newest.TS + uint64(ticks)}, at)
}

func (m *Munger) begin(r run) {
	copy(m.runs[1:], m.runs[:runsKept-1])
	m.runs[0] = r
	m.count = min(m.count+1, runsKept)
	m.open = true
}

func (m *Munger) note(out Numbers, at time.Duration) Numbers {
	if after(out.Seq, m.newest.Seq) {
		m.newest.Seq = out.Seq
	}
	if after(out.TS, m.newest.TS) {
		m.newest.TS = out.TS
		m.at = at
	}
	return out
}

// ticks is how far a clock of rate Hz moves in d; nothing for a negative d.
func ticks(d time.Duration, rate uint64) uint64 {
	if d <= 0 {
		return 0
	}
	whole, part := uint64(d/time.Second), uint64(d%time.Second)
	return whole*rate + part*rate/uint64(time.Second)
}

func after(a, b uint64) bool { return int64(a-b) > 0 }

// Now is the timestamp that belongs to a moment after the newest packet, for
// sender reports.
func (m *Munger) Now(at time.Duration) uint64 {
	return m.newest.TS + ticks(at-m.at, m.rate)
}
