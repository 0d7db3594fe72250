package main

import (
	"fmt"
	"io"
	"net"

	"github.com/giaoban/giaoban/internal/meeting"
)

// welcome is what a start prints for the person at the terminal.
type welcome struct {
	demo      *demo    // nil if it is off
	first     string   // the password of the operator's account, if this start made it
	place     *place   // nil for a node that is alone
	simulated int      // how many points bots play
	local     string   // base URL for this machine
	remote    []string // base URLs for others
	trust     string   // where others learn to trust the CA, "" if nowhere
	ca        string   // its fingerprint
}

// print writes the links in opening order, who to be in each, and how other
// computers get in.
func (w welcome) print(out io.Writer) {
	if w.demo == nil {
		fmt.Fprintf(out, "\nGiaoban is serving at %s. The demo is off.\n\n", w.local)
		w.account(out)
		w.elsewhere(out)
		fmt.Fprint(out, "Ctrl-C stops.\n\n")
		return
	}
	simulated, rooms := w.demo.split(w.simulated)
	fmt.Fprintf(out, "\nGiaoban is serving «%s».\nOpen these in this order, each in its own tab:\n\n", w.demo.meeting.Title)
	w.link(out, "1. Console: be the controller (Kỹ thuật điều khiển), who decides what everyone sees", "/console#t="+w.demo.Console)
	if !w.demo.leads {
		fmt.Fprint(out, "The meeting is led above; it appears here when the link is up.\n\n")
	}
	if w.demo.hasChair() {
		w.link(out, "2. Chair: be the chair (Chủ trì), who invites a point to speak", "/chair#t="+w.demo.Chair)
	}
	first := rooms
	if len(first) == 0 {
		first = simulated
	}
	if len(first) == 0 {
		w.elsewhere(out)
		return
	}
	w.link(out, fmt.Sprintf("3. Room: be %s, with this computer's camera and microphone", w.named(first[0])), w.room(first[0]))

	w.link(out, "   Its focal officer's telephone (Cán bộ đầu mối)", "/focal#t="+w.demo.Officers[first[0].ID])
	w.link(out, "   A second television for it, which shows the presentation", "/wall#t="+w.demo.Screens[first[0].ID]+"&part=content")
	w.link(out, "   A wall that shows what everyone sees, without controls, for capture", "/wall#t="+w.demo.Wall)
	if len(rooms) > 1 {
		fmt.Fprint(out, "More rooms, with a test picture (Hình thử) so that tabs do not fight for the camera:\n\n")
		for _, p := range rooms[1:] {
			w.link(out, w.named(p), w.room(p)+"&picture=test")
		}
	}
	if len(simulated) > 0 {
		fmt.Fprintf(out, "%d other points are simulated (mô phỏng). Whoever opens a simulated room takes it over, as the chair's:\n\n", len(simulated))
		w.link(out, w.named(simulated[0]), w.room(simulated[0])+"&picture=test")
	}
	w.link(out, "Operator (Cơ quan vận hành): meetings, points, pairing, people", "/operator#t="+w.demo.Operator)
	w.account(out)
	w.elsewhere(out)
	fmt.Fprint(out, "Ctrl-C stops. The meeting goes on at the next start.\n\n")
}

// account says once how the operator signs in.
func (w welcome) account(out io.Writer) {
	if w.first == "" {
		return
	}
	fmt.Fprintf(out, "The operator's account was made. Sign in at %s/operator with\n     name: operator   password: %s\n", w.local, w.first)
	fmt.Fprint(out, "  The password is shown this once; \"giaoban user passwd operator\" sets another.\n\n")
}

// elsewhere says how other computers get in.
func (w welcome) elsewhere(out io.Writer) {
	if len(w.remote) == 0 {
		return
	}
	fmt.Fprintf(out, "From another computer, the same links with %s in front.\n", w.remote[0])
	for _, more := range w.remote[1:] {
		fmt.Fprintf(out, "  also %s\n", more)
	}
	if w.trust != "" {
		fmt.Fprintf(out, "  It has to trust this server first: %s says how.\n", w.trust)
	}
	fmt.Fprintln(out, "  SHA-256 of the CA, read out group by group:")
	for i, group := range readAloud(w.ca) {
		fmt.Fprintf(out, "    %d  %s\n", i+1, group)
	}
	fmt.Fprintln(out)
}

func (w welcome) link(out io.Writer, who, path string) {
	fmt.Fprintf(out, "  %s\n     %s%s\n\n", who, w.local, path)
}

func (w welcome) room(p meeting.Point) string { return "/room#t=" + w.demo.Rooms[p.ID] }

func (w welcome) named(p meeting.Point) string {
	name := p.Name
	if p.Parent != "" {
		name += " (" + p.Parent + ")"
	}
	return fmt.Sprintf("%s [%s]", name, p.ID)
}

// baseURL is the URL of a door as this machine opens it: the host as it was
// asked for, the port as it was given.
func baseURL(scheme, asked, given string) string {
	host, _, _ := net.SplitHostPort(asked)
	_, port, _ := net.SplitHostPort(given)
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

// reach lists the URLs of a door as other machines open it.
func reach(scheme, given string) []string {
	host, port, err := net.SplitHostPort(given)
	ip := net.ParseIP(host)
	if err != nil || ip.IsLoopback() {
		return nil
	}
	hosts := []string{host}
	if ip.IsUnspecified() {
		hosts = lanAddrs()
	}
	urls := make([]string, len(hosts))
	for i, h := range hosts {
		urls[i] = scheme + "://" + net.JoinHostPort(h, port)
	}
	return urls
}
