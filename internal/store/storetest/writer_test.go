package storetest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/focus"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store/bolt"
	"github.com/giaoban/giaoban/internal/store/redis"
	"github.com/giaoban/giaoban/internal/store/storetest"
)

// writerEnv tells a child process of these tests, in JSON, what to do: to be
// the node whose commands are interrupted.
const writerEnv = "GIAOBAN_TEST_JOURNAL_WRITER"

// theMeeting is the meeting of all commands, at the start of which sessions
// sessions give one command after the other, all at once.
const (
	theMeeting = meeting.ID("m")
	sessions   = 4
)

// task is the commands a writer carries out: of each session those from an id
// on up to the last.
type task struct {
	Store string // a path for bolt, a URL for Redis
	From  [sessions]uint64
	Last  uint64
}

// ack is one command that was answered.
type ack struct {
	Session int
	ID      uint64
	Seq     meeting.Seq
}

func TestMain(m *testing.M) {
	if text := os.Getenv(writerEnv); text != "" {
		if err := write(text, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// keeper is a store that can be closed.
type keeper interface {
	storetest.Store
	io.Closer
}

func openStore(at string) (keeper, error) {
	if strings.Contains(at, "://") {
		return redis.Open(context.Background(), redis.Config{URL: at, Prefix: "giaoban:"})
	}
	return bolt.Open(at)
}

// write carries out a task and prints a line for each command when it is
// answered. It ends when all are, if it is not killed.
func write(text string, out io.Writer) error {
	var t task
	if err := json.Unmarshal([]byte(text), &t); err != nil {
		return err
	}
	kept, err := openStore(t.Store)
	if err != nil {
		return err
	}
	registry := focus.NewRegistry(focus.Config{Journal: kept, Snapshots: kept, Media: noMedia{}})
	f, err := begin(registry, theMeeting)
	if err != nil {
		return errors.Join(err, kept.Close())
	}
	failed := make(chan error, sessions)
	var wg sync.WaitGroup
	for session := range sessions {
		wg.Go(func() {
			for id := t.From[session]; id <= t.Last; id++ {
				seq, err := insist(f, session, id)
				if err == nil {
					_, err = fmt.Fprintln(out, session, id, seq) // one write, so lines stay whole
				}
				if err != nil {
					failed <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(failed)
	registry.Close()
	return errors.Join(<-failed, kept.Close())
}

// begin opens a meeting, or creates it if it was never begun.
func begin(r *focus.Registry, id meeting.ID) (*focus.Focus, error) {
	f, err := r.Open(context.Background(), id)
	if !errors.Is(err, focus.ErrUnknown) {
		return f, err
	}
	c := meeting.CreateMeeting{Title: "Giao ban", HostUnit: "UBND tỉnh", System: "s", ChairPoint: "p0", StartsAt: time.Now()}
	for i := range sessions {
		c.Points = append(c.Points, meeting.Point{ID: pointOf(i), Number: i + 1, Name: "Điểm cầu"})
	}
	return r.Create(context.Background(), id, controller(), c)
}

// insist gives a command of a session until the meeting answers it.
func insist(f *focus.Focus, session int, id uint64) (meeting.Seq, error) {
	return settle(f, controller(), causeOf(session, id), commandOf(session, id))
}

// settle gives a command until the log has it or it is refused, under the one
// cause. A journal that is unavailable is back after a while.
func settle(f *focus.Focus, by meeting.Actor, cause meeting.Cause, c meeting.Command) (meeting.Seq, error) {
	deadline := time.Now().Add(time.Minute)
	for {
		seq, err := f.Submit(context.Background(), by, cause, c)
		var refusal *meeting.Error
		if !errors.As(err, &refusal) || refusal.Code != focus.CodeJournal && refusal.Code != focus.CodeOwed || time.Now().After(deadline) {
			return seq, err
		}
		<-time.After(10 * time.Millisecond)
	}
}

// commandOf is a command that yields one fact, if its session's last one was
// carried out once.
func commandOf(session int, id uint64) meeting.Command {
	audience := meeting.Audience("point:" + pointOf(session))
	switch {
	case session == 0:
		return meeting.SetMode{Mode: meeting.ModeDiscussion, Limit: 2 + int(id%2)}
	case id%2 == 1:
		return meeting.SetLayout{Audience: audience, Layout: meeting.Layout{
			Kind: meeting.Layout1, Tiles: []meeting.Binding{{Kind: meeting.BindPoint, Point: pointOf(0)}},
		}}
	default:
		return meeting.ClearLayout{Audience: audience}
	}
}

func causeOf(session int, id uint64) meeting.Cause {
	return meeting.Cause{Session: fmt.Sprint("s", session), ID: id}
}

func pointOf(session int) meeting.PointID { return meeting.PointID(fmt.Sprint("p", session)) }

func controller() meeting.Actor { return meeting.Actor{Role: meeting.RoleController} }

type noMedia struct{}

func (noMedia) Carry(meeting.ID, *meeting.Plan) {}
func (noMedia) End(meeting.ID)                  {}
