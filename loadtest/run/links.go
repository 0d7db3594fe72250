package run

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/giaoban/giaoban/internal/meeting"
)

// Links are the ways into a running bridge, as "giaoban serve" prints them.
type Links struct {
	URL     string                                                               // of the bridge: http://host:port
	Console string                                                               // token of the controller
	door    string                                                               // for the nodes below
	Rooms   []Room                                                               // in the order they were printed
	Dial    func(ctx context.Context, network, address string) (net.Conn, error) // as Room.Dial
}

// Room is one point and its token.
type Room struct {
	Point meeting.PointID
	Token string
	// Of a tree: where its node is, what people call that node's level, and its
	// code. Without them the room is on the one node there is.
	URL, Tier, Node string
	// Dial reaches the node where it does not stand on this host; nil dials.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

const mostLinks = 4096 // lines

// linkForms find the name of a point at the end of a line or before a comma,
// and a link: its base, its page and its token.
func linkForms() (name, link *regexp.Regexp) {
	name = regexp.MustCompile(`\[([^\[\]\s]{1,64})\](?:,|$)`)
	link = regexp.MustCompile(`(https?://[^\s/]+)/(console|chair|room)#t=([A-Za-z0-9]+)`)
	return name, link
}

// ReadLinks reads what "giaoban serve" printed, up to its last line or the end.
// A room counts if its line before names the point.
func ReadLinks(r io.Reader) (Links, error) {
	var l Links
	known := map[meeting.PointID]bool{}
	var named meeting.PointID
	nameForm, linkForm := linkForms()
	lines := bufio.NewScanner(r)
	for n := 0; n < mostLinks && lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		link := linkForm.FindStringSubmatch(line)
		switch {
		case strings.HasPrefix(line, "Ctrl-C"):
			return l, l.validate()
		case link == nil:
			named = ""
			if name := nameForm.FindStringSubmatch(line); name != nil {
				named = meeting.PointID(name[1])
			}
		case link[2] == "console":
			l.URL, l.Console = link[1], link[3]
		case link[2] == "room" && named != "" && !known[named]:
			known[named] = true
			l.Rooms = append(l.Rooms, Room{Point: named, Token: link[3]})
		}
	}
	if err := lines.Err(); err != nil {
		return l, fmt.Errorf("read links: %w", err)
	}
	return l, l.validate()
}

func (l Links) validate() error {
	if l.Console == "" || len(l.Rooms) == 0 {
		return errors.New("no links of a console and rooms; start the bridge with --demo-points 0 and keep what it prints")
	}
	return nil
}

// readLinkFile reads what "giaoban serve --links" wrote.
func readLinkFile(text []byte) (Links, error) {
	var file struct {
		URL     string                     `json:"url"`
		Listen  string                     `json:"listen"`
		Console string                     `json:"console"`
		Rooms   map[meeting.PointID]string `json:"rooms"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return Links{}, fmt.Errorf("read links: %w", err)
	}
	token := func(link string) string { _, t, _ := strings.Cut(link, "#t="); return t }
	l := Links{URL: file.URL, Console: token(file.Console), door: file.Listen}
	for _, id := range slices.Sorted(maps.Keys(file.Rooms)) {
		l.Rooms = append(l.Rooms, Room{Point: id, Token: token(file.Rooms[id])})
	}
	return l, nil
}

// socket is the URL of a node's WebSocket.
func socket(base string) (string, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", fmt.Errorf("url %q: want http://host:port or https://host:port", base)
	}
	u.Scheme = "ws" + strings.TrimPrefix(u.Scheme, "http")
	return u.JoinPath("/api/v1/bridge").String(), nil
}
