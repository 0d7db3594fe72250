package cascade

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
	"github.com/giaoban/giaoban/sfu"
)

// Version is the one this build speaks. Another one is refused: nodes of one
// tree fold the same log, so they are upgraded together, the parent first.
const Version = 3

// Subprotocol is the WebSocket subprotocol of a link.
const Subprotocol = "cascade.v1"

// Bounds of what the other end may send.
const (
	maxFrame    = 4 << 20 // bytes; the snapshot of a meeting of 300 points is below 1 MB
	maxMeetings = 64      // meetings of one list
	maxEvents   = 512     // facts of one batch
	maxClosed   = 32      // openings closed ahead of the log; a meeting has at most one for each voice
	maxSights   = 1000    // nodes of one report
	maxLines    = 1000    // points of one report
	maxLayers   = 3       // of one camera
	maxText     = 200     // bytes of a name
)

// The codes of a link that closes. The list is append-only.
const (
	CodeUpgrade   meeting.Code = "upgrade_required" // another version, or a message or fact this build does not know
	CodeMalformed meeting.Code = "link.malformed"   // against the rules of cascade.v1
	CodeStranger  meeting.Code = "link.stranger"    // a key that is not trusted, or revoked
	CodePlace     meeting.Code = "link.place"       // the node is not a child of this one in the tree
	CodeBusy      meeting.Code = "link.busy"        // too many links at once; come back
	CodeReplaced  meeting.Code = "link.replaced"    // a newer link of the same node
	CodeSilent    meeting.Code = "link.silent"      // nothing was heard for too long
	CodeSlow      meeting.Code = "link.slow"        // the other end does not read
	CodeClosing   meeting.Code = "link.closing"     // the node stops
)

// frame is every message: T names it, D is its data.
type frame struct {
	T string          `json:"t"`
	D json.RawMessage `json:"d,omitempty"`
}

// The messages of cascade.v1.
type (
	// helloMsg is the first message of either end, the child's first.
	helloMsg struct {
		Version int              `json:"version"`
		Node    meeting.NodePath `json:"node"`
		Name    string           `json:"name"`
		Tier    string           `json:"tier"`
		Build   string           `json:"build"`
		Epoch   string           `json:"epoch"` // of this process; another one has forgotten everything
		NowMs   int64            `json:"nowMs"`
	}
	// meetingsMsg lists, from the parent, every meeting that calls a point of the child.
	meetingsMsg struct {
		Meetings []meeting.ID `json:"meetings"`
	}
	// attachMsg asks for a meeting from a log position on. Lost says that the
	// child has been without the link, or is new: none of its points is here.
	attachMsg struct {
		Meeting meeting.ID  `json:"meeting"`
		Last    meeting.Seq `json:"last,omitempty"`
		Lost    bool        `json:"lost,omitempty"`
	}
	// snapshotMsg begins a meeting anew; Plan is the digest of its plan.
	snapshotMsg struct {
		Meeting  meeting.ID       `json:"meeting"`
		Snapshot meeting.Snapshot `json:"snapshot"`
		Plan     string           `json:"plan"`
		Ahead    ahead            `json:"ahead,omitzero"`
	}
	// eventsMsg goes on with a meeting; Plan is the digest of the plan after them.
	eventsMsg struct {
		Meeting meeting.ID      `json:"meeting"`
		Events  []meeting.Event `json:"events,omitempty"`
		Plan    string          `json:"plan"`
		Ahead   ahead           `json:"ahead,omitzero"`
	}
	// closedMsg says what the leader has closed ahead of its log. It closes here
	// at once; each such message, and what snapshots and events say of it, replaces
	// the one before.
	closedMsg struct {
		Meeting meeting.ID `json:"meeting"`
		Ahead   ahead      `json:"ahead,omitzero"`
	}
	// ahead is what is closed ahead of the log: openings of sound, each with the
	// fact that began it, and since when the log cannot be written, if it cannot.
	ahead struct {
		Closed    map[meeting.SourceKey]meeting.Seq `json:"closed,omitempty"`
		Unwritten time.Time                         `json:"unwritten,omitzero"`
	}
	// severedMsg says that the parent itself is cut off from the leader.
	severedMsg struct {
		Meeting meeting.ID `json:"meeting"`
	}
	// commandMsg is a command on its way up; N is the child's number for it.
	commandMsg struct {
		N       uint64          `json:"n"`
		Meeting meeting.ID      `json:"meeting"`
		By      meeting.Actor   `json:"by"`
		Cause   meeting.Cause   `json:"cause,omitzero"`
		Name    string          `json:"name"`
		Data    json.RawMessage `json:"data"`
	}
	// answerMsg is what became of it: a log position, or a refusal.
	answerMsg struct {
		N    uint64         `json:"n"`
		Seq  meeting.Seq    `json:"seq,omitempty"`
		Code meeting.Code   `json:"code,omitempty"`
		Args map[string]any `json:"args,omitempty"`
	}
	// pingMsg is sent twice a second by either end and answered by pongMsg.
	pingMsg struct {
		N uint64 `json:"n"`
	}
	pongMsg struct {
		N     uint64 `json:"n"`
		NowMs int64  `json:"nowMs"`
	}
	// sightMsg tells the parent of the child's whole part of the tree, and what
	// only the child knows of the link between them.
	sightMsg struct {
		Nodes      []Sight `json:"nodes"`
		Diverged   uint64  `json:"diverged,omitempty"`
		Unanswered uint64  `json:"unanswered,omitempty"`
	}
	// watchMsg says, from the parent, what consoles above look at: the lines of
	// points in some meetings, and whether a wall of stills is open. It holds until
	// another comes or the link ends.
	watchMsg struct {
		Meetings []meeting.ID `json:"meetings,omitempty"`
		Stills   bool         `json:"stills,omitempty"`
	}
	// linesMsg tells, while it is looked at, how the lines of a meeting's points are.
	linesMsg struct {
		Meeting meeting.ID      `json:"meeting"`
		Lines   []wire.LineView `json:"lines"`
	}
	// stillMsg is the still of one point.
	stillMsg = wire.Snapshot
	// mediaMsg is one of the SFU's, and nobody else's.
	mediaMsg = sfu.LinkMessage
	// byeMsg is the last message: why this end closes.
	byeMsg struct {
		Code meeting.Code `json:"code"`
	}
)

// Sight is what is known of one node and its line to the one above.
type Sight struct {
	Node       meeting.NodePath `json:"node"`
	Name       string           `json:"name,omitempty"`
	Tier       string           `json:"tier,omitempty"`
	State      string           `json:"state"` // StateUp, StateLost (within the grace), StateDown
	SinceMs    int64            `json:"sinceMs,omitempty"`
	UpBps      int64            `json:"upBps,omitempty"`   // media from the child, bits a second
	DownBps    int64            `json:"downBps,omitempty"` // to it
	Loss       float64          `json:"loss,omitempty"`    // share of what goes down that was lost
	RTTMs      int64            `json:"rttMs,omitempty"`
	StreamsUp  int              `json:"streamsUp,omitempty"`
	StreamsDn  int              `json:"streamsDown,omitempty"`
	Path       string           `json:"path,omitempty"` // udp or tcp, "" while no media flows
	Version    string           `json:"version,omitempty"`
	ClockMs    int64            `json:"clockMs,omitempty"` // how far its clock is ahead
	Alarms     uint64           `json:"alarms,omitempty"`  // what it sent that it may not
	Redialled  uint64           `json:"redialled,omitempty"`
	Diverged   uint64           `json:"diverged,omitempty"`   // how often a meeting had to begin anew there
	Unanswered uint64           `json:"unanswered,omitempty"` // commands that wait for their answer
}

// The states of a Sight.
const (
	StateUp   = "up"
	StateLost = "lost"
	StateDown = "down"
)

// violation is what the other end did against the protocol.
type violation struct {
	code meeting.Code
	what string
}

func (v *violation) Error() string { return string(v.code) + ": " + v.what }

func violates(code meeting.Code, format string, args ...any) error {
	return &violation{code: code, what: fmt.Sprintf(format, args...)}
}

// codeOf is the code a link closes with after an error.
func codeOf(err error) meeting.Code {
	var v *violation
	if errors.As(err, &v) {
		return v.code
	}
	return CodeMalformed
}

// kinds makes the data of each message, by its name. What is not here is of a
// newer version.
var kinds = map[string]func() any{
	"hello": func() any { return new(helloMsg) }, "meetings": func() any { return new(meetingsMsg) },
	"attach": func() any { return new(attachMsg) }, "snapshot": func() any { return new(snapshotMsg) },
	"events": func() any { return new(eventsMsg) }, "command": func() any { return new(commandMsg) },
	"severed": func() any { return new(severedMsg) }, "closed": func() any { return new(closedMsg) },
	"answer": func() any { return new(answerMsg) }, "ping": func() any { return new(pingMsg) },
	"pong": func() any { return new(pongMsg) }, "sight": func() any { return new(sightMsg) },
	"media": func() any { return new(mediaMsg) }, "bye": func() any { return new(byeMsg) },
	"watch": func() any { return new(watchMsg) }, "lines": func() any { return new(linesMsg) }, "still": func() any { return new(stillMsg) },
	"drain": func() any { return new(struct{}) },
}

// decode reads a frame strictly. An unknown message, field or fact may mean
// something this build must not pass over, so it is never skipped.
func decode(data []byte) (name string, msg any, err error) {
	if len(data) > maxFrame {
		return "", nil, violates(CodeMalformed, "a frame of %d bytes", len(data))
	}
	var f frame
	if err := strict(data, &f); err != nil {
		return "", nil, violates(CodeMalformed, "not a frame: %v", err)
	}
	kind, ok := kinds[f.T]
	if !ok {
		return "", nil, violates(CodeUpgrade, "unknown message %.40q", f.T)
	}
	msg = kind()
	if len(f.D) == 0 {
		f.D = []byte("{}")
	}
	if err := strict(f.D, msg); err != nil {
		return "", nil, violates(CodeUpgrade, "%s: %v", f.T, err)
	}
	if err := bounded(msg); err != nil {
		return "", nil, violates(CodeMalformed, "%s: %v", f.T, err)
	}
	return f.T, msg, nil
}

func bounded(msg any) error {
	switch m := msg.(type) {
	case *helloMsg:
		if max(len(m.Node), len(m.Name), len(m.Tier), len(m.Build), len(m.Epoch)) > maxText {
			return errors.New("a text is too long")
		}
	case *meetingsMsg:
		if len(m.Meetings) > maxMeetings {
			return errors.New("too many meetings")
		}
	case *eventsMsg:
		if len(m.Events) > maxEvents || len(m.Ahead.Closed) > maxClosed {
			return errors.New("too many events")
		}
	case *snapshotMsg:
		if len(m.Ahead.Closed) > maxClosed {
			return errors.New("too many openings closed")
		}
	case *closedMsg:
		if len(m.Ahead.Closed) > maxClosed {
			return errors.New("too many openings closed")
		}
	case *sightMsg:
		if len(m.Nodes) > maxSights {
			return errors.New("too many nodes")
		}
	case *watchMsg:
		if len(m.Meetings) > maxMeetings {
			return errors.New("too many meetings")
		}
	case *linesMsg:
		return m.bounded()
	case *stillMsg:
		if len(m.JPEG) > wire.MaxSnapshot || len(m.Point) > maxText {
			return errors.New("too large a still")
		}
	case *commandMsg:
		if max(len(m.Name), len(m.By.Name), len(m.Cause.Session), len(m.By.Node), len(m.By.Point)) > maxText || m.N == 0 {
			return errors.New("a text is too long, or no number")
		}
	}
	return nil
}

func (m *linesMsg) bounded() error {
	if len(m.Lines) > maxLines {
		return errors.New("too many lines")
	}
	for _, l := range m.Lines {
		long := func(name string) bool { return len(name) > maxText }
		if l.Word != wire.LineGood && l.Word != wire.LineWeak || len(l.Layers) > maxLayers || slices.ContainsFunc(l.Layers, long) {
			return fmt.Errorf("the line of %.40q", l.Point)
		}
	}
	return nil
}

// strict reads exactly one JSON value of into's shape.
func strict(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("data after the value")
	}
	return wire.ExactKeys(data, reflect.TypeOf(into).Elem())
}

// encode writes a message. Ours always can be.
func encode(name string, msg any) []byte {
	d, err := json.Marshal(msg)
	if err == nil {
		d, err = json.Marshal(frame{T: name, D: d})
	}
	if err != nil {
		panic(fmt.Errorf("encode %s: %w", name, err))
	}
	return d
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
