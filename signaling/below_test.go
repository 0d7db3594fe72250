package signaling

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// A console is told of the lines of points at nodes below as of those here, and
// the nodes below are asked only while one looks.
func TestAConsoleIsToldOfTheLinesBelow(t *testing.T) {
	h := newHall(t, nil)
	if ids, stills := h.server.Watched(); len(ids) != 0 || stills {
		t.Fatalf("nobody looks: %v, %v", ids, stills)
	}
	room, controller := h.join("room-p2", "tv"), h.join("controller", "desk")
	room.answer(room.send("media.offer", sdp("7", 1)), "media.answer", nil)
	var seen wire.Quality
	controller.news("quality", &seen)
	ids, stills := h.server.Watched()
	if len(ids) != 1 || stills {
		t.Fatalf("a console looks at a meeting: %v, %v", ids, stills)
	}
	h.server.LinesBelow("tw/02", ids[0], []wire.LineView{{Point: "p3", Word: wire.LineWeak, RTTMs: 200}, {Point: "p2", Word: wire.LineWeak}})
	for len(seen.Lines) < 2 {
		controller.news("quality", &seen)
	}
	want := []wire.LineView{{Point: "p2", Word: wire.LineGood}, {Point: "p3", Word: wire.LineWeak, RTTMs: 200}}
	if diff := cmp.Diff(want, seen.Lines); diff != "" {
		t.Errorf("one that is here counts as it is here (-want +got)\n%s", diff)
	}
}

func TestWhatIsReportedFromBelowEnds(t *testing.T) {
	b := below{watched: map[meeting.ID]time.Time{}, lines: map[meeting.ID]map[meeting.NodePath]reportedLines{}}
	now := time.Now()
	line := func(p meeting.PointID) []wire.LineView { return []wire.LineView{{Point: p}} }
	b.put("tw/02", "m", line("p-2"), now)
	b.put("tw/02", "m", line("p-3"), now.Add(time.Second))
	b.put("tw/08", "m", line("p-8"), now.Add(4*time.Second))
	if got := b.of("m", now.Add(4*time.Second)); len(got) != 2 {
		t.Errorf("%v, want the newest of two nodes", got)
	}
	if got := b.of("m", now.Add(8*time.Second)); len(got) != 1 || got[0].Point != "p-8" {
		t.Errorf("%v, want that of the node that still reports", got)
	}
	b.put("tw/08", "other", nil, now.Add(time.Minute))
	if len(b.lines) != 1 {
		t.Errorf("%d meetings are kept", len(b.lines))
	}
	b.watch("m", now)
	b.above, b.aboveAt = []meeting.ID{"m", "n"}, now
	if got := b.all(now.Add(time.Second)); len(got) != 2 {
		t.Errorf("looked at: %v", got)
	}
	if got := b.all(now.Add(watchLasts + time.Second)); len(got) != 2 || len(b.watched) != 0 {
		t.Errorf("looked at above: %v, here: %v", got, b.watched)
	}
	if got := b.all(now.Add(aboveLasts + time.Second)); len(got) != 0 {
		t.Errorf("nobody looks: %v", got)
	}
}

// Stills of points below hang on the wall, and those here and below are asked
// for while a wall is open at a node above.
func TestAWallHasTheStillsBelow(t *testing.T) {
	h := newHall(t, nil)
	sent := picture(t, 160, 90)
	h.server.WatchAbove(nil, true)
	if status, _, body := h.call("PUT", stillPath, "room-p2", sent); body != `{"afterMs":8000}` {
		t.Errorf("a wall is open above: %d %s", status, body)
	}
	still, number, ok := h.server.StillSince(0)
	if !ok || still.Point != "p2" || string(still.JPEG) != sent {
		t.Fatalf("the still that goes up: %+v, %v", still.Point, ok)
	}
	if _, _, ok := h.server.StillSince(number); ok {
		t.Error("it goes up again")
	}
	if err := h.server.StillBelow(wire.Snapshot{Point: "p9", JPEG: []byte(sent)}); err != nil {
		t.Fatal(err)
	}
	if err := h.server.StillBelow(wire.Snapshot{Point: "p9", JPEG: []byte("no picture")}); err == nil {
		t.Error("anything is taken")
	}
	if list := h.stills(0); len(list.Snapshots) != 2 {
		t.Errorf("%d stills on the wall", len(list.Snapshots))
	}
	if _, stills := h.server.Watched(); !stills {
		t.Error("the nodes below are not asked for theirs")
	}
}
