package meeting

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
)

// describe puts a fact in one line: its name and the values that are set.
func describe(f Fact) string {
	words := []string{f.fact()}
	v := reflect.ValueOf(f)
	for i := range v.NumField() {
		name, field := strings.ToLower(v.Type().Field(i).Name), v.Field(i)
		switch value := field.Interface().(type) {
		case int:
			if value != 0 || name == "voice" || name == "limit" {
				words = append(words, fmt.Sprintf("%s %d", name, value))
			}
		case time.Time:
			if !value.IsZero() {
				words = append(words, name+" "+value.Format(time.TimeOnly))
			}
		case bool:
			words = append(words, describeBool(name, value)...)
		case []Entry:
			for _, e := range value {
				words = append(words, describeEntry(e))
			}
		case Layout:
			words = append(words, describeLayout(value))
		default:
			if s := fmt.Sprint(value); s != "" {
				words = append(words, s)
			}
		}
	}
	return strings.Join(words, " ")
}

func describeBool(name string, value bool) []string {
	switch {
	case name == "on" && !value:
		return []string{"off"}
	case value:
		return []string{name}
	}
	return nil
}

func describeLayout(l Layout) string {
	words := []string{string(l.Kind)}
	for _, b := range l.Tiles {
		if b.Kind == BindPoint {
			words = append(words, string(b.Point))
		} else {
			words = append(words, string(b.Kind))
		}
	}
	return strings.Join(words, " ")
}

// gates lists every open gate and the fact that opened it.
func (r *reader) gates() string {
	open := r.m.Plan().Open
	var out strings.Builder
	for _, k := range slices.SortedFunc(maps.Keys(open), func(a, b SourceKey) int { return strings.Compare(a.String(), b.String()) }) {
		fmt.Fprintf(&out, "%s since %d\n", k, open[k].Since)
	}
	return orNone(out.String())
}

func (r *reader) roster() string {
	var out strings.Builder
	for _, p := range r.m.s.Points {
		words := []string{string(p.ID), string(p.Presence)}
		for word, set := range map[string]bool{
			"1simulated": p.Simulated, "2camera-off": p.CameraOff, "3switched-on": p.SwitchedOn, "4resumed": p.Resumed,
			"5admitted": p.Admitted, "6released": !p.ReleasedAt.IsZero(), "7left-early": p.LeftEarly,
			"8finished": !p.FinishedAt.IsZero(), "8checked": p.Checked != nil, "9summoned": !p.SummonedAt.IsZero(),
		} {
			if set {
				words = append(words, word)
			}
		}
		slices.Sort(words[2:])
		for i := range words[2:] {
			words[2+i] = words[2+i][1:]
		}
		if p.Device != "" {
			words = append(words, "by "+p.Device)
		}
		if p.Asking != "" {
			words = append(words, "wanted by "+p.Asking)
		}
		if !p.FirstAt.IsZero() && r.now != dawn() {
			words = append(words, fmt.Sprintf("came %d times, first %s", p.Joins, p.FirstAt.Format(time.TimeOnly)))
		}
		if p.Presence == Absent && !p.LeftAt.IsZero() {
			words = append(words, "there until "+p.LeftAt.Format(time.TimeOnly))
		}
		fmt.Fprintln(&out, strings.Join(words, " "))
	}
	return out.String()
}

// floor lists the requests in the state's order, and the voices in use.
func (r *reader) floor() string {
	var out strings.Builder
	fmt.Fprintf(&out, "mode %s limit %d\n", r.m.s.Mode, r.m.s.Limit)
	for _, q := range r.m.s.Requests {
		fmt.Fprintf(&out, "%s %s %s", q.Floor, q.Point, q.State)
		if q.State == Granted {
			fmt.Fprintf(&out, " by %s, voice %d", q.By, q.Voice)
			if q.Audience != "" {
				fmt.Fprintf(&out, ", heard by %s", q.Audience)
			}
			if !q.EndsAt.IsZero() {
				fmt.Fprintf(&out, ", until %s", q.EndsAt.Format(time.TimeOnly))
			}
		}
		fmt.Fprintln(&out)
	}
	return out.String()
}

// shown lists what each point sees.
func (r *reader) shown() string {
	plan := r.m.Plan()
	var out strings.Builder
	for _, p := range r.m.s.Points {
		v := plan.View(p.ID)
		fmt.Fprintf(&out, "%s: %s %s\n", p.ID, v.Layout, sources(v.Tiles))
	}
	return out.String()
}

// rollCall is the roll call's sheet.
func (r *reader) rollCall() string {
	c := r.m.s.RollCall
	var out strings.Builder
	fmt.Fprintf(&out, "running %v, paused %v, called %s\n", c.Running(), c.Paused, c.Current)
	for _, k := range c.Marks {
		fmt.Fprintln(&out, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", k.Point, k.State, k.At.Format(time.TimeOnly), k.Remark)))
	}
	return out.String()
}

// incidents lists the incidents of the state.
func (r *reader) incidents() string {
	var out strings.Builder
	for _, i := range r.m.s.Incidents {
		fmt.Fprintf(&out, "%d: %s %s from %s", i.ID, string(i.Point)+string(i.Node), i.Why, i.OpenedAt.Format(time.TimeOnly))
		if !i.ClosedAt.IsZero() {
			fmt.Fprintf(&out, " to %s", i.ClosedAt.Format(time.TimeOnly))
		}
		if i.Cause+i.Remedy != "" {
			fmt.Fprintf(&out, ": %s; %s", i.Cause, i.Remedy)
		}
		if !i.ExpectedAt.IsZero() {
			fmt.Fprintf(&out, ", expected %s", i.ExpectedAt.Format(time.TimeOnly))
		}
		fmt.Fprintln(&out)
	}
	return orNone(out.String())
}

// messages lists the messages of the state, and how far they were read.
func (r *reader) messages() string {
	var out strings.Builder
	for _, msg := range r.m.s.Messages {
		fmt.Fprintf(&out, "%d: from %q to %v: %s\n", msg.ID, msg.From, msg.To, msg.Text)
	}
	fmt.Fprintf(&out, "controllers read up to %d\n", r.m.s.ReadUpTo)
	for _, p := range r.m.s.Points {
		if p.ReadUpTo > 0 {
			fmt.Fprintf(&out, "%s up to %d\n", p.ID, p.ReadUpTo)
		}
	}
	return out.String()
}

// banners lists what is written over the picture.
func (r *reader) banners() string {
	var out strings.Builder
	for _, b := range r.m.s.Banners {
		fmt.Fprintf(&out, "%s: %s\n", b.Audience, b.Text)
	}
	return orNone(out.String())
}

// programme lists the speaking order.
func (r *reader) programme() string {
	var out strings.Builder
	for _, e := range r.m.s.Programme {
		fmt.Fprintf(&out, "%s %s\n", describeEntry(e.Entry), e.State)
	}
	return orNone(out.String())
}

func describeEntry(e Entry) string {
	text := fmt.Sprintf("%d:%s", e.ID, e.Point)
	if e.Minutes > 0 {
		text += fmt.Sprintf(" (%d min)", e.Minutes)
	}
	return text
}

// views lists what each audience of the plan is shown and hears.
func (r *reader) views() string {
	plan := r.m.Plan()
	var out strings.Builder
	for _, a := range slices.Sorted(maps.Keys(plan.Views)) {
		v := plan.Views[a]
		fmt.Fprintf(&out, "%s: %s shows %s, hears %s\n", a, v.Layout, sources(v.Tiles), sources(v.Voices[:]))
	}
	return out.String()
}

func sources(keys []SourceKey) string {
	words := make([]string, len(keys))
	for i, k := range keys {
		if words[i] = k.String(); words[i] == "" {
			words[i] = "-"
		}
	}
	return strings.Join(words, " ")
}

func orNone(s string) string {
	if s == "" {
		return "none\n"
	}
	return s
}

func equalSnapshots(a, b Snapshot) bool { return diffOf(a, b) == "" }

// diffOf is cmp.Diff, quick when there is none.
func diffOf(want, got any) string {
	if reflect.DeepEqual(want, got) {
		return ""
	}
	return cmp.Diff(want, got)
}
