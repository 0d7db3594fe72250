package sfu

import (
	"time"

	"github.com/giaoban/giaoban/internal/rewrite"
)

const (
	packetMax    = 1500 // bytes of the largest RTP packet taken
	chunkPackets = 96
	chunkVideo   = 120 << 10
	chunkAudio   = 16 << 10
)

// codec is what a packet carries. The zero value is nothing known.
type codec uint8

// The codecs that are forwarded. Every client has Opus and VP8.
const (
	codecNone codec = iota
	codecOpus
	codecVP8
	codecH264
	codecs // how many
)

// packet is a received RTP packet, shared and read only by every slot that
// sends it. A packet without payload marks a place in the sequence that is
// left out on purpose.
type packet struct {
	layer   *layer
	run     uint32 // which unbroken stretch of the layer's stream
	nth     uint64 // of the packets of the layer let past
	late    bool   // a newer one came before it
	marker  bool
	codec   codec
	key     bool          // a picture that needs no other begins with it
	idr     bool          // of H.264: a slice of a picture that needs no other begins in it
	seq, ts uint64        // extended, RFC 3550 §5.1
	at      time.Duration // arrival, since the SFU began
	payload []byte
	fill    uint8       // bytes of padding it is sent on with (RFC 3550 §5.1)
	vp8     rewrite.VP8 // of a picture in VP8
}

// chunk is room for many packets, so that the packet path allocates rarely and
// never counts references: the collector frees a chunk when no slot remembers
// any packet of it.
type chunk struct {
	packets []packet
	bytes   []byte
}

// room gives a buffer for one packet of the greatest size.
func (c *chunk) room(size int) []byte {
	if len(c.packets) == 0 || len(c.bytes) < packetMax {
		c.packets = make([]packet, chunkPackets)
		c.bytes = make([]byte, size)
	}
	return c.bytes[:packetMax:packetMax]
}

// keep takes the first n bytes of the room and gives the packet to fill in.
func (c *chunk) keep(n int) *packet {
	p := &c.packets[0]
	c.packets = c.packets[1:]
	c.bytes = c.bytes[n:]
	return p
}
