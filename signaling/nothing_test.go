package signaling

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// Bad input: a coded error with a sentence in both languages, the state equal to
// before, and everybody else as they were.
func TestBadInputChangesNothing(t *testing.T) {
	h := newHall(t, nil)
	controller, witness := h.join("controller", "desk"), h.join("room-p3", "tv")
	room := h.join("room-p2", "tv")
	h.await("two rooms", func() bool {
		return h.point("p2").Presence == meeting.Present && h.point("p3").Presence == meeting.Present
	})
	controller.do("floor.grant", meeting.GrantFloor{Floor: meeting.FloorSpeech, Point: "p2"})
	room.do("mic.on", meeting.SwitchOn{})
	last := controller.id
	before := h.meeting.Current().State

	long := strings.Repeat("ô", 5<<20) // 10 MB
	for name, c := range map[string]struct {
		who  *client
		t    string
		d    any
		want meeting.Code
	}{
		"out of rights":              {room, "floor.grant", meeting.GrantFloor{Floor: meeting.FloorSpeech, Point: "p3"}, meeting.CodeRights},
		"for another point":          {room, "floor.release", meeting.ReleaseFloor{Floor: meeting.FloorSpeech, Point: "p3"}, meeting.CodeRights},
		"out of state":               {room, "floor.cancel", meeting.CancelRequest{Floor: meeting.FloorSpeech}, meeting.CodeFloorNotAsked},
		"for an unknown point":       {controller, "floor.give", meeting.GiveFloor{Point: "xa-la"}, meeting.CodePointUnknown},
		"for a point that is absent": {controller, "floor.give", meeting.GiveFloor{Point: "p5"}, meeting.CodePointAbsent},
		"a name beyond its bound":    {controller, "layout.save", map[string]any{"name": long[:900], "layout": meeting.Layout{}}, wire.CodeFrameTooBig},
		"a field nobody knows":       {controller, "floor.closeAll", map[string]any{"all": true}, wire.CodeFrameMalformed},
		"a command nobody knows":     {controller, "floor.everything", nil, wire.CodeMessageUnknown},
	} {
		t.Run(name, func(t *testing.T) { explained(t, c.who.refused(c.t, c.d), c.want) })
	}

	for name, c := range map[string]struct {
		body string
		want meeting.Code
	}{
		"ten megabytes of a name": {`{"t":"layout.save","d":{"name":"` + long + `"}}`, wire.CodeFrameTooBig},
		"out of rights":           {`{"t":"rollcall.mark","d":{"point":"p3","state":"late"}}`, meeting.CodeRollCallNone},
		"an unknown point":        {`{"t":"floor.give","d":{"point":"xa-la"}}`, meeting.CodePointUnknown},
	} {
		t.Run("over HTTP "+name, func(t *testing.T) {
			status, _, body := h.call("POST", commandsPath, "controller", c.body)
			if status < 400 || !strings.Contains(body, fmt.Sprintf("%q", c.want)) {
				t.Errorf("%d %.200s", status, body)
			}
			explained(t, c.want, c.want)
		})
	}

	// A replay is answered as before; a number that was used is no other command's.
	controller.write(encode("floor.grant", wire.Envelope{ID: last}, meeting.GrantFloor{Floor: meeting.FloorSpeech, Point: "p2"}))
	controller.answer(last, "ok", nil)
	for _, used := range []uint64{last, 1} {
		var e wire.Failure
		controller.write(encode("floor.closeAll", wire.Envelope{ID: used}, nil))
		controller.answer(used, "error", &e)
		explained(t, e.Code, meeting.CodeNumberUsed)
	}

	after := h.meeting.Current().State
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("the state is another (-before +after)\n%s", diff)
	}
	witness.do("camera.set", meeting.SetCamera{On: false})
}

// explained checks a refusal's code, and that both languages have its sentence.
func explained(t *testing.T, got, want meeting.Code) {
	t.Helper()
	if got != want {
		t.Errorf("refused with %s, want %s", got, want)
	}
	info, ok := wire.Explain(got)
	if !ok || info.Vi == "" || info.En == "" || info.Vi == info.En {
		t.Errorf("%s is explained as %+v", got, info)
	}
}
