package signaling

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/giaoban/giaoban/internal/focus"
	"github.com/giaoban/giaoban/sfu"
)

// collector reads the figures of media and meetings when it is asked. The
// packet path only counts; it knows nothing of Prometheus.
type collector struct {
	media    interface{ Stats() sfu.Stats }   // nil if the Media has none
	links    linked                           // nil if it has none
	meetings interface{ Stats() focus.Stats } // nil if the Meetings have none
}

// figure is one metric and how it is read.
type figure[S any] struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
	read func(S) uint64
}

func count[S any](name, help string, read func(S) uint64, labels ...string) figure[S] {
	return figure[S]{prometheus.NewDesc("giaoban_"+name, help, labels, nil), prometheus.CounterValue, read}
}

func level[S any](name, help string, read func(S) int, labels ...string) figure[S] {
	return figure[S]{
		prometheus.NewDesc("giaoban_"+name, help, labels, nil), prometheus.GaugeValue,
		func(s S) uint64 { return uint64(read(s)) },
	}
}

func mediaFigures() []figure[sfu.Stats] {
	return []figure[sfu.Stats]{
		level("media_peers", "Media sessions.", func(s sfu.Stats) int { return s.Peers }),
		level("media_connected", "Media sessions whose media flows.", func(s sfu.Stats) int { return s.Connected }),
		count("media_packets_in_total", "RTP packets that arrived, undeclared streams included.", func(s sfu.Stats) uint64 { return s.PacketsIn }),
		count("media_bytes_in_total", "Bytes of the RTP that arrived.", func(s sfu.Stats) uint64 { return s.BytesIn }),
		count("media_packets_out_total", "RTP packets sent, retransmissions included.", func(s sfu.Stats) uint64 { return s.PacketsOut }),
		count("media_bytes_out_total", "Payload bytes of the RTP sent.", func(s sfu.Stats) uint64 { return s.BytesOut }),
		count("media_writer_drops_total", "Packets a slow client's writer had no room for.", func(s sfu.Stats) uint64 { return s.WriterDrops }),
		count("media_write_errors_total", "Packets that could not be written.", func(s sfu.Stats) uint64 { return s.WriteErrors }),
		count("media_socket_drops_total", "Datagrams the kernel had no room for.", func(s sfu.Stats) uint64 { return s.SocketDrops }),
		count("media_tcp_late_total", "Packets that waited too long for a client's TCP connection.", func(s sfu.Stats) uint64 { return s.Late }),
		count("media_turned_away_total", "Datagrams of addresses that sent too many.", func(s sfu.Stats) uint64 { return s.TurnedAway }),
		count("media_nacked_total", "Packets clients asked for again.", func(s sfu.Stats) uint64 { return s.Nacked }),
		count("media_missing_total", "Packets of publishers that were missing and asked for.", func(s sfu.Stats) uint64 { return s.Missing }),
		count("media_given_up_total", "Of them those that never came.", func(s sfu.Stats) uint64 { return s.GivenUp }),
		count("media_resent_total", "Packets sent again.", func(s sfu.Stats) uint64 { return s.Resent }),
		count("media_unrepaired_total", "Packets not sent again because repair has its share of a line.", func(s sfu.Stats) uint64 { return s.Unrepaired }),
		count("media_thinned_total", "Pictures left out because a client's line was behind.", func(s sfu.Stats) uint64 { return s.Thinned }),
		count("media_padding_total", "Packets of padding, sent to learn what lines take.", func(s sfu.Stats) uint64 { return s.Padding }),
		count("media_silence_total", "Silence packets made when a voice closed.", func(s sfu.Stats) uint64 { return s.Silence }),
		count("media_keyframes_wanted_total", "Keyframe requests from clients.", func(s sfu.Stats) uint64 { return s.KeyframesWanted }),
		count("media_keyframes_asked_total", "Keyframe requests before they were merged.", func(s sfu.Stats) uint64 { return s.KeyframesAsked }),
		count("media_keyframes_sent_total", "Keyframe requests sent to publishers.", func(s sfu.Stats) uint64 { return s.KeyframesSent }),
		count("media_keyframes_replayed_total", "Slots that began with the last keyframe sent again.", func(s sfu.Stats) uint64 { return s.Replays }),
		count("media_keyframes_refused_total", "Keyframe requests of a client that asked too often.", func(s sfu.Stats) uint64 { return s.KeyframesRefused }),
		count("media_panics_total", "Media sessions ended by a panic.", func(s sfu.Stats) uint64 { return s.Panics }),
		count("media_failed_total", "Media sessions that failed.", func(s sfu.Stats) uint64 { return s.Failed }),
		count("media_stuck_total", "Media sessions that did not close in time.", func(s sfu.Stats) uint64 { return s.Stuck }),
	}
}

// linkFigures are those of one link, labelled with the node at its other end.
func linkFigures() []figure[sfu.LinkStats] {
	const node = "node"
	type stats = sfu.LinkStats
	return []figure[stats]{
		level("link_up", "Whether media flows on the link.", func(s stats) int { return number(s.Up) }, node),
		level("link_streams_out", "Streams sent over the link now.", func(s stats) int { return s.Sending }, node),
		level("link_encodings_out", "Different encodings among them; fewer is one that crosses twice.", func(s stats) int { return s.Encodings }, node),
		level("link_streams_in", "Streams that come over the link now.", func(s stats) int { return s.Receiving }, node),
		level("link_estimate_bps", "What the link is thought to take from here, bits a second.", func(s stats) int { return int(s.Estimate) }, node),
		level("link_rtt_ms", "Round trip of the link.", func(s stats) int { return int(s.RoundTrip.Milliseconds()) }, node),
		count("link_streams_out_total", "Streams announced to the other end.", func(s stats) uint64 { return s.StreamsOut }, node),
		count("link_streams_in_total", "Streams the other end has announced.", func(s stats) uint64 { return s.StreamsIn }, node),
		count("link_packets_out_total", "RTP packets sent over the link, repairs included.", func(s stats) uint64 { return s.PacketsOut }, node),
		count("link_packets_in_total", "RTP packets that came over the link, repairs included.", func(s stats) uint64 { return s.PacketsIn }, node),
		count("link_bytes_out_total", "UDP payload of all media sent over the link.", func(s stats) uint64 { return s.BytesOut }, node),
		count("link_bytes_in_total", "UDP payload of all media that came over the link.", func(s stats) uint64 { return s.BytesIn }, node),
		count("link_holes_total", "Packets of the link that did not come at first.", func(s stats) uint64 { return s.Holes }, node),
		count("link_given_up_total", "Packets of the link that never came.", func(s stats) uint64 { return s.GivenUp }, node),
		count("link_resent_total", "Packets sent over the link again.", func(s stats) uint64 { return s.Resent }, node),
		count("link_stale_total", "Packets of pictures that waited too long for the link.", func(s stats) uint64 { return s.Stale }, node),
		count("link_alarms_total", "Times the other end sent what it must not.", func(s stats) uint64 { return s.Alarms }, node),
	}
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

func meetingFigures() []figure[focus.Stats] {
	return []figure[focus.Stats]{
		count("decisions_total", "Commands judged, refused ones included.", func(s focus.Stats) uint64 { return s.Commands }),
		count("facts_total", "Facts made durable.", func(s focus.Stats) uint64 { return s.Facts }),
		count("journal_failures_total", "Batches of facts the journal did not take.", func(s focus.Stats) uint64 { return s.AppendFailures }),
		count("meeting_crashes_total", "Panics of a meeting's machine.", func(s focus.Stats) uint64 { return s.Crashes }),
	}
}

// dropped counts what arrived and was not forwarded: every kind of cheat has
// its reason here.
func dropped() *prometheus.Desc {
	return prometheus.NewDesc("giaoban_media_dropped_total", "RTP packets that arrived and were not forwarded, by reason.", []string{"reason"}, nil)
}

// fedBack counts what browsers say about what they are sent: which of them
// estimate a line, ask again for packets, or lose pictures.
func fedBack() *prometheus.Desc {
	return prometheus.NewDesc("giaoban_media_feedback_total", "RTCP of clients, about what they are sent, by kind and point.", []string{"kind", "point"}, nil)
}

// stayed is how long packets were in the server.
func stayed(r sfu.Residence) prometheus.Metric {
	within, all := make(map[float64]uint64, len(sfu.ResidenceBounds)), uint64(0)
	for i, bound := range sfu.ResidenceBounds {
		all += r.Counts[i]
		within[bound.Seconds()] = all
	}
	all += r.Counts[len(sfu.ResidenceBounds)]
	desc := prometheus.NewDesc("giaoban_media_residence_seconds", "How long RTP packets were in the server, from their decryption until the kernel had them.", nil, nil)
	return prometheus.MustNewConstHistogram(desc, all, r.Sum.Seconds(), within)
}

// Describe names no metric: which there are depends on what there is to read.
func (collector) Describe(chan<- *prometheus.Desc) {}

// linked has links to other nodes.
type linked interface {
	Links() map[string]sfu.LinkStats
}

// Collect reads every figure once.
func (c collector) Collect(out chan<- prometheus.Metric) {
	if c.media != nil {
		stats := c.media.Stats()
		emit(out, mediaFigures(), stats)
		out <- stayed(stats.Residence)
		for reason, n := range stats.Dropped {
			out <- prometheus.MustNewConstMetric(dropped(), prometheus.CounterValue, float64(n), reason)
		}
		for from, n := range stats.Feedback {
			out <- prometheus.MustNewConstMetric(fedBack(), prometheus.CounterValue, float64(n), from.Kind, string(from.Point))
		}
	}
	if c.links != nil {
		for node, stats := range c.links.Links() {
			emit(out, linkFigures(), stats, node)
		}
	}
	if c.meetings != nil {
		emit(out, meetingFigures(), c.meetings.Stats())
	}
}

func emit[S any](out chan<- prometheus.Metric, figures []figure[S], stats S, labels ...string) {
	for _, f := range figures {
		out <- prometheus.MustNewConstMetric(f.desc, f.kind, float64(f.read(stats)), labels...)
	}
}

// collectorOf reads what of a server's parts can be read.
func collectorOf(cfg Config) collector {
	var c collector
	c.media, _ = cfg.Media.(interface{ Stats() sfu.Stats })
	c.links, _ = cfg.Media.(linked)
	c.meetings, _ = cfg.Meetings.(interface{ Stats() focus.Stats })
	return c
}
