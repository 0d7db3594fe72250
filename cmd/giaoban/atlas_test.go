package main

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/tree"
	"github.com/giaoban/giaoban/loadtest"
)

const twoDays = `code,parent,tier,name,points,from,until
tw,,Trung ương,Trung tâm,hg-01,,
02,tw,Tỉnh,Tỉnh Hà Giang,hg-02,,
024,02,Huyện,H. Xín Mần,hg-11,,2026-11-30
00694,02,Xã,Xã Xín Mần,hg-16,2026-12-01,
`

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// The rows of tomorrow come into force tomorrow, by themselves, as the file was
// when it was read; what is wrong is refused in words, and the tree stays.
func TestAnAtlasTurnsItsPage(t *testing.T) {
	file, day, log := filepath.Join(t.TempDir(), "tree.csv"), tree.Date("2026-11-30"), &bytes.Buffer{}
	write(t, file, twoDays)
	a, err := openAtlas(file, "02", func() tree.Date { return day }, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	if err := a.close(); err != nil { // from here on the test is its goroutine
		t.Fatal(err)
	}
	paths := func(district, commune string) {
		t.Helper()
		if now := a.tree(); string(now.Path("024")) != district || string(now.Path("00694")) != commune {
			t.Errorf("024 stands at %q, 00694 at %q; want %q and %q: %s", now.Path("024"), now.Path("00694"), district, commune, log)
		}
	}
	says := func(words string) {
		t.Helper()
		if !strings.Contains(log.String(), words) {
			t.Errorf("the log does not say %q: %s", words, log)
		}
		log.Reset()
	}
	a.look()
	paths("tw/02/024", "")
	day = "2026-12-01"
	write(t, file, "half of a fi") // nobody asked for it to be read
	a.look()
	paths("", "tw/02/00694")
	says("added=[00694] removed=[024]")
	a.reread()
	says(`line 1: column \"half of a fi\" is unknown`)
	write(t, file, strings.Replace(twoDays, "02,tw,", "02,00694,", 1))
	a.reread()
	says("stand below each other in a loop")
	write(t, file, strings.Replace(twoDays, "02,tw,", "x,tw,Vùng,Vùng,,,\n02,x,", 1))
	a.reread()
	says("02, this node, stands at tw/x/02 there, not at tw/02: start it again")
	write(t, file, strings.ReplaceAll(twoDays, "02,", "03,"))
	a.reread()
	says("stands at no place there")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	a.reread()
	says("no such file")
	paths("", "tw/02/00694")
	write(t, file, strings.Replace(twoDays, "Xã Xín Mần", "Xã Xín Mần mới", 1))
	a.reread()
	says("altered=[00694]")
	if n, _ := a.tree().Node("00694"); n.Name != "Xã Xín Mần mới" {
		t.Errorf("its name is %q", n.Name)
	}
}

// A running node takes a new file when it is asked to: a district that is not in
// it is told so and its link ended; a file that is wrong changes nothing; with
// the district in it again, the link is back.
func TestARunningNodeReadsItsTreeAgain(t *testing.T) {
	const both = "code,parent,tier,name,points\ntw,,Trung ương,Trung tâm,hg-01\n02,tw,Tỉnh,Tỉnh Hà Giang,hg-02\n"
	f := plant(t, both)
	defer f.say()
	ctx, cancel := context.WithTimeout(t.Context(), 3*patience)
	defer cancel()
	room := f.room("hg-02", aClip(t))
	sees := func(what string, so func(loadtest.State) bool) {
		t.Helper()
		if _, err := room.Wait(ctx, what, so); err != nil {
			t.Fatal(err)
		}
	}
	reread := func(table string) {
		t.Helper()
		write(t, f.file, table)
		if err := f.nodes["tw"].cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	linked := func(s loadtest.State) bool { return here(s) && s.View.Meeting.Above == "" }
	sees("the meeting", linked)
	before := room.State().View.Meeting.ID
	reread(both + "02,tw,Tỉnh,Tỉnh Hà Giang,hg-02\n") // twice
	select {
	case <-time.After(2 * time.Second):
	case <-ctx.Done():
	}
	if s := room.State(); !linked(s) {
		t.Errorf("a wrong file has changed something: %+v", s.View.Meeting)
	}
	reread(strings.Replace(both, "02,tw,", "03,tw,", 1))
	sees("that the centre is out of reach", func(s loadtest.State) bool { return s.View.Meeting != nil && s.View.Meeting.Above != "" })
	reread(both)
	sees("the meeting again", linked)
	if now := room.State().View.Meeting.ID; now != before {
		t.Errorf("it was in %s and is in %s", before, now)
	}
}
