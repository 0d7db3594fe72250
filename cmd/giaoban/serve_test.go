package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
	"github.com/giaoban/giaoban/loadtest"
)

// patience is generous: a test waits for the thing itself, and gives up late.
const patience = 30 * time.Second

func TestServeStartsAnswersAndStopsCleanly(t *testing.T) {
	p := begin(t, "--data", t.TempDir(), "--demo-points", "3")
	if body := p.get(t, http.DefaultClient, p.url+"/healthz"); body == "" {
		t.Error("/healthz says nothing")
	}
	p.get(t, http.DefaultClient, p.url+"/readyz")
	if err := p.interrupt(t); err != nil {
		t.Errorf("stopped with %v\n%s", err, p.errs)
	}
}

func TestHTTPSIsTrustedOnceTheCAIs(t *testing.T) {
	addr := freeAddr(t)
	p := begin(t, "--data", t.TempDir(), "--demo-points", "0", "--https", addr)
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(p.get(t, http.DefaultClient, p.url+caPath))) {
		t.Fatal("no CA is handed out")
	}
	trusting := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	defer trusting.CloseIdleConnections()
	p.get(t, trusting, "https://"+addr+"/healthz")
}

// freeAddr is an address that was free a moment ago.
func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestAKilledServerGoesOnWhereItWas(t *testing.T) {
	data := t.TempDir()
	p := begin(t, "--data", data, "--demo-points", "0")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	room := p.bot(t, "hg-05", p.token("hg-05"))
	present, err := room.Wait(ctx, "the room to be in the meeting", func(s loadtest.State) bool { return s.View.Own != nil })
	if err != nil {
		t.Fatal(err)
	}
	id := present.View.Meeting.ID
	layout := meeting.Layout{Kind: meeting.Layout1, Tiles: []meeting.Binding{{Kind: meeting.BindPoint, Point: "hg-05"}}}
	p.command(t, id, meeting.SetLayout{Audience: meeting.AudienceAll, Layout: layout})
	p.command(t, id, meeting.GrantFloor{Floor: meeting.FloorSpeech, Point: "hg-05"})
	if err := room.SwitchOn(ctx); err != nil {
		t.Fatal(err)
	}
	last := p.command(t, id, meeting.SetMode{Mode: meeting.ModeDiscussion, Limit: 3})

	p.kill(t)
	again := begin(t, "--data", data, "--demo-points", "0", "--http", strings.TrimPrefix(p.url, "http://"))

	if again.token("hg-05") != p.token("hg-05") {
		t.Error("the links changed")
	}
	back, err := room.Wait(ctx, "the room to be back with its grant held and its microphone closed",
		func(s loadtest.State) bool { return s.Joins > present.Joins && s.Mic() == wire.MicBack })
	if err != nil {
		t.Fatalf("%v; its view: %+v", err, back.View.Own)
	}
	if back.Seq <= last {
		t.Errorf("the log is at %d, it had acknowledged %d", back.Seq, last)
	}
	console, err := again.bot(t, "console", again.console()).Wait(ctx, "the console's view",
		func(s loadtest.State) bool { return s.View.Floor != nil && s.View.Layouts != nil })
	if err != nil {
		t.Fatal(err)
	}
	if f := console.View.Floor; f.Mode != meeting.ModeDiscussion || f.Limit != 3 {
		t.Errorf("the floor is %s, limit %d", f.Mode, f.Limit)
	}
	if got := console.View.Layouts[meeting.AudienceAll].Layout; got.Kind != layout.Kind || got.Tiles[0] != layout.Tiles[0] {
		t.Errorf("the layout is %+v", got)
	}
}

func TestADataDirectoryIsForOneProcess(t *testing.T) {
	data := t.TempDir()
	begin(t, "--data", data, "--demo-points", "0")
	status, _, errs := giaoban("serve", "--data", data, "--http", "localhost:0", "--https", "localhost:0", "--media", "0")
	if status == 0 || !strings.Contains(errs, data) || !strings.Contains(errs, "another process") {
		t.Errorf("status %d: %s", status, errs)
	}
}

func TestATakenPortStopsTheStart(t *testing.T) {
	held, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	busy := held.Addr().String()
	media := fmt.Sprint(portOf(t, busy))
	cases := map[string][]string{
		"--http":  {"--http", busy, "--https", "localhost:0", "--media", "0"},
		"--https": {"--http", "localhost:0", "--https", busy, "--media", "0"},
		"--media": {"--http", "localhost:0", "--https", "localhost:0", "--media", media},
	}
	for flag, args := range cases {
		t.Run(flag, func(t *testing.T) {
			data := t.TempDir()
			status, out, errs := giaoban(append([]string{"serve", "--data", data}, args...)...)
			if status == 0 || out != "" {
				t.Fatalf("status %d, printed %q", status, out)
			}
			for _, want := range []string{media, fmt.Sprintf("(process %d)", os.Getpid()), "giaoban serve --data " + data, flag + " "} {
				if !strings.Contains(errs, want) {
					t.Errorf("no %q in %q", want, errs)
				}
			}
		})
	}
}
