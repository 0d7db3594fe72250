package operator

import (
	"testing"

	"github.com/giaoban/giaoban/internal/catalog"
	"github.com/giaoban/giaoban/internal/meeting"
)

func TestALineIsLimited(t *testing.T) {
	s := begin(t)
	v := s.operator()
	row := pointOut(*seeded(t).Point("hg-03"))
	for _, tt := range []struct {
		kbps int
		code meeting.Code
		want uint64
	}{{1500, "", 1_500_000}, {63, catalog.CodeFieldInvalid, 1_500_000}, {1_000_001, catalog.CodeFieldInvalid, 1_500_000}, {0, "", 0}} {
		row.DownKbps = tt.kbps
		if r := v.do("PUT", "points/hg-03", row); r.code != tt.code {
			t.Errorf("%d kbit/s: %d %s", tt.kbps, r.status, r.code)
		}
		if got := s.server.cfg.Directory.Ceiling("hg-03"); got != tt.want {
			t.Errorf("%d kbit/s asked: limited to %d bit/s, want %d", tt.kbps, got, tt.want)
		}
	}
	if got := s.server.cfg.Directory.Ceiling("nobody"); got != 0 {
		t.Errorf("a point that is not in the catalogue is limited to %d", got)
	}
}
