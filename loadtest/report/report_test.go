package report

import (
	"bytes"
	"errors"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sound is a run with nothing wrong.
func sound() *Report {
	return &Report{
		Schema: Schema, Scenario: "L1", Points: 22, Seconds: 66,
		Figures: []Figure{Figure{Name: OKToAudible, Count: 9, P50: 4, P95: 9, P99: 9, Max: 9}.Within("p95", 400)},
		Series:  []Sample{{AtS: 1, Joined: 3}, {AtS: 2, Joined: 22}},
	}
}

func TestVerdictSaysPassOrFailAndWhy(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Report)
		code   int
		en     string
	}{
		"nothing wrong":        {func(*Report) {}, Passed, "PASSED: 22 points for 66 s"},
		"a limit missed":       {func(r *Report) { r.Figures[0] = r.Figures[0].Within("p95", 8) }, Failed, "FAILED: OK to audible: p95 9 ms, limit 8 ms"},
		"a finding":            {func(r *Report) { r.Findings = []Finding{{What: LayoutMissed, Where: "hg-05"}} }, Failed, "FAILED: a point missed a change of layout (hg-05)"},
		"slow bots":            {func(r *Report) { r.Machine.Bottleneck = true }, Untrusted, "NOT TRUSTWORTHY"},
		"slow bots and a miss": {func(r *Report) { r.Machine.Bottleneck, r.Findings = true, []Finding{{What: NotHeard}} }, Untrusted, "NOT TRUSTWORTHY"},
		"slow bots and a leak": {func(r *Report) { r.Machine.Bottleneck, r.Findings = true, []Finding{{What: CheatHeard}} }, Failed, "FAILED: sound of a cheating client"},
	} {
		t.Run(name, func(t *testing.T) {
			r := sound()
			c.change(r)
			r.Judge()
			if r.Verdict.Code != c.code || !strings.HasPrefix(r.Verdict.Line.En, c.en) || r.Verdict.Line.Vi == "" {
				t.Errorf("%+v, want %d %q", r.Verdict, c.code, c.en)
			}
		})
	}
}

func TestReportIsReadAsItWasWritten(t *testing.T) {
	r := sound()
	r.Judge()
	var b bytes.Buffer
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	again, err := Read(&b)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(r, again); d != "" {
		t.Error(d)
	}
	if _, err := Read(strings.NewReader(`{"schema": 99}`)); err == nil {
		t.Error("an unknown schema is read")
	}
}

func TestPageNeedsNothingFromElsewhere(t *testing.T) {
	r := sound()
	r.Findings = []Finding{{What: NotHeard, Where: "</script><b>", Count: 1, Instance: "x"}}
	r.Tiers = []Tier{{Name: "Huyện", Points: 9}}
	r.Lines = []Line{{Node: "031", Name: "Huyện Hoàng Su Phì", Up: Way{Bytes: 2_500_000, Packets: 31, Streams: 2, Latency: 7}, Down: Way{Bytes: 5_000_000}}}
	r.Judge()
	var b bytes.Buffer
	if err := r.Page(&b); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	if regexp.MustCompile(`(src|href)=|@import|url\(`).MatchString(page) {
		t.Error("the page asks for something")
	}
	for _, want := range []string{`<meter max="5" value="2.5">`, "<td>31</td>", "<td>7</td>", `"One-way latency by tier, median"`, `"Traffic of each line, both ways"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(page, "</script><b>") || !strings.Contains(page, "<h1>KHÔNG ĐẠT: ") {
		t.Error("the page does not begin with the verdict, or does not escape")
	}
}

func TestEveryKeyAndFindingIsDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/loadtest.md")
	if err != nil {
		t.Fatal(err)
	}
	for what, n := range natures {
		if !bytes.Contains(doc, []byte("`"+what+"`")) || n.name.Vi == "" || n.name.En == "" {
			t.Errorf("finding %s is not explained", what)
		}
	}
	for name := range figureNames {
		if !bytes.Contains(doc, []byte("`"+name+"`")) {
			t.Errorf("figure %s is not explained", name)
		}
	}
	for _, key := range keys(reflect.TypeFor[Report]()) {
		if !regexp.MustCompile("`([a-z]+(\\[\\])?)?[.]?([a-z]+\\.)?" + key + "`").Match(doc) {
			t.Errorf("key %s is not documented", key)
		}
	}
}

// keys lists the JSON keys of a type and what is in it.
func keys(t reflect.Type) (list []string) {
	for t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t.PkgPath() == "time" {
		return nil
	}
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		inner := keys(f.Type)
		if list = append(list, inner...); len(inner) == 0 {
			list = append(list, name)
		}
	}
	return list
}

func TestGrowthHasACurveForEachScenarioAndAPointForEachRun(t *testing.T) {
	run := func(scenario string, points int, cpu float64) *Report {
		return &Report{Scenario: scenario, Points: points, Machine: Machine{ServerCPU: cpu}, Figures: []Figure{{Name: SoundLatency, P99: 7}}}
	}
	g := NewGrowth([]*Report{run("b", 10, 0.1), run("a", 50, 1), run("a", 10, 0.1)})
	charts := g.charts()
	if len(charts[0].Lines) != 2 || charts[0].Lines[0].Name != "a" || charts[0].Lines[0].Values[1] != 20 || charts[0].Lines[1].Values[0] != 10 {
		t.Errorf("processors: %+v", charts[0])
	}
	var page, table strings.Builder
	if err := errors.Join(g.Page(&page), g.Table(&table)); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(page.String(), `"axis":"points"`) || strings.Count(table.String(), "\n") != 4 {
		t.Errorf("page of %d bytes; table\n%s", page.Len(), table.String())
	}
}
