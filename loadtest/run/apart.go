package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/giaoban/giaoban/internal/catalog"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/tree"
	"github.com/giaoban/giaoban/loadtest/report"
	"github.com/giaoban/giaoban/loadtest/scenario"
)

// Apart are the nodes of several districts, each alone with a meeting of its
// own, at the same time.
type Apart []*Fleet

// StartApart starts a node for every district of a province.
func StartApart(ctx context.Context, binary string, s *scenario.Scenario) (Apart, error) {
	units, err := catalog.LoadTree(catalog.TreeHaGiang)
	if err != nil {
		return nil, err
	}
	sweep()
	var all Apart
	for _, r := range alone(units, s.Points) {
		f := &Fleet{nodes: map[tree.Code]*Server{}, ground: loopback{}}
		all = append(all, f)
		table := write([]row{r}, len(r.points))
		if err := f.openTree(ctx, table, catalog.TreeHaGiang, func(tree.Code) string { return binary }); err != nil {
			return nil, errors.Join(fmt.Errorf("district %s: %w", r.code, err), all.Close())
		}
		first(f.Links.Rooms, meeting.PointID(r.points[0]))
	}
	return all, nil
}

// alone are the districts without their province: the district's own room,
// which is the chair point, and its communes, the same share of each.
func alone(units *catalog.Tree, points int) []row {
	rows := districts(units)[1:]
	total := 0
	for i := range rows {
		rows[i].parent = ""
		rows[i].points = slices.DeleteFunc(rows[i].points, func(p string) bool {
			_, commune := units.Unit(p)
			return !commune && p != rows[i].points[0]
		})
		total += len(rows[i].points)
	}
	seen, kept := 0, 0
	for i := range rows {
		seen += len(rows[i].points)
		n := max(seen*points/total-kept, scenario.Least)
		rows[i].points = rows[i].points[:min(n, len(rows[i].points))]
		kept += len(rows[i].points)
	}
	return rows
}

// Close stops every node.
func (a Apart) Close() error {
	failed := make([]error, len(a))
	var stopping sync.WaitGroup
	for i, f := range a {
		stopping.Go(func() { failed[i] = f.Close() })
	}
	stopping.Wait()
	return errors.Join(failed...)
}

// RunApart plays the scenario in every district at once. Points have numbers of
// their own throughout, so that what crosses from one meeting into another is
// known by its trace.
func RunApart(ctx context.Context, cfg Config, districts Apart) (*report.Report, error) {
	progress, meetings := cfg.Progress, len(districts)
	var mu sync.Mutex
	newest := make([]report.Sample, meetings)
	reports, failed := make([]*report.Report, meetings), make([]error, meetings)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var playing sync.WaitGroup
	base := 0
	for i, f := range districts {
		one := cfg
		script := *cfg.Scenario
		script.Points = len(f.Links.Rooms)
		one.Scenario, one.Links, one.Fleet, one.base = &script, f.Links, f, base
		one.lag = script.Floor.Every.D() * time.Duration(i) / time.Duration(meetings)
		one.Progress = func(s report.Sample) {
			mu.Lock()
			defer mu.Unlock()
			newest[i] = s
			if i == 0 && progress != nil {
				progress(report.Sum(newest))
			}
		}
		base += script.Points
		playing.Go(func() {
			if reports[i], failed[i] = Run(ctx, one); failed[i] != nil {
				stop()
			}
		})
	}
	playing.Wait()
	if err := errors.Join(failed...); err != nil {
		return nil, err
	}
	return report.Together(reports), nil
}
