package meeting

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// CodeNumberUsed refuses a command whose number is at or below the last one of
// its session, unless it is the very same command again.
const CodeNumberUsed Code = "number.used"

// Answered remembers the last command of a session that produced facts.
type Answered struct {
	ID      uint64 `json:"id"`
	Seq     Seq    `json:"seq"`
	Command string `json:"command,omitempty"` // its CommandDigest; "" in logs of before there was one
}

// Below qualifies a session by the node directly below that it came up from. A
// session of this node's own has no "/", so none from below can be taken for it,
// nor for one of another node.
func (c Cause) Below(code string) Cause {
	if c.Session == "" || c.ID == 0 {
		return Cause{}
	}
	if len(c.Session) > maxQualified {
		sum := sha256.Sum256([]byte(c.Session))
		c.Session = "~" + base64.RawURLEncoding.EncodeToString(sum[:16])
	}
	return Cause{Session: code + hop + c.Session, ID: c.ID}
}

// hop stands between the code of a node and what came up from it; what is longer
// than maxQualified goes on as a digest, so that a session grows no further.
const (
	hop          = "/"
	maxQualified = 120
)

// CommandDigest tells commands apart: by whom, and what. It is no proof against
// somebody who makes two alike, who would cheat only themselves.
func CommandDigest(by Actor, c Command) string {
	d, err := json.Marshal(struct {
		By   Actor
		Name string
		C    Command
	}{by, c.command(), c})
	if err != nil {
		panic(fmt.Errorf("digest of %s: %w", c.command(), err)) // a command is made of plain values
	}
	sum := sha256.Sum256(d)
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// Answered reports whether a command was carried out already: the very same as
// the last of its session that produced facts. A number at or below that one's is
// refused for any other command: it is not carried out, and must not be taken for
// done. The newest sessions are remembered, so a retry must come while its session
// lives.
func (m *Meeting) Answered(cause Cause) (seq Seq, done bool, err error) {
	last, known := m.s.Answered[cause.Session]
	switch {
	case !known || cause.ID > last.ID:
		return 0, false, nil
	case cause.ID == last.ID && cause.Command == last.Command && last.Command != "":
		return last.Seq, true, nil
	}
	return 0, false, refuse(CodeNumberUsed, "id", cause.ID, "last", last.ID)
}

// remember notes the answer to the event's cause. Each node directly below has
// its own share of the sessions remembered, and this node has its own, so that
// nobody's sessions push out another's.
func (m *Meeting) remember(e Event) {
	session := e.Cause.Session
	if session == "" {
		return
	}
	if m.s.Answered == nil {
		m.s.Answered = make(map[string]Answered)
	}
	_, known := m.s.Answered[session]
	m.s.Answered[session] = Answered{ID: e.Cause.ID, Seq: e.Seq, Command: e.Cause.Command}
	if known {
		return
	}
	link, most := wayUp(session, 0), maxSession
	if link != "" {
		most = maxBelow
	}
	share := slices.DeleteFunc(slices.Collect(maps.Keys(m.s.Answered)), func(s string) bool { return wayUp(s, 0) != link })
	if len(share) > most {
		delete(m.s.Answered, m.leastOf(share, session))
	}
}

// leastOf is the session to forget of one share: of the node that has most of
// them, and of that node's nodes below, the one answered longest ago. A node with
// no more than its part of the share loses none to the others.
func (m *Meeting) leastOf(share []string, newest string) string {
	for depth := 0; ; depth++ {
		parts := map[string][]string{}
		for _, s := range share {
			parts[wayUp(s, depth)] = append(parts[wayUp(s, depth)], s)
		}
		most := wayUp(newest, depth)
		for _, part := range slices.Sorted(maps.Keys(parts)) {
			if len(parts[part]) > len(parts[most]) {
				most = part
			}
		}
		share = parts[most]
		if most == "" {
			return slices.MinFunc(share, func(a, b string) int { return cmp.Compare(m.s.Answered[a].Seq, m.s.Answered[b].Seq) })
		}
		if !slices.Contains(share, newest) {
			newest = share[0]
		}
	}
}

// wayUp is the code of the node at a depth of the way a session came up by; "" is
// a session of the node before it.
func wayUp(session string, depth int) string {
	for ; depth > 0; depth-- {
		_, session, _ = strings.Cut(session, hop)
	}
	code, _, below := strings.Cut(session, hop)
	if !below {
		return ""
	}
	return code
}
