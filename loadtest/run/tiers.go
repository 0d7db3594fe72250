package run

import (
	"cmp"
	"slices"
	"time"

	"github.com/giaoban/giaoban/loadtest/report"
)

// tiers are the latencies of each level of a tree, in the order the levels were
// first seen: from the top.
type tiers []*tier

type tier struct {
	name             string
	pictures, sounds histogram
}

// add adds what a point has received. The console and a run without a tree have
// no level.
func (t *tiers) add(a *actor, pictures, sounds *histogram) {
	if a.tier == "" {
		return
	}
	i := slices.IndexFunc(*t, func(x *tier) bool { return x.name == a.tier })
	if i < 0 {
		i = len(*t)
		*t = append(*t, &tier{name: a.tier})
	}
	(*t)[i].pictures.merge(pictures)
	(*t)[i].sounds.merge(sounds)
}

func (t tiers) report(all []*actor) []report.Tier {
	var list []report.Tier
	for _, x := range t {
		r := report.Tier{
			Name: x.name, Pictures: figure(report.PictureLatency, &x.pictures), Sounds: figure(report.SoundLatency, &x.sounds),
		}
		for _, a := range all {
			if a.tier == x.name {
				r.Points++
			}
		}
		list = append(list, r)
	}
	return list
}

// medians are those of each level, pictures and sound together, ms.
func (t tiers) medians() map[string]float64 {
	if len(t) == 0 {
		return nil
	}
	all := map[string]float64{}
	for _, x := range t {
		both := x.pictures
		both.merge(&x.sounds)
		all[x.name] = round(both.quantile(0.5))
	}
	return all
}

// nodeUse follows one node's process.
type nodeUse struct {
	began      time.Time
	first, now usage
	most       float64 // MB
}

// lookAtNodes reads what each node has used. One that was restarted counts
// from its new beginning.
func (k *clerk) lookAtNodes() {
	f := k.play.cfg.Fleet
	if f == nil {
		return
	}
	for code, s := range f.nodes {
		u, n := process(s.PID()), k.nodes[string(code)]
		if n == nil || u.cpu < n.now.cpu {
			n = &nodeUse{began: time.Now(), first: u}
			k.nodes[string(code)] = n
		}
		n.now, n.most = u, max(n.most, u.memory)
	}
}

func (k *clerk) nodesUsed() []report.Node {
	var list []report.Node
	for name, n := range k.nodes {
		r := report.Node{Name: name, Memory: round(n.most)}
		if span := time.Since(n.began).Seconds(); span > 0 {
			r.CPU = round((n.now.cpu - n.first.cpu) / span)
		}
		for _, room := range k.play.cfg.Links.Rooms[:k.play.script.Points] {
			if room.Node == name {
				r.Points++
			}
		}
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b report.Node) int { return cmp.Compare(a.Name, b.Name) })
	return slices.Clip(list)
}
