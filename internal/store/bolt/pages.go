package bolt

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
	"slices"

	"github.com/giaoban/giaoban/internal/store"
)

// The form of a bbolt file (version 2), as far as it is read here: a page
// begins with its own number, its kind, how many elements it has and how many
// pages it goes on over; a meta page holds the root, the free list, the number
// of pages and a checksum. bbolt writes in the byte order of the machine.
const (
	pageHeader   = 16
	elementSize  = 16
	metaSize     = 64
	metaMagic    = 0xED0CDAED
	metaVersion  = 2
	kindBranch   = 0x01
	kindLeaf     = 0x02
	kindMeta     = 0x04
	kindFree     = 0x10
	flagBucket   = 0x01
	bucketHeader = 16
	maxDepth     = 32
	maxPages     = 1 << 16 // that one page may go on over: 256 MB
)

// meta is what a meta page says.
type meta struct {
	pageSize             int64
	root, free, end, txn uint64
}

// readMeta reads a meta page that begins at an offset.
func readMeta(file io.ReaderAt, at int64) (m meta, err error) {
	b := make([]byte, pageHeader+metaSize)
	if _, err := file.ReadAt(b, at); err != nil {
		return m, err
	}
	b = b[pageHeader:]
	sum := fnv.New64a()
	sum.Write(b[:metaSize-8])
	u32, u64 := binary.NativeEndian.Uint32, binary.NativeEndian.Uint64
	if u32(b) != metaMagic || u32(b[4:]) != metaVersion || u64(b[56:]) != sum.Sum64() {
		return m, fmt.Errorf("%w: the meta page at byte %d", store.ErrDamaged, at)
	}
	m = meta{pageSize: int64(u32(b[8:])), root: u64(b[16:]), free: u64(b[32:]), end: u64(b[40:]), txn: u64(b[48:])}
	if m.pageSize < 512 || m.pageSize > 1<<16 || m.pageSize&(m.pageSize-1) != 0 {
		return m, fmt.Errorf("%w: pages of %d bytes", store.ErrDamaged, m.pageSize)
	}
	return m, nil
}

// newestMeta finds the meta page of the last transaction. one says that the
// other cannot be read.
func newestMeta(file io.ReaderAt) (m meta, one, err error) {
	first, err := readMeta(file, 0)
	if err == nil {
		second, bad := readMeta(file, first.pageSize)
		if bad == nil && second.txn > first.txn {
			return second, nil, nil
		}
		return first, bad, nil
	}
	for size := int64(1024); size <= 1<<16; size *= 2 {
		if second, bad := readMeta(file, size); bad == nil && second.pageSize == size {
			return second, err, nil
		}
	}
	return m, nil, err
}

// oneMeta is the fault of a file that a single meta page stands for.
const oneMeta = "one of the two meta pages cannot be read: the last change may be missing"

// pages reads a file's pages and believes nothing of them, unlike bbolt.
type pages struct {
	file io.ReaderAt
	meta
	used  map[uint64]bool
	fault func(where, why string)
}

// openPages finds the pages of the last transaction.
func openPages(file io.ReaderAt, fault func(where, why string)) (*pages, error) {
	m, one, err := newestMeta(file)
	if err != nil {
		return nil, err
	}
	if one != nil {
		fault("file", oneMeta)
	}
	return &pages{file: file, meta: m, used: map[uint64]bool{0: true, 1: true}, fault: fault}, nil
}

// page reads the page of a number, whole.
func (p *pages) page(id uint64) ([]byte, error) {
	if id < 2 || id >= p.end {
		return nil, fmt.Errorf("page %d of %d", id, p.end)
	}
	head := make([]byte, pageHeader)
	if _, err := p.file.ReadAt(head, int64(id)*p.pageSize); err != nil {
		return nil, fmt.Errorf("page %d: %w", id, err)
	}
	over := uint64(binary.NativeEndian.Uint32(head[12:]))
	if self := binary.NativeEndian.Uint64(head); self != id || over > maxPages || id+over >= p.end {
		return nil, fmt.Errorf("page %d says that it is %d of %d pages", id, self, over+1)
	}
	for n := id; n <= id+over; n++ {
		if p.used[n] {
			return nil, fmt.Errorf("page %d is used twice", n)
		}
		p.used[n] = true
	}
	b := make([]byte, int64(over+1)*p.pageSize)
	if _, err := p.file.ReadAt(b, int64(id)*p.pageSize); err != nil {
		return nil, fmt.Errorf("page %d: %w", id, err)
	}
	return b, nil
}

// item is one key of a bucket: with its value, or with its own bucket.
type item struct {
	key, value []byte
	bucket     bool
}

// walk gives the items below a page, in order, and tells what cannot be read:
// what is below a damaged page is not given.
func (p *pages) walk(where string, id uint64, depth int, each func(item)) {
	b, err := p.page(id)
	if err == nil {
		err = p.elements(where, b, depth, each)
	}
	if err != nil {
		p.fault(where, err.Error())
	}
}

// elements gives what is on a page, or below it.
func (p *pages) elements(where string, b []byte, depth int, each func(item)) error {
	kind, count := binary.NativeEndian.Uint16(b[8:]), int(binary.NativeEndian.Uint16(b[10:]))
	switch {
	case kind != kindBranch && kind != kindLeaf:
		return fmt.Errorf("page %d is of no known kind", binary.NativeEndian.Uint64(b))
	case depth > maxDepth:
		return fmt.Errorf("pages stand more than %d below each other", maxDepth)
	case pageHeader+count*elementSize > len(b):
		return fmt.Errorf("page %d has %d elements", binary.NativeEndian.Uint64(b), count)
	}
	var before []byte
	for i := range count {
		e := b[pageHeader+i*elementSize:]
		u32 := func(at int) int { return int(binary.NativeEndian.Uint32(e[at:])) }
		pos, keySize, valueSize := u32(4), u32(8), u32(12)
		if kind == kindBranch {
			pos, keySize, valueSize = u32(0), u32(4), 0
		}
		if pos+keySize+valueSize > len(e) {
			return fmt.Errorf("element %d lies outside of its page", i)
		}
		key := e[pos : pos+keySize]
		if i > 0 && bytes.Compare(before, key) >= 0 {
			return fmt.Errorf("element %d is out of order", i)
		}
		before = key
		if kind == kindBranch {
			p.walk(where, binary.NativeEndian.Uint64(e[8:]), depth+1, each)
			continue
		}
		each(item{key: key, value: e[pos+keySize : pos+keySize+valueSize], bucket: u32(0)&flagBucket != 0})
	}
	return nil
}

// bucket gives the items of a bucket whose value in its parent is at hand, and
// the bucket's sequence.
func (p *pages) bucket(where string, value []byte, each func(item)) (sequence uint64) {
	if len(value) < bucketHeader {
		p.fault(where, "its head is cut short")
		return 0
	}
	root, sequence := binary.NativeEndian.Uint64(value), binary.NativeEndian.Uint64(value[8:])
	switch {
	case root != 0:
		p.walk(where, root, 0, each)
	case len(value) < bucketHeader+pageHeader:
		p.fault(where, "its page is cut short")
	default: // a small bucket's only page lies in its parent's
		if err := p.elements(where, value[bucketHeader:], 0, each); err != nil {
			p.fault(where, err.Error())
		}
	}
	return sequence
}

// freeList checks the list of free pages: bbolt writes over whatever is in it.
func (p *pages) freeList(whole bool) {
	b, err := p.page(p.free)
	if err != nil {
		p.fault("free list", err.Error())
		return
	}
	count, ids := int(binary.NativeEndian.Uint16(b[10:])), b[pageHeader:]
	if count == 0xffff {
		count, ids = int(binary.NativeEndian.Uint64(ids)), ids[8:]
	}
	if binary.NativeEndian.Uint16(b[8:]) != kindFree || count < 0 || count > len(ids)/8 {
		p.fault("free list", fmt.Sprintf("page %d is none", p.free))
		return
	}
	free := make([]uint64, count)
	for i := range free {
		free[i] = binary.NativeEndian.Uint64(ids[i*8:])
	}
	slices.Sort(free)
	for i, id := range free {
		if id < 2 || id >= p.end || i > 0 && free[i-1] == id || whole && p.used[id] {
			p.fault("free list", fmt.Sprintf("page %d is in it, and is not free", id))
			return
		}
	}
}
