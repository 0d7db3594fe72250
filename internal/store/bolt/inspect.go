package bolt

import (
	"context"
	"fmt"
	"io"
	"os"
	"syscall"

	"go.etcd.io/bbolt"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store"
)

// checkShared looks at what every part of the store stands on: the root, the
// lists of documents and of meetings, and the list of free pages. The logs
// themselves are read, and found out, one by one.
func (s *Store) checkShared() error {
	file, err := os.Open(s.path)
	if err != nil {
		return err
	}
	defer file.Close()
	var first error
	p, err := openPages(file, func(where, why string) {
		if first == nil {
			first = fmt.Errorf("%w: %s: %s", store.ErrDamaged, where, why)
		}
	})
	if err != nil {
		return err
	}
	p.walk("file", p.root, 0, func(top item) {
		p.bucket(string(top.key), top.value, func(item) {})
	})
	p.freeList(false)
	if p.metaFault(first) {
		return nil
	}
	return first
}

// metaFault reports whether nothing but one meta page is damaged, which bbolt
// does without.
func (p *pages) metaFault(first error) bool {
	return first == nil || first.Error() == fmt.Sprintf("%s: file: %s", store.ErrDamaged, oneMeta)
}

// Backup writes the file as the last transaction left it. Writers go on
// meanwhile, but for one that must map a larger file, at each doubling: it waits,
// so that whoever takes the copy must not stand still.
func (s *Store) Backup(w io.Writer) error {
	return s.view(func(tx *bbolt.Tx) error {
		_, err := tx.WriteTo(w)
		return err
	})
}

// Inspect reads a file that no process has open, whatever state it is in.
func Inspect(path string, v store.Visitor) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	return inspect(file, v)
}

// Inspect is store.Inspector. The transaction keeps the pages that are read
// from being used again meanwhile.
func (s *Store) Inspect(_ context.Context, v store.Visitor) error {
	tx, err := s.begin(false)
	if err != nil {
		return err
	}
	defer func() { _ = guarded(tx.Rollback) }()
	return Inspect(s.path, v)
}

// inspect shows a visitor everything of a file.
func inspect(file *os.File, v store.Visitor) error {
	p, err := openPages(file, v.Fault)
	if err != nil {
		return err
	}
	have := map[string]bool{}
	p.walk("file", p.root, 0, func(top item) {
		have[string(top.key)] = true
		switch name := string(top.key); name {
		case bucketCatalog:
			p.bucket(name, top.value, func(d item) {
				body, rev, err := document(d.value)
				v.Document(string(d.key), body, rev, err)
			})
		case bucketJournal:
			p.bucket(name, top.value, func(log item) { p.log(log, v) })
		default:
			p.bucket(name, top.value, func(item) {})
		}
	})
	for _, name := range []string{bucketMeta, bucketCatalog, bucketJournal, bucketEpochs} {
		if !have[name] {
			v.Fault(name, "is missing")
		}
	}
	p.freeList(true)
	return nil
}

// log shows a visitor a meeting's log; what is wrong with its pages is told as
// the meeting's.
func (p *pages) log(log item, v store.Visitor) {
	id := meeting.ID(log.key)
	own := *p // the same pages, whose faults are the meeting's
	own.fault = func(_, why string) { v.Log(id, 0, nil, fmt.Errorf("%w: %s", store.ErrDamaged, why)) }
	at := uint64(0)
	end := own.bucket("", log.value, func(e item) {
		at++
		switch {
		case len(e.key) != 8:
			v.Log(id, meeting.Seq(at), nil, fmt.Errorf("%w: a position of %d bytes", errEvent, len(e.key)))
		case number(e.key) != at:
			v.Log(id, meeting.Seq(at), nil, fmt.Errorf("%w: event %d where %d is next", errEvent, number(e.key), at))
			at = number(e.key)
		default:
			v.Log(id, meeting.Seq(at), e.value, nil)
		}
	})
	if at < end {
		v.Log(id, meeting.Seq(end), nil, fmt.Errorf("%w: it ends at event %d and had %d", errEvent, at, end))
	}
}

// Rebuild writes the file anew, without what it is told to leave out and what
// cannot be read, to another path. The file itself is not changed.
func Rebuild(path, to string, leave func(document string, log meeting.ID) bool) error {
	made, err := Open(to)
	if err != nil {
		return err
	}
	defer made.Close()
	return made.fill(path, leave)
}

// batch is how many events or documents of a rebuilt file are written at once.
const batch = 512

// fill copies what can be read of another file.
func (s *Store) fill(path string, leave func(document string, log meeting.ID) bool) error {
	c := &copier{Store: s, leave: leave}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	p, err := openPages(file, func(string, string) {})
	if err != nil {
		return err
	}
	p.walk("file", p.root, 0, func(top item) {
		switch name := string(top.key); name {
		case bucketJournal:
			p.bucket(name, top.value, func(log item) { c.log(p, log) })
		case bucketMeta:
			p.bucket(name, top.value, func(item) {})
		default:
			c.sequence(name, p.bucket(name, top.value, func(d item) { c.document(name, d) }))
		}
	})
	c.flush()
	return c.err
}

// copier writes into a rebuilt file.
type copier struct {
	*Store
	leave   func(document string, log meeting.ID) bool
	waiting []func(*bbolt.Tx) error
	err     error
}

func (c *copier) add(put func(*bbolt.Tx) error) {
	if c.waiting = append(c.waiting, put); len(c.waiting) >= batch {
		c.flush()
	}
}

func (c *copier) flush() {
	waiting := c.waiting
	c.waiting = nil
	if c.err != nil || len(waiting) == 0 {
		return
	}
	c.err = c.update(func(tx *bbolt.Tx) error {
		for _, put := range waiting {
			if err := put(tx); err != nil {
				return err
			}
		}
		return nil
	})
}

// document copies an entry of the catalogue or of the epochs.
func (c *copier) document(name string, d item) {
	if name == bucketCatalog && c.leave(string(d.key), "") || name == bucketEpochs && c.leave("", meeting.ID(d.key)) {
		return
	}
	c.add(func(tx *bbolt.Tx) error { return bucket(tx, name).Put(d.key, d.value) })
}

func (c *copier) sequence(name string, n uint64) {
	c.add(func(tx *bbolt.Tx) error {
		if b := bucket(tx, name); b != nil && b.Sequence() < n {
			return b.SetSequence(n)
		}
		return nil
	})
}

// log copies a meeting's log.
func (c *copier) log(p *pages, log item) {
	if c.leave("", meeting.ID(log.key)) {
		return
	}
	own := func(tx *bbolt.Tx) (*bbolt.Bucket, error) {
		return bucket(tx, bucketJournal).CreateBucketIfNotExists(log.key)
	}
	end := p.bucket("", log.value, func(e item) {
		c.add(func(tx *bbolt.Tx) error {
			b, err := own(tx)
			if err != nil {
				return err
			}
			b.FillPercent = 1
			return b.Put(e.key, e.value)
		})
	})
	c.add(func(tx *bbolt.Tx) error {
		b, err := own(tx)
		if err != nil {
			return err
		}
		return b.SetSequence(end)
	})
}

// Lock takes the lock of a file that no process has open, so that none opens it
// meanwhile; free lets it go. It does not look into the file.
func Lock(path string) (free func(), err error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("open store %q: %w", path, ErrInUse)
	}
	return func() { _ = f.Close() }, nil // closing lets go of it
}
