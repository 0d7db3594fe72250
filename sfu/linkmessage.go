package sfu

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/giaoban/giaoban/internal/meeting"
)

// LinkMessage is what the two ends of a link say to each other about media. It
// travels in their control channel, which authenticates both and keeps the order.
type LinkMessage struct {
	T string          `json:"t"`
	D json.RawMessage `json:"d,omitempty"`
}

// ErrLinkMessage is around every refusal of what the other end of a link said:
// that end does not keep to the protocol, and the link is to be closed.
var ErrLinkMessage = errors.New("bad link message")

// The kinds of LinkMessage.
const (
	linkTransport = "media.transport"
	linkWant      = "media.want"
	linkAnnounce  = "media.announce"
	linkWithdraw  = "media.withdraw"
)

// The bounds of what a link may say.
const (
	linkMessageMax   = 256 << 10 // bytes
	linkWantsMax     = 1024      // sources of one meeting
	linkStreamsMax   = 2048      // announced at a time
	linkCandidateMax = 32
	linkTextMax      = 256 // bytes of an id, a candidate, a fingerprint
)

// transportMessage offers a transport, or answers an offer of the same number.
// The child offers; the parent only answers.
type transportMessage struct {
	Number      uint32   `json:"number"`
	Ufrag       string   `json:"ufrag"`
	Password    string   `json:"password"`
	Fingerprint string   `json:"fingerprint"` // of the DTLS certificate: hex of SHA-256
	Candidates  []string `json:"candidates,omitempty"`
}

// wantMessage is everything one end wants of the other in one meeting, the most
// important first. Each message replaces the one before.
type wantMessage struct {
	Meeting meeting.ID `json:"meeting"`
	Wants   []want     `json:"wants"`
}

// want is one source and the sizes it is to be shown at; sound has one size.
type want struct {
	Source meeting.SourceKey `json:"source"`
	Sizes  Layers            `json:"sizes"`
	Main   bool              `json:"main,omitempty"` // somebody's largest tile
}

// announceMessage says that a layer of a source is sent from now on, on which
// SSRCs. Another one for the same layer replaces it.
type announceMessage struct {
	Transport uint32            `json:"transport"`
	Meeting   meeting.ID        `json:"meeting"`
	Source    meeting.SourceKey `json:"source"`
	Layers    Layers            `json:"layers,omitempty"` // the source has; none for a single encoding
	Layer     rank              `json:"layer"`
	SSRC      uint32            `json:"ssrc"`
	RTX       uint32            `json:"rtx"`
	Media     string            `json:"media,omitempty"` // the publisher's media session, which the plan names
}

// withdrawMessage says that a layer is sent no more.
type withdrawMessage struct {
	Transport uint32 `json:"transport"`
	SSRC      uint32 `json:"ssrc"`
}

// decodeLink reads the body of a message strictly.
func decodeLink(m LinkMessage, into interface{ check() error }) error {
	if len(m.D) > linkMessageMax {
		return fmt.Errorf("%w: %s of %d bytes", ErrLinkMessage, m.T, len(m.D))
	}
	d := json.NewDecoder(bytes.NewReader(m.D))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrLinkMessage, m.T, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: %s: more than one value", ErrLinkMessage, m.T)
	}
	if err := into.check(); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrLinkMessage, m.T, err)
	}
	return nil
}

// encodeLink makes a message; what it is made of always can be.
func encodeLink(kind string, body any) LinkMessage {
	d, err := json.Marshal(body)
	if err != nil {
		panic(fmt.Sprintf("encode %s: %v", kind, err))
	}
	return LinkMessage{T: kind, D: d}
}

func (m *transportMessage) check() error {
	texts := append([]string{m.Ufrag, m.Password, m.Fingerprint}, m.Candidates...)
	for _, text := range texts {
		if text == "" || len(text) > linkTextMax {
			return fmt.Errorf("text of %d bytes", len(text))
		}
	}
	if len(m.Candidates) > linkCandidateMax {
		return fmt.Errorf("%d candidates", len(m.Candidates))
	}
	return nil
}

func (m *wantMessage) check() error {
	if err := checkMeeting(m.Meeting); err != nil {
		return err
	}
	if len(m.Wants) > linkWantsMax {
		return fmt.Errorf("%d sources", len(m.Wants))
	}
	seen := make(map[meeting.SourceKey]bool, len(m.Wants))
	for _, w := range m.Wants {
		if err := checkSource(w.Source); err != nil {
			return err
		}
		if w.Sizes == 0 || w.Sizes >= 1<<len(layerNames) || seen[w.Source] {
			return fmt.Errorf("sizes %d of %s", w.Sizes, w.Source)
		}
		seen[w.Source] = true
	}
	return nil
}

func (m *announceMessage) check() error {
	if err := checkMeeting(m.Meeting); err != nil {
		return err
	}
	if err := checkSource(m.Source); err != nil {
		return err
	}
	one := m.Layers == 0 && m.Layer == rankFull
	layered := m.Source.Kind == meeting.Camera && m.Layers < 1<<len(layerNames) && m.Layer <= rankFull && m.Layers&(1<<m.Layer) != 0
	if !one && !layered {
		return fmt.Errorf("layer %d of %d of %s", m.Layer, m.Layers, m.Source)
	}
	if len(m.Media) > linkTextMax {
		return fmt.Errorf("media session of %d bytes", len(m.Media))
	}
	if m.SSRC == 0 || m.RTX == 0 || m.SSRC == m.RTX {
		return fmt.Errorf("ssrc %d and %d", m.SSRC, m.RTX)
	}
	return nil
}

func (m *withdrawMessage) check() error { return nil }

func checkMeeting(id meeting.ID) error {
	if id == "" || len(id) > linkTextMax {
		return fmt.Errorf("meeting of %d bytes", len(id))
	}
	return nil
}

func checkSource(k meeting.SourceKey) error {
	if k.Point == "" || len(k.Point) > linkTextMax {
		return fmt.Errorf("point of %d bytes", len(k.Point))
	}
	return nil
}
