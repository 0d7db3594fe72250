package sfu

import (
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
)

// newSilentLink is a link's writer with nothing below it but the count of what
// it would send, and the relay of a picture over it.
func newSilentLink(t testing.TB) (*linkWriter, *relay, *datagrams) {
	t.Helper()
	b := newBench(0)
	l := &Link{sfu: b.in.source.sfu, token: make(chan struct{}, 1), cfg: LinkConfig{Beyond: beyondPrefix("p")}}
	path := &transport{link: l}
	path.relays.Store(&map[uint32]*relay{})
	path.arrivals.Store(&map[uint32]*arrival{})
	key, salt := make([]byte, 16), make([]byte, 12)
	seal, err := srtp.CreateContext(key, salt, srtp.ProtectionProfileAeadAes128Gcm)
	if err != nil {
		t.Fatal(err)
	}
	unseal, err := srtp.CreateContext(key, salt, srtp.ProtectionProfileAeadAes128Gcm)
	if err != nil {
		t.Fatal(err)
	}
	path.writer = newLinkWriter(path)
	out := &datagrams{opener: unseal}
	path.writer.keys, path.writer.to = &srtpKeys{out: seal}, out
	r := newRelay(path, newBranch(l, b.in.source.router), b.in.layer, 4711)
	path.relays.Store(&map[uint32]*relay{r.ssrc: r})
	return path.writer, r, out
}

// datagrams counts what is sent, and opens it while it is kept.
type datagrams struct {
	count  int
	keep   bool
	opener *srtp.Context
	rtp    []rtp.Packet
}

func (d *datagrams) Write(b []byte) (int, error) {
	d.count++
	if !d.keep || b[1] >= 192 && b[1] <= 223 {
		return len(b), nil
	}
	plain, err := d.opener.DecryptRTP(nil, b, nil)
	if err != nil {
		return 0, err
	}
	var p rtp.Packet
	if err := p.Unmarshal(plain); err != nil {
		return 0, err
	}
	d.rtp = append(d.rtp, p)
	return len(b), nil
}

func (w *linkWriter) sendNow(r *relay, p *packet) {
	w.push(r, p)
	w.drain(w.t.link.sfu.now())
}

// A packet crosses a link as it is: only its SSRC is the link's.
func TestRelaySendsVerbatimAndAgainOnRequest(t *testing.T) {
	w, r, out := newSilentLink(t)
	out.keep = true
	for i := range uint64(5) {
		p := &packet{layer: r.layer, run: 1, codec: codecVP8, seq: 1<<40 + 65533 + i, ts: 1<<40 + 90*i, marker: i == 4, at: w.t.link.sfu.now(), payload: []byte{1, 2, byte(i)}}
		w.sendNow(r, p)
	}
	if len(out.rtp) != 5 {
		t.Fatalf("%d packets sent, want 5", len(out.rtp))
	}
	for i, p := range out.rtp {
		if p.SSRC != r.ssrc || p.SequenceNumber != uint16(65533+i) || p.Timestamp != uint32(90*i) || p.Marker != (i == 4) || p.Payload[2] != byte(i) {
			t.Errorf("packet %d: %+v", i, p)
		}
		if number := p.GetExtension(linkExtension); len(number) != 2 || number[1] != byte(i) {
			t.Errorf("packet %d has transport-wide number % x", i, number)
		}
	}
	r.nacked(&rtcp.TransportLayerNack{Nacks: rtcp.NackPairsFromSequenceNumbers([]uint16{65535, 9})})
	w.drain(w.t.link.sfu.now())
	if len(out.rtp) != 6 {
		t.Fatalf("%d packets after a request for one that is known and one that is not, want 6", len(out.rtp))
	}
	again := out.rtp[5]
	if again.SSRC != r.rtx || again.PayloadType != linkVideoRepair || string(again.Payload) != "\xff\xff\x01\x02\x02" {
		t.Errorf("repair: %+v", again)
	}
}

// A publisher whose numbers jump takes another SSRC, lest SRTP loses count.
func TestRelayIsTornWhenNumbersJump(t *testing.T) {
	w, r, out := newSilentLink(t)
	send := func(run uint32, seq uint64) {
		w.sendNow(r, &packet{layer: r.layer, run: run, seq: seq, at: w.t.link.sfu.now(), payload: []byte{1}})
	}
	send(1, 1<<40)
	send(2, 1<<41)
	send(2, 1<<41+1)
	if out.count != 1 || !r.torn.Load() || !r.spent() {
		t.Errorf("%d packets sent, torn %v", out.count, r.torn.Load())
	}
}

func TestRelayDoesNotAllocate(t *testing.T) {
	w, r, out := newSilentLink(t)
	p := &packet{layer: r.layer, run: 1, seq: 1 << 40, payload: make([]byte, 1100)}
	send := func() {
		p.seq++
		p.at = w.t.link.sfu.now()
		w.pacer.Set(0, 0, p.at)
		w.push(r, p)
		it, _ := w.video.pop()
		w.picture(it, p.at)
	}
	send()
	if n := testing.AllocsPerRun(1000, send); n != 0 {
		t.Errorf("%v allocations a packet, want none", n)
	}
	if out.count < 1000 {
		t.Errorf("%d packets sent: the measure is of something else", out.count)
	}
}

// A picture that waited too long for the line is left out to its end, and a
// whole one is asked for.
func TestRelayLeavesOutWhatIsStale(t *testing.T) {
	w, r, out := newSilentLink(t)
	old := w.t.link.sfu.now() - 2*linkStale
	w.sendNow(r, &packet{layer: r.layer, run: 1, seq: 1 << 40, ts: 7, at: old, payload: []byte{1}})
	if w.push(r, &packet{layer: r.layer, run: 1, seq: 1<<40 + 1, ts: 7, payload: []byte{1}}) {
		t.Error("the rest of the picture was taken")
	}
	if out.count != 0 || !r.layer.keys.wanted.Load() || w.t.link.count.stale.Load() != 1 {
		t.Errorf("%d sent, keyframe wanted %v", out.count, r.layer.keys.wanted.Load())
	}
	w.sendNow(r, &packet{layer: r.layer, run: 1, seq: 1<<40 + 2, ts: 8, at: w.t.link.sfu.now() + time.Millisecond, payload: []byte{1}})
	if out.count != 1 {
		t.Errorf("%d sent after it", out.count)
	}
}

// BenchmarkRelay is the cost of one packet over a link, sealed, without a socket.
func BenchmarkRelay(b *testing.B) {
	w, r, _ := newSilentLink(b)
	p := &packet{layer: r.layer, run: 1, seq: 1 << 40, payload: make([]byte, 1100)}
	b.ReportAllocs()
	for b.Loop() {
		p.seq++
		p.at = w.t.link.sfu.now()
		w.picture(linkWork{r, p}, p.at)
	}
}
