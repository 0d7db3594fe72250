package loadtest

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/pion/rtp"

	"github.com/giaoban/giaoban/internal/meeting"
)

// Way is a way to get sound to the others without the floor.
type Way string

// The ways a bot can cheat. Whatever the way, the packets carry a label that
// Detector finds in anything that comes out of the server.
const (
	WayMicrophone     Way = "microphone"      // Opus on the microphone's own stream
	WayLevelForged    Way = "level-forged"    // the same, claiming the loudest voice (RFC 6464)
	WayRED            Way = "red"             // the same in redundant coding nobody negotiated (RFC 2198)
	WayLevelStripped  Way = "level-stripped"  // the same, without an audio level
	WayCameraLine     Way = "camera-line"     // Opus payload type on the camera's stream
	WayContentLine    Way = "content-line"    // and on the content picture's
	WayContentSound   Way = "content-sound"   // Opus on the content sound's own stream
	WayUndeclared     Way = "undeclared"      // Opus on an SSRC of no m-line
	WayUndeclaredMid  Way = "undeclared-mid"  // the same, claiming the microphone's m-line (RFC 8843 §9.2)
	WayUndeclaredCam  Way = "undeclared-cam"  // and the camera's
	WayRepairVideo    Way = "repair-video"    // as RTX of the camera's stream (RFC 4588)
	WayRepairOpus     Way = "repair-opus"     // Opus payload type on the camera's RTX stream
	WayRepairAudio    Way = "repair-audio"    // RTX payload type on the microphone's stream
	WayRepairInvented Way = "repair-invented" // RTX payload type on an SSRC of no m-line
	WayLayerTwin      Way = "layer-twin"      // Opus on an SSRC of no m-line, claiming a layer of the camera (RFC 8852)
	WayLayerUnknown   Way = "layer-unknown"   // and a layer it does not have
	WayLayerSound     Way = "layer-sound"     // and a layer of the microphone
)

// Ways lists every way.
func Ways() []Way {
	return []Way{
		WayMicrophone, WayRED, WayLevelForged, WayLevelStripped, WayCameraLine, WayContentLine, WayContentSound,
		WayUndeclared, WayUndeclaredMid, WayUndeclaredCam,
		WayRepairVideo, WayRepairOpus, WayRepairAudio, WayRepairInvented,
		WayLayerTwin, WayLayerUnknown, WayLayerSound,
	}
}

const (
	cheatMagic = "giaoban-cheat:"
	cheatEvery = 4 * time.Millisecond
	opusTOC    = 0xFC // CELT, full band, 20 ms, stereo, one frame (RFC 6716 §3.1)
	fakeSSRC   = 0xC0FFEE00
	payloadRED = 63
)

// ErrNoMedia is returned when a bot without a connected publisher is to cheat.
var ErrNoMedia = errors.New("loadtest: nothing to cheat with")

// Cheat sends packets the bot has no right to send, and returns how many left.
// A label is any text without a bar.
func (b *Bot) Cheat(ctx context.Context, way Way, label string, packets int) (int, error) {
	b.mu.Lock()
	m := b.playing
	b.mu.Unlock()
	if m == nil || m.player == nil {
		return 0, ErrNoMedia
	}
	tick := time.NewTicker(cheatEvery)
	defer tick.Stop()
	for n := range packets {
		failed := make(chan error, 1)
		select {
		case m.player.work <- func(p *player) { failed <- p.cheat(way, label, n) }:
		case <-m.player.done:
			return n, ErrNoMedia
		case <-ctx.Done():
			return n, ctx.Err()
		}
		if err := <-failed; err != nil {
			return n, err
		}
		<-tick.C
	}
	return packets, nil
}

// cheat crafts and sends one packet on the player's goroutine, so that its
// numbers continue those of the honest stream it rides on.
func (p *player) cheat(way Way, label string, n int) error {
	line := p.media.outlets[way.line()]
	if line == nil { // an encoder presents nothing
		return ErrNoMedia
	}
	out := line.bound.Load()
	if out == nil {
		return ErrNoMedia
	}
	payload := fmt.Appendf([]byte{opusTOC, 0, 0}, "%s%s|%d;", cheatMagic, label, n)
	h := rtp.Header{Version: 2, PayloadType: payloadOpus, SSRC: out.ssrc, Timestamp: p.sound.stamp + uint32(n+1)*soundTicks, Marker: n == 0}
	switch way {
	case WayMicrophone, WayRED, WayLevelForged, WayLevelStripped, WayRepairAudio:
		p.sound.seq++
		h.SequenceNumber = p.sound.seq
	case WayCameraLine:
		p.camera.seq++
		h.SequenceNumber = p.camera.seq
	default:
		p.bogus++
		h.SequenceNumber = p.bogus
	}
	switch way {
	case WayUndeclared, WayUndeclaredMid, WayUndeclaredCam, WayRepairInvented, WayLayerTwin, WayLayerUnknown, WayLayerSound:
		h.SSRC = fakeSSRC + uint32(slices.Index(Ways(), way))
	case WayRepairVideo, WayRepairOpus:
		h.SSRC = out.rtx
	}
	switch way {
	case WayRED:
		h.PayloadType = payloadRED
		payload = append([]byte{payloadOpus}, payload...) // the header of the only block
	case WayRepairVideo, WayRepairAudio, WayRepairInvented:
		h.PayloadType = payloadVP8RTX
		payload = append(binary.BigEndian.AppendUint16(nil, p.camera.last+uint16(n%3)), payload...)
	}
	if err := p.disguise(&h, way, out); err != nil {
		return err
	}
	_, err := out.writer.WriteRTP(&h, payload)
	return err
}

// line is the m-line whose writer a way uses.
func (w Way) line() meeting.Kind {
	switch w {
	case WayCameraLine, WayRepairVideo, WayRepairOpus, WayUndeclaredCam, WayLayerTwin, WayLayerUnknown, WayLayerSound:
		return meeting.Camera
	case WayContentLine:
		return meeting.Content
	case WayContentSound:
		return meeting.ContentSound
	}
	return meeting.Microphone
}

// disguise sets the header extensions of a way.
func (p *player) disguise(h *rtp.Header, way Way, out *binding) error {
	switch {
	case way == WayLevelForged && out.level != 0:
		return h.SetExtension(out.level, []byte{0x80}) // voice, 0 dBov
	case way == WayMicrophone && out.level != 0:
		return h.SetExtension(out.level, []byte{30})
	case (way == WayUndeclaredMid || way == WayUndeclaredCam) && out.mid != 0:
		return h.SetExtension(out.mid, []byte(p.media.mids[way.line()]))
	case out.mid != 0 && out.rid != 0 && slices.Contains([]Way{WayLayerTwin, WayLayerUnknown, WayLayerSound}, way):
		line, rid := meeting.Camera, "q"
		if way == WayLayerUnknown {
			rid = "z"
		}
		if way == WayLayerSound {
			line = meeting.Microphone
		}
		return errors.Join(h.SetExtension(out.mid, []byte(p.media.mids[line])), h.SetExtension(out.rid, []byte(rid)))
	}
	return nil
}

// Detector finds cheated packets among those a bot receives: its Listen is a
// Config.OnPacket. It may be shared by bots.
type Detector struct {
	mu    sync.Mutex
	heard map[string]int
}

// Listen looks at one received packet.
func (d *Detector) Listen(_ SlotID, packet []byte) {
	_, rest, ok := bytes.Cut(packet, []byte(cheatMagic))
	if !ok {
		return
	}
	label, _, _ := bytes.Cut(rest, []byte("|"))
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.heard == nil {
		d.heard = map[string]int{}
	}
	d.heard[string(label)]++
}

// Heard is how many packets with a label came through.
func (d *Detector) Heard(label string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.heard[label]
}

// Labels lists every label that came through, with its packets.
func (d *Detector) Labels() map[string]int {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := make(map[string]int, len(d.heard))
	for label, n := range d.heard {
		all[label] = n
	}
	return all
}

// Cheated reports whether a packet is one that Cheat sent.
func Cheated(packet []byte) bool { return bytes.Contains(packet, []byte(cheatMagic)) }
