package loadtest

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"
	h264 "github.com/pion/rtp/codecs"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/testmedia"
)

const (
	mostPayload = 1100                   // bytes of one RTP packet's share of a frame
	quietEvery  = 400 * time.Millisecond // sound of a closed microphone, as a browser's DTX
	soundTicks  = 960                    // of the RTP clock in a testmedia.SoundFrame
)

// direction is what a player may send now.
type direction struct {
	connected, camera, content, speaking bool
	layers                               string // rids of the camera's layers, with commas; empty is all
}

// player sends a clip in a loop: pictures while anybody watches, sound while
// the gate is open and DTX silence otherwise. One goroutine.
type player struct {
	clip  *testmedia.Clip
	media *media
	trace uint16 // Config.Trace
	pace  int    // Config.Pace
	done  chan struct{}
	wake  chan struct{}        // directions changed; holds one token
	work  chan func(p *player) // to be done by run

	mu  sync.Mutex
	now direction

	camera  video
	layers  []*video // of the camera, itself first
	content video    // the same clip, as a presentation
	sound   audio
	bogus   uint16 // numbers packets of streams that have no honest ones
}

// video is where the pictures of an m-line stand.
type video struct {
	kind  meeting.Kind
	clip  *testmedia.Clip
	layer int    // of the camera
	rid   string // of that layer; empty for the only encoding
	on    bool
	key   atomic.Bool // the next picture must be a keyframe
	due   time.Time
	frame int
	id    uint16 // VP8 picture id, 15 bits
	count uint32 // of its traces
	whole []byte // a frame and its trace
	seq   uint16
	last  uint16 // seq of the newest packet of a picture
	base  uint32
	buf   [mostPayload + 4]byte
	cut   h264.H264Payloader
}

// audio is where the sound stands.
type audio struct {
	due    time.Time
	packet int
	seq    uint16
	base   uint32
	stamp  uint32 // RTP timestamp of the last packet
	spurt  bool   // the last packet was sound, not silence
	count  uint32 // of its traces
	whole  []byte // a packet and its trace
}

func newPlayer(ctx context.Context, cfg Config, m *media) *player {
	clip := cfg.Clip
	p := &player{clip: clip, media: m, trace: cfg.Trace, pace: max(cfg.Pace, 1), done: make(chan struct{}), wake: make(chan struct{}, 1), work: make(chan func(*player))}
	first := clip
	if cfg.Films != nil {
		first = cfg.Films[0]
	}
	p.camera.begin(meeting.Camera, first)
	p.layers = []*video{&p.camera}
	for i, rid := range cfg.Layers {
		film := clip
		if cfg.Films != nil {
			film = cfg.Films[i]
		}
		if i > 0 {
			p.layers = append(p.layers, &video{layer: i})
		}
		p.layers[i].begin(meeting.Camera, film)
		p.layers[i].rid = rid
	}
	p.content.begin(meeting.Content, clip)
	p.sound.seq, p.sound.base = uint16(rand.Uint32()), rand.Uint32()
	go p.run(ctx)
	return p
}

func (v *video) begin(kind meeting.Kind, clip *testmedia.Clip) {
	v.kind, v.clip, v.seq, v.base = kind, clip, uint16(rand.Uint32()), rand.Uint32()
	v.id, v.frame = uint16(rand.Uint32())&0x7fff, rand.IntN(len(clip.Frames))
}

func (p *player) wait() { <-p.done }

// direct says what the player may send from now on.
func (p *player) direct(d direction) {
	p.mu.Lock()
	changed := p.now != d
	p.now = d
	p.mu.Unlock()
	if changed {
		p.poke()
	}
}

// keyframe makes the next picture a keyframe, as a request of the server wants it.
func (p *player) keyframe() {
	for _, l := range p.layers {
		l.key.Store(true)
	}
	p.content.key.Store(true)
}

func (p *player) poke() {
	select {
	case p.wake <- struct{}{}:
	default: // a token waits already
	}
}

func (p *player) run(ctx context.Context) {
	defer close(p.done)
	start := time.Now()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	var last direction
	for {
		p.mu.Lock()
		now := p.now
		p.mu.Unlock()
		p.follow(last, now)
		last = now
		timer.Reset(p.step(now, start))
		select {
		case <-timer.C:
		case <-p.wake:
		case do := <-p.work:
			do(p)
		case <-ctx.Done():
			return
		}
	}
}

// follow puts pictures and sound into step with a change of direction.
func (p *player) follow(was, now direction) {
	at := time.Now()
	for _, l := range p.layers {
		asked := l.rid == "" || now.layers == "" || slices.Contains(strings.Split(now.layers, ","), l.rid)
		l.follow(now.connected && now.camera && asked, at)
	}
	p.content.follow(now.connected && now.content, at)
	if now.connected && (!was.connected || now.speaking != was.speaking) {
		p.sound.due = at
	}
}

func (v *video) follow(on bool, at time.Time) {
	if on && !v.on {
		v.due = at
		v.key.Store(true) // whoever begins to watch needs one
	}
	v.on = on
}

// step sends what is due and says how long until something is due again.
func (p *player) step(now direction, start time.Time) time.Duration {
	if !now.connected {
		return time.Hour
	}
	at := time.Now()
	next := time.Hour
	for _, v := range append(p.layers[:len(p.layers):len(p.layers)], &p.content) {
		if !v.on {
			continue
		}
		if !at.Before(v.due) {
			p.sendPicture(v, at.Sub(start))
			v.due = after(v.due, v.clip.FrameTime*time.Duration(p.pace), at)
		}
		next = min(next, v.due.Sub(at))
	}
	if !at.Before(p.sound.due) {
		every := quietEvery
		if now.speaking {
			every = testmedia.SoundFrame * time.Duration(p.pace)
		}
		p.sendSound(now.speaking, at.Sub(start))
		p.sound.due = after(p.sound.due, every, at)
	}
	return min(next, p.sound.due.Sub(at))
}

// after is the next due time: in step, unless the player fell far behind.
func after(due time.Time, every time.Duration, now time.Time) time.Time {
	if due = due.Add(every); due.Before(now.Add(-every)) {
		return now
	}
	return due
}

func (p *player) sendPicture(v *video, elapsed time.Duration) {
	outlet := p.media.outlets[v.kind]
	if v.rid != "" {
		outlet = p.media.layers[v.layer]
	}
	out := outlet.bound.Load()
	if out == nil {
		return
	}
	if v.key.Swap(false) {
		v.frame = v.clip.NextKey(v.frame)
	}
	frame := p.traced(v, v.clip.Frames[v.frame])
	v.frame = (v.frame + 1) % len(v.clip.Frames)
	v.id = (v.id + 1) & 0x7fff
	h := rtp.Header{Version: 2, PayloadType: out.payload, SSRC: out.ssrc, Timestamp: v.base + uint32(elapsed.Milliseconds()*90)}
	if v.rid != "" && out.mid != 0 && out.rid != 0 { // ids Pion negotiated are valid
		_ = h.SetExtension(out.mid, []byte(p.media.mids[v.kind]))
		_ = h.SetExtension(out.rid, []byte(v.rid))
	}
	if v.clip.H264 {
		v.sendUnit(out, &h, frame)
		return
	}
	for rest, first := frame, true; len(rest) > 0; first = false {
		n := min(len(rest), mostPayload)
		// RFC 7741 §4.2: X; S on the first packet; I with a picture id of 15 bits.
		copy(v.buf[:4], []byte{0x80, 0x80, 0x80 | byte(v.id>>8), byte(v.id)})
		if first {
			v.buf[0] |= 0x10
		}
		copy(v.buf[4:], rest[:n])
		rest = rest[n:]
		v.seq++
		v.last = v.seq
		h.SequenceNumber, h.Marker = v.seq, len(rest) == 0
		out.send(&h, v.buf[:4+n])
	}
}

// sendUnit sends an access unit of H.264 in the packets of RFC 6184.
func (v *video) sendUnit(out *binding, h *rtp.Header, unit []byte) {
	parts := v.cut.Payload(mostPayload, unit)
	for i, part := range parts {
		v.seq++
		v.last = v.seq
		h.SequenceNumber, h.Marker = v.seq, i == len(parts)-1
		out.send(h, part)
	}
}

// traced is a frame with its trace behind it, if the bot puts any.
func (p *player) traced(v *video, frame []byte) []byte {
	if p.trace == 0 {
		return frame
	}
	v.count++
	t := Trace{Point: p.trace, Kind: v.kind, Key: !v.clip.H264 && testmedia.VP8Key(frame), Count: v.count, Sent: time.Now()}
	v.whole = t.seal(append(v.whole[:0], frame...))
	return v.whole
}

func (p *player) sendSound(speaking bool, elapsed time.Duration) {
	a := &p.sound
	out := p.media.outlets[meeting.Microphone].bound.Load()
	if out == nil {
		return
	}
	a.seq++
	if speaking && a.spurt {
		a.stamp += soundTicks * uint32(p.pace)
	} else {
		a.stamp = a.base + uint32(elapsed/testmedia.SoundFrame)*soundTicks
	}
	h := rtp.Header{Version: 2, PayloadType: out.payload, SSRC: out.ssrc, SequenceNumber: a.seq, Timestamp: a.stamp}
	h.Marker = speaking && !a.spurt // RFC 3551 §4.1: the first packet of a talk spurt
	payload, level := silenceFrame(), uint8(127)
	if speaking {
		payload, level = p.clip.Sound[a.packet], 30
		a.packet = (a.packet + 1) % len(p.clip.Sound)
	}
	a.spurt = speaking
	if p.trace != 0 {
		a.count++
		t := Trace{Point: p.trace, Kind: meeting.Microphone, Quiet: !speaking, Count: a.count, Sent: time.Now()}
		a.whole = t.SealSound(a.whole[:0], payload)
		payload = a.whole
	}
	if out.level != 0 {
		_ = h.SetExtension(out.level, []byte{level}) // RFC 6464: −dBov; an id Pion negotiated is valid
	}
	out.send(&h, payload)
}

// silenceFrame is 20 ms of Opus silence.
func silenceFrame() []byte { return []byte{0xF8, 0xFF, 0xFE} }
