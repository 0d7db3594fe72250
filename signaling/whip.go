package signaling

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
	"github.com/giaoban/giaoban/sfu"
)

// The media types of the standard doors.
const (
	typeSDP      = "application/sdp"
	typeFragment = "application/trickle-ice-sdpfrag" // RFC 8840 §9
)

// retryVisit is when an encoder or a player that found no meeting comes again.
const retryVisit = "5"

// visitors are the roles that may come in by a standard door. A carrier never
// gets media, and an encoder is a room's.
var visitors = map[sfu.Door][]meeting.Role{
	sfu.DoorWHIP: {meeting.RoleRoom},
	sfu.DoorWHEP: {meeting.RoleRoom, meeting.RoleChair, meeting.RoleController, meeting.RoleObserver},
}

// routeDoors adds WHIP, in for encoders (RFC 9725), and WHEP, out for players
// (draft-ietf-wish-whep). Both are under the gates of everybody else.
func (s *Server) routeDoors(mux *http.ServeMux) {
	for _, door := range []sfu.Door{sfu.DoorWHIP, sfu.DoorWHEP} {
		path := "/" + string(door)
		mux.HandleFunc("POST "+path, s.across(func(w http.ResponseWriter, r *http.Request) { s.visit(w, r, door) }))
		mux.HandleFunc("OPTIONS "+path, s.across(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Accept-Post", typeSDP)
			w.WriteHeader(http.StatusNoContent)
		}))
		mux.HandleFunc("PATCH "+path+"/{visit}", s.across(s.patchVisit))
		mux.HandleFunc("DELETE "+path+"/{visit}", s.across(s.deleteVisit))
		mux.HandleFunc("OPTIONS "+path+"/{visit}", s.across(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Accept-Patch", typeFragment)
			w.WriteHeader(http.StatusNoContent)
		}))
		mux.HandleFunc(path, allowOnly("OPTIONS, POST"))
		mux.HandleFunc(path+"/{visit}", allowOnly("DELETE, OPTIONS, PATCH"))
	}
}

// allowOnly answers every other method, which would be taken for a page's.
func allowOnly(methods string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Allow", methods)
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

// across lets pages of other servers use a door (RFC 9725 §4.1). That is safe:
// a door knows no cookie, only a token the page must have.
func (s *Server) across(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Access-Control-Allow-Methods", "POST, PATCH, DELETE, OPTIONS")
		h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match")
		h.Set("Access-Control-Expose-Headers", "Location, ETag, Accept-Patch, Retry-After")
		next(w, r)
	}
}

// visit is POST: an offer comes in, an answer and the visit's address go out.
func (s *Server) visit(w http.ResponseWriter, r *http.Request, door sfu.Door) {
	who, offer, err := s.visitor(w, r, typeSDP)
	if err == nil && !slices.Contains(visitors[door], who.Role) {
		err = refusal(meeting.CodeRights)
	}
	if err == nil {
		err = s.fair.offers.Take(principalOf(who.Identity))
	}
	if err != nil {
		s.refuseVisit(w, err)
		return
	}
	v, answer, err := s.receiveVisitor(visitCard{
		door: door, who: who, device: encoderOf(tokenOf(r)),
		address: addressOf(r), exclude: who.leavesOut(excluded(r)),
	}, offer)
	if err != nil {
		s.refuseVisit(w, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", typeSDP)
	h.Set("Location", "/"+string(door)+"/"+v.id)
	h.Set("ETag", v.tag())
	h.Set("Accept-Patch", typeFragment)
	write(w, http.StatusCreated, []byte(answer))
}

// excluded are the points whose sound a player does not want (mix-minus).
func excluded(r *http.Request) []meeting.PointID {
	var points []meeting.PointID
	for _, value := range r.URL.Query()["exclude"] {
		for id := range strings.SplitSeq(value, ",") {
			if id != "" && len(points) < meeting.Voices {
				points = append(points, meeting.PointID(id))
			}
		}
	}
	return points
}

// patchVisit is PATCH: candidates, or the restart of ICE.
func (s *Server) patchVisit(w http.ResponseWriter, r *http.Request) {
	who, fragment, err := s.visitor(w, r, typeFragment)
	if err != nil {
		s.refuseVisit(w, err)
		return
	}
	v := s.visitOf(r, who.Identity)
	match := r.Header.Get("If-Match")
	switch {
	case v == nil:
		err = refusal(wire.CodeVisitUnknown)
	case match == "":
		err = refusal(wire.CodeTagMissing)
	case match != "*" && match != v.tag():
		err = refusal(wire.CodeTagStale)
	}
	if err != nil {
		s.refuseVisit(w, err)
		return
	}
	answer, err := v.restart(fragment)
	switch {
	case err != nil:
		s.refuseVisit(w, err)
	case answer == "":
		w.WriteHeader(http.StatusNoContent)
	default:
		w.Header().Set("Content-Type", typeFragment)
		w.Header().Set("ETag", v.tag())
		write(w, http.StatusOK, []byte(answer))
	}
}

// deleteVisit is DELETE: the encoder or the player goes.
func (s *Server) deleteVisit(w http.ResponseWriter, r *http.Request) {
	who, err := s.bearer(r)
	if err != nil {
		s.refuseVisit(w, err)
		return
	}
	v := s.visitOf(r, who.Identity)
	if v == nil {
		s.refuseVisit(w, refusal(wire.CodeVisitUnknown))
		return
	}
	v.halt(visitLeft)
	<-v.done
	w.WriteHeader(http.StatusOK)
}

// visitor reads who asks and the body, which must be of a type.
func (s *Server) visitor(w http.ResponseWriter, r *http.Request, bodyType string) (Bearer, string, error) {
	who, err := s.bearer(r)
	if err != nil {
		return who, "", err
	}
	if err := s.fair.calls.Take(principalOf(who.Identity)); err != nil {
		return who, "", err
	}
	if got, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); got != bodyType {
		return who, "", &meeting.Error{Code: wire.CodeBodyType, Args: map[string]any{"type": bodyType}}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, wire.MaxFrame))
	var big *http.MaxBytesError
	switch {
	case errors.As(err, &big):
		return who, "", &meeting.Error{Code: wire.CodeFrameTooBig, Args: map[string]any{"max": wire.MaxFrame}}
	case err != nil:
		return who, "", &meeting.Error{Code: wire.CodeFrameMalformed, Args: map[string]any{"detail": "body not read"}}
	}
	return who, string(body), who.held()
}

// visitOf finds the visit a request is for; it is its own visitor's only.
func (s *Server) visitOf(r *http.Request, who Identity) *visit {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.visits[r.PathValue("visit")]
	if v == nil || v.who.Identity != who || !strings.HasPrefix(r.URL.Path, "/"+string(v.door)+"/") {
		return nil
	}
	return v
}

// refuseVisit answers with a problem. What time mends may be tried again.
func (s *Server) refuseVisit(w http.ResponseWriter, err error) {
	s.stats.refuse(err)
	if mends(codedError(err).Code) {
		w.Header().Set("Retry-After", retryVisit)
	}
	problem(w, err)
}

// mends reports whether a refusal may end by itself, or by an act of somebody
// else: what a page stands and waits for (presence.go), and whatever the server
// says of itself.
func mends(code meeting.Code) bool {
	if info, known := wire.Explain(code); known && (info.Status == http.StatusServiceUnavailable || info.Status == http.StatusTooManyRequests) {
		return true
	}
	return waits(code) || code == wire.CodeMeetingNone || code == wire.CodeMediaBusy
}
