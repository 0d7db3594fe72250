package run

import (
	"context"
	"math"
	"os"
	"time"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/tree"
	"github.com/giaoban/giaoban/loadtest"
	"github.com/giaoban/giaoban/loadtest/report"
	"github.com/giaoban/giaoban/loadtest/scenario"
)

// clerk audits every quarter of a second what views say and slots carry,
// samples every second, and writes the report at the end.
type clerk struct {
	play     *play
	wants    map[*actor]*wants
	series   []report.Sample
	pictures histogram
	sounds   histogram
	tiers    tiers
	nodes    map[string]*nodeUse
	spent    odometer
	last     reading
	begun    reading
}

// reading is what the counters stood at.
type reading struct {
	at                    time.Time
	counts                counts
	keyframes             uint64
	server, bots, machine usage
}

// wants is what the slots of a bot are for, and since when.
type wants struct{ video, voices []want }

type want struct {
	source meeting.SourceKey
	since  time.Time
	wrong  time.Time // since when something else was seen to arrive, zero if it is not
}

// strays reports whether something else has been arriving for longer than a
// view may be behind its packets.
func (w *want) strays(source meeting.SourceKey, at, now time.Time) bool {
	switch {
	case source == w.source || !at.After(w.since) || now.Sub(at) > viewGrace:
		w.wrong = time.Time{}
	case w.wrong.IsZero():
		w.wrong = now
	}
	return !w.wrong.IsZero() && at.Sub(w.wrong) >= viewGrace
}

const (
	auditEvery  = 250 * time.Millisecond
	sampleEvery = time.Second
)

func newClerk(p *play) *clerk {
	k := &clerk{play: p, wants: map[*actor]*wants{}, nodes: map[string]*nodeUse{}}
	k.begun = k.read()
	k.last = k.begun
	return k
}

func (k *clerk) run(ctx context.Context) {
	tick := time.NewTicker(auditEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		now := time.Now()
		k.audit(now)
		if now.Sub(k.last.at) >= sampleEvery-auditEvery/2 {
			k.sample()
		}
	}
}

// audit compares, for every slot of every bot, what its view says with what
// arrives.
func (k *clerk) audit(now time.Time) {
	for _, a := range k.play.cast(true) {
		w := k.wants[a]
		s := a.bot.State()
		if w == nil || s.View.Slots == nil || s.Media != "connected" || k.play.book.disturbed(a.number, now) {
			w = &wants{}
			k.wants[a] = w
		}
		if s.View.Slots == nil {
			continue
		}
		w.video = follow(w.video, s.View.Slots.Video, now)
		w.voices = follow(w.voices, s.View.Slots.Voices, now)
		for i := range w.video {
			k.auditPicture(a, i, &w.video[i])
		}
		for i := range w.voices {
			k.auditVoice(a, i, &w.voices[i])
		}
	}
}

// follow notes which wants are new.
func follow(was []want, now []meeting.SourceKey, at time.Time) []want {
	next := make([]want, len(now))
	for i, source := range now {
		next[i] = want{source: source, since: at}
		if i < len(was) && was[i].source == source {
			next[i] = was[i]
		}
	}
	return next
}

// auditPicture demands the picture a slot is for, and no other.
func (k *clerk) auditPicture(a *actor, slot int, w *want) {
	now := time.Now()
	if w.source == (meeting.SourceKey{}) || now.Sub(w.since) < dark || k.play.book.disturbedPoint(w.source.Point, w.since) {
		return
	}
	id := loadtest.SlotID{Index: slot}
	source, at := a.eye.carries(id)
	where := a.eye.who + ", " + slotName(id)
	switch {
	case source == w.source && now.Sub(at) < dark:
		w.wrong = time.Time{}
	case w.strays(source, at, now):
		k.play.book.find(report.WrongPicture, where, "it shows %s, its view says %s", source, w.source)
	case w.wrong.IsZero() && k.live(w.source):
		k.play.book.find(report.PictureMissing, where, "no picture of %s for %v", w.source, dark)
	}
}

// live is whether the point of a source is there to send it.
func (k *clerk) live(source meeting.SourceKey) bool {
	n := k.play.number(source)
	if n == 0 {
		return false
	}
	if n == k.play.script.Feed {
		return true
	}
	a := k.play.point(n)
	return a != nil && a.seated()
}

// auditVoice demands that a voice, if anything comes on it, is whose it is said to be.
func (k *clerk) auditVoice(a *actor, slot int, w *want) {
	id := loadtest.SlotID{Audio: true, Index: slot}
	source, at := a.eye.carries(id)
	if w.strays(source, at, time.Now()) {
		k.play.book.find(report.WrongVoice, a.eye.who+", "+slotName(id), "it carries %s, its view says %q", source, w.source.String())
	}
}

// read reads every counter, and takes the latencies measured since the last time.
func (k *clerk) read() reading {
	return reading{
		at: time.Now(), server: k.server(), bots: process(os.Getpid()), machine: everything(),
	}
}

// server is what the bridge has used: all of its nodes, those before a restart
// as well.
func (k *clerk) server() usage {
	if k.play.cfg.Fleet == nil {
		return process(k.play.cfg.PID)
	}
	var memory float64
	for code, s := range k.play.cfg.Fleet.nodes {
		u := process(s.PID())
		k.spent.read(string(code), u.cpu)
		memory += u.memory
	}
	return usage{cpu: k.spent.cpu, memory: memory}
}

// sample adds a second to the series.
func (k *clerk) sample() {
	p, now := k.play, k.read()
	var pictures, sounds histogram
	var tier tiers // of this second
	joined := 0
	for _, a := range p.cast(true) {
		var seen, heard histogram
		c := a.eye.harvest(&seen, &heard)
		k.tiers.add(a, &seen, &heard)
		tier.add(a, &seen, &heard)
		pictures.merge(&seen)
		sounds.merge(&heard)
		now.counts.add(c)
		now.keyframes += a.bot.KeyframesAsked()
		if first, _ := a.eye.sight(); a.number > 0 && a.seated() && !first.IsZero() {
			joined++
		}
	}
	k.pictures.merge(&pictures)
	k.sounds.merge(&sounds)
	pictures.merge(&sounds)
	late := p.heart.harvest()
	span := now.at.Sub(k.last.at).Seconds()
	s := report.Sample{
		AtS: seconds(now.at.Sub(p.book.began)), Joined: joined,
		MbitPerS:   round(float64(now.counts.bytes-k.last.counts.bytes) * 8 / 1e6 / span),
		LatencyP50: pictures.quantile(0.5), LatencyP95: pictures.quantile(0.95), LatencyP99: pictures.quantile(0.99),
		Missing: now.counts.missing - k.last.counts.missing, Keyframes: now.keyframes - k.last.keyframes,
		ServerMemory: round(now.server.memory), LateP99: late.quantile(0.99), Findings: len(p.book.found()),
		Lines: p.ledger.rates(), Tiers: tier.medians(),
	}
	s.ServerCPU, s.BotsCPU, s.OthersCPU = shares(k.last, now, span)
	if who := p.floor.Load(); who != nil {
		s.Floor = *who
	}
	k.lookAtNodes()
	k.series, k.last = append(k.series, s), now
	p.cfg.Progress(s)
}

// shares are the processors used by the server, the bots and all others.
func shares(from, to reading, span float64) (server, bots, others float64) {
	server = to.server.cpu - from.server.cpu
	bots = to.bots.cpu - from.bots.cpu
	others = max(to.machine.cpu-from.machine.cpu-server-bots, 0)
	return round(server / span), round(bots / span), round(others / span)
}

func (c *counts) add(other counts) {
	c.packets += other.packets
	c.bytes += other.bytes
	c.pictures += other.pictures
	c.replayed += other.replayed
	c.sounds += other.sounds
	c.missing += other.missing
	c.foreign += other.foreign
}

func round(x float64) float64 { return math.Round(x*100) / 100 }

// report writes down what the run came to, and judges it.
func (k *clerk) report() *report.Report {
	k.sample()
	p, s := k.play, k.play.script
	r := &report.Report{
		Schema: report.Schema, Scenario: s.Name, Title: s.Title, Version: p.cfg.Version, Started: p.book.began,
		Seconds: round(time.Since(p.book.began).Seconds()), Points: s.Points, Server: p.cfg.Links.URL, Series: k.series,
	}
	r.Totals = k.totals()
	r.Machine = k.machine()
	r.Tiers, r.Nodes = k.tiers.report(p.cast(false)), k.nodesUsed()
	r.Lines = k.lines(r.Seconds)
	k.limits(r)
	r.Findings = p.book.found()
	r.Judge()
	return r
}

func (k *clerk) totals() report.Totals {
	p, c := k.play, k.last.counts
	t := report.Totals{
		Turns: p.book.turns, Layouts: p.book.layouts, Restarts: p.book.restarts, Refusals: p.book.refusals,
		Pictures: c.pictures, Replayed: c.replayed, Sounds: c.sounds, Packets: c.packets, Bytes: c.bytes, Missing: c.missing, ForeignSound: c.foreign,
		Keyframes: k.last.keyframes, Cheated: p.book.cheated,
		CheatsHeard: p.heardCheats(cheatLabel), Control: p.heardCheats(controlLabel),
		MbitPerS: round(float64(c.bytes) * 8 / 1e6 / max(time.Since(p.book.began).Seconds(), 1)),
	}
	if p.feed != nil {
		t.Joined++ // it sees nothing, and was seen
	}
	for _, a := range p.cast(true) {
		if first, _ := a.eye.sight(); a.number > 0 && !first.IsZero() {
			t.Joined++
		}
		if n, where := a.eye.worst(); n > t.WorstMissing {
			t.WorstMissing, t.WorstSlot = n, where
		}
	}
	return t
}

func (k *clerk) machine() report.Machine {
	late := k.play.heart.all()
	m := report.Machine{Cores: cores(), LateP50: late.quantile(0.5), LateP99: late.quantile(0.99)}
	for _, s := range k.series {
		m.ServerMemory = max(m.ServerMemory, s.ServerMemory)
		m.ServerCPU += s.ServerCPU / float64(len(k.series))
		m.BotsCPU += s.BotsCPU / float64(len(k.series))
		m.OthersCPU += s.OthersCPU / float64(len(k.series))
	}
	m.ServerCPU, m.BotsCPU, m.OthersCPU = round(m.ServerCPU), round(m.BotsCPU), round(m.OthersCPU)
	m.BotsMemory = round(k.last.bots.memory)
	m.Bottleneck = m.LateP99 > ms(tooLate)
	return m
}

// limits adds the figures with their limits, and the findings that are counts.
func (k *clerk) limits(r *report.Report) {
	p, l := k.play, k.play.script.Limits
	for _, f := range []struct {
		name, judge string
		limit       scenario.Duration
		needed      bool
	}{
		{report.JoinToPicture, "p95", l.Join, true},
		{report.GrantToInvited, "p95", l.Invited, p.script.Floor.Every > 0},
		{report.OKToAudible, "p95", l.Audible, p.script.Floor.Every > 0},
		{report.RevokeToSilent, "p95", l.Silent, p.script.Floor.Every > 0},
		{report.LayoutToPicture, "p95", l.Layout, p.script.Layout.Every > 0},
		{report.Recovery, "max", l.Recover, p.script.Kills()},
	} {
		h := p.book.measures[f.name]
		if h == nil && f.needed {
			p.book.find(report.NothingMeasured, f.name, "there is no figure to judge")
		}
		if h != nil {
			r.Figures = append(r.Figures, figure(f.name, h).Within(f.judge, ms(f.limit.D())))
		}
	}
	r.Figures = append(r.Figures,
		figure(report.PictureLatency, &k.pictures).Within("p99", ms(l.Latency.D())),
		figure(report.SoundLatency, &k.sounds).Within("p99", ms(l.Latency.D())))
	if l.Missing != nil {
		k.missing(*l.Missing)
	}
	if l.ForeignSound != nil && r.Totals.ForeignSound > uint64(*l.ForeignSound) {
		p.book.find(report.ForeignSound, "all", "%d packets", r.Totals.ForeignSound)
	}
	for label, n := range p.detector.Labels() {
		if len(label) > len(cheatLabel) && label[:len(cheatLabel)] == cheatLabel {
			p.book.find(report.CheatHeard, label[len(cheatLabel):], "%d packets arrived", n)
		}
	}
}

// missing finds the slots that miss more packets than allowed.
func (k *clerk) missing(allowed int) {
	for _, a := range k.play.cast(true) {
		for _, g := range a.eye.gaps(uint64(allowed)) {
			k.play.book.find(report.PacketsMissing, g.where, "%d of %d packets", g.missing, g.missing+g.packets)
		}
	}
}

// lines says what crossed each line, and finds those that are slow, and what
// crossed one twice.
func (k *clerk) lines(span float64) []report.Line {
	p := k.play
	if p.cfg.Fleet == nil || p.cfg.Fleet.tree == nil {
		return nil
	}
	all := paths{}
	for _, a := range p.cast(true) {
		to := p.cfg.Fleet.tree.Nodes()[0].Code // the console's
		if a.number > 0 {
			to = tree.Code(p.book.home(a.number))
		}
		a.eye.gatherWays(to, all)
	}
	lines := p.ledger.report(span, func(w way) float64 { return all.over(p.cfg.Fleet.tree, w) })
	for _, l := range lines {
		for up, side := range map[bool]report.Way{true: l.Up, false: l.Down} {
			where := way{tree.Code(l.Node), up}.String()
			if limit := ms(p.script.Limits.Line.D()); limit > 0 && side.Latency > limit {
				p.book.find(report.LineSlow, where, "the fastest way over it takes %.0f ms, allowed are %.0f", side.Latency, limit)
			}
			if side.Twice > 1 {
				p.book.find(report.CrossedTwice, where, "%d looks in a row", side.Twice)
			}
		}
	}
	return lines
}

func figure(name string, h *histogram) report.Figure {
	return report.Figure{
		Name: name, Count: h.count, P50: h.quantile(0.5), P95: h.quantile(0.95), P99: h.quantile(0.99), Max: ms(h.most),
	}
}
