package loadtest

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
)

// Trace says where a picture or a packet of sound comes from. A bot with
// Config.Trace appends it to every VP8 frame and every Opus packet it sends,
// where decoders do not look: behind the last partition of a frame (RFC 6386
// §9.5: the last partition ends where its decoder stops), and in the padding
// of an Opus packet (RFC 6716 §3.2.5). A bridge forwards both unread, so that
// whatever arrives can be held against who sent it, when, and every byte of it.
type Trace struct {
	Point uint16       // the sender's Config.Trace
	Kind  meeting.Kind // the m-line it left by
	Key   bool         // a keyframe
	Quiet bool         // the silence of a microphone that is not on
	Count uint32       // rises by one with every picture, and every packet of sound, of that m-line
	Sent  time.Time
}

const (
	traceMagic = "GBLT"
	// TraceSize is how many bytes a trace takes: magic 4, point 2, kind 1,
	// flags 1, count 4, Unix nanoseconds 8, CRC-32C of all before it 4.
	TraceSize = 24

	flagKey   = 1
	flagQuiet = 2
)

// traceSum is CRC-32C, which processors compute; its table is made once.
func traceSum(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

// seal appends a trace that vouches for every byte before it.
func (t Trace) seal(body []byte) []byte {
	var kind, flags byte
	for i, k := range meeting.Kinds {
		if k == t.Kind {
			kind = byte(i)
		}
	}
	if t.Key {
		flags |= flagKey
	}
	if t.Quiet {
		flags |= flagQuiet
	}
	body = append(body, traceMagic...)
	body = binary.BigEndian.AppendUint16(body, t.Point)
	body = append(body, kind, flags)
	body = binary.BigEndian.AppendUint32(body, t.Count)
	body = binary.BigEndian.AppendUint64(body, uint64(t.Sent.UnixNano()))
	return binary.BigEndian.AppendUint32(body, traceSum(body))
}

// SealSound makes a packet of one Opus frame (code 0) one of code 3 with the
// trace as its padding.
func (t Trace) SealSound(into, packet []byte) []byte {
	if len(packet) == 0 || packet[0]&3 != 0 {
		return append(into, packet...)
	}
	const oneFramePadded = 0x41 // constant rate, padding, one frame
	into = append(into, packet[0]|3, oneFramePadded, TraceSize)
	return t.seal(append(into, packet[1:]...))
}

// ReadTrace finds the trace at the end of a whole VP8 frame or Opus packet.
// marked says that there is one, whole that the bytes are those that were sent.
func ReadTrace(body []byte) (t Trace, marked, whole bool) {
	at := len(body) - TraceSize
	if at < 0 || !bytes.HasPrefix(body[at:], []byte(traceMagic)) {
		return Trace{}, false, false
	}
	b := body[at:]
	if int(b[6]) >= len(meeting.Kinds) {
		return Trace{}, false, false
	}
	t = Trace{
		Point: binary.BigEndian.Uint16(b[4:]), Kind: meeting.Kinds[b[6]],
		Key: b[7]&flagKey != 0, Quiet: b[7]&flagQuiet != 0, Count: binary.BigEndian.Uint32(b[8:]),
		Sent: time.Unix(0, int64(binary.BigEndian.Uint64(b[12:]))),
	}
	return t, true, binary.BigEndian.Uint32(b[20:]) == traceSum(body[:len(body)-4])
}

// Payload finds the payload of an RTP packet: its sequence number and whether
// the marker is set. body is a VP8 packet's share of its frame, start whether
// the frame begins in it; of sound, body is the Opus packet.
func Payload(slot SlotID, packet []byte) (seq uint16, body []byte, start, marker, ok bool) {
	seq, body, marker, ok = split(packet)
	if ok && !slot.Audio {
		body, start = vp8Body(body)
	}
	return seq, body, start, marker, ok
}
