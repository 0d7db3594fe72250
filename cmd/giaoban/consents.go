package main

import (
	"fmt"
	"net/http"
	"text/tabwriter"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// consentCommand is "giaoban consent".
type consentCommand struct {
	Add  consentAdd  `cmd:"" help:"Record that a point may, or may not, be lent to another system (Art 4.2)."`
	List consentList `cmd:"" help:"List what was decided, oldest first; the newest counts."`
}

type consentAdd struct {
	site
	Point    string `arg:"" help:"The point that is lent."`
	System   string `arg:"" help:"The system that borrows it."`
	By       string `required:"" help:"Who decided."`
	Document string `required:"" help:"Number of the document."`
	Date     string `required:"" placeholder:"YYYY-MM-DD" help:"Date of the document."`
	Refused  bool   `help:"The answer was no."`
}

// Run records a consent.
func (a *consentAdd) Run(t terminal) error {
	in := wire.ConsentRow{
		Point: meeting.PointID(a.Point), System: a.System, By: a.By, Document: a.Document, Date: a.Date, Decision: "granted",
	}
	if a.Refused {
		in.Decision = "refused"
	}
	return a.with(func(c *client) error {
		row, err := get[wire.ConsentRow](c, http.MethodPost, "consents", in)
		if err == nil {
			_, err = fmt.Fprintf(t.out, "%s\n", c.consent(row))
		}
		return err
	})
}

type consentList struct{ site }

// Run lists consents.
func (l *consentList) Run(t terminal) error {
	return l.with(func(c *client) error {
		rows, err := get[[]wire.ConsentRow](c, http.MethodGet, "consents", nil)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(t.out, 2, 8, 2, ' ', 0)
		for _, r := range rows {
			fmt.Fprintln(w, c.consent(r))
		}
		return w.Flush()
	})
}

// consent is one recorded decision as a row of a table.
func (c *client) consent(r wire.ConsentRow) string {
	words := map[string]string{
		"granted": c.say("đồng ý", "granted"), "refused": c.say("không đồng ý", "refused"),
		"override": c.say("cơ quan vận hành quyết định", "operator's own"),
	}
	return fmt.Sprintf("%s\t%s\t%s\t%s\t%s\t%s\t%s", r.Point, r.System, words[r.Decision], r.By, r.Document, r.Date, r.Reason)
}
