package run

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/catalog"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/tree"
	"github.com/giaoban/giaoban/loadtest"
	"github.com/giaoban/giaoban/loadtest/report"
)

const printed = `
Giaoban is serving «Giao ban».
Open these in this order, each in its own tab:

  1. Console: be the controller
     http://127.0.0.1:41/console#t=CCC

  2. Chair: be the chair
     http://127.0.0.1:41/chair#t=HHH

  3. Room: be UBND tỉnh [hg-01], with this computer's camera and microphone
     http://127.0.0.1:41/room#t=R1

More rooms, with a test picture (Hình thử) so that tabs do not fight for the camera:

  UBND huyện Xín Mần (Hà Giang) [hg-02]
     http://127.0.0.1:41/room#t=R2&picture=test

Ctrl-C stops. The meeting goes on at the next start.
  [hg-09]
     http://127.0.0.1:41/room#t=R9
`

func TestLinksAreReadAsTheBridgePrintsThem(t *testing.T) {
	l, err := ReadLinks(strings.NewReader(printed))
	if err != nil {
		t.Fatal(err)
	}
	if l.URL != "http://127.0.0.1:41" || l.Console != "CCC" || len(l.Rooms) != 2 || fmt.Sprintf("%s %s %s %s", l.Rooms[0].Point, l.Rooms[0].Token, l.Rooms[1].Point, l.Rooms[1].Token) != "hg-01 R1 hg-02 R2" {
		t.Errorf("%+v", l)
	}
	if url, err := socket(l.URL); url != "ws://127.0.0.1:41/api/v1/bridge" || err != nil {
		t.Errorf("%s, %v", url, err)
	}
	if _, err := ReadLinks(strings.NewReader("nothing")); err == nil {
		t.Error("a text without links is taken")
	}
	if _, err := socket("ftp://x"); err == nil {
		t.Error("a url that is no bridge's is taken")
	}
}

func FuzzReadLinks(f *testing.F) {
	f.Add(printed)
	f.Fuzz(func(t *testing.T, text string) {
		if l, err := ReadLinks(strings.NewReader(text)); err == nil && (l.Console == "" || len(l.Rooms) == 0) {
			t.Errorf("taken: %+v", l)
		}
	})
}

func TestPercentilesAreRightWithinFivePercent(t *testing.T) {
	var h, half histogram
	for n := 1; n <= 1000; n++ {
		to := &h
		if n%2 == 0 {
			to = &half
		}
		to.add(time.Duration(n) * time.Millisecond)
	}
	h.merge(&half)
	for share, want := range map[float64]float64{0.5: 500, 0.95: 950, 0.99: 990, 1: 1000} {
		if got := h.quantile(share); math.Abs(got-want)/want > 0.05 {
			t.Errorf("quantile %v is %v, want %v", share, got, want)
		}
	}
	if h.most != time.Second || h.count != 1000 || (&histogram{}).quantile(0.5) != 0 {
		t.Errorf("most %v of %d", h.most, h.count)
	}
}

// desk is an inspector of hg-01 in a meeting of two.
func desk() *inspector {
	return newInspector(newBook([]meeting.PointID{"hg-01", "hg-02"}), 1, &loadtest.Detector{})
}

// frame is an RTP packet on one stream.
func frame(seq uint16, payload string) []byte {
	p := binary.BigEndian.AppendUint16([]byte{0x80, 0x80 | 96}, seq)
	return append(append(p, 0, 0, 0, 1, 0, 0, 0, 9), payload...)
}

func TestInspectorCountsWhatIsMissingAndWhatIsForeign(t *testing.T) {
	i := desk()
	voice := loadtest.SlotID{Audio: true}
	for _, seq := range []uint16{65534, 65535, 0, 3, 2, 4} {
		i.take(voice, frame(seq, "stranger"))
	}
	if i.count.missing != 2 || i.count.foreign != 5 || len(i.gaps(1)) != 1 || len(i.gaps(2)) != 0 {
		t.Errorf("%+v", i.count)
	}
	i.take(voice, frame(5, pacedBreak))
	if i.count.foreign != 5 {
		t.Error("the bridge's own silence is called foreign")
	}
}

func TestSoundMayBeHeardOnlyWithTheFloor(t *testing.T) {
	b := newBook([]meeting.PointID{"hg-01", "hg-02"})
	mic := meeting.SourceKey{Point: "hg-02", Kind: meeting.Microphone}
	now := time.Now()
	if b.mayBeHeard(mic, now, now) {
		t.Error("before any grant")
	}
	b.permit(mic, true)
	if !b.mayBeHeard(mic, now.Add(time.Hour), now.Add(time.Hour)) {
		t.Error("not with the floor")
	}
	b.hush()
	now = time.Now()
	switch late := now.Add(2 * soundGrace); {
	case !b.mayBeHeard(mic, now, now), !b.mayBeHeard(mic, now, late), b.mayBeHeard(mic, late, late), b.mayBeHeard(mic, now, now.Add(2*dark)):
		t.Error("the grace is wrong")
	}
}

func TestAFindingIsNamedOnceAndCounted(t *testing.T) {
	b := newBook([]meeting.PointID{"hg-01", "hg-02"})
	for n := range 3 {
		b.find(report.NotHeard, "hg-02", "instance %d", n)
	}
	if f := b.found(); len(f) != 1 || f[0].Count != 3 || f[0].Instance != "instance 0" {
		t.Errorf("%+v", f)
	}
	b.disturb(2, time.Now().Add(time.Minute))
	if !b.disturbed(2, time.Now()) || b.disturbed(1, time.Now()) || b.disturbed(0, time.Now()) {
		t.Error("the wrong point is disturbed")
	}
}

func TestAStrayIsOneThatLasts(t *testing.T) {
	now := time.Now()
	is, other := meeting.SourceKey{Point: "hg-01", Kind: meeting.Camera}, meeting.SourceKey{Point: "hg-02", Kind: meeting.Camera}
	w := want{source: is, since: now}
	at := func(d time.Duration, source meeting.SourceKey) bool { return w.strays(source, now.Add(d), now.Add(d)) }
	if at(10*time.Second, other) || at(10*time.Second+viewGrace/2, other) || at(11*time.Second, is) {
		t.Error("a view that is a little behind counts")
	}
	if at(12*time.Second, other) || !at(12*time.Second+viewGrace, other) {
		t.Error("what lasts does not count, or what has just begun does")
	}
}

func TestWhatIsOfAnotherMeetingIsFound(t *testing.T) {
	b := newBook([]meeting.PointID{"hg-01", "hg-02"})
	b.base = 20
	i := newInspector(b, 1, &loadtest.Detector{})
	voice := loadtest.SlotID{Audio: true}
	b.permit(meeting.SourceKey{Point: "hg-02", Kind: meeting.Microphone}, true)
	i.take(voice, frame(1, string((loadtest.Trace{Point: 22, Kind: meeting.Microphone, Sent: time.Now()}).SealSound(nil, []byte("\x08xyz")))))
	if f := b.found(); len(f) != 0 {
		t.Errorf("its own: %+v", f)
	}
	for n, stranger := range []uint16{2, 20, 23} {
		i.take(voice, frame(uint16(2+n), string((loadtest.Trace{Point: stranger, Kind: meeting.Microphone, Sent: time.Now()}).SealSound(nil, []byte("\x08xyz")))))
	}
	if f := b.found(); len(f) != 1 || f[0].What != report.OtherMeeting || f[0].Count != 3 {
		t.Errorf("%+v", f)
	}
}

func TestDistrictsApartHaveTheirOwnChairAndCommunes(t *testing.T) {
	units, err := catalog.LoadTree(catalog.TreeHaGiang)
	if err != nil {
		t.Fatal(err)
	}
	for points, want := range map[int]int{206: 206, 60: 60} {
		rows, total := alone(units, points), 0
		for _, r := range rows {
			total += len(r.points)
			if _, commune := units.Unit(r.points[0]); r.parent != "" || commune || len(r.points) < 3 {
				t.Errorf("%+v", r)
			}
		}
		if len(rows) != 11 || total != want {
			t.Errorf("%d points: %d districts, %d points", points, len(rows), total)
		}
	}
}

// The line of one node is slow downwards: every path over it is, and nothing
// else is accused, since each other line has a fast path.
func TestASlowLineIsNamedAndNoOther(t *testing.T) {
	nodes, err := tree.Read([]byte("code,parent,tier,name,points\nr,,t,R,p0\na,r,t,A,p1\nb,r,t,B,p2\nc,r,t,C,p3\n"), "2026-11-26")
	if err != nil {
		t.Fatal(err)
	}
	all := paths{}
	for _, from := range nodes.Nodes() {
		for _, to := range nodes.Nodes() {
			h, took := &histogram{}, 10*time.Millisecond
			if to.Code == "b" && from.Code != "b" {
				took += 300 * time.Millisecond
			}
			for range pathLeast {
				h.add(took)
			}
			all.merge(from.Code, to.Code, h)
		}
	}
	for _, n := range nodes.Nodes()[1:] {
		for _, up := range []bool{true, false} {
			w := way{n.Code, up}
			if slow := all.over(nodes, w) > 150; slow != (w.String() == "b, down") {
				t.Errorf("%s: %v ms", w, all.over(nodes, w))
			}
		}
	}
}

func TestLinkFiguresAreReadAsANodeTellsThem(t *testing.T) {
	got := readLinkFigures("# HELP x\ngiaoban_link_bytes_out_total{node=\"02/031\"} 1.5e+06\ngiaoban_link_streams_out{node=\"02/031\"} 3\n" +
		"giaoban_link_encodings_out{node=\"02/031\"} 2\ngiaoban_link_bytes_out_total{node=\"tw\"} 7\ngiaoban_media_peers 4\n")
	if len(got) != 2 || got["031"] != (linkFigures{bytes: 1_500_000, streams: 3, encodings: 2}) || got["tw"].bytes != 7 {
		t.Errorf("%+v", got)
	}
	l := newLedger(nil)
	for range 3 {
		l.note(way{"031", false}, got["031"])
	}
	l.note(way{"031", false}, linkFigures{bytes: 500, streams: 2, encodings: 2})
	if w := l.ways[way{"031", false}]; w.twice != 2 || w.bytes != 1_500_500 || w.most != 3 {
		t.Errorf("%+v", w)
	}
}

// A process that is restarted counts from nothing; what all have used does not.
func TestARestartedNodeLosesNothingOfWhatItUsed(t *testing.T) {
	var o odometer
	for _, look := range []struct {
		name string
		cpu  float64
		want float64
	}{
		{"a", 2, 2}, {"b", 1, 3}, {"a", 2.5, 3.5}, {"b", 0, 3.5}, {"b", 0.25, 3.75}, {"a", 3, 4.25},
	} {
		if o.read(look.name, look.cpu); o.cpu != look.want {
			t.Errorf("after %s at %g: %g used, want %g", look.name, look.cpu, o.cpu, look.want)
		}
	}
}
