package meeting

import (
	"testing"
	"time"
)

// BenchmarkCommand is one command of a meeting of 250 points carried out:
// Decide, Apply, Plan and the snapshot views are made from.
func BenchmarkCommand(b *testing.B) {
	m := newMeeting(b, 250, 250)
	chair := Actor{Role: RoleChair, Point: "p1"}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		carry(b, m, chair, GrantFloor{Floor: FloorSpeech, Point: pointName(2 + i%200)})
		m.Plan()
		m.Snapshot()
	}
}

// BenchmarkPlan is the plan alone, 250 points present, every audience its own layout.
func BenchmarkPlan(b *testing.B) {
	m := newMeeting(b, 250, 250)
	for i := range 250 {
		carry(b, m, Actor{Role: RoleController}, SetLayout{
			Audience: AudiencePoint(pointName(i + 1)),
			Layout:   Layout{Kind: Layout1p1, Tiles: []Binding{{Kind: BindSpeaker}, {Kind: BindPoint, Point: pointName(1 + i%7)}}},
		})
	}
	b.ReportAllocs()
	for b.Loop() {
		m.Plan()
	}
}

// BenchmarkSnapshot is the copy of the whole state of 250 points.
func BenchmarkSnapshot(b *testing.B) {
	m := newMeeting(b, 250, 250)
	b.ReportAllocs()
	for b.Loop() {
		m.Snapshot()
	}
}

// BenchmarkFold folds a day's journal of 20 000 facts.
func BenchmarkFold(b *testing.B) {
	log := longLog(b, 20_000)
	b.ReportAllocs()
	for b.Loop() {
		m := New("gb-1")
		for _, e := range log {
			if err := m.Apply(e); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// longLog is a busy meeting of 250 points, in at least n facts.
func longLog(tb testing.TB, n int) []Event {
	tb.Helper()
	m := New("gb-1")
	now := dawn()
	var log []Event
	do := func(by Actor, c Command) {
		now = now.Add(time.Second)
		facts, err := m.Decide(now, by, c)
		if err != nil {
			tb.Fatal(err)
		}
		for _, f := range facts {
			e := Event{Seq: m.Seq() + 1, At: now, By: by, Cause: Cause{Session: string(by.Role + Role(by.Point)), ID: uint64(len(log))}, Fact: f}
			if err := m.Apply(e); err != nil {
				tb.Fatal(err)
			}
			log = append(log, e)
		}
	}
	do(Actor{Role: RoleNode}, CreateMeeting{Title: "Giao ban", ChairPoint: "p1", Points: somePoints(250, "")})
	for i := range 250 {
		do(Actor{Role: RoleNode}, Connect{Point: pointName(i + 1), Device: "tv"})
	}
	for i := 0; len(log) < n; i++ {
		p := pointName(2 + i%249)
		do(Actor{Role: RoleRoom, Point: p}, RequestFloor{Floor: FloorSpeech})
		do(Actor{Role: RoleChair, Point: "p1"}, GrantFloor{Floor: FloorSpeech, Point: p})
		do(Actor{Role: RoleRoom, Point: p}, SwitchOn{})
		do(Actor{Role: RoleNode}, Lose{Point: p, Device: "tv", Why: LostReload})
		do(Actor{Role: RoleNode}, Connect{Point: p, Device: "tv"})
	}
	return log
}
