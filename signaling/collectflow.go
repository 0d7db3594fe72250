package signaling

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/giaoban/giaoban/sfu"
)

// measure is a figure that is no whole number.
func measure[S any](name, help string, read func(S) float64, labels ...string) gauge[S] {
	return gauge[S]{prometheus.NewDesc("giaoban_"+name, help, labels, nil), read}
}

// gauge is one such metric and how it is read.
type gauge[S any] struct {
	desc *prometheus.Desc
	read func(S) float64
}

// flowing has sources and clients.
type flowing interface {
	AllSources() []sfu.SourceStats
	Clients() []sfu.ClientStats
}

var (
	sourceLabels = []string{"meeting", "point", "kind"}
	layerLabels  = []string{"meeting", "point", "kind", "layer"}
	clientLabels = []string{"meeting", "point", "client"}
	slotLabels   = []string{"meeting", "point", "client", "slot"}
)

func sourceFigures() []figure[sfu.SourceStats] {
	type stats = sfu.SourceStats
	return []figure[stats]{
		level("source_open", "Whether the gate of the source is open.", func(s stats) int { return number(s.Open) }, sourceLabels...),
		count("source_packets_total", "RTP packets of the source that arrived.", func(s stats) uint64 { return s.Packets }, sourceLabels...),
		count("source_bytes_total", "Bytes of them.", func(s stats) uint64 { return s.Bytes }, sourceLabels...),
		count("source_passed_total", "Packets of the source that got past its gate and every check.", func(s stats) uint64 { return s.Passed }, sourceLabels...),
		count("source_keyframes_total", "Keyframe requests sent to who sends it.", func(s stats) uint64 { return s.Keyframes }, sourceLabels...),
	}
}

func layerFigures() []gauge[sfu.LayerStats] {
	type stats = sfu.LayerStats
	return []gauge[stats]{
		measure("layer_bps", "What a layer of the source brings, bits a second; 0 if it does not flow.", func(s stats) float64 { return float64(s.Rate) }, layerLabels...),
		measure("layer_loss", "Share of its packets that did not come at first, 0 to 1.", func(s stats) float64 { return s.Loss }, layerLabels...),
		measure("layer_jitter_seconds", "Its interarrival jitter.", func(s stats) float64 { return s.Jitter.Seconds() }, layerLabels...),
		measure("layer_fan", "Slots and links it is sent to.", func(s stats) float64 { return float64(s.Fan) }, layerLabels...),
	}
}

func clientFigures() []gauge[sfu.ClientStats] {
	type stats = sfu.ClientStats
	return []gauge[stats]{
		measure("client_estimate_bps", "What the client's line is thought to take, bits a second.", func(s stats) float64 { return float64(s.Estimate) }, clientLabels...),
		measure("client_sent_bps", "What it is sent, bits a second.", func(s stats) float64 { return float64(s.Down.Rate) }, clientLabels...),
		measure("client_loss", "Share of it that was lost, 0 to 1.", func(s stats) float64 { return s.Down.Loss }, clientLabels...),
		measure("client_rtt_seconds", "Round trip; 0 is not known.", func(s stats) float64 { return s.Trip.Seconds() }, clientLabels...),
		measure("client_queue_seconds", "What of it waits in a queue.", func(s stats) float64 { return s.Queue.Seconds() }, clientLabels...),
		measure("client_paused", "Pictures its line has no room for.", func(s stats) float64 { return float64(s.Weak) }, clientLabels...),
	}
}

func slotCounts() []figure[sfu.SlotSight] {
	type stats = sfu.SlotSight
	return []figure[stats]{
		count("slot_packets_total", "RTP packets sent on the slot, retransmissions included.", func(s stats) uint64 { return s.Packets }, slotLabels...),
		count("slot_bytes_total", "Payload bytes of them.", func(s stats) uint64 { return s.Bytes }, slotLabels...),
	}
}

func slotFigures() []gauge[sfu.SlotSight] {
	type stats = sfu.SlotSight
	return []gauge[stats]{
		measure("slot_bps", "What is sent on the slot, bits a second.", func(s stats) float64 { return float64(s.Rate) }, slotLabels...),
		measure("slot_loss", "Share of it that was lost, 0 to 1.", func(s stats) float64 { return s.Loss }, slotLabels...),
		measure("slot_jitter_seconds", "Its interarrival jitter at the client.", func(s stats) float64 { return s.Jitter.Seconds() }, slotLabels...),
	}
}

// labelled is a metric with one label more, of each of its values.
func labelled(name, help string, labels []string, more ...string) *prometheus.Desc {
	return prometheus.NewDesc("giaoban_"+name, help, append(append([]string{}, labels...), more...), nil)
}

// sourceCollector reads the sources that have sent, so that its size follows
// who speaks and is seen rather than who is there.
type sourceCollector struct{ media flowing }

// Describe names no metric: which there are depends on who sends.
func (sourceCollector) Describe(chan<- *prometheus.Desc) {}

// Collect reads every source once.
func (c sourceCollector) Collect(out chan<- prometheus.Metric) {
	drops := labelled("source_dropped_total", "RTP packets of the source that were not forwarded, by reason.", sourceLabels, "reason")
	whole, layers := sourceFigures(), layerFigures()
	for _, s := range c.media.AllSources() {
		labels := []string{string(s.Meeting), string(s.Source.Point), string(s.Source.Kind)}
		emit(out, whole, s, labels...)
		for reason, n := range s.Dropped {
			out <- prometheus.MustNewConstMetric(drops, prometheus.CounterValue, float64(n), append(labels, reason)...)
		}
		for _, l := range s.Layers {
			if l.Passed == 0 {
				continue // behind a gate that never opened, or not wanted by anybody
			}
			gauges(out, layers, l, append(labels, l.Name)...)
		}
	}
}

// clientCollector reads the clients that are connected and the slots that show
// something. It is much, so it has a page of its own.
type clientCollector struct{ media flowing }

// Describe names no metric: which there are depends on who is connected.
func (clientCollector) Describe(chan<- *prometheus.Desc) {}

// Collect reads every client once.
func (c clientCollector) Collect(out chan<- prometheus.Metric) {
	shows := labelled("slot_shows", "1; the labels say which source and layer the slot shows.", slotLabels, "source", "layer")
	drops := labelled("slot_dropped_total", "What the slot was not sent: packets (refused, unrepaired) and pictures (thinned).", slotLabels, "reason")
	lines, counts, slots := clientFigures(), slotCounts(), slotFigures()
	for _, s := range c.media.Clients() {
		labels := []string{string(s.Meeting), string(s.Point), strconv.FormatUint(s.Client, 10)}
		gauges(out, lines, s, labels...)
		for _, slot := range s.Slots {
			labels := append(labels[:3:3], slotName(slot))
			emit(out, counts, slot, labels...)
			gauges(out, slots, slot, labels...)
			out <- prometheus.MustNewConstMetric(shows, prometheus.GaugeValue, 1, append(labels, slot.Source.String(), slot.Layer)...)
			for reason, n := range map[string]uint64{"refused": slot.Refused, "thinned": slot.Thinned, "unrepaired": slot.Unrepaired} {
				if n > 0 {
					out <- prometheus.MustNewConstMetric(drops, prometheus.CounterValue, float64(n), append(labels, reason)...)
				}
			}
		}
	}
}

// slotName names a slot as people count them: v0 is the first picture, a0 the
// first voice.
func slotName(s sfu.SlotSight) string {
	if s.Video {
		return "v" + strconv.Itoa(s.Slot)
	}
	return "a" + strconv.Itoa(s.Slot)
}

func gauges[S any](out chan<- prometheus.Metric, all []gauge[S], stats S, labels ...string) {
	for _, g := range all {
		out <- prometheus.MustNewConstMetric(g.desc, prometheus.GaugeValue, g.read(stats), labels...)
	}
}
