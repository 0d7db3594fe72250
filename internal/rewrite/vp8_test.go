package rewrite

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// keyframe is the head of a key frame: tag, start code, 640x480.
var keyframe = []byte{0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01}

func TestParseVP8(t *testing.T) {
	tests := []struct {
		name    string
		payload []byte
		want    VP8
		err     error
	}{
		{"empty", nil, VP8{}, ErrVP8},
		{"a descriptor without a payload", []byte{0x10}, VP8{}, ErrVP8},
		{"an inter frame", []byte{0x10, 0x01, 0}, VP8{Size: 1, Start: true}, nil},
		{"a continuation", []byte{0x00, 0x00, 0}, VP8{Size: 1}, nil},
		{"the second partition is no start", []byte{0x11, 0x00, 0}, VP8{Size: 1}, nil},
		{"a key frame", append([]byte{0x10}, keyframe...), VP8{Size: 1, Start: true, Keyframe: true}, nil},
		{"a key frame without its start code", []byte{0x10, 0x00, 1, 2, 3, 4, 5, 6, 7, 8, 9}, VP8{}, ErrVP8},
		{"opus silence is not vp8", []byte{0xf8, 0xff, 0xfe}, VP8{}, ErrVP8},
		{"7 bit picture id", append([]byte{0x90, 0x80, 0x55}, keyframe...), VP8{Size: 3, Start: true, Keyframe: true, HasPicture: true, Picture: 0x55}, nil},
		{"15 bit picture id", append([]byte{0x90, 0x80, 0xd5, 0x43}, keyframe...), VP8{Size: 4, Start: true, Keyframe: true, HasPicture: true, Wide: true, Picture: 0x5543}, nil},
		{"everything", append([]byte{0x90, 0xf0, 0xd5, 0x43, 0x77, 0x69}, keyframe...),
			VP8{Size: 6, Start: true, Keyframe: true, HasPicture: true, Wide: true, Picture: 0x5543, HasTL0: true, TL0: 0x77, HasTID: true, TID: 0x60, HasKey: true, Key: 9}, nil},
		{"cut in the picture id", []byte{0x90, 0x80, 0xd5}, VP8{}, ErrVP8},
		{"cut before tl0", []byte{0x90, 0xc0, 0x15}, VP8{}, ErrVP8},
		{"cut before the key index", []byte{0x90, 0x10}, VP8{}, ErrVP8},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseVP8(tt.payload)
			if !errors.Is(err, tt.err) {
				t.Fatalf("error %v, want %v", err, tt.err)
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreUnexported(VP8{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A continuous stream of frames, however it is made up of sources, has
// continuous picture ids, TL0PICIDX and KEYIDX.
func TestPicturesAreContinuous(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var p Pictures
		var before VP8
		for range rapid.IntRange(1, 6).Draw(t, "sources") {
			in := VP8{
				HasPicture: true, Wide: rapid.Bool().Draw(t, "wide"), HasTL0: true, HasKey: true,
				Picture: rapid.Uint16().Draw(t, "picture"), TL0: rapid.Byte().Draw(t, "tl0"), Key: rapid.Byte().Draw(t, "key") & keyMask,
			}
			mask := uint16(127)
			if in.Wide {
				mask = pictureMask
			}
			in.Picture &= mask
			p.Switch(in)
			for range rapid.IntRange(1, 400).Draw(t, "frames") {
				out := p.Map(in)
				if out.Picture != (before.Picture+1)&pictureMask || out.TL0 != before.TL0+1 || out.Key != (before.Key+1)&keyMask || !out.Wide {
					t.Fatalf("%+v after %+v", out, before)
				}
				before = out
				in.Picture, in.TL0, in.Key = (in.Picture+1)&mask, in.TL0+1, (in.Key+1)&keyMask
			}
		}
	})
}

func TestPicturesOfALatePacket(t *testing.T) {
	var p Pictures
	in := VP8{HasPicture: true, Wide: true, Picture: pictureMask}
	p.Switch(in)
	first := p.Map(in)
	in.Picture = 1
	p.Map(in)
	in.Picture = 0
	if late := p.Map(in); late.Picture != first.Picture+1 {
		t.Errorf("got %d, want %d", late.Picture, first.Picture+1)
	}
}

// FuzzVP8 checks that no payload makes the parser panic, that what it accepts
// it writes back as the same descriptor, and that the descriptor never grows
// beyond its bound.
func FuzzVP8(f *testing.F) {
	f.Add(append([]byte{0x90, 0xf0, 0xd5, 0x43, 0x77, 0x69}, keyframe...))
	f.Add(append([]byte{0x90, 0x80, 0x55}, keyframe...))
	f.Add([]byte{0x10, 0x01, 0x00})
	f.Add([]byte{0xf8, 0xff, 0xfe})
	f.Fuzz(func(t *testing.T, payload []byte) {
		d, err := ParseVP8(payload)
		if err != nil {
			return
		}
		if d.Size < 1 || d.Size >= len(payload) {
			t.Fatalf("descriptor of %d bytes in a payload of %d", d.Size, len(payload))
		}
		var buf [VP8MaxDescriptor]byte
		n := d.Marshal(buf[:])
		rewritten := append(bytes.Clone(buf[:n]), payload[d.Size:]...)
		again, err := ParseVP8(rewritten)
		if err != nil {
			t.Fatalf("what was written is refused: %v", err)
		}
		again.Size, again.Wide = d.Size, d.Wide
		if diff := cmp.Diff(d, again, cmp.AllowUnexported(VP8{})); diff != "" {
			t.Fatal(diff)
		}
	})
}

// FuzzMunger feeds a munger any order of calls and checks that the newest
// number and time never go back.
func FuzzMunger(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
	f.Add([]byte{3, 3, 0xff, 0x80, 4, 4, 1})
	f.Fuzz(func(t *testing.T, calls []byte) {
		m := NewMunger(90000, Numbers{Seq: 1 << 32, TS: 1 << 40})
		seq := NewUnwrapper(16)
		for _, b := range calls {
			before := m.Newest()
			in := seq.Unwrap(uint32(b) * 1021)
			switch b % 6 {
			case 0:
				m.Switch(in, in*7, 0)
			case 1:
				m.Resume(in, in*5, 0)
			case 2:
				m.Skip(in)
			case 3:
				m.Insert(uint32(b), 0)
			case 4:
				m.Splice(Numbers{Seq: in, TS: in * 11}, uint32(in)*11, 0)
			default:
				m.Map(in, in*3, 0)
			}
			if now := m.Newest(); now.Seq < before.Seq || now.TS < before.TS {
				t.Fatalf("%v after %v", now, before)
			}
		}
	})
}
