package loadtest

import (
	"context"
	"fmt"
	"maps"
	"reflect"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// State is what a bot knows. It is a value: maps and slices in it are never
// changed after they were published, and callers must not change them.
type State struct {
	Up      bool   // the server has welcomed this socket
	Session string // kept over a lost socket
	Joins   int    // welcomes so far
	Resumed bool   // the last welcome went on with the PeerConnection
	You     wire.You
	Limits  wire.Limits
	View    wire.View // whole, patches folded in
	Seq     meeting.Seq
	Publish wire.Publish // which of its pictures anybody watches

	Offers  int                        // offers the server has answered
	Media   string                     // state of the PeerConnection, "" without one
	Gates   map[meeting.SourceKey]bool // as the ingress confirmed them
	Live    []meeting.SourceKey        // what each video slot really carries
	Lines   []wire.LineView            // of points, as a controller is told of them
	Refused meeting.Code               // why the server closed the last session, or refused media
}

// Mic is the state of the bot's own microphone.
func (s State) Mic() wire.MicState {
	if s.View.Own == nil {
		return ""
	}
	return s.View.Own.Mic
}

// Speaking is what a room reads as "đang phát biểu": on, and confirmed.
func (s State) Speaking() bool {
	own := s.View.Own
	return own != nil && own.Mic == wire.MicOn && s.Gates[meeting.SourceKey{Point: own.Point, Kind: meeting.Microphone}]
}

// Sound is the number of the first voice slot that carries a source, -1 if none does.
func (s State) Sound(source meeting.SourceKey) int {
	if s.View.Slots == nil {
		return -1
	}
	for i, k := range s.View.Slots.Voices {
		if k == source {
			return i
		}
	}
	return -1
}

// State returns what the bot knows now.
func (b *Bot) State() State {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.state
}

// Wait returns when the state is as wanted, with that state.
func (b *Bot) Wait(ctx context.Context, what string, want func(State) bool) (State, error) {
	for {
		b.mu.Lock()
		state, changed := b.state, b.changed
		b.mu.Unlock()
		if want(state) {
			return state, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return state, fmt.Errorf("wait for %s: %w", what, ctx.Err())
		case <-b.done:
			return state, fmt.Errorf("wait for %s: the bot is closed", what)
		}
	}
}

// update changes the state and tells everyone who waits.
func (b *Bot) update(change func(*State)) {
	b.mu.Lock()
	change(&b.state)
	close(b.changed)
	b.changed = make(chan struct{})
	b.mu.Unlock()
}

// fold puts the sections of a patch over a view.
func fold(v wire.View, patch wire.View) wire.View {
	if patch.Idle != nil {
		return wire.View{Idle: patch.Idle}
	}
	if patch.Meeting != nil {
		v.Idle = nil
	}
	roster := v.Roster
	now, sections := reflect.ValueOf(&v).Elem(), reflect.ValueOf(patch)
	for i := range sections.NumField() {
		if section := sections.Field(i); !section.IsNil() {
			now.Field(i).Set(section)
		}
	}
	if patch.Roster != nil {
		v.Roster = foldRoster(roster, patch.Roster)
	}
	return v
}

func foldRoster(rows, patch map[meeting.PointID]*wire.RosterRow) map[meeting.PointID]*wire.RosterRow {
	merged := maps.Clone(rows)
	if merged == nil {
		merged = map[meeting.PointID]*wire.RosterRow{}
	}
	for id, row := range patch {
		if row == nil {
			delete(merged, id)
		} else {
			merged[id] = row
		}
	}
	return merged
}
