package bolt

import (
	"errors"
	"fmt"
	"runtime/debug"

	"go.etcd.io/bbolt"

	"github.com/giaoban/giaoban/internal/store"
)

// guarded runs work on the file. bbolt trusts its pages and panics at one that
// is not what it should be, and a file that was cut short while it is mapped
// is a memory fault: both are damage of what the work read, not the end of the
// process.
func guarded(work func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if broken := recover(); broken != nil {
			err = fmt.Errorf("%w: %v", store.ErrDamaged, broken)
		}
	}()
	return work()
}

// begin begins a transaction. bbolt keeps its locks if it panics there, as it
// does where the file has become shorter than its first pages; whoever came
// later would wait for ever, and is refused instead.
func (s *Store) begin(writable bool) (tx *bbolt.Tx, err error) {
	if s.dead.Load() {
		return nil, errDead
	}
	err = guarded(func() (err error) {
		tx, err = s.db.Begin(writable)
		return err
	})
	if errors.Is(err, store.ErrDamaged) {
		s.dead.Store(true)
	}
	return tx, err
}

var errDead = fmt.Errorf("%w: the file cannot be used until the server is started again", store.ErrDamaged)

// view runs a read transaction.
func (s *Store) view(read func(*bbolt.Tx) error) error {
	return guarded(func() error {
		tx, err := s.begin(false)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }() // a reader has nothing that could fail
		return read(tx)
	})
}

// update runs a write transaction. One that panics is taken back: until its
// last page is written nothing of it can be seen. If not even that can be done,
// the writer's lock is lost, and every later call is refused.
func (s *Store) update(write func(*bbolt.Tx) error) error {
	s.writing.Lock() // its holder alone looks after the vitals
	defer s.writing.Unlock()
	if err := s.vitals.mend(); err != nil {
		return err
	}
	defer s.vitals.remember()
	return guarded(func() error {
		tx, err := s.begin(true)
		if err != nil {
			return err
		}
		over := false
		defer func() {
			if !over && guarded(tx.Rollback) != nil {
				s.dead.Store(true)
			}
		}()
		if err := write(tx); err != nil {
			return err
		}
		if err := tx.Commit(); err != nil {
			over = tx.DB() == nil // bbolt has taken it back
			return err
		}
		over = true
		return nil
	})
}
