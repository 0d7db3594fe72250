package signaling

import (
	"crypto/rand"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
	"github.com/giaoban/giaoban/sfu"
)

// media is a session's side of its peer.
type media struct {
	peer   Peer
	inbox  *inbox
	origin string // of the client's PeerConnection: the o= line without its version
	known  news   // told so far, and told again to the client's next socket
	used   bool   // an offer was answered: there is a connection of this name
}

// news is the peer's wake-up, nil (never) without a peer.
func (m *media) news() <-chan struct{} {
	if m == nil {
		return nil
	}
	return m.inbox.wake
}

// unseen are the pictures the client is not shown though they are sent, and why:
// the note of each.
func (m *media) unseen() map[meeting.SourceKey]string {
	if m == nil || m.known.slots == nil {
		return nil
	}
	notes := map[meeting.SourceKey]string{}
	for _, k := range m.known.slots.Unbegun {
		notes[k] = wire.NoteUnbegun
	}
	for _, k := range m.known.slots.Weak {
		notes[k] = wire.NoteWeak
	}
	for _, k := range m.known.slots.Undecodable {
		notes[k] = wire.NoteCodec
	}
	return notes
}

// offer answers a client's SDP offer: the first of its PeerConnection makes
// the peer, a later one is an ICE restart of it.
func (s *session) offer(o wire.MediaOffer) (wire.MediaAnswer, error) {
	if s.focus == nil || !s.focus.Live() {
		return wire.MediaAnswer{}, refusal(wire.CodeMeetingNone)
	}
	if !entitled[s.who.Role].picture {
		return wire.MediaAnswer{}, refusal(meeting.CodeRights)
	}
	if s.who.Role == meeting.RoleRoom && s.seat != seatTaken {
		return wire.MediaAnswer{}, s.unseated()
	}
	origin, ok := originOf(o.SDP)
	if !ok {
		return wire.MediaAnswer{}, refusal(wire.CodeMediaInvalid)
	}
	if s.media != nil && s.media.origin != origin {
		s.replaceMedia()
	}
	if s.media == nil {
		if err := s.join(origin); err != nil {
			return wire.MediaAnswer{}, err
		}
	}
	answer, err := s.media.peer.Offer(o.SDP)
	if err != nil {
		s.log.Info("media offer refused", "err", err)
		s.replaceMedia()
		if errors.Is(err, sfu.ErrOffer) {
			return wire.MediaAnswer{}, refusal(wire.CodeMediaInvalid)
		}
		return wire.MediaAnswer{}, refusal(wire.CodeMediaBusy)
	}
	s.media.used = true
	return wire.MediaAnswer{SDP: answer}, nil
}

func (s *session) join(origin string) error {
	in := newInbox()
	cfg := sfu.PeerConfig{
		Meeting:    s.focus.ID(),
		Media:      s.mediaID,
		OpensAlone: s.srv.opensAlone(s.focus, s.own()),
		Publish:    s.who.Role == meeting.RoleRoom,
		Controller: s.who.Role == meeting.RoleController,
		Speaker:    s.who.Role == meeting.RoleChair,
		MaxTiles:   s.maxTiles,
		Screen:     s.screen,
		From:       placeOf(s.address()),
		Notify:     in.notify,
	}
	if s.who.Role == meeting.RoleRoom || s.who.Role == meeting.RoleChair {
		cfg.Point = s.who.Point
	}
	peer, err := s.srv.cfg.Media.Join(cfg)
	if err != nil {
		s.log.Info("media join refused", "err", err)
		return refusal(wire.CodeMediaBusy)
	}
	s.media = &media{peer: peer, inbox: in, origin: origin, known: emptyNews()}
	s.onAir.Store(s.media)
	if len(s.watch) > 0 {
		peer.Watch(s.watch)
	}
	return nil
}

// replaceMedia ends a peer whose client has made a new PeerConnection or
// cannot go on with this one. Whatever was open closes with it.
func (s *session) replaceMedia() {
	if s.media.known.state == sfu.StateConnected {
		s.loseMedia()
	}
	s.dropMedia()
}

// dropMedia ends the peer, if there is one.
func (s *session) dropMedia() {
	if s.media == nil {
		return
	}
	if err := s.media.peer.Close(); err != nil {
		s.log.Info("peer not closed cleanly", "err", err)
	}
	if s.media.used {
		s.mediaID = rand.Text() // a name is never given to two connections
	}
	s.media = nil
	s.onAir.Store(nil)
}

// tell takes a peer's news: what is for the meeting goes there, what is for
// the client goes out.
func (s *session) tell(fresh news) {
	s.media.known.merge(fresh)
	s.presence(fresh.state)
	s.announce(fresh)
	s.straighten(fresh)
	if fresh.slots != nil {
		s.refresh()
	}
}

// presence follows the media path: without it the point is lost, with it the
// point is here.
func (s *session) presence(state sfu.State) {
	switch state {
	case sfu.StateLost, sfu.StateFailed:
		s.loseMedia()
	case sfu.StateConnected:
		s.noMedia = false
		s.sit()
	}
}

func (s *session) loseMedia() {
	if !s.noMedia {
		s.noMedia = true
		s.lose(meeting.LostMedia)
	}
}

// announce sends news that is no part of the view.
func (s *session) announce(n news) {
	if n.demand != nil {
		s.send(encode("publish", wire.Envelope{}, wire.Publish{
			Camera: n.demand.Camera, Content: n.demand.Content, Layers: n.demand.Names(),
		}))
	}
	for _, source := range slices.SortedFunc(maps.Keys(n.gates), compareSources) {
		g := n.gates[source]
		s.send(encode("gate", wire.Envelope{}, wire.Gate{Source: source, Open: g.Open, Seq: g.Seq}))
	}
	for _, slot := range slices.Sorted(maps.Keys(n.live)) {
		l := n.live[slot]
		s.send(encode("slot.live", wire.Envelope{}, wire.SlotLive{Slot: slot, Source: l.Source, RTPTS: l.RTPTS}))
	}
}

// straighten puts on record that a source of the client's own is off, where the
// log permits what stays closed here: it was closed ahead of the log, or nobody
// pressed OK on this connection. The room reads what is so, and can press OK.
func (s *session) straighten(n news) {
	for source, g := range n.gates {
		if g.Stale && s.seat == seatTaken {
			s.submitOwn(offOf(source))
		}
	}
}

// offOf is the command that switches a source of sound off.
func offOf(source meeting.SourceKey) meeting.Command {
	if source.Kind == meeting.ContentSound {
		return meeting.SetContentSound{Point: source.Point}
	}
	return meeting.SwitchOff{Point: source.Point}
}

func compareSources(a, b meeting.SourceKey) int { return strings.Compare(a.String(), b.String()) }

// originOf gives what names a PeerConnection in its SDP: user name and session
// id of the o= line, which stay the same over its offers (RFC 8866 §5.2).
func originOf(sdp string) (string, bool) {
	for line := range strings.Lines(sdp) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), "o="); ok {
			fields := strings.Fields(value)
			return strings.Join(fields[:min(2, len(fields))], " "), len(fields) == 6
		}
	}
	return "", false
}
