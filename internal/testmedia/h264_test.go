package testmedia

import (
	"bytes"
	"testing"
)

func TestReadH264(t *testing.T) {
	unit := func(types ...byte) (b []byte) {
		for _, n := range types {
			b = append(b, 0, 0, 0, 1, n, 0xaa, 0xbb)
		}
		return b
	}
	file := append(unit(9, 7, 8, 5), unit(9, 1)...)
	c, err := ReadH264(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Frames) != 2 || !c.Key(0) || c.Key(1) || !bytes.Equal(c.Frames[0], unit(7, 8, 5)) {
		t.Errorf("%d frames: % x", len(c.Frames), c.Frames)
	}
	if c.NextKey(1) != 0 {
		t.Error("the only keyframe is not found")
	}
	for _, bad := range [][]byte{nil, unit(9, 1), unit(7, 8, 5), []byte("text that is no film")} {
		if _, err := ReadH264(bad); err == nil {
			t.Errorf("% x was taken", bad)
		}
	}
}
