package signaling

import (
	"context"
	"errors"

	"github.com/giaoban/giaoban/internal/focus"
	"github.com/giaoban/giaoban/internal/meeting"
)

// order is a command with who gives it.
type order struct {
	by      meeting.Actor
	cause   meeting.Cause
	command meeting.Command
}

// submit gives a client's command to its meeting. An OK is noted at this node's
// own gate first, for the connection it was pressed on: a log alone, or a node
// above, opens no microphone here.
func (s *Server) submit(ctx context.Context, f *focus.Focus, o order) (meeting.Seq, error) {
	source, opens := opened(o)
	if opens {
		s.cfg.Media.Press(f.ID(), source)
	}
	seq, err := f.Submit(ctx, o.by, o.cause, o.command)
	if refused := (*meeting.Error)(nil); opens && errors.As(err, &refused) {
		s.cfg.Media.Unpress(f.ID(), source)
	}
	return seq, err
}

// opened is the source that a command opens by its giver's own act, if it does.
func opened(o order) (source meeting.SourceKey, opens bool) {
	kind, point := meeting.Microphone, meeting.PointID("")
	switch c := o.command.(type) {
	case meeting.SwitchOn:
		point = c.Point
	case meeting.SetContentSound:
		if !c.On {
			return source, false
		}
		kind, point = meeting.ContentSound, c.Point
	default:
		return source, false
	}
	if point == "" {
		point = o.by.Point
	}
	return meeting.SourceKey{Point: point, Kind: kind}, point != "" && point == o.by.Point
}

// onMedia writes the media session into a command that belongs to one; "" means
// the one its point has. What a client wrote there does not count.
func onMedia(c meeting.Command, media string) meeting.Command {
	switch c := c.(type) {
	case meeting.SwitchOn:
		c.Media = media
		return c
	case meeting.SetContentSound:
		c.Media = media
		return c
	}
	return c
}

// opensAlone reports whether the sound of a point may open without an OK on its
// connection: it has a consent on record to open by its invitation, or is a relay
// source. The record must be this node's own: the meeting's if it is led here,
// else what the node itself was told by its operator.
func (s *Server) opensAlone(f *focus.Focus, p *meeting.PointState) bool {
	switch {
	case p == nil || !p.AutoOpen && !p.Feed:
		return false
	case f.Leads():
		return true
	}
	return s.cfg.Directory.OpensAlone(p.ID)
}
