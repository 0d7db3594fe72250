package run

import (
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/tree"
	"github.com/giaoban/giaoban/internal/wire"
	"github.com/giaoban/giaoban/loadtest"
)

// A district whose line is cut goes on alone by one command of its technician:
// its rooms move to the island, a commune speaks there, and when the line is
// back the island ends, both logs can be exported, and the minutes above read
// both.
func TestCascadeIsland(t *testing.T) {
	beside(t)
	binary := bridge(t)
	l := layOut(t, fourTiers, func(tree.Code) string { return binary })
	l.seat(atCentre, atDistrict, atCommune)
	below := l.nodes["024"]
	command := func(s *Server, args ...string) string {
		t.Helper()
		out, err := s.command(append(args, "--data", s.data())...)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	if _, err := below.command("meeting", "island", string(l.id), "--data", below.data()); err == nil {
		t.Error("an island began while the link was there")
	}
	desk := l.bot(loadtest.Config{Token: below.Links.Console, Device: "lab-district", NoMedia: true}, below.Links.URL, below.dial)
	defer desk.Close()
	l.await(desk, "the district's desk", func(s loadtest.State) bool { return s.View.Floor != nil })
	line := l.hosts.lines["024"]
	line.Cut()
	cut := time.Now()
	var island string
	if !until(t.Context(), labWait, func() bool {
		out, err := below.command("meeting", "island", string(l.id), "--data", below.data())
		island, _, _ = strings.Cut(out, "\n")
		return err == nil
	}) {
		t.Fatal("no island could be begun")
	}
	open := time.Since(cut)
	on := func(id string) func(loadtest.State) bool {
		return func(s loadtest.State) bool { return s.View.Meeting != nil && string(s.View.Meeting.ID) == id }
	}
	for _, p := range []meeting.PointID{atDistrict, atCommune} {
		l.await(l.seats[p].Bot, string(p)+" on the island", func(s loadtest.State) bool { return on(island)(s) && inside(s) })
	}
	l.await(desk, "the desk on the island", on(island))
	moved := time.Since(cut)
	l.order(desk, meeting.GiveFloor{Point: atCommune})
	l.await(l.seats[atCommune].Bot, "an invitation", func(s loadtest.State) bool { return s.Mic() == wire.MicInvited })
	spoke := time.Now()
	l.order(l.seats[atCommune].Bot, meeting.SwitchOn{})
	heard := l.arrives(atDistrict, atCommune, false, spoke)
	l.rest(2 * time.Second)
	line.Heal()
	healed := time.Now()
	for _, p := range []meeting.PointID{atDistrict, atCommune} {
		s := l.await(l.seats[p].Bot, string(p)+" back above", func(s loadtest.State) bool { return on(string(l.id))(s) && inside(s) })
		if s.Mic() == wire.MicOn {
			t.Errorf("%s came back with an open microphone", p)
		}
	}
	back := time.Since(healed)
	dir := t.TempDir()
	log, upper, above := filepath.Join(dir, "island.jsonl"), filepath.Join(dir, "meeting.jsonl"), ""
	command(below, "export", island, log)
	if !until(t.Context(), labWait, func() bool {
		command(l.nodes["tw"], "export", string(l.id), upper)
		above = mustRead(t, upper)
		return strings.Contains(above, `"island.reported"`)
	}) {
		t.Error("the log above has no report of the island")
	}
	without := l.minutes("tw")
	command(l.nodes["tw"], "import", log)
	with := l.minutes("tw")
	if strings.Contains(without, string(atCommune)) && with == without || len(with) <= len(without) {
		t.Errorf("the minutes are the same with the island's log:\n%s\n%s", without, with)
	}
	t.Logf("| island could begin after %v | rooms moved after %v | OK to audible on it %v | back above %v after the line | log of it %d lines, of the meeting %d | minutes %d bytes, with the island %d |",
		short3(open), short3(moved), short3(heard), short3(back), strings.Count(mustRead(t, log), "\n"), strings.Count(above, "\n"), len(without), len(with))
}

// minutes are the speakers of the meeting as a node's minutes have them.
func (l *lab) minutes(c tree.Code) string {
	l.t.Helper()
	s := l.nodes[c]
	req, err := http.NewRequestWithContext(l.t.Context(), http.MethodGet, s.Links.URL+"/api/v1/meetings/"+string(l.id)+"/minutes?format=csv&table=speakers", nil)
	if err != nil {
		l.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.Links.Console)
	client := http.Client{Transport: &http.Transport{DialContext: s.dial, DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		l.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		l.t.Fatalf("minutes: %s %v %s", res.Status, err, text)
	}
	return string(text)
}
