package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"text/tabwriter"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// meetingCommand is "giaoban meeting".
type meetingCommand struct {
	Create meetingCreate `cmd:"" help:"Hold a meeting: of a system, from a template, or as the last one."`
	List   meetingList   `cmd:"" help:"List meetings, the latest first."`
	Show   meetingShow   `cmd:"" help:"Show one meeting."`
	Lobby  meetingLobby  `cmd:"" help:"Open the lobby before its time."`
	Start  meetingStart  `cmd:"" help:"Open the meeting."`
	End    meetingEnd    `cmd:"" help:"End the meeting: every microphone closes."`
	Rehome meetingRehome `cmd:"" help:"Move the meeting to another system and chair point."`
	Resume meetingResume `cmd:"" help:"Let a meeting that was imported go on here."`
	Island meetingIsland `cmd:"" help:"Go on with this part of the tree alone, while the link above is lost."`
}

type meetingCreate struct {
	site
	Title    string   `help:"What it is called."`
	Host     string   `help:"Host unit; else the system's owner."`
	System   string   `placeholder:"ID" help:"System whose points are called."`
	Start    string   `help:"When it starts: \"2026-11-26 07:30\", \"07:30\" today, or \"+90m\" from now." required:""`
	Chair    string   `placeholder:"POINT" help:"Chair point; else the system's."`
	Points   []string `placeholder:"POINT,..." help:"The roster; else the whole system."`
	Below    bool     `help:"Call the points of the systems below too."`
	Lobby    int      `placeholder:"MINUTES" help:"When the lobby opens before the start; -1 for no lobby, 0 as configured."`
	Readmit  bool     `help:"Let a point that was away back in only by a controller's act."`
	Template string   `placeholder:"ID" help:"Fill in from this template."`
	Last     bool     `help:"Fill in from the last meeting (of --system)."`
	Reason   string   `help:"Why points are borrowed without a recorded consent."`
}

// Run holds a meeting.
func (m *meetingCreate) Run(t terminal) error {
	at, err := startTime(m.Start, time.Now())
	if err != nil {
		return err
	}
	form := wire.OrderForm{
		Title: m.Title, HostUnit: m.Host, System: m.System, StartsAtMs: at.UnixMilli(), ChairPoint: meeting.PointID(m.Chair),
		Below: m.Below, LobbyMinutes: m.Lobby, ReadmitByClick: m.Readmit, Reason: m.Reason,
	}
	for _, p := range m.Points {
		form.Points = append(form.Points, meeting.PointID(p))
	}
	switch {
	case m.Template != "":
		form.From = "template:" + m.Template
	case m.Last:
		form.From = "last"
	}
	return m.with(func(c *client) error {
		row, err := get[wire.MeetingRow](c, http.MethodPost, "meetings", form)
		if err == nil {
			err = c.showMeeting(t.out, row)
		}
		return err
	})
}

// startTime reads a time as people write one at a terminal, in the machine's
// own zone.
func startTime(text string, now time.Time) (time.Time, error) {
	if text != "" && text[0] == '+' {
		if d, err := time.ParseDuration(text[1:]); err == nil && d >= 0 {
			return now.Add(d).Truncate(time.Second), nil
		}
	}
	for _, form := range []string{"2006-01-02 15:04", "2006-01-02T15:04", "02/01/2006 15:04", time.RFC3339} {
		if at, err := time.ParseInLocation(form, text, now.Location()); err == nil {
			return at, nil
		}
	}
	if at, err := time.Parse("15:04", text); err == nil {
		y, mon, d := now.Date()
		return time.Date(y, mon, d, at.Hour(), at.Minute(), 0, 0, now.Location()), nil
	}
	return time.Time{}, fmt.Errorf("start %q: want \"2026-11-26 07:30\", \"07:30\" or \"+90m\"", text)
}

// clock writes a time of the wire for people.
func clock(ms int64) string {
	if ms == 0 {
		return "-"
	}
	return time.UnixMilli(ms).Format("02/01/2006 15:04")
}

// phases are the phases of a meeting in words.
var phases = map[meeting.Phase][2]string{
	meeting.PhaseWaiting: {"chưa mở", "waiting"},
	meeting.PhaseLobby:   {"phòng chờ", "lobby"},
	meeting.PhaseOpen:    {"đang họp", "open"},
	meeting.PhaseClosing: {"đang kết thúc", "closing"},
	meeting.PhaseEnded:   {"đã kết thúc", "ended"},
}

// stateOf is the state of a meeting in words.
func stateOf(r wire.MeetingRow) [2]string {
	switch {
	case r.Damaged:
		return [2]string{"nhật ký bị hỏng", "log damaged"}
	case r.Imported:
		return [2]string{"nhập từ tệp, chưa họp tiếp", "imported, not resumed"}
	}
	return phases[r.Phase]
}

func (c *client) showMeeting(out io.Writer, r wire.MeetingRow) error {
	words := stateOf(r)
	_, err := fmt.Fprintf(out, c.say("%s\n  %s\n  Đơn vị chủ trì: %s; điểm cầu chủ tọa: %s; hệ thống: %s\n  %s; bắt đầu %s; phòng chờ mở %s; %d/%d điểm cầu\n",
		"%s\n  %s\n  host unit: %s; chair point: %s; system: %s\n  %s; starts %s; lobby opens %s; %d/%d bridge points\n"),
		r.ID, r.Title, r.HostUnit, r.ChairPoint, r.System, c.say(words[0], words[1]), clock(r.StartsAtMs), clock(r.LobbyAtMs), r.Present, r.Points)
	return err
}

type meetingList struct{ site }

// Run lists meetings.
func (m *meetingList) Run(t terminal) error {
	return m.with(func(c *client) error {
		rows, err := get[[]wire.MeetingRow](c, http.MethodGet, "schedule", nil)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(t.out, 2, 8, 2, ' ', 0)
		for _, r := range rows {
			words := stateOf(r)
			fmt.Fprintf(w, "%s\t%s\t%s\t%d/%d\t%s\n", r.ID, clock(r.StartsAtMs), c.say(words[0], words[1]), r.Present, r.Points, r.Title)
		}
		return w.Flush()
	})
}

type meetingShow struct {
	site
	ID string `arg:"" help:"The meeting."`
}

// Run shows one meeting.
func (m *meetingShow) Run(t terminal) error {
	return m.with(func(c *client) error {
		rows, err := get[[]wire.MeetingRow](c, http.MethodGet, "schedule", nil)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if string(r.ID) == m.ID {
				return c.showMeeting(t.out, r)
			}
		}
		return fmt.Errorf("there is no meeting %q; \"giaoban meeting list\" has them", m.ID)
	})
}

// act carries out an act on a meeting and shows what it came to.
func (s *site) act(t terminal, id string, act wire.MeetingAct) error {
	return s.with(func(c *client) error {
		row, err := get[wire.MeetingRow](c, http.MethodPost, "meetings/"+url.PathEscape(id)+"/acts", act)
		if err == nil {
			err = c.showMeeting(t.out, row)
		}
		return err
	})
}

type meetingLobby struct {
	site
	ID string `arg:"" help:"The meeting."`
}

// Run opens the lobby.
func (m *meetingLobby) Run(t terminal) error { return m.act(t, m.ID, wire.MeetingAct{Act: "lobby"}) }

type meetingStart struct {
	site
	ID string `arg:"" help:"The meeting."`
}

// Run opens the meeting.
func (m *meetingStart) Run(t terminal) error { return m.act(t, m.ID, wire.MeetingAct{Act: "start"}) }

type meetingEnd struct {
	site
	ID string `arg:"" help:"The meeting."`
}

// Run ends the meeting.
func (m *meetingEnd) Run(t terminal) error { return m.act(t, m.ID, wire.MeetingAct{Act: "end"}) }

type meetingResume struct {
	site
	ID string `arg:"" help:"The meeting."`
}

// Run lets an imported meeting go on.
func (m *meetingResume) Run(t terminal) error { return m.act(t, m.ID, wire.MeetingAct{Act: "resume"}) }

type meetingRehome struct {
	site
	ID     string `arg:"" help:"The meeting."`
	System string `required:"" placeholder:"ID" help:"The system it goes on in."`
	Chair  string `required:"" placeholder:"POINT" help:"The new chair point, one of the meeting's."`
}

// Run moves the meeting.
func (m *meetingRehome) Run(t terminal) error {
	return m.act(t, m.ID, wire.MeetingAct{Act: "rehome", System: m.System, Point: meeting.PointID(m.Chair)})
}

type meetingIsland struct {
	site
	ID string `arg:"" help:"The meeting, which is led above."`
}

// Run begins an island, which ends by itself when the link is back.
func (m *meetingIsland) Run(t terminal) error { return m.act(t, m.ID, wire.MeetingAct{Act: "island"}) }
