package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.etcd.io/bbolt"
)

// edit changes a store's file through bbolt, as somebody's tool might.
func edit(t *testing.T, data string, how func(tx *bbolt.Tx) error) {
	t.Helper()
	db, err := bbolt.Open(filepath.Join(data, storeName), 0o600, &bbolt.Options{Timeout: time.Second})
	if err == nil {
		err = errors.Join(db.Update(how), db.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}

func position(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// event puts something in the place of event 30 of the bad meeting.
func event(body func(b *bbolt.Bucket) []byte) func(*testing.T, string) {
	return func(t *testing.T, data string) {
		edit(t, data, func(tx *bbolt.Tx) error {
			b := tx.Bucket([]byte("journal")).Bucket([]byte("bad"))
			return b.Put(position(30), body(b))
		})
	}
}

// without takes an event of the bad meeting away; 0 is the last.
func withoutEvent(n uint64) func(*testing.T, string) {
	return func(t *testing.T, data string) {
		edit(t, data, func(tx *bbolt.Tx) error {
			b := tx.Bucket([]byte("journal")).Bucket([]byte("bad"))
			k := position(n)
			if n == 0 {
				k, _ = b.Cursor().Last()
			}
			return b.Delete(bytes.Clone(k))
		})
	}
}

// documentAs puts something in the place of the last document with a prefix
// that is not the kept token's.
func documentAs(prefix string, body []byte) func(*testing.T, string) {
	return func(t *testing.T, data string) {
		edit(t, data, func(tx *bbolt.Tx) error {
			c := tx.Bucket([]byte("catalog")).Cursor()
			found := []byte(nil)
			for k, v := c.Seek([]byte(prefix)); bytes.HasPrefix(k, []byte(prefix)); k, v = c.Next() {
				if !bytes.Contains(v, []byte(`"point":"p1"`)) || prefix != "token/" {
					found = bytes.Clone(k)
				}
			}
			if body == nil {
				return tx.Bucket([]byte("catalog")).Delete(found)
			}
			if len(body) >= 8 {
				body = append(position(1), body...)
			}
			return tx.Bucket([]byte("catalog")).Put(found, body)
		})
	}
}

// bucketGone deletes one of the file's lists.
func bucketGone(name string) func(*testing.T, string) {
	return func(t *testing.T, data string) {
		edit(t, data, func(tx *bbolt.Tx) error { return tx.DeleteBucket([]byte(name)) })
	}
}

// overwrite writes over the store's file where it is told to.
func overwrite(where func(file []byte) (at int, with []byte)) func(*testing.T, string) {
	return func(t *testing.T, data string) {
		path := filepath.Join(data, storeName)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		at, with := where(b)
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err == nil {
			_, err = f.WriteAt(with, int64(at))
			err = errors.Join(err, f.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// leaves overwrites every leaf, in use or not, that has one text and not
// another, with what a function makes of it.
func leaves(with, without string, make func(page []byte)) func(*testing.T, string) {
	return overwrite(func(file []byte) (int, []byte) {
		for at := 0; at+4096 <= len(file); at += 4096 {
			p := file[at : at+4096]
			if p[8] == 2 && bytes.Contains(p, []byte(with)) && (without == "" || !bytes.Contains(p, []byte(without))) {
				make(p)
			}
		}
		return 0, file
	})
}

func zero(p []byte) { clear(p) }

// newest gives the newer meta page and the page of its free list.
func newest(file []byte) (at int, free int) {
	txid := func(at int) uint64 { return binary.NativeEndian.Uint64(file[at+16+48:]) }
	if txid(4096) > txid(0) {
		at = 4096
	}
	return at, int(binary.NativeEndian.Uint64(file[at+16+32:])) * 4096
}

func fileAs(name string, body []byte) func(*testing.T, string) {
	return func(t *testing.T, data string) {
		if err := os.WriteFile(filepath.Join(data, name), body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
