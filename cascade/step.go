package cascade

import "time"

// Times of a link (ARCHITECTURE §7).
const (
	// Grace is how long a link may be lost before it is severed.
	Grace = 5 * time.Second
	// silence is how long an end that says nothing counts as there: six pings.
	// The grace begins with it, so that a line that is cut is severed 5 s after,
	// and what is left of it is for a new dial.
	silence    = 3 * time.Second
	pingEvery  = 500 * time.Millisecond
	helloWait  = 5 * time.Second
	firstRetry = 500 * time.Millisecond
	lastRetry  = 8 * time.Second
)

// phase is where one end of a link stands.
type phase string

// The phases. A parent only waits; a child dials.
const (
	waiting  phase = "waiting"  // for the child, or for the next attempt
	dialling phase = "dialling" // the socket, TLS and hello together
	up       phase = "up"
	renewing phase = "renewing" // up, and dialling its successor (a planned drain)
)

// input is what happens to one end of a link.
type input struct {
	kind inputKind
	// roll is a random number from 0 to 1 for the jitter of the next attempt.
	roll float64
}

type inputKind string

// The inputs.
const (
	inTick    inputKind = "tick"    // time has passed
	inGreeted inputKind = "greeted" // both have said hello
	inFailed  inputKind = "failed"  // the attempt came to nothing
	inHeard   inputKind = "heard"   // any frame of the other end
	inBroke   inputKind = "broke"   // the socket is gone
	inDrain   inputKind = "drain"   // the parent is about to stop
)

// act is what one end must do now.
type act string

// The acts.
const (
	actDial   act = "dial"
	actPing   act = "ping"
	actUp     act = "up"     // a link that is new, or back within its grace
	actSwitch act = "switch" // to the successor, then close the old socket
	actClose  act = "close"  // the socket: nothing was heard for too long
	actSever  act = "sever"
)

// machine is the state of one end of a link. It is pure: time is an argument.
// Its zero value, but for child, is an end that was never linked.
type machine struct {
	child   bool
	phase   phase
	severed bool      // lost for longer than the grace, or never there
	lostAt  time.Time // when the other end was last there; zero while up
	heard   time.Time // last
	pingAt  time.Time
	tries   int       // attempts since the last success
	next    time.Time // attempt, while waiting
}

// newMachine is an end that has just begun.
func newMachine(child bool, now time.Time) *machine {
	return &machine{child: child, phase: waiting, severed: true, lostAt: now, next: now}
}

// step takes one input and says what to do.
func (m *machine) step(now time.Time, in input) []act {
	var acts []act
	switch in.kind {
	case inGreeted:
		acts = m.greeted(now)
	case inHeard:
		m.heard = now
	case inFailed:
		m.retry(now, in.roll)
	case inBroke:
		m.broke(now, in.roll)
	case inDrain:
		if m.child && m.phase == up {
			m.phase = renewing
			acts = append(acts, actDial)
		}
	case inTick:
		acts = m.tick(now)
	}
	return acts
}

func (m *machine) greeted(now time.Time) []act {
	first := actUp
	if m.phase == renewing || !m.child && m.phase == up {
		first = actSwitch
	}
	m.phase, m.severed, m.lostAt, m.tries = up, false, time.Time{}, 0
	m.heard, m.pingAt = now, now.Add(pingEvery)
	return []act{first}
}

// retry plans the next attempt: 0.5 to 8 s, less or more by up to a third, so
// that two hundred children of one parent do not come back as one.
func (m *machine) retry(now time.Time, roll float64) {
	if m.phase == renewing {
		m.phase = up // the old link goes on until it breaks
		return
	}
	pause := min(firstRetry<<min(m.tries, 6), lastRetry)
	m.tries++
	m.phase = waiting
	m.next = now.Add(time.Duration(float64(pause) * (0.7 + 0.6*roll)))
}

func (m *machine) broke(now time.Time, roll float64) {
	if m.lostAt.IsZero() {
		m.lostAt = now
	}
	switch {
	case m.phase == renewing:
		m.phase = dialling
	case m.phase == up && m.child:
		m.retry(now, roll)
	case m.phase == up:
		m.phase = waiting
	}
}

func (m *machine) tick(now time.Time) []act {
	var acts []act
	if m.child && m.phase == waiting && !now.Before(m.next) {
		m.phase = dialling
		acts = append(acts, actDial)
	}
	if m.linked() {
		if !now.Before(m.heard.Add(silence)) {
			acts = append(acts, actClose) // what follows is inBroke
			if m.lostAt.IsZero() {
				m.lostAt = m.heard
			}
			m.heard, m.pingAt = now, now.Add(pingEvery)
		} else if !now.Before(m.pingAt) {
			m.pingAt = now.Add(pingEvery)
			acts = append(acts, actPing)
		}
	} else if !m.severed && !now.Before(m.lostAt.Add(Grace)) {
		m.severed = true
		acts = append(acts, actSever)
	}
	return acts
}

func (m *machine) linked() bool { return m.phase == up || m.phase == renewing }

// deadline is when tick next has something to say; zero is never.
func (m *machine) deadline() time.Time {
	var due time.Time
	soonest := func(t time.Time) {
		if due.IsZero() || t.Before(due) {
			due = t
		}
	}
	if m.child && m.phase == waiting {
		soonest(m.next)
	}
	if m.linked() {
		soonest(m.pingAt)
		soonest(m.heard.Add(silence))
	} else if !m.severed {
		soonest(m.lostAt.Add(Grace))
	}
	return due
}

// sleep is how long nothing happens by itself.
func (m *machine) sleep(now time.Time) time.Duration {
	due := m.deadline()
	if due.IsZero() {
		return time.Hour
	}
	return max(due.Sub(now), 0)
}

// state is the word for it.
func (m *machine) state() string {
	switch {
	case m.linked():
		return StateUp
	case m.severed:
		return StateDown
	}
	return StateLost
}
