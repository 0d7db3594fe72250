package sfu

import "github.com/giaoban/giaoban/internal/meeting"

// ClientStats is how one connected client is served.
type ClientStats struct {
	Meeting meeting.ID
	Point   meeting.PointID // empty for an observer or a controller
	Client  uint64          // its number among all that ever joined
	Sight
}

// AllSources reads the figures of every source that has sent, of all meetings;
// each once, of the newest who sent it.
func (s *SFU) AllSources() []SourceStats {
	var all []SourceStats
	for _, r := range s.routers() {
		at := map[meeting.SourceKey]int{}
		for _, src := range published(r.members(), r.branches()) {
			if src.count.packets.Load() == 0 {
				continue
			}
			if i, had := at[src.key]; had {
				all[i] = src.stats()
				continue
			}
			at[src.key] = len(all)
			all = append(all, src.stats())
		}
	}
	return all
}

// Clients reads how every connected client is served.
func (s *SFU) Clients() []ClientStats {
	var all []ClientStats
	for _, r := range s.routers() {
		for _, p := range r.members() {
			if p.connected.Load() {
				all = append(all, ClientStats{Meeting: p.cfg.Meeting, Point: p.cfg.Point, Client: p.number, Sight: p.Sight()})
			}
		}
	}
	return all
}
