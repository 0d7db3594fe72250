package audit

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// The files of a seal.
const (
	sealKey  = "key.pem"
	sealHead = HeadFile
)

// HeadFile is the name of the signed end in its directory.
const HeadFile = "head.json"

// Head is where the log ends: the number of its newest entry, and its hash.
type Head struct {
	N    uint64 `json:"n"`
	Hash string `json:"hash"`
	Sign []byte `json:"sign,omitempty"` // Ed25519, of "giaoban audit N HASH"
}

func (h Head) text() []byte { return fmt.Appendf(nil, "giaoban audit %d %s", h.N, h.Hash) }

// seal signs where the log ends, in a directory beside the store: whoever cuts
// the newest page off cannot make the log shorter without a word.
type seal struct {
	dir     string
	private ed25519.PrivateKey
}

// openSeal reads the key of a directory, or makes it.
func openSeal(dir string) (*seal, error) {
	path := filepath.Join(dir, sealKey)
	s, err := readSeal(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return makeSeal(dir, path)
	case errors.Is(err, ErrBroken): // what it signed can no longer be checked, and Verify says so
		if err := os.Rename(path, path+".damaged"); err != nil {
			return nil, err
		}
		return makeSeal(dir, path)
	}
	return s, err
}

// readSeal reads the key of a directory.
func readSeal(dir string) (*seal, error) {
	text, err := os.ReadFile(filepath.Join(dir, sealKey))
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%w: its key is no PEM", ErrBroken)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	private, ok := key.(ed25519.PrivateKey)
	if err != nil || !ok {
		return nil, fmt.Errorf("%w: its key is no Ed25519 key", ErrBroken)
	}
	return &seal{dir: dir, private: private}, nil
}

func makeSeal(dir, path string) (*seal, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err == nil {
		err = os.MkdirAll(dir, 0o700)
	}
	if err == nil {
		err = replace(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	}
	s := &seal{dir: dir, private: private}
	if err == nil {
		err = s.write(Head{}) // so that a missing one is always a missing one
	}
	return s, err
}

// read gives the signed end.
func (s *seal) read() (Head, error) {
	text, err := os.ReadFile(filepath.Join(s.dir, sealHead))
	var h Head
	if err == nil {
		err = json.Unmarshal(text, &h)
	}
	if err == nil && !ed25519.Verify(s.private.Public().(ed25519.PublicKey), h.text(), h.Sign) {
		err = fmt.Errorf("%w: the signature of its end is not right", ErrBroken)
	}
	if err != nil {
		return Head{}, err
	}
	return h, nil
}

// write signs an end.
func (s *seal) write(h Head) error {
	h.Sign = ed25519.Sign(s.private, h.text())
	text, err := json.Marshal(h)
	if err != nil {
		return err
	}
	return replace(filepath.Join(s.dir, sealHead), append(text, '\n'))
}

// replace writes a file whole or not at all.
func replace(path string, text []byte) error {
	f, err := os.OpenFile(path+".part", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(path+".part", path)
}

// floorKey names the document that says what was moved out: the newest of the
// entries that are in files, and its hash.
const floorKey = "audit-floor"

// floor reads it, zero if nothing was moved.
func floor(ctx context.Context, records Records) (h Head, rev uint64, err error) {
	body, rev, err := records.Get(ctx, floorKey)
	if err == nil && rev > 0 {
		if bad := json.Unmarshal(body, &h); bad != nil {
			err = fmt.Errorf("%w: %s: %w", ErrBroken, floorKey, bad)
		}
	}
	return h, rev, err
}

// rotate moves the oldest quarter of a full log into a file, and out of the
// store once the file is on the disk. What fails is tried with the next page.
func (w *writer) rotate() {
	if w.seal == nil || w.last < w.first+w.most {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), writing)
	defer cancel()
	if err := w.move(ctx, w.last-w.most*3/4); err != nil {
		w.log.Warn("old entries stay in the audit log", "err", err)
	}
}

// move writes the pages that end before an entry to a file and deletes them.
func (w *writer) move(ctx context.Context, before uint64) error {
	keys, err := w.records.List(ctx, prefix)
	if err != nil {
		return err
	}
	var lines bytes.Buffer
	old, end, hash := 0, uint64(0), ""
	for old+1 < len(keys) && numberOf(keys[old+1]) <= before {
		entries, err := page(ctx, w.records, keys[old])
		if errors.Is(err, ErrBroken) {
			body, _, _ := w.records.Get(ctx, keys[old]) // as it is, if anything can be had
			lines.Write(body)
			next, err := page(ctx, w.records, keys[old+1])
			if err != nil {
				return err
			}
			end, hash = next[0].N-1, next[0].Prev
		} else if err != nil {
			return err
		}
		for _, e := range entries {
			lines.Write(e.line())
			end, hash = e.end()
		}
		old++
	}
	if old == 0 {
		return nil
	}
	name := fmt.Sprintf("%012d-%012d.jsonl", numberOf(keys[0]), end)
	if err := replace(filepath.Join(w.seal.dir, name), lines.Bytes()); err != nil {
		return err
	}
	_, rev, err := floor(ctx, w.records)
	if err != nil && !errors.Is(err, ErrBroken) {
		return err
	}
	body, err := json.Marshal(Head{N: end, Hash: hash})
	if err == nil {
		_, err = w.records.Put(ctx, floorKey, body, rev)
	}
	if err != nil {
		return err
	}
	for _, k := range keys[:old] {
		if _, rev, err = w.records.Get(ctx, k); err == nil && rev > 0 {
			err = w.records.Delete(ctx, k, rev)
		}
		if err != nil {
			return err
		}
	}
	w.first = end + 1
	w.log.Info("old entries of the audit log were moved to a file", "file", name)
	return nil
}
