package signaling

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/sfu"
)

// metered is a fake media path that has figures.
type metered struct{ fakeMedia }

func (*metered) Stats() sfu.Stats {
	return sfu.Stats{PacketsIn: 7, Peers: 2, Dropped: map[string]uint64{"not_permitted": 5}, Feedback: map[sfu.Feedback]uint64{{Point: "hg-02", Kind: "remb"}: 4}}
}

func (*metered) AllSources() []sfu.SourceStats {
	return []sfu.SourceStats{{
		Meeting: "m", Source: meeting.SourceKey{Point: "hg-02", Kind: meeting.Camera}, Open: true, Packets: 9, Bytes: 900, Passed: 8, Keyframes: 2,
		Dropped: map[string]uint64{"malformed": 1},
		Layers:  []sfu.LayerStats{{Name: "h"}, {Name: "q", Passed: 8, Fan: 3, Flow: sfu.Flow{Rate: 120_000, Loss: 0.25, Jitter: 20 * time.Millisecond}}},
	}}
}

func (*metered) Clients() []sfu.ClientStats { return served(1) }

// served are so many connected clients of nine pictures and two voices.
func served(n int) (all []sfu.ClientStats) {
	for i := range n {
		c := sfu.ClientStats{Meeting: "m", Point: meeting.PointID(fmt.Sprint("hg-", i)), Client: uint64(i + 1)}
		c.Sight = sfu.Sight{Trip: 40 * time.Millisecond, Estimate: 900_000, Weak: 1, Down: sfu.Flow{Rate: 700_000, Loss: 0.1}}
		for slot := range 11 {
			c.Slots = append(c.Slots, sfu.SlotSight{
				Slot: slot % 9, Video: slot < 9, Source: meeting.SourceKey{Point: "hg-02", Kind: meeting.Camera}, Layer: "q",
				Packets: 50, Bytes: 5000, Thinned: 4, Flow: sfu.Flow{Rate: 60_000, Loss: 0.5, Jitter: time.Second},
			})
		}
		all = append(all, c)
	}
	return all
}

func (*metered) Links() map[string]sfu.LinkStats {
	return map[string]sfu.LinkStats{"02/031": {Up: true, BytesOut: 9, Sending: 3, Encodings: 2}}
}

// names reads the names of every metric the server has.
func names(t *testing.T, h *hall, reg *prometheus.Registry) []string {
	t.Helper()
	h.server.stats.commands.WithLabelValues("mic.on").Inc()
	h.server.stats.refuse(errDraining)
	var all []string
	for _, r := range []*prometheus.Registry{reg, h.server.stats.clients} {
		families, err := r.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range families {
			all = append(all, f.GetName())
		}
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
		`giaoban_source_open{kind="camera",meeting="m",point="hg-02"} 1`, `giaoban_source_passed_total{kind="camera",meeting="m",point="hg-02"} 8`,
		`giaoban_source_dropped_total{kind="camera",meeting="m",point="hg-02",reason="malformed"} 1`,
		`giaoban_layer_bps{kind="camera",layer="q",meeting="m",point="hg-02"} 120000`, `giaoban_layer_loss{kind="camera",layer="q",meeting="m",point="hg-02"} 0.25`,
		`giaoban_layer_jitter_seconds{kind="camera",layer="q",meeting="m",point="hg-02"} 0.02`, `giaoban_layer_fan{kind="camera",layer="q",meeting="m",point="hg-02"} 3`,
		`giaoban_link_streams_out{node="02/031"} 3`, `giaoban_link_encodings_out{node="02/031"} 2`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("metrics lack %s", want)
		}
	}
}

func TestALayerThatNeverCameHasNoFigures(t *testing.T) {
	h := newHall(t, func(c *Config) { c.Media = &metered{} })
	if _, _, body := h.call("GET", "/metrics", "", ""); strings.Contains(body, `layer="h"`) {
		t.Error("it has")
	}
}

func TestEachClientAndSlotHasItsFigures(t *testing.T) {
	h := newHall(t, func(c *Config) {
		c.Media, c.Operator = &metered{}, func(token string) bool { return token == "operator" }
	})
	_, _, body := h.call("GET", "/metrics/clients", "", "")
	for _, want := range []string{
		`giaoban_client_estimate_bps{client="1",meeting="m",point="hg-0"} 900000`, `giaoban_client_rtt_seconds{client="1",meeting="m",point="hg-0"} 0.04`,
		`giaoban_client_paused{client="1",meeting="m",point="hg-0"} 1`,
		`giaoban_slot_shows{client="1",layer="q",meeting="m",point="hg-0",slot="v0",source="hg-02/camera"} 1`,
		`giaoban_slot_bps{client="1",meeting="m",point="hg-0",slot="a1"} 60000`,
		`giaoban_slot_dropped_total{client="1",meeting="m",point="hg-0",reason="thinned",slot="v8"} 4`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("metrics lack %s", want)
		}
	}
	if _, _, body := h.call("GET", "/metrics", "", ""); strings.Contains(body, "giaoban_slot") {
		t.Error("/metrics has the slots too")
	}
	for token, want := range map[string]int{"": 401, "operator": 200} {
		r := httptest.NewRequest("GET", "/metrics/clients", nil)
		r.RemoteAddr = "10.1.2.3:4567"
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		h.server.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("from elsewhere with the token %q: %d, want %d", token, w.Code, want)
		}
	}
}

// crowded has 250 clients.
type crowded struct{ metered }

func (*crowded) Clients() []sfu.ClientStats { return served(250) }

// What a province's rooms come to is written in docs/operators.md.
func TestTheFiguresOf250ClientsAreBounded(t *testing.T) {
	h := newHall(t, func(c *Config) { c.Media = &crowded{} })
	_, _, body := h.call("GET", "/metrics/clients", "", "")
	series := 0
	for line := range strings.Lines(body) {
		if !strings.HasPrefix(line, "#") {
			series++
		}
	}
	t.Logf("%d series, %d bytes", series, len(body))
	if want := 250 * (6 + 11*7); series != want || len(body) > 3<<20 {
		t.Errorf("%d series of %d bytes, want %d of 3 MB at most", series, len(body), want)
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
