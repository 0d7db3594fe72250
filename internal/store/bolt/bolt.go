// Package bolt keeps documents and logs in one file, the default store of a
// node. A change is on the disk (fdatasync) before the call that made it
// returns.
//
// No goroutine. Store.writing is held over a write: bbolt allows one writer and
// any number of readers anyway. The file is locked against other processes.
package bolt

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/giaoban/giaoban/internal/store"
)

// Format is the version of the file's form; a file of a newer one is refused.
const Format = 1

// The errors of Open.
var (
	ErrInUse  = errors.New("bolt: another process has the file open")
	ErrFormat = errors.New("bolt: file has a newer format than this program knows")
)

// The buckets of the file: meta holds the format; catalog holds the documents,
// key → revision and body; journal holds a bucket per meeting, position →
// event; epochs holds the newest epoch per meeting.
const (
	bucketMeta    = "meta"
	bucketCatalog = "catalog"
	bucketJournal = "journal"
	bucketEpochs  = "epochs"
	keyFormat     = "format"
)

// lockWait is how long Open waits for another process to let go of the file,
// as it does in a restart.
const lockWait = 3 * time.Second

// Store is a store.Catalog and a store.Journal.
type Store struct {
	db   *bbolt.DB
	path string
	dead atomic.Bool // a lock of bbolt is lost: no transaction can be begun

	writing sync.Mutex
	vitals  vitals

	lost []string // buckets of an older file that were missing at Open
}

// Open opens the file, making it if there is none.
func Open(path string) (*Store, error) {
	db, err := openFile(path)
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, fmt.Errorf("open store %q: %w", path, ErrInUse)
	}
	if err != nil {
		return nil, fmt.Errorf("open store %q: %w", path, err)
	}
	s := &Store{db: db, path: path}
	if s.vitals.file, err = os.OpenFile(path, os.O_RDWR, 0); err != nil {
		return nil, errors.Join(fmt.Errorf("open store %q: %w", path, err), db.Close())
	}
	err = s.checkShared()
	if err == nil {
		err = s.update(s.prepare)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open store %q: %w", path, err), s.Close())
	}
	return s, nil
}

// openFile opens the file. Where bbolt panics at what it finds, the lock of the
// file is let go of again.
func openFile(path string) (db *bbolt.DB, err error) {
	var file *os.File
	err = guarded(func() (err error) {
		db, err = bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockWait, OpenFile: func(name string, flag int, mode os.FileMode) (*os.File, error) {
			var err error
			file, err = os.OpenFile(name, flag, mode)
			return file, err
		}})
		return err
	})
	if errors.Is(err, store.ErrDamaged) && file != nil {
		_ = file.Close() // nothing was written, and there is nobody else to close it
	}
	if errors.Is(err, bolterrors.ErrInvalid) || errors.Is(err, bolterrors.ErrChecksum) {
		err = fmt.Errorf("%w: %w", store.ErrDamaged, err)
	}
	return db, err
}

// Lost lists the buckets that an older file should have had and had not; each
// is there again, empty.
func (s *Store) Lost() []string { return s.lost }

// prepare makes the buckets of a new file and checks the format of an old one.
func (s *Store) prepare(tx *bbolt.Tx) error {
	meta, err := tx.CreateBucketIfNotExists([]byte(bucketMeta))
	if err != nil {
		return err
	}
	if v := meta.Get([]byte(keyFormat)); v != nil {
		if len(v) != 8 || number(v) > Format {
			return ErrFormat
		}
	}
	for _, name := range []string{bucketCatalog, bucketJournal, bucketEpochs} {
		if meta.Get([]byte(keyFormat)) != nil && tx.Bucket([]byte(name)) == nil {
			s.lost = append(s.lost, name)
		}
		if _, err := tx.CreateBucketIfNotExists([]byte(name)); err != nil {
			return err
		}
	}
	return meta.Put([]byte(keyFormat), encode(Format))
}

// Close closes the file after the calls that are under way. It may be called again.
func (s *Store) Close() error {
	defer s.vitals.file.Close()
	if s.dead.Load() {
		return nil // the transaction that could not be taken back would be waited for
	}
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("close store: %w", err)
	}
	return nil
}

// bucket gives one of the buckets that every file has.
func bucket(tx *bbolt.Tx, name string) *bbolt.Bucket { return tx.Bucket([]byte(name)) }

// encode writes a number so that byte order is the order of numbers.
func encode(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

func number(b []byte) uint64 { return binary.BigEndian.Uint64(b) }

func check(ctx context.Context, name string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return store.CheckName(name)
}
