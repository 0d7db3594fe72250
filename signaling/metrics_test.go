package signaling

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/giaoban/giaoban/sfu"
)

// metered is a fake media path that has figures.
type metered struct{ fakeMedia }

func (*metered) Stats() sfu.Stats {
	return sfu.Stats{PacketsIn: 7, Peers: 2, Dropped: map[string]uint64{"not_permitted": 5}, Feedback: map[sfu.Feedback]uint64{{Point: "hg-02", Kind: "remb"}: 4}}
}

func (*metered) Links() map[string]sfu.LinkStats {
	return map[string]sfu.LinkStats{"02/031": {Up: true, BytesOut: 9, Sending: 3, Encodings: 2}}
}

// names reads the names of every metric the server has.
func names(t *testing.T, h *hall, reg *prometheus.Registry) []string {
	t.Helper()
	h.server.stats.commands.WithLabelValues("mic.on").Inc()
	h.server.stats.refuse(errDraining)
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, f := range families {
		all = append(all, f.GetName())
	}
	return all
}

func TestMediaFiguresAreReadOnDemand(t *testing.T) {
	h := newHall(t, func(c *Config) { c.Media = &metered{} })
	_, _, body := h.call("GET", "/metrics", "", "")
	for _, want := range []string{
		"giaoban_media_packets_in_total 7", "giaoban_media_peers 2", `giaoban_media_dropped_total{reason="not_permitted"} 5`,
		`giaoban_media_feedback_total{kind="remb",point="hg-02"} 4`,
		"giaoban_facts_total 1", `giaoban_link_up{node="02/031"} 1`, `giaoban_link_bytes_out_total{node="02/031"} 9`,
		`giaoban_link_streams_out{node="02/031"} 3`, `giaoban_link_encodings_out{node="02/031"} 2`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("metrics lack %s", want)
		}
	}
}

func TestEveryMetricIsOnTheProtocolPage(t *testing.T) {
	reg := prometheus.NewRegistry()
	h := newHall(t, func(c *Config) { c.Media, c.Metrics = &metered{}, reg })
	page, err := os.ReadFile(filepath.Join("..", "docs", "protocol.md"))
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `(giaoban_\\w+)` \\|").FindAllStringSubmatch(string(page), -1) {
		documented[m[1]] = true
	}
	for _, name := range names(t, h, reg) {
		if !documented[name] {
			t.Errorf("%s is not on the page", name)
		}
		delete(documented, name)
	}
	for name := range documented {
		t.Errorf("%s is on the page and nowhere else", name)
	}
}
