package signaling

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/giaoban/giaoban/internal/wire"
)

// stats are the server's metrics.
type stats struct {
	sessions      prometheus.Gauge
	broken        prometheus.Counter
	refusedTokens prometheus.Counter
	commands      *prometheus.CounterVec // by command
	refusals      *prometheus.CounterVec // by code
	clients       *prometheus.Registry   // a page of its own; nil if the Media has no clients
}

func newStats(s *Server) *stats {
	st := &stats{
		sessions: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "giaoban_sessions", Help: "Client sessions, those within the grace of a lost socket included.",
		}),
		broken: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "giaoban_sessions_broken_total", Help: "Sessions ended by a panic.",
		}),
		refusedTokens: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "giaoban_tokens_refused_total", Help: "Tokens that belong to nobody.",
		}),
		commands: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "giaoban_commands_total", Help: "Commands carried out, by command.",
		}, []string{"command"}),
		refusals: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "giaoban_refusals_total", Help: "Messages refused, by error code.",
		}, []string{"code"}),
	}
	s.cfg.Metrics.MustRegister(collectorOf(s.cfg), st.sessions, st.broken, st.refusedTokens, st.commands, st.refusals,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "giaoban_sockets", Help: "WebSockets open now.",
		}, s.countSockets),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "giaoban_meetings", Help: "Open meetings led by this node.",
		}, func() float64 { return float64(len(s.cfg.Meetings.Live())) }),
	)
	if media, ok := s.cfg.Media.(flowing); ok {
		s.cfg.Metrics.MustRegister(sourceCollector{media})
		st.clients = prometheus.NewRegistry()
		st.clients.MustRegister(clientCollector{media})
	}
	return st
}

// refuse counts a refusal by its code; codes are a closed list.
func (st *stats) refuse(err error) {
	info, _ := wire.Explain(codedError(err).Code)
	st.refusals.WithLabelValues(string(info.Code)).Inc()
}

func (s *Server) countSockets() float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return float64(len(s.sockets))
}
