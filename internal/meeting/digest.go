package meeting

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Digest sums a plan up in 32 hex digits. Equal plans have equal digests on
// every node and in every build of the same version; it tells whether two
// nodes fold alike, and is no proof against somebody who lies.
func (p *Plan) Digest() string {
	h := sha256.New()
	fmt.Fprintf(h, "%d", p.Seq)
	for _, k := range slices.SortedFunc(maps.Keys(p.Open), compareSources) {
		fmt.Fprintf(h, "|%s %d", k, p.Open[k].Since)
		if media := p.Open[k].Media; media != "" {
			fmt.Fprintf(h, " %q", media)
		}
	}
	for _, a := range slices.Sorted(maps.Keys(p.Views)) {
		writeView(h, string(a), p.Views[a])
	}
	for _, point := range slices.Sorted(maps.Keys(p.Roles)) {
		fmt.Fprintf(h, "|%s %q", point, p.Roles[point])
	}
	if p.Speaker != nil {
		writeView(h, "", p.Speaker)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

func writeView(h io.Writer, name string, v *View) {
	fmt.Fprintf(h, "|%q %s %v %v", name, v.Layout, v.Tiles, v.Voices)
}

func compareSources(a, b SourceKey) int { return strings.Compare(a.String(), b.String()) }

// Closed lists the openings of sound that are in the plan and in next no more,
// each with the fact that opened it. A node may close them ahead of the log.
func (p *Plan) Closed(next *Plan) map[SourceKey]Seq {
	closed := map[SourceKey]Seq{}
	for k, tag := range p.Open {
		if k.Kind.Audio() && next.Open[k] != tag {
			closed[k] = tag.Since
		}
	}
	return closed
}

// Without is the plan less the openings that were closed ahead of the log: of
// each source those up to the given fact. A newer opening of it stays.
func (p *Plan) Without(closed map[SourceKey]Seq) *Plan {
	shut := func(k SourceKey, tag Tag) bool { since, ok := closed[k]; return ok && tag.Since <= since }
	less := *p
	less.Open = maps.Clone(p.Open)
	maps.DeleteFunc(less.Open, shut)
	if len(less.Open) == len(p.Open) {
		return p
	}
	return &less
}

// Silent is the plan without any sound: what a node carries that may be behind
// the log. Nobody's picture changes.
func (p *Plan) Silent() *Plan {
	silent := *p
	silent.Open = maps.Clone(p.Open)
	maps.DeleteFunc(silent.Open, func(k SourceKey, _ Tag) bool { return k.Kind.Audio() })
	return &silent
}
