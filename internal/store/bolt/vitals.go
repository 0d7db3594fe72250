package bolt

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"

	"github.com/giaoban/giaoban/internal/store"
)

// vitals are the pages that every transaction goes by: the two heads of the file
// and the list of free pages, as the last write left them. A bad disk, or
// somebody's tool, that changes them under a running server would let bbolt go
// on from an older head, or free a thousand million pages; so each write first
// puts them right. They belong to whoever holds the writer's lock.
type vitals struct {
	file  *os.File
	heads []byte
	free  []byte
	at    int64 // where free lies
}

// remember reads them after a write. What is not sound is not remembered.
func (v *vitals) remember() {
	m, one, err := newestMeta(v.file)
	if err != nil || one != nil && v.heads != nil {
		return
	}
	heads, at := make([]byte, 2*m.pageSize), int64(m.free)*m.pageSize
	head := make([]byte, pageHeader)
	if _, err := v.file.ReadAt(heads, 0); err != nil {
		return
	}
	if _, err := v.file.ReadAt(head, at); err != nil || binary.NativeEndian.Uint64(head) != m.free || binary.NativeEndian.Uint16(head[8:]) != kindFree {
		return
	}
	over := int64(binary.NativeEndian.Uint32(head[12:]))
	if over > maxPages {
		return
	}
	free := make([]byte, (over+1)*m.pageSize)
	if _, err := v.file.ReadAt(free, at); err == nil {
		v.heads, v.free, v.at = heads, free, at
	}
}

// mend puts them right before a write. A file that has become shorter than they
// are is not written to.
func (v *vitals) mend() error {
	if v.heads == nil {
		return nil
	}
	for _, part := range []struct {
		at   int64
		want []byte
	}{{0, v.heads}, {v.at, v.free}} {
		now := make([]byte, len(part.want))
		if _, err := v.file.ReadAt(now, part.at); err != nil {
			return fmt.Errorf("%w: the file is cut short: %w", store.ErrDamaged, err)
		}
		if bytes.Equal(now, part.want) {
			continue
		}
		if _, err := v.file.WriteAt(part.want, part.at); err != nil {
			return fmt.Errorf("%w: %w", store.ErrDamaged, err)
		}
	}
	return nil
}
