package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/catalog"
	"github.com/giaoban/giaoban/internal/focus"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store/bolt"
)

type noMedia struct{}

func (noMedia) Carry(meeting.ID, *meeting.Plan) {}
func (noMedia) End(meeting.ID)                  {}

// held makes a data directory in which a short meeting was held.
func held(t *testing.T) (data string) {
	t.Helper()
	data = t.TempDir()
	s, err := bolt.Open(filepath.Join(data, "giaoban.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	meetings := focus.NewRegistry(focus.Config{Journal: s, Media: noMedia{}})
	defer meetings.Close()
	ctx, node := context.Background(), meeting.Actor{Role: meeting.RoleNode}
	command, err := catalog.DemoMeeting(catalog.TreeHaGiang, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	f, err := meetings.Create(ctx, "gb-1", node, command)
	if err != nil {
		t.Fatal(err)
	}
	for by, c := range map[meeting.Actor]meeting.Command{
		node:                           meeting.Connect{Point: command.Points[3].ID, Device: "tv"},
		{Role: meeting.RoleController}: meeting.SetTimeLimit{Minutes: 5, AtZero: meeting.ZeroClose},
	} {
		if _, err := f.Submit(ctx, by, meeting.Cause{}, c); err != nil {
			t.Fatal(err)
		}
	}
	return data
}

func TestAMeetingMovesToAnotherServerWhole(t *testing.T) {
	from, to := held(t), t.TempDir()
	file, again := filepath.Join(from, "gb-1.jsonl"), filepath.Join(to, "again.jsonl")
	status, _, exported := giaoban("export", "--data", from, "gb-1", file)
	if status != 0 {
		t.Fatal(exported)
	}
	status, _, imported := giaoban("import", "--data", to, file)
	if status != 0 || strings.TrimPrefix(imported, "imported") != strings.TrimPrefix(exported, "exported") {
		t.Errorf("exported %q, imported %q", exported, imported)
	}
	if status, _, errs := giaoban("export", "--data", to, "gb-1", again); status != 0 {
		t.Error(errs)
	}
	first, err := os.ReadFile(file)
	second, failed := os.ReadFile(again)
	if err != nil || failed != nil || string(first) != string(second) {
		t.Errorf("the log differs: %v, %v", err, failed)
	}
	if status, _, errs := giaoban("import", "--data", to, file); status == 0 || !strings.Contains(errs, "exists") {
		t.Errorf("imported twice: %d %s", status, errs)
	}
	if err := os.WriteFile(again, first[:len(first)-9], 0o600); err != nil {
		t.Fatal(err)
	}
	if status, _, errs := giaoban("import", "--data", t.TempDir(), again); status == 0 || !strings.Contains(errs, "line ") {
		t.Errorf("a torn file: %d %s", status, errs)
	}
}

// A server that runs gives its journals out and takes them in: its store is
// its own.
func TestAMeetingMovesBetweenServersThatRun(t *testing.T) {
	from, to := held(t), t.TempDir()
	file := filepath.Join(t.TempDir(), "gb-1.jsonl")
	for _, data := range []string{from, to} {
		server, err := (&site{Data: data}).reach()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := server.close(); err != nil {
				t.Error(err)
			}
		})
	}
	status, _, exported := giaoban("export", "--data", from, "gb-1", file)
	if status != 0 {
		t.Fatal(exported)
	}
	status, _, imported := giaoban("import", "--data", to, file)
	if status != 0 || strings.TrimPrefix(imported, "imported") != strings.TrimPrefix(exported, "exported") {
		t.Errorf("exported %q, imported %q", exported, imported)
	}
	if status, _, errs := giaoban("import", "--data", to, file); status == 0 {
		t.Errorf("imported twice: %s", errs)
	}
	if status, out, errs := giaoban("meeting", "show", "--data", to, "gb-1"); status != 0 || !strings.Contains(out, "gb-1") {
		t.Errorf("%d %s%s", status, out, errs)
	}
}

func TestMinutesOfAClosedServer(t *testing.T) {
	data := held(t)
	for _, args := range [][]string{{"--format", "csv"}, {}, {"--format", "xlsx", "--out", filepath.Join(data, "m.xlsx")}} {
		if status, out, errs := giaoban(append([]string{"minutes", "--data", data, "gb-1"}, args...)...); status != 0 || out == "" && len(args) < 4 {
			t.Errorf("%v: %d %s", args, status, errs)
		}
	}
	if status, _, errs := giaoban("minutes", "--data", data, "gb-2"); status == 0 || !strings.Contains(errs, "gb-1") {
		t.Errorf("a meeting nobody held: %d %s", status, errs)
	}
}
