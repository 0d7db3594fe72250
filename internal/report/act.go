package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
)

// actors are the roles whose doings are acts: the chair's side, the operator,
// and the carrier's word on an incident. A room's own switches are not.
var actors = map[meeting.Role]bool{
	meeting.RoleChair: true, meeting.RoleController: true, meeting.RoleOperator: true, meeting.RoleCarrier: true,
}

// act notes what the chair's side did. What follows from an act by the rules,
// such as the end of the grant before, is a fact of its own and stands here too.
func (f *folder) act(e meeting.Event) {
	left, forced := e.Fact.(meeting.PointLeft)
	restored, outage := e.Fact.(meeting.JournalRestored)
	if !actors[e.By.Role] && !(forced && !left.Released) && !outage {
		return
	}
	switch e.Fact.(type) {
	case meeting.MessageSent, meeting.MessagesRead: // between technicians, not minuted
		return
	}
	point, text := detail(e.Fact)
	act := Act{At: e.At, By: e.By, Fact: meeting.FactName(e.Fact), Point: point, Text: text}
	if outage { // nothing of that time is on record, so it is said how long it was
		act.Text = e.At.Sub(restored.Since).Round(time.Second).String()
	}
	if p := f.here[point]; p != nil {
		act.Name = p.row.Point.Name
	}
	f.out.Acts = append(f.out.Acts, act)
}

// detail is the point an act is about and what was said with it.
func detail(fact meeting.Fact) (meeting.PointID, string) {
	point, _ := meeting.FactPoint(fact)
	switch f := fact.(type) {
	case meeting.FloorAnnotated:
		return point, f.Note
	case meeting.FloorGranted:
		if f.Minutes > 0 {
			return point, fmt.Sprintf("%d min", f.Minutes)
		}
	case meeting.FloorRevoked:
		return point, string(f.Why)
	case meeting.ModeSet:
		return point, string(f.Mode)
	case meeting.TimeLimitSet:
		return point, fmt.Sprintf("%d min, %s", f.Minutes, f.AtZero)
	case meeting.BannerSet:
		return point, f.Text
	case meeting.LayoutSet:
		return point, fmt.Sprintf("%s: %s", f.Audience, f.Layout.Kind)
	case meeting.LayoutCleared:
		return point, string(f.Audience)
	case meeting.LayoutSaved:
		return point, f.Name
	case meeting.PointMarked:
		return point, strings.TrimSuffix(string(f.State)+": "+f.Remark, ": ")
	case meeting.IncidentDescribed:
		return point, strings.Trim(f.Cause+"; "+f.Remedy, "; ")
	case meeting.MeetingRehomed:
		return point, f.System
	case meeting.RelayOrdered:
		return point, strings.Join([]string{string(f.Node), f.Who, f.Document}, "; ")
	case meeting.FeedOpened:
		return point, f.Who + "; " + f.Document
	case meeting.ProgrammeSet:
		return point, fmt.Sprint(len(f.Entries))
	}
	return point, ""
}
