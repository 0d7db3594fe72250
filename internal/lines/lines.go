// Package lines remembers what the line of each bridge point takes, over
// meetings and restarts, so that a room's pictures begin at the size its line
// had the last time. It is one document of the node's store, bounded, and
// written every few minutes at most.
//
// A Memory has one goroutine, which Close waits for, and a mutex that is never
// held over the store.
package lines

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/giaoban/giaoban/internal/catalog"
	"github.com/giaoban/giaoban/internal/guard"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store"
	"github.com/giaoban/giaoban/sfu"
)

const (
	key        = "media/lines"
	version    = 1
	most       = catalog.MaxPoints // lines that are remembered, the newest
	writeEvery = 5 * time.Minute
	storeWait  = 5 * time.Second
	worth      = 10 // percent of change that is worth a write
)

// line is what one line was found to take.
type line struct {
	BPS uint64 `json:"bps"`
	At  int64  `json:"at"` // Unix seconds
}

// document is how a Memory is kept.
type document struct {
	Version int                      `json:"version"`
	Lines   map[meeting.PointID]line `json:"lines"`
}

// Memory is what is known of the lines of this node's points.
type Memory struct {
	docs    store.Catalog
	ceiling func(meeting.PointID) uint64
	log     *slog.Logger
	ending  chan struct{}
	ended   chan struct{}

	mu      sync.Mutex
	lines   map[meeting.PointID]line
	changed bool // since it was last written
}

// Open reads what was kept and keeps it from then on. The operator's ceiling of
// a point, bits a second, 0 for none, is asked for with each connection; it
// must not wait. A document that cannot be read is begun anew: no meeting waits
// for what is only a first guess.
func Open(ctx context.Context, docs store.Catalog, ceiling func(meeting.PointID) uint64, log *slog.Logger) (*Memory, error) {
	body, rev, err := docs.Get(ctx, key)
	if err != nil && !errors.Is(err, store.ErrDamaged) {
		return nil, fmt.Errorf("load lines: %w", err)
	}
	m := &Memory{
		docs: docs, ceiling: ceiling, log: log, ending: make(chan struct{}), ended: make(chan struct{}),
		lines: map[meeting.PointID]line{},
	}
	if err == nil && rev > 0 {
		m.lines, err = decode(body)
	}
	if err != nil {
		log.Warn("what lines took before is forgotten", "err", err)
	}
	go guard.Scope{Name: "memory of lines", Log: m.log}.Run(m.run)
	return m, nil
}

// decode reads a kept memory, strictly. With an error it is empty.
func decode(body []byte) (map[meeting.PointID]line, error) {
	var kept document
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	err := d.Decode(&kept)
	if _, rest := d.Token(); err == nil && rest != io.EOF {
		err = errors.New("data after it")
	}
	if err == nil && (kept.Version != version || len(kept.Lines) > most) {
		err = fmt.Errorf("version %d of %d lines", kept.Version, len(kept.Lines))
	}
	if err != nil || kept.Lines == nil {
		return map[meeting.PointID]line{}, err
	}
	return kept.Lines, nil
}

// CheckRecord gives the check of this package's document by its key, nil if it
// is of another.
func CheckRecord(at string) func(body []byte) error {
	if at != key {
		return nil
	}
	return func(body []byte) error { _, err := decode(body); return err }
}

// Line is sfu.Lines.
func (m *Memory) Line(point meeting.PointID) sfu.Line {
	m.mu.Lock()
	known := m.lines[point].BPS
	m.mu.Unlock()
	return sfu.Line{Estimate: known, Cap: m.ceiling(point)}
}

// Learned is sfu.Lines.
func (m *Memory) Learned(point meeting.PointID, bps uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	before := m.lines[point].BPS
	if apart := max(before, bps) - min(before, bps); before > 0 && apart*100 < before*worth {
		return
	}
	m.lines[point] = line{BPS: bps, At: time.Now().Unix()}
	m.changed = true
	if len(m.lines) > most {
		delete(m.lines, slices.MinFunc(slices.Collect(maps.Keys(m.lines)), func(a, b meeting.PointID) int {
			return cmp.Or(cmp.Compare(m.lines[a].At, m.lines[b].At), cmp.Compare(a, b))
		}))
	}
}

// Close writes what has not been written, and waits.
func (m *Memory) Close() error {
	close(m.ending)
	<-m.ended
	return nil
}

// run writes the memory now and then.
func (m *Memory) run() {
	defer close(m.ended)
	turn := guard.Scope{Name: "memory of lines", Log: m.log}
	tick := time.NewTicker(writeEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			turn.Try(m.write)
		case <-m.ending:
			turn.Try(m.write)
			return
		}
	}
}

// write puts the memory away if it has changed. What fails is tried with the
// next write.
func (m *Memory) write() {
	m.mu.Lock()
	kept, changed := document{Version: version, Lines: maps.Clone(m.lines)}, m.changed
	m.changed = false
	m.mu.Unlock()
	if !changed {
		return
	}
	if err := m.put(kept); err != nil {
		m.log.Warn("what lines take is not kept", "err", err)
		m.mu.Lock()
		m.changed = true
		m.mu.Unlock()
	}
}

// put replaces the document, whoever wrote it last: two servers of one store
// have the same points only one after the other.
func (m *Memory) put(kept document) error {
	ctx, cancel := context.WithTimeout(context.Background(), storeWait)
	defer cancel()
	body, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	_, rev, err := m.docs.Get(ctx, key)
	if err == nil {
		_, err = m.docs.Put(ctx, key, body, rev)
	}
	return err
}
