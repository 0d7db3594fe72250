package focus

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
)

// closings are the ways to close p2's microphone.
var closings = map[string]struct {
	by meeting.Actor
	c  meeting.Command
}{
	"revoke":    {controller, meeting.RevokeFloor{Floor: meeting.FloorSpeech, Point: "p2"}},
	"close all": {controller, meeting.CloseAll{}},
	"its own":   {room, meeting.SwitchOff{}},
	"release":   {room, meeting.ReleaseFloor{Floor: meeting.FloorSpeech}},
	"loss":      {node, meeting.Lose{Point: "p2", Device: "d2", Why: meeting.LostMedia}},
	"reload":    {node, meeting.Connect{Point: "p2", Device: "d2", Media: "another"}},
	"mode":      {controller, meeting.SetMode{Mode: meeting.ModeChairOnly}},
	"next":      {controller, meeting.GiveFloor{Point: "p3"}},
	"end":       {controller, meeting.EndMeeting{}},
}

func TestSlowStore_HoldsNoClosing(t *testing.T) {
	for name, closing := range closings {
		for _, behind := range []bool{false, true} { // another command is at the journal already
			t.Run(name, func(t *testing.T) {
				onStage(t, func(t *testing.T, s *stage) {
					f := s.onAir()
					s.must(f, node, meeting.Connect{Point: "p3", Device: "d3"})
					hold := make(chan struct{})
					s.journal.set(func(j *heldJournal) { j.hold = hold })
					if behind {
						s.later(f, controller, meeting.SetTimeLimit{Minutes: 3, AtZero: meeting.ZeroWarn})
					}
					done := s.later(f, closing.by, closing.c)
					s.pass(slowStore)
					s.wantOpen(roomMic, false)
					if f.Current().Plan.Permits(meeting.SourceKey{Point: "p2", Kind: meeting.Microphone}) {
						t.Error("the nodes below are not told")
					}
					select {
					case <-done:
						t.Error("answered before it is durable")
					default:
					}
					close(hold)
					if a := <-done; a.err != nil {
						t.Error(a.err)
					}
					synctest.Wait()
					s.wantOpen(roomMic, false)
					if u := f.Current(); len(u.Closed) != 0 || u.Plan != u.Log {
						t.Errorf("still ahead of the log: %v", u.Closed)
					}
				})
			})
		}
	}
}

// A command that looks as if it closed something, and then is refused, has
// closed it all the same: the log says so.
func TestSlowStore_WhatWasClosedForARefusedCommandIsOnRecord(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		f := s.onAir()
		hold := make(chan struct{})
		s.journal.set(func(j *heldJournal) { j.hold = hold })
		s.later(f, node, meeting.Connect{Point: "p3", Device: "d3"})
		taken := s.later(f, meeting.Actor{Role: meeting.RoleController, Name: "B"}, meeting.TakeControl{})
		revoked := s.later(f, controller, meeting.RevokeFloor{Floor: meeting.FloorSpeech, Point: "p2"})
		s.pass(slowStore)
		s.wantOpen(roomMic, false)
		close(hold)
		if a := <-taken; a.err != nil {
			t.Fatal(a.err)
		}
		if a := <-revoked; a.err == nil {
			t.Fatal("revoked by who has lost control")
		}
		synctest.Wait()
		s.wantOpen(roomMic, false)
		u := f.Current()
		if u.Log.Permits(meeting.SourceKey{Point: "p2", Kind: meeting.Microphone}) {
			t.Error("the log still says that the microphone is on")
		}
		s.must(f, room, meeting.SwitchOn{})
		s.wantOpen(roomMic, true)
	})
}

func TestOutage_NothingSoundsUntilAFactIsTaken(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		f := s.onAir()
		s.journal.set(func(j *heldJournal) { j.refuse = errDisk })
		_, err := f.Submit(t.Context(), controller, meeting.Cause{}, meeting.SetTimeLimit{Minutes: 3, AtZero: meeting.ZeroWarn})
		s.wantCode(err, CodeJournal)
		for range 20 { // the journal reads all the while
			s.wantOpen(roomMic, false)
			s.pass(rebuildPause)
		}
		u := f.Current()
		if u.Unwritten.IsZero() || !f.Live() || !u.Plan.Permits(meeting.SourceKey{Point: "p2", Kind: meeting.Camera}) {
			t.Errorf("during the outage: unwritten since %v, live %v; want the picture to go on", u.Unwritten, f.Live())
		}
		if got := s.registry.Unwritten(); got != u.Unwritten {
			t.Errorf("the registry says %v, want %v", got, u.Unwritten)
		}
		s.journal.set(func(j *heldJournal) { j.refuse = nil })
		s.pass(2 * rebuildPause) // nobody has to ask
		s.wantOpen(roomMic, false)
		if u := f.Current(); !u.Unwritten.IsZero() || !s.registry.Unwritten().IsZero() || len(u.State.Outages) != 1 {
			t.Errorf("after it: unwritten since %v, %d outages on record", u.Unwritten, len(u.State.Outages))
		}
		s.must(f, room, meeting.SwitchOn{})
		s.wantOpen(roomMic, true)
	})
}

func TestOutage_ClosingsAreOwedAndPutOnRecord(t *testing.T) {
	for name, closing := range closings {
		if !meeting.Closes(closing.c) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			onStage(t, func(t *testing.T, s *stage) {
				f := s.onAir()
				s.journal.set(func(j *heldJournal) { j.refuse, j.unread = errDisk, errDisk })
				cause := meeting.Cause{Session: "tablet", ID: 7}
				for range 2 { // said again, it is owed once
					_, err := f.Submit(t.Context(), closing.by, cause, closing.c)
					s.wantCode(err, CodeOwed)
				}
				s.wantOpen(roomMic, false)
				_, err := f.Submit(t.Context(), meeting.Actor{Role: meeting.RoleObserver}, meeting.Cause{}, closing.c)
				s.wantCode(err, meeting.CodeRights)
				s.journal.set(func(j *heldJournal) { j.refuse, j.unread = nil, nil })
				s.pass(2 * rebuildPause)
				var kept int
				for _, e := range s.log() {
					if e.Cause.Session == cause.Session && e.Cause.ID == cause.ID {
						kept++
					}
				}
				_, restored := s.log()[len(s.log())-1-kept].Fact.(meeting.JournalRestored)
				if !restored || (kept == 0) != (name == "its own") { // switched off it is already
					t.Errorf("%d facts owed, after the end of the outage: %v", kept, restored)
				}
				s.wantOpen(roomMic, false)
				if seq, err := f.Submit(t.Context(), closing.by, cause, closing.c); err != nil && name != "end" && name != "revoke" && name != "release" {
					t.Errorf("a retry is answered %d, %v", seq, err)
				}
			})
		})
	}
}

// A store that never answers is given up, asked nothing else meanwhile, and
// used again when it has answered.
func TestOutage_AHungStoreIsAskedNothingElse(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		f := s.onAir()
		hold := make(chan struct{})
		s.journal.set(func(j *heldJournal) { j.hold = hold })
		done := s.later(f, controller, meeting.SetTimeLimit{Minutes: 3, AtZero: meeting.ZeroWarn})
		s.pass(appendTimeout + time.Second)
		a := <-done
		s.wantCode(a.err, CodeJournal)
		s.wantOpen(roomMic, false)
		asked := len(s.journal.appended)
		s.pass(time.Minute)
		if len(s.journal.appended) != asked {
			t.Error("asked again before it has answered")
		}
		s.journal.set(func(j *heldJournal) { j.hold = nil })
		close(hold)
		s.pass(2 * rebuildPause)
		if u := f.Current(); !u.Unwritten.IsZero() {
			t.Errorf("unwritten since %v though it answers", u.Unwritten)
		}
		s.wantOpen(roomMic, false)
	})
}

// The facts were written though the store said no: what they opened stays closed.
func TestOutage_ADoubtfulAppendOpensNothing(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		f := s.onAir()
		s.must(f, room, meeting.SwitchOff{})
		s.journal.set(func(j *heldJournal) { j.lie = errDisk })
		_, err := f.Submit(t.Context(), room, meeting.Cause{Session: "tv", ID: 1}, meeting.SwitchOn{})
		s.wantCode(err, CodeJournal)
		s.journal.set(func(j *heldJournal) { j.lie = nil })
		s.pass(2 * rebuildPause)
		s.wantOpen(roomMic, false)
		if u := f.Current(); !u.Unwritten.IsZero() || u.Plan != u.Log {
			t.Errorf("the outage lasts: %v", u.Unwritten)
		}
	})
}
