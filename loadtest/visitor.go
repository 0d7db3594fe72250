package loadtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/pion/webrtc/v4"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/wire"
)

// The types of the standard doors' bodies.
const (
	typeSDP      = "application/sdp"
	typeFragment = "application/trickle-ice-sdpfrag"
)

// Visitor is a client of a standard door: an encoder (WHIP, RFC 9725) or a
// player (WHEP). It has the media of a bot and neither socket nor view. An
// encoder sends picture and sound all the time, whatever its gates are.
type Visitor struct {
	*Bot
	at     *url.URL // of the visit
	tag    string
	answer string
}

// Visit comes in by the door at cfg.URL, http://host:port/whip or /whep, and
// returns once the media path is up. With a Clip it is an encoder, without one
// a player that hears as many voices as there are. The caller closes it.
func Visit(ctx context.Context, cfg Config) (*Visitor, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	b := &Bot{cfg: cfg, log: cfg.Log, nudge: make(chan struct{}, 1), changed: make(chan struct{}), total: map[SlotID]*counter{}}
	if cfg.Clip == nil {
		b.cfg.MaxTiles, b.state.Limits.Voices = 1, meeting.Voices
	}
	b.ctx, b.cancel = context.WithCancel(context.Background())
	v := &Visitor{Bot: b}
	if err := v.comeIn(ctx); err != nil {
		_ = v.Close() // the visit it may have is the server's to end
		return nil, err
	}
	return v, nil
}

func (v *Visitor) comeIn(ctx context.Context) error {
	m, offer, err := v.newMedia()
	if err != nil {
		return err
	}
	v.media, v.playing = m, m
	response, body, err := v.call(ctx, errand{http.MethodPost, v.cfg.URL, typeSDP, offer})
	if err != nil {
		return err
	}
	if v.at, err = response.Location(); err != nil {
		return fmt.Errorf("location of the visit: %w", err)
	}
	v.tag, v.answer = response.Header.Get("ETag"), body
	if err := m.sink.learn(body, len(m.outlets)); err != nil {
		return err
	}
	if err := m.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: body}); err != nil {
		return fmt.Errorf("set answer: %w", err)
	}
	return v.connect(ctx)
}

// connect waits for the media path and lets an encoder send.
func (v *Visitor) connect(ctx context.Context) error {
	for {
		switch v.media.pc.ConnectionState() {
		case webrtc.PeerConnectionStateConnected:
			if v.media.player != nil {
				v.media.player.direct(direction{connected: true, camera: true, speaking: true})
			}
			return nil
		case webrtc.PeerConnectionStateFailed, webrtc.PeerConnectionStateClosed:
			return errors.New("no media path to the server")
		}
		select {
		case <-v.nudge:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Restart restarts ICE (RFC 9725 §4.3.2) and returns once the server has
// answered with other credentials.
func (v *Visitor) Restart(ctx context.Context) error {
	offer, err := v.media.pc.CreateOffer(&webrtc.OfferOptions{ICERestart: true})
	if err != nil {
		return fmt.Errorf("create offer: %w", err)
	}
	gathered := webrtc.GatheringCompletePromise(v.media.pc)
	if err := v.media.pc.SetLocalDescription(offer); err != nil {
		return fmt.Errorf("set offer: %w", err)
	}
	select {
	case <-gathered:
	case <-ctx.Done():
		return ctx.Err()
	}
	response, fragment, err := v.call(ctx, errand{http.MethodPatch, v.at.String(), typeFragment, credentials(v.media.pc.LocalDescription().SDP)})
	if err != nil {
		return err
	}
	v.tag = response.Header.Get("ETag")
	v.answer = renewed(v.answer, credentials(fragment))
	return v.media.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: v.answer})
}

// kinds are the sources a client publishes, in the order of its m-lines.
func (c Config) kinds() []meeting.Kind {
	if strings.HasPrefix(c.URL, "http") { // a door's
		return meeting.Kinds[:2]
	}
	return meeting.Kinds[:]
}

// Close ends the visit and waits for what it started.
func (v *Visitor) Close() error {
	v.cancel()
	var err error
	if v.at != nil {
		_, _, err = v.call(context.WithoutCancel(v.ctx), errand{method: http.MethodDelete, at: v.at.String()})
	}
	v.dropMedia()
	return err
}

// errand is one request of a visitor.
type errand struct{ method, at, bodyType, body string }

// call makes a request; a refusal is a *meeting.Error.
func (v *Visitor) call(ctx context.Context, e errand) (*http.Response, string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, e.method, e.at, strings.NewReader(e.body))
	if err != nil {
		return nil, "", fmt.Errorf("%s %s: %w", e.method, e.at, err)
	}
	r.Header.Set("Authorization", "Bearer "+v.cfg.Token)
	if e.bodyType != "" {
		r.Header.Set("Content-Type", e.bodyType)
	}
	if v.tag != "" {
		r.Header.Set("If-Match", v.tag)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, "", fmt.Errorf("%s %s: %w", e.method, e.at, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, wire.MaxFrame))
	if err != nil {
		return nil, "", fmt.Errorf("%s %s: %w", e.method, e.at, err)
	}
	if response.StatusCode >= 300 {
		var p wire.Problem
		if err := wire.Decode(text, &p); err != nil {
			return nil, "", fmt.Errorf("%s %s: status %d", e.method, e.at, response.StatusCode)
		}
		return nil, "", &meeting.Error{Code: p.Code, Args: p.Args}
	}
	return response, string(text), nil
}

// credentials are the lines of an SDP that name its first ICE session.
func credentials(sdp string) string {
	var ufrag, pwd string
	for line := range strings.Lines(sdp) {
		switch {
		case ufrag == "" && strings.HasPrefix(line, "a=ice-ufrag:"):
			ufrag = line
		case pwd == "" && strings.HasPrefix(line, "a=ice-pwd:"):
			pwd = line
		}
	}
	return ufrag + pwd
}

// renewed is an SDP with other credentials.
func renewed(sdp, fresh string) string {
	ufrag, pwd, _ := strings.Cut(fresh, "\n")
	var b strings.Builder
	for line := range strings.Lines(sdp) {
		switch {
		case strings.HasPrefix(line, "a=ice-ufrag:"):
			line = ufrag + "\n"
		case strings.HasPrefix(line, "a=ice-pwd:"):
			line = pwd
		}
		b.WriteString(line)
	}
	return b.String()
}
