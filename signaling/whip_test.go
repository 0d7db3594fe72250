package signaling

import (
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/limit"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
	"github.com/giaoban/giaoban/sfu"
)

const someOffer = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n"

// doorCall is one request at a standard door.
type doorCall struct {
	method, path, token, body, bodyType, match string
}

// knock makes a request and gives status, headers and body.
func (h *hall) knock(c doorCall) (int, http.Header, string) {
	h.t.Helper()
	r, err := http.NewRequest(c.method, h.http.URL+c.path, strings.NewReader(c.body))
	if err != nil {
		h.t.Fatal(err)
	}
	for name, value := range map[string]string{"Authorization": "Bearer " + c.token, "Content-Type": c.bodyType, "If-Match": c.match} {
		if value != "" && value != "Bearer " {
			r.Header.Set(name, value)
		}
	}
	response, err := h.http.Client().Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return response.StatusCode, response.Header, string(body)
}

// enter brings a visit in and gives its address and tag.
func (h *hall) enter(path, token string) (location, tag string) {
	h.t.Helper()
	status, header, body := h.knock(doorCall{"POST", path, token, someOffer, typeSDP, ""})
	if status != http.StatusCreated || header.Get("Content-Type") != typeSDP || body != "answer 1" {
		h.t.Fatalf("%s: %d %s", path, status, body)
	}
	return header.Get("Location"), header.Get("ETag")
}

// visits lists those that are there now.
func (h *hall) visits() []*visit {
	h.server.mu.Lock()
	defer h.server.mu.Unlock()
	return slices.Collect(maps.Values(h.server.visits))
}

func (h *hall) awaitVisits(visits []*visit) {
	h.t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for _, v := range visits {
		select {
		case <-v.done:
		case <-deadline.C:
			h.t.Fatalf("a visit by %s goes on", v.door)
		}
	}
}

func (h *hall) presence(id meeting.PointID, want meeting.Presence) func() bool {
	return func() bool { return h.point(id).Presence == want }
}

func TestAnEncoderTakesItsPointsSeatAndLeavesIt(t *testing.T) {
	h := newHall(t, nil)
	location, tag := h.enter("/whip", "room-p2")
	if p := h.point("p2"); p.Presence != meeting.Present || !strings.HasPrefix(p.Device, "whip-") {
		t.Fatalf("p2 is %s on %q", p.Presence, p.Device)
	}
	peer := h.media.last(t)
	if c := peer.cfg; !c.Publish || c.Door != sfu.DoorWHIP || c.Point != "p2" || c.Meeting != hallMeeting {
		t.Errorf("joined media as %+v", c)
	}
	if status, _, body := h.knock(doorCall{"PATCH", location, "room-p2", "a=ice-ufrag:same\r\n", typeFragment, tag}); status != http.StatusNoContent {
		t.Errorf("candidates: %d %s", status, body)
	}
	status, header, body := h.knock(doorCall{"PATCH", location, "room-p2", "a=ice-ufrag:next\r\n", typeFragment, "*"})
	if status != http.StatusOK || !strings.Contains(body, "a=ice-ufrag:fresh") || header.Get("ETag") == tag || header.Get("ETag") == "" {
		t.Errorf("restart: %d %s, tag %s after %s", status, body, header.Get("ETag"), tag)
	}
	if status, _, _ := h.knock(doorCall{"PATCH", location, "room-p2", "a=ice-ufrag:same\r\n", typeFragment, tag}); status != http.StatusPreconditionFailed {
		t.Errorf("candidates of the ICE session before: %d, want 412", status)
	}
	if status, _, body := h.knock(doorCall{"DELETE", location, "room-p2", "", "", ""}); status != http.StatusOK {
		t.Fatalf("delete: %d %s", status, body)
	}
	h.await("p2 has left", h.presence("p2", meeting.Absent))
	if !peer.isClosed() {
		t.Error("its media goes on")
	}
	if status, _, _ := h.knock(doorCall{"DELETE", location, "room-p2", "", "", ""}); status != http.StatusNotFound {
		t.Errorf("a second delete: %d, want 404", status)
	}
	status, header, body = h.knock(doorCall{"POST", "/whip", "room-p2", someOffer, typeSDP, ""})
	if status != http.StatusConflict || !strings.Contains(body, `"point.left"`) || header.Get("Retry-After") != retryVisit {
		t.Errorf("who has left comes again: %d %s, to be tried after %q", status, body, header.Get("Retry-After"))
	}
}

// An encoder has no page, so its point's OK is pressed by script, with the
// same token and while it has the seat.
func TestTheOKOfAnEncodersPointIsPressedByScript(t *testing.T) {
	h := newHall(t, nil)
	ok := func(point string) int {
		status, _, _ := h.call("POST", commandsPath, "room-"+point, `{"t":"mic.on","d":{"point":"`+point+`"}}`)
		return status
	}
	h.enter("/whip", "room-p2")
	h.join("room-p3", "tv")
	h.await("p3 is here", h.presence("p3", meeting.Present))
	open := func(point meeting.PointID) bool {
		return h.meeting.Current().Plan.Permits(meeting.SourceKey{Point: point, Kind: meeting.Microphone})
	}
	if status := ok("p2"); status != http.StatusConflict || open("p2") {
		t.Errorf("OK before the invitation: %d, open %v", status, open("p2"))
	}
	h.call("POST", commandsPath, "controller", `{"t":"floor.give","id":1,"d":{"point":"p2"}}`)
	if open("p2") {
		t.Error("the invitation alone opened the microphone")
	}
	if status := ok("p2"); status != http.StatusOK || !open("p2") {
		t.Errorf("OK after the invitation: %d, open %v", status, open("p2"))
	}
	h.call("POST", commandsPath, "controller", `{"t":"floor.give","id":2,"d":{"point":"p3"}}`)
	if status := ok("p3"); status != http.StatusForbidden || open("p3") || open("p2") {
		t.Errorf("a script's OK for a point with a page: %d, open %v and %v", status, open("p3"), open("p2"))
	}
}

func TestAnEncoderFollowsItsMedia(t *testing.T) {
	h := newHall(t, nil)
	location, _ := h.enter("/whip", "room-p2")
	peer := h.media.last(t)
	peer.cfg.Notify(sfu.Notice{State: sfu.StateConnected})
	peer.cfg.Notify(sfu.Notice{State: sfu.StateLost})
	h.await("p2 is lost", h.presence("p2", meeting.Lost))
	peer.cfg.Notify(sfu.Notice{State: sfu.StateConnected})
	h.await("p2 is back", h.presence("p2", meeting.Present))
	visits := h.visits()
	peer.cfg.Notify(sfu.Notice{State: sfu.StateFailed})
	h.awaitVisits(visits)
	if got := h.point("p2").Presence; got != meeting.Lost {
		t.Errorf("p2 is %s after its media failed", got)
	}
	if status, _, _ := h.knock(doorCall{"DELETE", location, "room-p2", "", "", ""}); status != http.StatusNotFound {
		t.Errorf("the visit goes on: %d", status)
	}
	h.enter("/whip", "room-p2")
	if p := h.point("p2"); p.Presence != meeting.Present || !p.Resumed && p.Device == "" {
		t.Errorf("the encoder came back to %+v", p)
	}
}

// A second encoder with the same token is the same one, begun anew; a page of
// the room that has the point is not pushed out.
func TestAPointHasOneEncoderAndOneDevice(t *testing.T) {
	h := newHall(t, nil)
	first, _ := h.enter("/whip", "room-p2")
	h.enter("/whip", "room-p2")
	if status, _, _ := h.knock(doorCall{"DELETE", first, "room-p2", "", "", ""}); status != http.StatusNotFound {
		t.Errorf("the first visit goes on: %d", status)
	}
	if p := h.point("p2"); p.Presence != meeting.Present {
		t.Errorf("p2 is %s", p.Presence)
	}
	h.join("room-p3", "tv")
	h.await("p3 is here", h.presence("p3", meeting.Present))
	status, header, body := h.knock(doorCall{"POST", "/whip", "room-p3", someOffer, typeSDP, ""})
	if status != http.StatusConflict || !strings.Contains(body, `"point.in_use"`) || header.Get("Retry-After") == "" {
		t.Errorf("an encoder beside the page: %d %s", status, body)
	}
	if h.point("p3").Device != "tv" {
		t.Error("the page lost its point")
	}
}

func TestAPlayerIsNobodyInTheRoster(t *testing.T) {
	h := newHall(t, nil)
	before := h.meeting.Current().State.Seq
	location, _ := h.enter("/whep?exclude=p1,p4&exclude=p5", "observer")
	c := h.media.last(t).cfg
	if c.Publish || c.Door != sfu.DoorWHEP || c.Point != "" || len(c.Exclude) != 3 || c.Exclude[2] != "p5" {
		t.Errorf("joined media as %+v", c)
	}
	h.enter("/whep", "room-p2")
	if c := h.media.last(t).cfg; c.Publish || c.Point != "p2" {
		t.Errorf("a room's player joined media as %+v", c)
	}
	if h.meeting.Current().State.Seq != before {
		t.Error("the log has a player in it")
	}
	if status, _, _ := h.knock(doorCall{"DELETE", location, "observer", "", "", ""}); status != http.StatusOK {
		t.Errorf("delete: %d", status)
	}
}

func TestWhatADoorRefuses(t *testing.T) {
	h := newHall(t, nil)
	location, tag := h.enter("/whip", "room-p2")
	for name, tt := range map[string]struct {
		call   doorCall
		status int
		code   string
	}{
		"no token":                 {doorCall{"POST", "/whip", "", someOffer, typeSDP, ""}, 401, "token.invalid"},
		"a controller's encoder":   {doorCall{"POST", "/whip", "controller", someOffer, typeSDP, ""}, 403, "rights"},
		"another type":             {doorCall{"POST", "/whip", "room-p3", someOffer, "text/plain", ""}, 415, "body.type"},
		"no SDP in it":             {doorCall{"POST", "/whip", "room-p3", "hello", typeSDP, ""}, 422, "offer.refused"},
		"too much":                 {doorCall{"POST", "/whip", "room-p3", strings.Repeat("a", 300<<10), typeSDP, ""}, 413, "frame.too_big"},
		"a point in no meeting":    {doorCall{"POST", "/whip", "room-p9", someOffer, typeSDP, ""}, 404, "meeting.none"},
		"no tag":                   {doorCall{"PATCH", location, "room-p2", "a=ice-ufrag:x", typeFragment, ""}, 428, "tag.missing"},
		"another tag":              {doorCall{"PATCH", location, "room-p2", "a=ice-ufrag:x", typeFragment, `"x"`}, 412, "tag.stale"},
		"a fragment of nothing":    {doorCall{"PATCH", location, "room-p2", "", typeFragment, tag}, 422, "offer.refused"},
		"somebody else's visit":    {doorCall{"PATCH", location, "room-p3", "a=ice-ufrag:x", typeFragment, "*"}, 404, "visit.unknown"},
		"deleting somebody else's": {doorCall{"DELETE", location, "room-p3", "", "", ""}, 404, "visit.unknown"},
		"by the other door":        {doorCall{"DELETE", strings.Replace(location, "whip", "whep", 1), "room-p2", "", "", ""}, 404, "visit.unknown"},
	} {
		status, _, body := h.knock(tt.call)
		if status != tt.status || !strings.Contains(body, `"`+tt.code) {
			t.Errorf("%s: %d %s, want %d %s", name, status, body, tt.status, tt.code)
		}
	}
	if h.point("p3").Presence == meeting.Present {
		t.Error("a refused encoder has the seat")
	}
	if status, _, _ := h.knock(doorCall{"GET", location, "room-p2", "", "", ""}); status != http.StatusMethodNotAllowed {
		t.Errorf("GET of a visit: %d, want 405", status)
	}
}

// One link's players have two places, a role's players their own, and encoders
// and relay sources theirs: none of them can take another's.
func TestPlayersHaveTheirShare(t *testing.T) {
	h := newHall(t, func(c *Config) {
		c.Table = limit.Standard().With(limit.ObserverVisits, func(r *limit.Row) { r.Each = 3 })
	})
	h.enter("/whep", "observer")
	location, _ := h.enter("/whep", "observer")
	status, header, body := h.knock(doorCall{"POST", "/whep", "observer", someOffer, typeSDP, ""})
	if status != http.StatusTooManyRequests || header.Get("Retry-After") == "" {
		t.Errorf("a third player of one link: %d %v %s", status, header, body)
	}
	h.enter("/whep", "screen-p2")
	if status, _, _ := h.knock(doorCall{"POST", "/whep", "screen-p2", someOffer, typeSDP, ""}); status != http.StatusTooManyRequests {
		t.Errorf("a fourth player of three of observers: %d", status)
	}
	h.enter("/whep", "controller")
	h.enter("/whep", "chair")
	h.enter("/whip", "room-p2")
	h.enter("/whip", "room-p2") // the same encoder again
	if status, _, _ := h.knock(doorCall{"DELETE", location, "observer", "", "", ""}); status != http.StatusOK {
		t.Fatalf("delete: %d", status)
	}
	h.enter("/whep", "observer")
}

func TestAPageOfAnotherServerMayKnock(t *testing.T) {
	h := newHall(t, nil)
	for path, want := range map[string]string{"/whip": "Accept-Post", "/whep/x": "Accept-Patch"} {
		status, header, _ := h.knock(doorCall{"OPTIONS", path, "", "", "", ""})
		if status != http.StatusNoContent || header.Get(want) == "" || header.Get("Access-Control-Allow-Origin") != "*" ||
			!strings.Contains(header.Get("Access-Control-Allow-Headers"), "Authorization") {
			t.Errorf("%s: %d %v", path, status, header)
		}
	}
	if status, header, _ := h.knock(doorCall{"OPTIONS", "/api/v1/meetings", "", "", "", ""}); header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("the API is open to other pages: %d %v", status, header)
	}
}

func TestVisitsEndWithTheirMeetingAndTheirServer(t *testing.T) {
	h := newHall(t, nil)
	h.enter("/whip", "room-p2")
	h.enter("/whep", "observer")
	encoder, player := h.media.peers[0], h.media.peers[1]
	visits := h.visits()
	if status, _, body := h.call("POST", commandsPath, "controller", `{"t":"meeting.end","id":1}`); status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	h.awaitVisits(visits)
	if !encoder.isClosed() || !player.isClosed() {
		t.Error("their media goes on")
	}
	if status, header, _ := h.knock(doorCall{"POST", "/whep", "observer", someOffer, typeSDP, ""}); status != http.StatusNotFound || header.Get("Retry-After") == "" {
		t.Errorf("without a meeting: %d %v", status, header)
	}
	h.open("hop-2")
	h.enter("/whip", "room-p2")
	last := h.media.last(t)
	if err := h.server.Close(); err != nil || !last.isClosed() {
		t.Errorf("the server closed with %v, its encoder closed: %v", err, last.isClosed())
	}
	if p := h.point("p2"); p.Presence != meeting.Present {
		t.Errorf("a drained point is %s; the journal says who was here", p.Presence)
	}
}

// slowDoor is a media server that takes its time to let somebody in.
type slowDoor struct {
	*fakeMedia
	asked, open chan struct{}
}

func (s *slowDoor) Join(cfg sfu.PeerConfig) (Peer, error) {
	if cfg.Door == sfu.DoorWHIP {
		close(s.asked)
		<-s.open
	}
	return s.fakeMedia.Join(cfg)
}

// The lines are looked at while an encoder is between its seat and its media.
func TestLinesAreToldWhileAnEncoderComes(t *testing.T) {
	slow := &slowDoor{asked: make(chan struct{}), open: make(chan struct{})}
	h := newHall(t, func(c *Config) {
		slow.fakeMedia = c.Media.(*fakeMedia)
		c.Media = slow
	})
	letIn := sync.OnceFunc(func() { close(slow.open) })
	t.Cleanup(letIn)
	controller := h.join("controller", "desk")
	entered := make(chan struct{})
	go func() {
		defer close(entered)
		h.knock(doorCall{"POST", "/whip", "room-p2", someOffer, typeSDP, ""})
	}()
	<-slow.asked
	var lines wire.Quality
	controller.news("quality", &lines)
	if len(lines.Lines) != 0 {
		t.Errorf("%+v of an encoder without media", lines.Lines)
	}
	letIn()
	<-entered
	for len(lines.Lines) == 0 {
		controller.news("quality", &lines)
	}
}

// What time or somebody else may mend says when to come again; what will be
// refused for ever does not.
func TestWhatMayMendSaysSo(t *testing.T) {
	for code, want := range map[meeting.Code]bool{
		meeting.CodePointLeft: true, meeting.CodePointWaits: true, meeting.CodePointInUse: true, meeting.CodeMeetingLocked: true,
		meeting.CodeMeetingNotOpen: true, wire.CodeMeetingNone: true, wire.CodeMediaBusy: true, wire.CodeServerDraining: true,
		wire.CodeJournalUnavailable: true, wire.CodeRateLimited: true, wire.CodeLinkLost: true,
		wire.CodeOfferRefused: false, meeting.CodeRights: false, wire.CodeBodyType: false, wire.CodeVisitUnknown: false,
	} {
		if mends(code) != want {
			t.Errorf("%s may mend: %v, want %v", code, !want, want)
		}
	}
}
