package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/giaoban/giaoban/internal/catalog"
	"github.com/giaoban/giaoban/internal/meeting"
)

func TestLinksStandInOpeningOrder(t *testing.T) {
	w := welcome{demo: aDemo(t), simulated: 19, local: "http://localhost:8080"}
	text := printed(w)
	order := []string{
		"1. Console", "http://localhost:8080/console#t=console-token\n",
		"2. Chair", "http://localhost:8080/chair#t=chair-token\n",
		"3. Room: be Cụm xã biên giới Phó Bảng (H. Đồng Văn) [hg-20]", "http://localhost:8080/room#t=token-hg-20\n",
		"[hg-21]", "http://localhost:8080/room#t=token-hg-21&picture=test\n",
		"[hg-22]", "http://localhost:8080/room#t=token-hg-22&picture=test\n",
		"19 other points are simulated (mô phỏng)",
		"[hg-01]", "http://localhost:8080/room#t=token-hg-01&picture=test\n",
		"Ctrl-C",
	}
	rest := text
	for _, want := range order {
		_, after, ok := strings.Cut(rest, want)
		if !ok {
			t.Fatalf("no %q, in this order, in:\n%s", want, text)
		}
		rest = after
	}
}

func TestEveryRoomHasALink(t *testing.T) {
	rooms := regexp.MustCompile(`/room#t=token-(\S+?)(&picture=test)?\n`)
	for simulated, want := range map[int]int{0: 22, 19: 4, 22: 2, 30: 2} {
		t.Run(fmt.Sprintf("%d simulated", simulated), func(t *testing.T) {
			found := rooms.FindAllStringSubmatch(printed(welcome{demo: aDemo(t), simulated: simulated}), -1)
			if len(found) != want {
				t.Fatalf("%d rooms, want %d", len(found), want)
			}
			for i, f := range found {
				if test := f[2] != ""; test != (i > 0) {
					t.Errorf("%s: test picture %v", f[1], test)
				}
			}
		})
	}
}

func TestOtherComputersAreToldTheWay(t *testing.T) {
	w := welcome{demo: aDemo(t), remote: []string{"https://10.1.2.3:8443"}, trust: "http://10.1.2.3:8080", ca: "AB:CD:01:02:03:04"}
	for _, want := range []string{"https://10.1.2.3:8443", "http://10.1.2.3:8080", "1  AB CD 01 02\n", "2  03 04\n"} {
		if !strings.Contains(printed(w), want) {
			t.Errorf("no %q", want)
		}
	}
	w.remote = nil
	if strings.Contains(printed(w), "AB CD") {
		t.Error("a way in where there is none")
	}
}

func TestADemoThatIsOffHasNoLinks(t *testing.T) {
	text := printed(welcome{local: "https://localhost:8443"})
	if !strings.Contains(text, "https://localhost:8443") || strings.Contains(text, "#t=") {
		t.Error(text)
	}
}

func TestBaseURLIsWhatABrowserOpens(t *testing.T) {
	cases := []struct{ asked, given, want string }{
		{"localhost:8080", "127.0.0.1:8080", "http://localhost:8080"},
		{":8080", "[::]:8080", "http://localhost:8080"},
		{"0.0.0.0:0", "0.0.0.0:4711", "http://localhost:4711"},
		{"10.1.2.3:80", "10.1.2.3:80", "http://10.1.2.3:80"},
		{"[::1]:8080", "[::1]:8080", "http://[::1]:8080"},
	}
	for _, c := range cases {
		if have := baseURL("http", c.asked, c.given); have != c.want {
			t.Errorf("%s on %s: %s, want %s", c.asked, c.given, have, c.want)
		}
	}
}

func aDemo(t *testing.T) *demo {
	t.Helper()
	command, err := catalog.DemoMeeting(catalog.TreeHaGiang, day())
	if err != nil {
		t.Fatal(err)
	}
	d := &demo{Console: "console-token", Chair: "chair-token", Rooms: map[meeting.PointID]string{}, meeting: command, points: command.Points, leads: true}
	for _, p := range command.Points {
		d.Rooms[p.ID] = "token-" + string(p.ID)
	}
	return d
}

func printed(w welcome) string {
	var b strings.Builder
	w.print(&b)
	return b.String()
}
