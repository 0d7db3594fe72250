package run

import (
	"os"
	"strings"
	"testing"

	"github.com/giaoban/giaoban/internal/netlab"
	"github.com/giaoban/giaoban/loadtest/report"
	"github.com/giaoban/giaoban/loadtest/scenario"
)

// short is L1 in little: no limit of time, since the machine is shared, but
// every count is judged.
const short = `
name: short
title: {vi: Bản ngắn, en: In short}
points: 6
duration: 9s
join: {over: 1s}
console: 4
chair: true
content: 2
floor: {every: 3s, speak: 1s}
layout: {every: 3s, kinds: ["1+1", "2x2", "content+1"]}
limits: {missing: 0, foreignSound: 0}
`

func TestShortBriefingPasses(t *testing.T) {
	beside(t)
	r := stage(t, bridge(t), short, false)
	if r.Verdict.Code == report.Failed || len(r.Findings) > 0 {
		t.Errorf("%s: %+v", r.Verdict.Line.En, r.Findings)
	}
	if r.Totals.Joined != 6 || r.Totals.Turns < 2 || r.Totals.Layouts < 2 || r.Totals.Pictures == 0 || r.Totals.Sounds == 0 {
		t.Errorf("too little happened: %+v", r.Totals)
	}
	if f := r.Figure(report.OKToAudible); f == nil || f.Count < 2*5 {
		t.Errorf("speakers were heard by too few: %+v", f)
	}
}

// stage plays a scenario on nodes of its own, which leave nothing behind.
func stage(t *testing.T, binary, text string, netns bool) *report.Report {
	t.Helper()
	s, err := scenario.Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	fleet, err := StartFleet(t.Context(), binary, s, netns)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := fleet.Close(); err != nil {
			t.Error(err)
		}
		for code, server := range fleet.nodes {
			if _, err := os.Stat(server.dir); !os.IsNotExist(err) {
				t.Errorf("the directory of node %q is left: %v", code, err)
			}
		}
	}()
	r, err := Run(t.Context(), Config{Scenario: s, Links: fleet.Links, Fleet: fleet})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// overTree is a briefing of ten communes over four relays, of which one loses
// its line for a while.
const overTree = `
name: tree
title: {vi: Cây, en: Tree}
tree: relayed-areas
points: 10
pace: 2
duration: 12s
join: {over: 2s}
floor: {every: 3s, speak: 1s}
layout: {every: 4s, kinds: ["1", "1+1"]}
limits: {line: 150ms, missing: 0}
`

func TestBriefingOverATreePasses(t *testing.T) {
	beside(t)
	r := stage(t, bridge(t), overTree, false)
	if r.Verdict.Code == report.Failed || len(r.Findings) > 0 {
		t.Errorf("%s: %+v", r.Verdict.Line.En, r.Findings)
	}
	if r.Totals.Joined != 10 || r.Totals.Turns < 2 || r.Totals.Layouts < 2 {
		t.Errorf("too little happened: %+v", r.Totals)
	}
	if len(r.Lines) != 4 || r.Lines[1].Up.Packets == 0 || r.Lines[1].Down.Packets == 0 || r.Lines[1].Down.Latency == 0 {
		t.Errorf("lines %+v", r.Lines)
	}
	if len(r.Tiers) != 2 || r.Tiers[1].Points != 9 || r.Tiers[1].Sounds.Count == 0 {
		t.Errorf("tiers %+v", r.Tiers)
	}
}

func TestACutLineHealsByItself(t *testing.T) {
	beside(t)
	if err := netlab.Ready(); err != nil && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	r := stage(t, bridge(t), strings.Replace(overTree, "limits: {line: 150ms, missing: 0}", "", 1)+`
faults:
  - {at: 3s, do: cut-line, node: kv-1, for: 2s}
  - {at: 2s, do: lose-packets, node: kv-2, for: 6s, share: 0.02}
limits: {recover: 20s}
`, true)
	if r.Verdict.Code == report.Failed || len(r.Findings) > 0 {
		t.Errorf("%s: %+v", r.Verdict.Line.En, r.Findings)
	}
	if f := r.Figure(report.Recovery); f == nil || f.Count == 0 {
		t.Errorf("who came back: %+v", f)
	}
}

func mustRead(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func mustWrite(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
