// Package focus runs live meetings (RFC 4353 focus): one actor per meeting
// around the pure machine of internal/meeting, its journal and its media.
package focus

import (
	"context"
	"iter"

	"github.com/giaoban/giaoban/internal/meeting"
)

// Journal is the durable log of meetings. Append is fenced: it fails if the
// epoch is not the newest or the first event does not follow the stored ones.
type Journal interface {
	Append(ctx context.Context, id meeting.ID, epoch uint64, events []meeting.Event) error
	Read(ctx context.Context, id meeting.ID, after meeting.Seq) iter.Seq2[meeting.Event, error]
}

// Media makes reality match a plan. Carry never blocks.
type Media interface {
	Carry(id meeting.ID, plan *meeting.Plan)
}

// Update is a state everyone may see: its facts are durable.
type Update struct {
	State meeting.Snapshot
	Plan  *meeting.Plan
}

// Focus is the authority of one live meeting.
type Focus struct{}

// Submit gives a command to the meeting and returns the log position that
// carried it out, after it is durable. A refusal is a *meeting.Error.
func (f *Focus) Submit(ctx context.Context, by meeting.Actor, cause meeting.Cause, c meeting.Command) (meeting.Seq, error) {
	panic("focus: being built")
}

// Current is the newest update, nil before the meeting is created.
func (f *Focus) Current() *Update { panic("focus: being built") }

// Watch returns a channel that holds a token whenever Current may have
// changed since the last receive, and a function that ends the watch.
func (f *Focus) Watch() (changed <-chan struct{}, stop func()) { panic("focus: being built") }
