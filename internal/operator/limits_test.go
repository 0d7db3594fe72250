package operator

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/limit"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// Sign-ins under ever new names are refused together, told when to come again,
// and leave a bounded number of entries in the log.
func TestSprayedSignInsAreRefusedAndNotWrittenDown(t *testing.T) {
	s := begin(t)
	beside := s.operator()
	before := len(s.log())
	told := map[meeting.Code]int{}
	stranger := visitor{site: s}
	for i := range 200 {
		r := stranger.do("POST", "session", wire.SignIn{Name: fmt.Sprint("name-", i), Password: password})
		told[r.code]++
		if r.status == http.StatusTooManyRequests && r.header.Get("Retry-After") == "" {
			t.Fatal("not told when to come again")
		}
	}
	most := 2 * limit.Standard().Row(limit.SignIns).Burst
	if wrong := told[wire.CodeSignInWrong]; wrong == 0 || wrong > most {
		t.Errorf("told %v", told)
	}
	if grown := len(s.log()) - before; grown > most {
		t.Errorf("%d entries in the log", grown)
	}
	if r := beside.do("GET", "links", nil); r.status != http.StatusOK {
		t.Errorf("an operator beside it: %d", r.status)
	}
}

// Who asks without end is refused alone.
func TestRequestsHaveARate(t *testing.T) {
	s := begin(t)
	s.server.acts = limit.NewRates[string](limit.Standard().With(limit.Acts, func(r *limit.Row) { r.Burst, r.Every = 3, time.Hour }), limit.Acts, nil)
	flood, other := s.operator(), s.operator()
	for range 3 {
		flood.do("GET", "links", nil)
	}
	if r := flood.do("GET", "links", nil); r.code != wire.CodeRateLimited || r.header.Get("Retry-After") == "" {
		t.Errorf("one too many: %d %s", r.status, r.code)
	}
	if r := other.do("GET", "links", nil); r.status != http.StatusOK {
		t.Errorf("another operator: %d", r.status)
	}
}

// One sender reads in one long body at a time.
func TestLongBodiesAreOneAtATime(t *testing.T) {
	s := begin(t)
	place, err := s.server.uploads.Enter("somebody", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.server.uploads.Enter("somebody", nil); err == nil {
		t.Error("two of one sender")
	}
	another, err := s.server.uploads.Enter("another", nil)
	if err != nil {
		t.Fatal(err)
	}
	if r := s.operator().do("POST", "points.csv", []byte("a")); r.code != wire.CodeServerBusy || r.header.Get("Retry-After") == "" {
		t.Errorf("a third: %d %s", r.status, r.code)
	}
	place.Leave()
	another.Leave()
	if r := s.operator().do("POST", "points.csv", []byte("a")); r.code == wire.CodeServerBusy {
		t.Errorf("when they have gone: %d %s", r.status, r.code)
	}
}
