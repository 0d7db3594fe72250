package signaling

import (
	"context"
	"strings"
	"testing"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/testmedia"
	"github.com/giaoban/giaoban/internal/wire"
	"github.com/giaoban/giaoban/loadtest"
	"github.com/giaoban/giaoban/sfu"
)

// A room in the middle of its media is disturbed by nothing another client
// offers, and what is no offer is refused by the real SFU with a code.
func TestBadOffersAreRefusedBesideGoodMedia(t *testing.T) {
	media, err := sfu.New(sfu.Config{Addrs: []string{"127.0.0.1"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { media.Close() })
	h := newHall(t, func(c *Config) { c.Media = Bridge(media) })
	clip, err := testmedia.LoadClip(1)
	if err != nil {
		t.Fatal(err)
	}
	bot, err := loadtest.New(loadtest.Config{
		URL: "ws" + strings.TrimPrefix(h.http.URL, "http") + "/api/v1/bridge", Token: "room-p2", Device: "tv", MaxTiles: 9, Clip: clip,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer bot.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if _, err := bot.Wait(ctx, "media", func(s loadtest.State) bool { return s.Media == "connected" && s.View.Slots != nil }); err != nil {
		t.Fatal(err)
	}
	other := h.join("room-p3", "tv")
	good := sdp("1", 1).SDP
	for name, bad := range map[string]string{
		"no m-lines":            strings.Split(good, "m=")[0],
		"one m-line for a room": good,
		"rubbish after o=":      "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\n" + strings.Repeat("\x00", 1000),
		"10 000 m-lines":        strings.Split(good, "m=")[0] + strings.Repeat("m=video 9 X 96\r\n", 10_000),
	} {
		if code := other.refused("media.offer", wire.MediaOffer{SDP: bad}); code != wire.CodeMediaInvalid {
			t.Errorf("%s: %s", name, code)
		}
	}
	if s := bot.State(); s.Media != "connected" || s.Joins != 1 {
		t.Errorf("the bot is %s after %d joins", s.Media, s.Joins)
	}
	if p := h.point("p2"); p.Presence != meeting.Present {
		t.Errorf("p2 is %s", p.Presence)
	}
}
