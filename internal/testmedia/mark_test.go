package testmedia

import (
	"image"
	"image/color"
	"testing"

	"pgregory.net/rapid"
)

func TestMarkComesBackFromThePicture(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := Mark{Room: rapid.Uint8().Draw(t, "room"), Frame: rapid.Uint16().Draw(t, "frame")}
		size := rapid.SampledFrom([]image.Point{{160, 90}, {320, 180}, {640, 360}, {1280, 720}, {333, 187}}).Draw(t, "size")
		img := image.NewRGBA(image.Rectangle{Max: size})
		want.Draw(img)
		if got, ok := ReadImage(img); !ok || got != want {
			t.Fatalf("read %v, %v; drew %v", got, ok, want)
		}
		fill(img, image.Rect(0, 0, size.X, size.Y/5), color.RGBA{128, 0, 0, 255})
		if got, ok := ReadImage(img); !ok || got != want {
			t.Fatalf("with the top band covered: read %v, %v; drew %v", got, ok, want)
		}
	})
}

func TestMarkOfDocIsAsDocumented(t *testing.T) {
	if got := (Mark{Room: 7, Frame: 300}).Check(); got != 0xEC {
		t.Fatalf("check is %#x; doc.go says 0xEC", got)
	}
}

func TestPlainPicturesHaveNoMark(t *testing.T) {
	for _, shade := range []uint8{0, 16, 128, 235, 255} {
		if m, ok := ReadMark(func(int, int) uint8 { return shade }, 320, 180); ok {
			t.Errorf("shade %d reads as %v", shade, m)
		}
	}
}

func TestOneWrongCellSpoilsTheMark(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := Mark{Room: rapid.Uint8().Draw(t, "room"), Frame: rapid.Uint16().Draw(t, "frame")}
		img := image.NewRGBA(image.Rect(0, 0, 160, 90))
		m.Draw(img)
		col, row := rapid.IntRange(0, 15).Draw(t, "col"), rapid.IntRange(0, 1).Draw(t, "row")
		flip := func(x, y int) uint8 {
			v := img.RGBAAt(x, y).G
			if inCell := x/10 == col && (y%40)/5 == row; inCell {
				return 255 - v
			}
			return v
		}
		if got, ok := ReadMark(flip, 160, 90); ok {
			t.Fatalf("drew %v, read %v though cell (%d,%d) was wrong", m, got, row, col)
		}
	})
}
