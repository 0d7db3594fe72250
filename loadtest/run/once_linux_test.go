package run

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/tree"
)

// flows are the bytes a line has delivered each way, by the node below it; for
// access lines, what the node's points have sent it.
type flows struct {
	down, up, access map[tree.Code]int
	at               time.Time
}

func (l *lab) flows() flows {
	f := flows{down: map[tree.Code]int{}, up: map[tree.Code]int{}, access: map[tree.Code]int{}, at: time.Now()}
	for _, n := range l.tree.Nodes() {
		f.access[n.Code] = l.hosts.doors[n.Code].To(l.hosts.all[n.Code]).Counts().Bytes
		if n.Parent != "" {
			down, up := l.ways(n.Code)
			f.down[n.Code], f.up[n.Code] = down.Counts().Bytes, up.Counts().Bytes
		}
	}
	return f
}

// over gives what flowed in a time, bytes a second.
func (l *lab) over(d time.Duration) flows {
	before := l.flows()
	l.rest(d)
	now := l.flows()
	span := now.at.Sub(before.at).Seconds()
	for kind, all := range map[*map[tree.Code]int]map[tree.Code]int{&now.down: before.down, &now.up: before.up, &now.access: before.access} {
		for c, bytes := range all {
			(*kind)[c] = int(float64((*kind)[c]-bytes) / span)
		}
	}
	return now
}

// crowded is the tree of four tiers with so many points at one commune.
func crowded(points int) (table string, crowd []meeting.PointID) {
	crowd = []meeting.PointID{atCommune}
	for n := 2; n <= points; n++ {
		crowd = append(crowd, meeting.PointID(fmt.Sprintf("xm-%02d", n)))
	}
	all := make([]string, len(crowd))
	for i, p := range crowd {
		all[i] = string(p)
	}
	return strings.Replace(fourTiers, "Xã Xín Mần,hg-16", "Xã Xín Mần,"+strings.Join(all, " "), 1), crowd
}

// What one point says and shows crosses each line once, however many are
// beyond it; where nobody is, nothing crosses, and so between districts.
func TestASpeakerCrossesEachLineOncePerLine(t *testing.T) {
	if !shown(t) {
		return
	}
	counts, window := []int{1, 5, 25}, 30*time.Second
	table, crowd := crowded(counts[len(counts)-1])
	binary := bridge(t)
	l := layOut(t, table, func(tree.Code) string { return binary })
	const neighbour = meeting.PointID("hg-09")
	speaker := tree.Code("00700")
	l.seat(atOther, neighbour)
	l.show(meeting.Layout1)
	l.rest(window / 2)
	t.Logf("| who shows and hears it | its node is sent | up to district | up to province | up to centre | down to the other district | down to its commune | of what was sent |")
	row := func(who string, f flows) {
		sent := f.access[speaker]
		t.Logf("| %s | %d B/s | %d | %d | %d | %d | %d | %.3f |", who, sent, f.up[speaker], f.up["030"], f.up["02"], f.down["024"], f.down["00694"], float64(f.down["00694"])/float64(max(sent, 1)))
	}
	quiet := l.over(window)
	row("nobody", quiet)
	l.show(meeting.Layout1, atOther)
	pressed := l.speak(atOther)
	l.arrives(neighbour, atOther, false, pressed)
	l.arrives(neighbour, atOther, true, pressed)
	near := l.over(window)
	row("one in its district", near)
	idle := near.access[speaker] / 20
	for _, bytes := range []int{near.up["030"] - quiet.up["030"], near.up["02"] - quiet.up["02"], near.down["024"] - quiet.down["024"], near.down["00694"] - quiet.down["00694"]} {
		if bytes > idle {
			t.Errorf("%d bytes a second of what nobody shows cross a line", bytes)
		}
	}
	if near.up[speaker] < near.access[speaker]*8/10 {
		t.Errorf("%d bytes a second crossed the speaker's line, %d were sent", near.up[speaker], near.access[speaker])
	}
	var first float64
	seated := 0
	for _, points := range counts {
		l.seat(crowd[seated:points]...)
		seated = points
		for _, p := range crowd[:points] {
			l.arrives(p, atOther, true, time.Now())
		}
		l.rest(window / 2)
		f := l.over(window)
		row(fmt.Sprintf("and %d in another", points), f)
		ratio := float64(f.down["00694"]) / float64(f.access[speaker])
		if first == 0 {
			first = ratio
		}
		const most = 0.03
		if ratio > first*(1+most) || ratio < first*(1-most) {
			t.Errorf("%d points: %.3f of what the speaker sent, %.3f for one", points, ratio, first)
		}
		if f.up["02"]-quiet.up["02"] > idle {
			t.Errorf("%d bytes a second reach the centre, where nobody is", f.up["02"])
		}
	}
}
