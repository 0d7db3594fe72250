package run

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/tree"
)

// Chromium at a commune and Chromium at the centre, each on the host of its node,
// with three lines between; a bot at another district's commune. The pages are
// driven by web-client/e2e/tiers.ts, which asks this test for what the console
// does and for what the bot was sent.
func TestBrowsersOverFourTiers(t *testing.T) {
	if !shown(t) {
		return
	}
	binary := bridge(t)
	l := layOut(t, fourTiers, func(tree.Code) string { return binary })
	l.seat(atOther)
	l.show(meeting.Layout1, atOther)
	desk := l.desk()
	pages := map[string]any{"desk": desk, "commune": l.page("00694", atCommune), "centre": l.page("tw", atCentre), "turns": 5}
	told, err := json.Marshal(pages)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "npx", "vitest", "run", "--config", "e2e/tiers.config.ts")
	cmd.Dir = "../../web-client"
	cmd.Env = append(os.Environ(), "GIAOBAN_TIERS="+string(told))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// page is a room as its browser opens it: the link, and the program that runs
// Chromium on the host of the room's node.
func (l *lab) page(c tree.Code, p meeting.PointID) map[string]string {
	l.t.Helper()
	chromium := os.Getenv("CHROMIUM")
	if chromium == "" {
		chromium = "/usr/bin/chromium"
	}
	script := filepath.Join(l.t.TempDir(), "chromium-"+string(c))
	mustWrite(l.t, script, fmt.Sprintf("#!/bin/sh\nexec nsenter --net=%s %s \"$@\"\n", l.hosts.all[c].Path(), chromium))
	if err := os.Chmod(script, 0o700); err != nil {
		l.t.Fatal(err)
	}
	for _, r := range l.Links.Rooms {
		if r.Point == p {
			return map[string]string{"link": r.URL + "/room#t=" + r.Token, "chromium": script}
		}
	}
	l.t.Fatalf("no room of %s", p)
	return nil
}

// desk serves what the console does, and what the bot in the other district was
// sent, by HTTP on loopback; it gives its address.
func (l *lab) desk() string {
	l.t.Helper()
	mux := http.NewServeMux()
	at := func(r *http.Request) meeting.PointID { return meeting.PointID(r.FormValue("point")) }
	mux.HandleFunc("/show", func(w http.ResponseWriter, r *http.Request) { l.show(meeting.Layout1, at(r)) })
	mux.HandleFunc("/invite", func(w http.ResponseWriter, r *http.Request) { l.order(l.watch, meeting.GiveFloor{Point: at(r)}) })
	mux.HandleFunc("/end", func(w http.ResponseWriter, r *http.Request) { l.order(l.watch, meeting.CloseAll{}) })
	mux.HandleFunc("/note", func(w http.ResponseWriter, r *http.Request) { l.t.Log(r.FormValue("line")) })
	mux.HandleFunc("/sent", func(w http.ResponseWriter, r *http.Request) {
		millis, err := strconv.ParseInt(r.FormValue("since"), 10, 64)
		var got time.Time
		since := time.UnixMilli(millis)
		if err == nil {
			until(r.Context(), labWait, func() bool {
				got = l.seats[atOther].ofBrowser(r.FormValue("kind") == "picture", since)
				return !got.IsZero()
			})
		}
		if got.IsZero() {
			http.Error(w, "nothing came", http.StatusGatewayTimeout)
			return
		}
		fmt.Fprint(w, got.UnixMilli())
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		l.t.Fatal(err)
	}
	server := &http.Server{Handler: mux}
	served := make(chan struct{})
	go func() { defer close(served); _ = server.Serve(listener) }() // it ends by Close
	l.t.Cleanup(func() { _ = server.Close(); <-served })
	return "http://" + listener.Addr().String()
}
