package rewrite

import (
	"bytes"
	"testing"
)

func sps(number, rest byte) []byte { return []byte{0x67, 0x42, 0xe0, 0x1f, ue(number), rest} }
func pps(number, rest byte) []byte { return []byte{0x68, ue(number), rest} }

// ue writes a number below 7 (ITU-T H.264 §9.1), ones behind it.
func ue(n byte) byte { return [...]byte{0xff, 0x5f, 0x7f, 0x27, 0x2f, 0x37, 0x3f}[n] }

func TestParameterSets(t *testing.T) {
	stap := func(units ...[]byte) []byte {
		b := []byte{0x78}
		for _, u := range units {
			b = append(append(b, 0, byte(len(u))), u...)
		}
		return b
	}
	tests := []struct {
		name  string
		heard [][]byte // payloads
		want  []byte
	}{
		{"none", nil, nil},
		{"a sequence alone", [][]byte{sps(0, 1)}, nil},
		{"one of each", [][]byte{sps(0, 1), pps(0, 2)}, stap(sps(0, 1), pps(0, 2))},
		{"the picture first", [][]byte{pps(0, 2), sps(0, 1)}, stap(sps(0, 1), pps(0, 2))},
		{"both in one packet", [][]byte{stap(sps(0, 1), pps(0, 2), []byte{0x65, 0x80})}, stap(sps(0, 1), pps(0, 2))},
		{"the newer one of a number", [][]byte{stap(sps(0, 1), pps(0, 2)), sps(0, 9), pps(0, 8)}, stap(sps(0, 9), pps(0, 8))},
		{"several numbers", [][]byte{sps(0, 1), sps(3, 2), pps(0, 3), pps(5, 4)}, stap(sps(0, 1), sps(3, 2), pps(0, 3), pps(5, 4))},
		{"neither, nor a cut one", [][]byte{{0x65, 0x80, 1}, {0x67}, {0x67, 0x42, 0xe0}, {0x78, 0, 9, 0x67}, sps(0, 1), pps(0, 2)}, stap(sps(0, 1), pps(0, 2))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var p ParameterSets
			for _, b := range tt.heard {
				EachSet(b, p.Learn)
			}
			if !bytes.Equal(p.Packed(), tt.want) {
				t.Errorf("got %x, want %x", p.Packed(), tt.want)
			}
		})
	}
}

// What is known already costs nothing, whatever number it has.
func TestAKnownSetIsNotKeptAgain(t *testing.T) {
	var p ParameterSets
	payload := []byte{0x78, 0, 6, 0x67, 0x42, 0xe0, 0x1f, 0xff, 1, 0, 3, 0x68, 0xff, 2}
	EachSet(payload, p.Learn)
	if n := testing.AllocsPerRun(100, func() { EachSet(payload, p.Learn) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzParameterSets checks that no payload makes the reader panic, and that what
// is kept stays within its bounds and can be read as what it is.
func FuzzParameterSets(f *testing.F) {
	f.Add([]byte{0x78, 0, 6, 0x67, 0x42, 0xe0, 0x1f, 0xff, 1, 0, 3, 0x68, 0xff, 2}, []byte{0x67, 0x42, 0, 0x1f, 0})
	f.Fuzz(func(t *testing.T, a, b []byte) {
		var p ParameterSets
		EachSet(a, p.Learn)
		EachSet(b, p.Learn)
		packed := p.Packed()
		if packed == nil {
			return
		}
		h, err := ParseH264(packed)
		if err != nil || !h.Parameters || h.IDR || len(packed) > setsBytes {
			t.Fatalf("%x is %+v, %v", packed, h, err)
		}
		var again ParameterSets
		EachSet(packed, again.Learn)
		if !bytes.Equal(again.Packed(), packed) {
			t.Fatalf("%x is read as %x", packed, again.Packed())
		}
	})
}
