package rewrite

import (
	"errors"
	"testing"
)

func TestParseH264(t *testing.T) {
	tests := []struct {
		name    string
		payload []byte
		want    H264
		err     error
	}{
		{"empty", nil, H264{}, ErrH264},
		{"a head alone", []byte{0x65}, H264{}, ErrH264},
		{"a picture that needs others", []byte{0x41, 1, 2}, H264{}, nil},
		{"one that needs none", []byte{0x65, 1, 2}, H264{IDR: true}, nil},
		{"a parameter set", []byte{0x67, 0x42, 0xe0}, H264{Parameters: true}, nil},
		{"the other parameter set alone", []byte{0x68, 1, 2}, H264{}, nil},
		{"both and the picture in one", []byte{0x78, 0, 2, 0x67, 1, 0, 2, 0x68, 1, 0, 2, 0x65, 1}, H264{Parameters: true, IDR: true}, nil},
		{"the first part", []byte{0x7c, 0x85, 1, 2}, H264{IDR: true}, nil},
		{"a later part", []byte{0x7c, 0x05, 1, 2}, H264{}, nil},
		{"a part cut off", []byte{0x7c, 0x85}, H264{}, ErrH264},
		{"a unit longer than the packet", []byte{0x78, 0, 9, 0x67, 1}, H264{}, ErrH264},
		{"a unit of nothing", []byte{0x78, 0, 0, 0x67, 1}, H264{}, ErrH264},
		{"half a size", []byte{0x78, 0, 2, 0x67, 1, 0}, H264{Parameters: true}, ErrH264},
		{"what mode 1 has not", []byte{0x79, 0, 2, 0x67, 1}, H264{}, ErrH264},
		{"type 0", []byte{0x60, 0, 2}, H264{}, ErrH264},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseH264(tt.payload)
			if got != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("got %+v, %v, want %+v, %v", got, err, tt.want, tt.err)
			}
		})
	}
}

// FuzzH264 checks that no payload makes the reader panic, and that what begins
// a picture says so in its first byte or its units.
func FuzzH264(f *testing.F) {
	f.Add([]byte{0x78, 0, 2, 0x67, 1, 0, 2, 0x68, 1, 0, 2, 0x65, 1})
	f.Add([]byte{0x7c, 0x85, 1, 2})
	f.Fuzz(func(t *testing.T, payload []byte) {
		h, err := ParseH264(payload)
		if err != nil {
			return
		}
		kind := payload[0] & 0x1f
		if (h.IDR || h.Parameters) && kind != nalIDR && kind != nalSPS && kind != nalSTA && kind != nalFUA {
			t.Fatalf("%+v of a unit of type %d", h, kind)
		}
	})
}
