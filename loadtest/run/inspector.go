package run

import (
	"encoding/binary"
	"fmt"
	"sync"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/tree"
	"github.com/giaoban/giaoban/loadtest"
	"github.com/giaoban/giaoban/loadtest/report"
)

// inspector holds what one bot receives against the traces in it. Its packets
// come from the goroutines that decrypt them.
type inspector struct {
	book     *book
	number   int    // of the bot's own point, 0 for the console
	who      string // the point, or "console"
	detector *loadtest.Detector

	mu       sync.Mutex
	lines    map[uint32]*line // by SSRC
	first    time.Time        // the first whole picture
	seen     time.Time        // the newest one
	awaited  map[meeting.SourceKey]time.Time
	heard    map[meeting.SourceKey]time.Time // the newest packet of each sound
	pictures histogram                       // latencies since the last harvest
	sounds   histogram
	count    counts
	ways     map[string]*histogram // latencies over the run, by the node they come from; of a tree alone
	forgiven bool                  // its packets are lost on purpose
}

// forgive says that packets of this bot are lost on purpose from now on, so
// that missing ones are counted and not held against anybody.
func (i *inspector) forgive() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.forgiven = true
}

// counts of an inspector, over the run.
type counts struct {
	packets, bytes, pictures, replayed, sounds, missing, foreign uint64
}

// line is one received stream.
type line struct {
	slot    loadtest.SlotID
	begun   bool
	seq     uint16
	frame   []byte // so far
	open    bool   // the frame's start was seen
	torn    bool   // packets are missing since the last whole picture
	traced  bool
	source  meeting.SourceKey // of the newest trace
	number  uint32            // and its count
	at      time.Time         // and its arrival
	sent    time.Time         // and when it was sent
	behind  bool              // the past of a picture is coming, faster than it happened
	packets uint64
	missing uint64
}

const (
	jump       = 1000   // sequence numbers: more is a new stream
	longest    = 64_000 // bytes of a frame, far above any clip's
	pacedBreak = "\xf8\xff\xfe"
)

func newInspector(b *book, number int, detector *loadtest.Detector) *inspector {
	i := &inspector{
		book: b, number: number, who: "console", detector: detector, lines: map[uint32]*line{},
		awaited: map[meeting.SourceKey]time.Time{}, heard: map[meeting.SourceKey]time.Time{}, ways: map[string]*histogram{},
	}
	if number > 0 {
		i.who = string(b.names[number-1])
	}
	return i
}

// take looks at one received packet: it is a loadtest.Config.OnPacket.
func (i *inspector) take(slot loadtest.SlotID, packet []byte) {
	i.detector.Listen(slot, packet)
	seq, body, start, marker, ok := loadtest.Payload(slot, packet)
	if !ok || slot.Index < 0 {
		return
	}
	now := time.Now()
	i.mu.Lock()
	defer i.mu.Unlock()
	l := i.line(slot, packet)
	l.packets++
	i.count.packets++
	i.count.bytes += uint64(len(body))
	gap := seq - l.seq - 1
	switch {
	case !l.begun || gap >= jump && gap <= 1<<16-jump:
		l.begun, l.torn, l.traced = true, l.begun, false
	case gap >= jump: // late or twice: nothing new
		return
	case gap > 0:
		l.torn = true
		i.lose(l, uint64(gap))
	}
	l.seq = seq
	if slot.Audio {
		i.hear(l, body, now)
		return
	}
	l.gather(body, start)
	if marker && l.open {
		l.open = false
		i.picture(l, now)
	}
}

func (i *inspector) line(slot loadtest.SlotID, packet []byte) *line {
	ssrc := binary.BigEndian.Uint32(packet[8:])
	l := i.lines[ssrc]
	if l == nil || l.slot != slot {
		l = &line{slot: slot}
		i.lines[ssrc] = l
	}
	return l
}

// lose counts packets that did not come.
func (i *inspector) lose(l *line, n uint64) {
	l.missing += n
	i.count.missing += n
}

// gather adds a packet's share to the frame, if its start was seen.
func (l *line) gather(body []byte, start bool) {
	if start {
		l.frame, l.open = l.frame[:0], true
	}
	if len(l.frame)+len(body) > longest {
		l.open = false
	}
	if l.open {
		l.frame = append(l.frame, body...)
	}
}

// picture judges a frame whose start and end are there.
func (i *inspector) picture(l *line, now time.Time) {
	t, marked, whole := loadtest.ReadTrace(l.frame)
	switch {
	case !whole && l.torn:
		return // its packets are counted as missing
	case !marked:
		return // a picture of somebody who is not of this run
	case !whole:
		i.find(report.DamagedPicture, l, "a frame of %d bytes is not the one that was sent", len(l.frame))
		return
	}
	source := meeting.SourceKey{Point: i.book.name(t.Point), Kind: t.Kind}
	if source.Point == "" {
		i.find(report.OtherMeeting, l, "a picture of point %d, which is in another meeting", t.Point)
		return
	}
	switch follows := l.traced && l.source == source; {
	case t.Key: // whoever shows a keyframe may begin, or begin again, with it
	case !follows && !l.torn:
		i.find(report.NoKeyframeFirst, l, "%s begins with picture %d, which is not a keyframe", source, t.Count)
	case follows && !l.torn && t.Count != l.number+1:
		i.lose(l, uint64(t.Count-l.number-1))
	}
	if t.Key || l.traced && l.source == source {
		l.torn = false
	}
	l.behind = l.catchesUp(source, t, now)
	l.traced, l.source, l.number, l.at, l.sent = true, source, t.Count, now, t.Sent
	i.count.pictures++
	if l.behind {
		i.count.replayed++
	} else {
		i.pictures.add(now.Sub(t.Sent))
		i.came(t.Point, now.Sub(t.Sent))
	}
	i.seen = now
	if i.first.IsZero() {
		i.first = now
	}
	i.own(l)
	i.arrived(report.LayoutToPicture, source, now)
}

// catchesUp reports whether a picture is of the past. Whoever comes to watch is
// sent the last keyframe and what followed it at once, rather than the camera
// be asked for another: that is no latency of the way. It ends when pictures
// come no faster than they were made.
func (l *line) catchesUp(source meeting.SourceKey, t loadtest.Trace, now time.Time) bool {
	if !l.traced || l.source != source || t.Count <= l.number {
		return true
	}
	return l.behind && now.Sub(l.at) < t.Sent.Sub(l.sent)*4/5
}

// hear judges a packet of sound.
func (i *inspector) hear(l *line, body []byte, now time.Time) {
	t, marked, whole := loadtest.ReadTrace(body)
	switch {
	case !marked && string(body) == pacedBreak:
		return // the silence a bridge puts behind a voice
	case loadtest.Cheated(body):
		return // the detector has it
	case !marked:
		i.count.foreign++
		return
	case !whole:
		i.find(report.DamagedSound, l, "a packet of %d bytes is not the one that was sent", len(body))
		return
	}
	source := meeting.SourceKey{Point: i.book.name(t.Point), Kind: t.Kind}
	if source.Point == "" {
		i.find(report.OtherMeeting, l, "sound of point %d, which is in another meeting", t.Point)
		return
	}
	l.traced, l.source, l.number, l.at, l.torn = true, source, t.Count, now, false
	i.count.sounds++
	i.sounds.add(now.Sub(t.Sent))
	i.came(t.Point, now.Sub(t.Sent))
	i.heard[source] = now
	i.own(l)
	if !i.book.mayBeHeard(source, t.Sent, now) {
		// Named by who was heard: that gate is the one to look at.
		i.book.find(report.SoundWithoutGrant, string(source.Point), "%s hears %s, packet %d, sent %v before", i.who, source, t.Count, now.Sub(t.Sent))
	}
	if !t.Quiet {
		i.arrived(report.OKToAudible, source, now)
	}
}

// came notes how long something took from the node of a point.
func (i *inspector) came(number uint16, took time.Duration) {
	home := i.book.home(int(number) - i.book.base)
	if home == "" {
		return
	}
	if i.ways[home] == nil {
		i.ways[home] = &histogram{}
	}
	i.ways[home].add(took)
}

// gatherWays adds the latencies of what came to a node.
func (i *inspector) gatherWays(to tree.Code, all paths) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for from, h := range i.ways {
		all.merge(tree.Code(from), to, h)
	}
}

// own finds a point that is sent what it sent itself.
func (i *inspector) own(l *line) {
	if i.number > 0 && l.source.Point == i.book.names[i.number-1] {
		i.find(report.OwnMedia, l, "it is sent its own %s", l.source.Kind)
	}
}

// arrived measures what was waited for.
func (i *inspector) arrived(figure string, source meeting.SourceKey, now time.Time) {
	if since, ok := i.awaited[source]; ok {
		delete(i.awaited, source)
		i.book.measure(figure, now.Sub(since))
	}
}

func (i *inspector) find(what string, l *line, format string, args ...any) {
	i.book.find(what, fmt.Sprintf("%s, %s", i.who, slotName(l.slot)), format, args...)
}

func slotName(s loadtest.SlotID) string {
	if s.Audio {
		return fmt.Sprintf("voice %d", s.Index+1)
	}
	return fmt.Sprintf("slot %d", s.Index+1)
}

// await waits for a source from now on.
func (i *inspector) await(source meeting.SourceKey, since time.Time) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.awaited[source] = since
}

// giveUp stops waiting for a source and reports whether it had not come.
func (i *inspector) giveUp(source meeting.SourceKey) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	_, missed := i.awaited[source]
	delete(i.awaited, source)
	return missed
}

// carries is the newest trace of a slot: its source, and when it came.
func (i *inspector) carries(slot loadtest.SlotID) (source meeting.SourceKey, at time.Time) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, l := range i.lines {
		if l.slot == slot && l.traced && l.at.After(at) {
			source, at = l.source, l.at
		}
	}
	return source, at
}

// lastHeard is when a source was last heard, zero if never.
func (i *inspector) lastHeard(source meeting.SourceKey) time.Time {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.heard[source]
}

// sight is when the first and the newest picture came.
func (i *inspector) sight() (first, newest time.Time) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.first, i.seen
}

// harvest takes the latencies since the last time, and the counts.
func (i *inspector) harvest(pictures, sounds *histogram) counts {
	i.mu.Lock()
	defer i.mu.Unlock()
	pictures.merge(&i.pictures)
	sounds.merge(&i.sounds)
	i.pictures, i.sounds = histogram{}, histogram{}
	return i.count
}

// worst is the slot that misses most.
func (i *inspector) worst() (missing uint64, where string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, l := range i.lines {
		if l.missing > missing {
			missing, where = l.missing, fmt.Sprintf("%s, %s", i.who, slotName(l.slot))
		}
	}
	return missing, where
}

// gap is what one received stream misses.
type gap struct {
	where            string
	missing, packets uint64
}

// gaps lists the streams that miss more packets than allowed.
func (i *inspector) gaps(allowed uint64) (list []gap) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, l := range i.lines {
		if l.missing > allowed && !i.forgiven {
			list = append(list, gap{fmt.Sprintf("%s, %s", i.who, slotName(l.slot)), l.missing, l.packets})
		}
	}
	return list
}
