package sfu

import "time"

const (
	opusFrame  = 20 * time.Millisecond
	opusTicks  = 960
	tailFrames = 20 // 400 ms of silence after a voice
)

// opusSilence is one frame of silence (RFC 6716: TOC of 20 ms fullband CELT, no signal).
const opusSilence = "\xf8\xff\xfe"

// tail is the silence that follows a voice, so that the receiver neither
// repeats the last packet nor grows its buffer: contiguous numbers, natural
// timestamps, paced as sound would be, never in a burst.
type tail struct {
	left     int           // frames still to send
	due      time.Duration // when the next one is
	reopened bool          // the next packet begins a talk spurt (RFC 3551 §4.1)
}

// breathe sends the frame of silence that is due, if any, and says when the
// next one is; 0 is never.
func (s *slot) breathe(now time.Duration, frame []byte) time.Duration {
	if s.tail.left == 0 {
		return 0
	}
	if now < s.tail.due {
		return s.tail.due
	}
	if b := s.bound.Load(); b != nil {
		s.emit(b, number(&b.lines[codecOpus].header, s.munge.Insert(opusTicks, now), false), frame)
		s.writer.peer.sfu.count.silence.Add(1)
	}
	s.tail.left--
	s.tail.due += opusFrame
	if s.tail.left == 0 {
		return 0
	}
	return s.tail.due
}
