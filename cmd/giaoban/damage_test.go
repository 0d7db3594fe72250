package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/giaoban/giaoban/internal/audit"
	"github.com/giaoban/giaoban/internal/auth"
	"github.com/giaoban/giaoban/internal/catalog"
	"github.com/giaoban/giaoban/internal/config"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store"
)

// proveDamage makes the tests below start the real program on each damaged
// directory as well.
const proveDamage = "GIAOBAN_PROVE_DAMAGE"

// keptToken is a token that must open what it is for, whatever else is damaged.
const keptToken = "a-token-that-must-stay-valid"

var operatorActor = meeting.Actor{Role: meeting.RoleOperator, Name: "test"}

// bench is an installation opened without ports.
type bench struct {
	*node
	office *office
}

func openBench(t *testing.T, data string) (*bench, error) {
	t.Helper()
	cfg := config.Default()
	cfg.Data = data
	n := &node{cfg: cfg, log: slog.New(slog.DiscardHandler), broken: make(chan error, 8), entrance: &entrance{}, recall: &recall{}}
	b := &bench{node: n}
	err := n.openStore(t.Context())
	if err == nil {
		err = n.openMeetings(t.Context(), silent{})
	}
	if err == nil {
		b.office, err = n.openOffice(t.Context())
	}
	if err == nil {
		err = n.openLines(t.Context(), b.office)
	}
	if err != nil {
		return nil, errors.Join(err, n.close())
	}
	return b, nil
}

// give gives a meeting a command that makes a fact, and returns where its log
// stands after it.
func (b *bench) give(id meeting.ID, n int) (meeting.Seq, error) {
	f := b.meetings.Get(id)
	if f == nil || !f.Live() {
		return 0, fmt.Errorf("%s is not live", id)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return f.Submit(ctx, meeting.Actor{Role: meeting.RoleController, Name: string(id) + "-desk"}, meeting.Cause{}, meeting.SetTimeLimit{Minutes: 1 + n%30, AtZero: meeting.ZeroWarn})
}

// take is give by somebody who takes control first.
func (b *bench) take(id meeting.ID, n int) (meeting.Seq, error) {
	if f := b.meetings.Get(id); f != nil {
		_, _ = f.Submit(context.Background(), meeting.Actor{Role: meeting.RoleController, Name: string(id) + "-desk"}, meeting.Cause{}, meeting.TakeControl{})
	}
	return b.give(id, n)
}

// furnished makes a used data directory: two meetings that go on, one that has
// ended, tokens, people, lines, a catalogue of its own, keys, and an audit log.
func furnished(t *testing.T) string {
	t.Helper()
	data := t.TempDir()
	b, err := openBench(t, data)
	if err != nil {
		t.Fatal(err)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	for i, id := range []meeting.ID{"bad", "good", "over"} {
		_, err := b.meetings.Create(ctx, id, operatorActor, meeting.CreateMeeting{
			Title: string(id), HostUnit: "UBND", System: "s", ChairPoint: meeting.PointID(fmt.Sprint("p", i)), StartsAt: time.Now(),
			Points: []meeting.Point{{ID: meeting.PointID(fmt.Sprint("p", i)), Number: 1, Name: "Điểm cầu"}},
		})
		must(err)
		for n := range 60 {
			_, err := b.give(id, n)
			must(err)
		}
	}
	_, err = b.meetings.Get("over").Submit(ctx, operatorActor, meeting.Cause{}, meeting.EndMeeting{})
	must(err)
	_, err = b.store.Put(ctx, "token/"+auth.IDOf(keptToken), []byte(`{"role":"room","point":"p1","issuedAt":"2026-11-30T01:00:00Z","parent":"machine"}`), 0)
	must(err)
	for i := range 40 { // enough for pages of their own
		_, err := b.office.tokens.Issue(ctx, auth.Principal{Role: "room", Point: "p0", Name: fmt.Sprint("other ", i)}, auth.Origin{By: "test", Parent: auth.Machine})
		must(err)
	}
	must(b.office.users.Add(ctx, auth.User{Name: "lan", Holds: []auth.Hold{{Role: "operator"}}}, "a long enough password"))
	must(store.ChangeBook(ctx, b.store, func(c *catalog.Book) error { c.Points[0].Circuit = "HG-1"; return nil }))
	_, err = b.store.Put(ctx, "media/lines", []byte(`{"version":1,"lines":{"p1":{"bps":1000000,"at":1}}}`), 0)
	must(err)
	_, err = b.store.Put(ctx, "snapshot/bad", []byte(`{"after":{},"snapshot":{"id":"bad"}}`), 0)
	must(err)
	for i := range 4 {
		must(b.office.audit.Append(ctx, audit.Entry{Who: "lan", Act: fmt.Sprint("act ", i)}))
	}
	must(b.close())
	ca, err := openAuthority(filepath.Join(data, "tls"), []string{"localhost"}, time.Now())
	must(err)
	_, _, err = ca.leaf([]string{"localhost"}, time.Now())
	must(err)
	_, err = auth.OpenNodeKey(data)
	must(err)
	return data
}

// damage is one kind of it.
type damage struct {
	spoil   func(t *testing.T, data string)
	named   string // what check says
	bad     bool   // the bad meeting is missed
	all     bool   // so are the others: their log is what is damaged
	refused string // the start is, with these words
	beyond  bool   // no repair can bring back what is missing: a restore can
	running bool   // it can happen to a file that is open
}

var garbage = []byte("\x00\xff{garbage")

// damages are the kinds, at rest; those of bytes happen while running as well.
var damages = map[string]damage{
	"an event that is no JSON": {spoil: event(func(*bbolt.Bucket) []byte { return garbage }), named: "meeting bad", bad: true},
	"an event missing":         {spoil: withoutEvent(30), named: "meeting bad", bad: true},
	"the newest event missing": {spoil: withoutEvent(0), named: "meeting bad", bad: true},
	"an event twice":           {spoil: event(func(b *bbolt.Bucket) []byte { return bytes.Clone(b.Get(position(29))) }), named: "meeting bad", bad: true},
	"an event of no known fact": {spoil: event(func(b *bbolt.Bucket) []byte {
		return bytes.Replace(b.Get(position(30)), []byte(`"fact":"`), []byte(`"fact":"x.`), 1)
	}), named: "meeting bad", bad: true},
	"an event of a newer form": {spoil: event(func(b *bbolt.Bucket) []byte {
		return bytes.Replace(b.Get(position(30)), []byte(`"v":`), []byte(`"v":9`), 1)
	}), named: "meeting bad", bad: true},
	"a log's page of zeros":        {spoil: leaves("bad-desk", "", zero), named: "meeting bad", bad: true, running: true},
	"a log's page of another kind": {spoil: leaves("bad-desk", "", func(p []byte) { p[8] = 0x77 }), named: "meeting bad", bad: true, running: true},
	"a log's bytes flipped":        {spoil: leaves("bad-desk", "", func(p []byte) { copy(p[bytes.Index(p, []byte(`"by":{`)):], "\xff\xfe\xfd") }), named: "meeting bad", bad: true, running: true},
	"a snapshot":                   {spoil: documentAs("snapshot/bad", garbage), named: "document snapshot/bad"},
	"a token":                      {spoil: documentAs("token/", garbage), named: "document token/"},
	"a token of nobody":            {spoil: documentAs("token/", []byte(`{"issuedAt":"2026-01-01T00:00:00Z"}`)), named: "document token/"},
	"a user":                       {spoil: documentAs("user/lan", garbage), named: "document user/lan"},
	"the catalogue":                {spoil: documentAs("catalog/book", garbage), named: "document catalog/book"},
	"what lines took":              {spoil: documentAs("media/lines", garbage), named: "document media/lines"},
	"the index of meetings":        {spoil: documentAs("closed/over", garbage), named: "document closed/over"},
	"the newest audit page":        {spoil: documentAs("audit/", garbage), named: "document audit/"},
	"the newest audit page cut":    {spoil: documentAs("audit/", nil), named: "the log was signed up to entry"},
	"a word of the audit log":      {spoil: leaves(`"act":"act 1"`, "", func(p []byte) { copy(p[bytes.Index(p, []byte(`"act":"act 1"`))+7:], "ACT") }), named: "audit log", beyond: true},
	"the audit's signed end":       {spoil: fileAs("audit/head.json", garbage), named: "the signed end cannot be read", beyond: true},
	"a document cut short":         {spoil: documentAs("user/lan", []byte("x")), named: "document user/lan"},
	"a page of documents":          {spoil: leaves(`"name":"other`, `"point":"p1"`, zero), named: "catalog: ", running: true},
	"the list of free pages":       {spoil: overwrite(func(b []byte) (int, []byte) { _, free := newest(b); return free + 8, garbage }), named: "free list", running: true},
	"the newer head":               {spoil: overwrite(func(b []byte) (int, []byte) { at, _ := newest(b); return at + 30, garbage }), named: "one of the two meta pages", running: true},
	"the list of terms missing":    {spoil: bucketGone("epochs"), named: "epochs: is missing"},
	"the list of logs missing":     {spoil: bucketGone("journal"), named: "journal: is missing", bad: true, all: true},
	"an empty store":               {spoil: fileAs(storeName, nil), named: "is empty", refused: "is empty"},
	"no store": {spoil: func(t *testing.T, data string) {
		if err := os.Remove(filepath.Join(data, storeName)); err != nil {
			t.Fatal(err)
		}
	}, named: "is missing", refused: "is missing"},
	"something else in its place": {spoil: fileAs(storeName, bytes.Repeat([]byte("no store at all\n"), 4096)), named: "meta page", refused: "meta page"},
	"the authority's key":         {spoil: fileAs("tls/ca.pem", garbage), named: "ca.pem", beyond: true},
	"the node's key":              {spoil: fileAs("node.key", garbage), named: "node.key", beyond: true},
}

// Each kind of damage at rest: the check names it, the start leaves out what is
// damaged and nothing else, a repair sets it aside, and nothing acknowledged
// elsewhere is lost.
func TestDamageAtRestIsMissedAlone(t *testing.T) {
	whole := furnished(t)
	for name, d := range damages {
		t.Run(name, func(t *testing.T) {
			data := filepath.Join(t.TempDir(), "data")
			if err := os.CopyFS(data, os.DirFS(whole)); err != nil {
				t.Fatal(err)
			}
			d.spoil(t, data)
			status, out, errs := giaoban("check", "--data", data)
			if said := out + errs; status == 0 || !strings.Contains(said, d.named) {
				t.Errorf("check: %d %s", status, said)
			}
			if d.refused != "" {
				if b, err := openBench(t, data); err == nil || !strings.Contains(err.Error(), d.refused) {
					t.Errorf("the start: %v, %v", b, err)
				}
				return
			}
			acknowledged := d.goesOn(t, data, 61)
			if os.Getenv(proveDamage) != "" {
				acknowledged = max(acknowledged, d.serves(t, data))
			}
			said := must(t, "repair", "--data", data)
			if status, out, errs := giaoban("check", "--data", data); !d.beyond && (status != 0 || !strings.Contains(out, " 0 damaged")) {
				t.Errorf("after the repair, which said %q: %s%s", said, out, errs)
			}
			d.goesOn(t, data, acknowledged)
		})
	}
}

// goesOn opens a damaged directory and uses all that is not damaged.
func (d damage) goesOn(t *testing.T, data string, least meeting.Seq) (acknowledged meeting.Seq) {
	t.Helper()
	b, err := openBench(t, data)
	if err != nil {
		t.Fatalf("the start: %v", err)
	}
	defer func() {
		if err := b.close(); err != nil {
			t.Error(err)
		}
	}()
	if _, ok := b.office.tokens.Lookup(keptToken); !ok {
		t.Error("a token that is not damaged is refused")
	}
	if err := b.office.audit.Append(t.Context(), audit.Entry{Who: "test", Act: fmt.Sprint("start ", time.Now())}); err != nil {
		t.Error(err)
	}
	if f := b.meetings.Get("bad"); (f == nil) != d.bad {
		t.Errorf("the bad meeting: %v", f)
	}
	if b.meetings.Get("over") != nil {
		t.Error("an ended meeting is open")
	}
	if d.all {
		return 0
	}
	for n := range 3 {
		seq, err := b.take("good", n)
		if err != nil || seq <= least {
			t.Errorf("the good meeting: %d after %d, %v", seq, least, err)
		}
		acknowledged = seq
	}
	if err := b.ready(); err != nil {
		t.Errorf("ready: %v", err)
	}
	return acknowledged
}

// serves starts the real program on a damaged directory.
func (d damage) serves(t *testing.T, data string) (acknowledged meeting.Seq) {
	t.Helper()
	if strings.HasPrefix(d.named, "ca.pem") {
		return 0 // stops in words: rooms trust that very key
	}
	p := begin(t, "--data", data, "--demo-points", "0")
	p.get(t, http.DefaultClient, p.url+"/readyz")
	if !d.all {
		p.command(t, "good", meeting.TakeControl{})
		acknowledged = p.command(t, "good", meeting.SetTimeLimit{Minutes: 31, AtZero: meeting.ZeroWarn})
	}
	if err := p.interrupt(t); err != nil {
		t.Errorf("%v\n%s", err, p.errs)
	}
	return acknowledged
}

// The kinds that happen to an open file: the process lives, the others' commands
// are taken, and what was acknowledged is there after a repair.
func TestDamageWhileRunningIsMissedAlone(t *testing.T) {
	whole := furnished(t)
	for name, d := range damages {
		if !d.running {
			continue
		}
		t.Run(name, func(t *testing.T) {
			data := filepath.Join(t.TempDir(), "data")
			if err := os.CopyFS(data, os.DirFS(whole)); err != nil {
				t.Fatal(err)
			}
			b, err := openBench(t, data)
			if err != nil {
				t.Fatal(err)
			}
			d.spoil(t, data)
			last := meeting.Seq(0)
			for n := range 5 {
				_, _ = b.give("bad", n) // what becomes of it is its own affair
				if last, err = b.give("good", n); err != nil {
					t.Errorf("the good meeting: %v", err)
				}
				if err := b.office.audit.Append(t.Context(), audit.Entry{Who: "test", Act: fmt.Sprint("act ", n)}); err != nil && !errors.Is(err, store.ErrDamaged) {
					t.Errorf("the audit log: %v", err)
				}
				if _, ok := b.office.tokens.Lookup(keptToken); !ok {
					t.Error("a token is refused")
				}
			}
			_ = b.close() // whatever it says of the damaged part
			if status, _, errs := giaoban("repair", "--data", data); status != 0 {
				t.Fatal(errs)
			}
			d.bad = d.bad || b.meetings.Get("bad") == nil
			again, err := openBench(t, data)
			if err != nil {
				t.Fatal(err)
			}
			if now, err := again.give("good", 7); err != nil || now <= last {
				t.Errorf("the good meeting is at %d, it had acknowledged %d; %v", now, last, err)
			}
			if err := again.close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// A file that is cut short under a running server ends no goroutine of it, and
// whoever asks is answered; readiness says that nothing is written.
func TestDamageToTheWholeFileLeavesTheProcessAlive(t *testing.T) {
	for name, size := range map[string]int64{"nothing left": 0, "one page left": 4096, "half left": 65536} {
		t.Run(name, func(t *testing.T) {
			data := furnished(t)
			b, err := openBench(t, data)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Truncate(filepath.Join(data, storeName), size); err != nil {
				t.Fatal(err)
			}
			refused := 0
			for n := range 3 {
				if _, err := b.give("good", n); err != nil {
					refused++
				}
				_, _, _ = b.store.Get(t.Context(), "catalog/book")
				_ = b.office.audit.Append(t.Context(), audit.Entry{Who: "test", Act: fmt.Sprint("act ", n)})
			}
			if err := b.ready(); refused > 0 && err == nil {
				t.Errorf("%d of 3 commands were refused, and the node is ready", refused)
			}
			_ = b.close()
		})
	}
}
