package testmedia

import (
	"image"
	"image/color"
)

// Mark is what a marked picture says about itself.
type Mark struct {
	Room  uint8  // number of the point
	Frame uint16 // number of the frame since the start of the file
}

const (
	markColumns = 16
	markRows    = 2
	markBand    = 9 // a band is 1/9 of the height
)

// markTops are the top edges of the two bands, in ninths of the height.
var markTops = [...]int{0, 4}

// Check is the CRC-8 that tells a mark from a picture that only looks like one.
func (m Mark) Check() uint8 {
	crc := uint8(0xFF)
	for _, b := range [...]byte{m.Room, byte(m.Frame >> 8), byte(m.Frame)} {
		crc ^= b
		for range 8 {
			carry := crc&0x80 != 0
			crc <<= 1
			if carry {
				crc ^= 0x07
			}
		}
	}
	return crc
}

// rows gives the 16 bits of each row, column 0 in the highest bit.
func (m Mark) rows() [markRows]uint16 {
	return [...]uint16{uint16(m.Room)<<8 | uint16(m.Check()), m.Frame}
}

// Draw puts the mark into a picture, both bands.
func (m Mark) Draw(img *image.RGBA) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	for _, top := range markTops {
		for r, bits := range m.rows() {
			for c := range markColumns {
				shade := color.RGBA{16, 16, 16, 255}
				if bits>>(markColumns-1-c)&1 == 1 {
					shade = color.RGBA{235, 235, 235, 255}
				}
				y := top * h / markBand
				fill(img, image.Rect(
					c*w/markColumns, y+r*h/(markRows*markBand),
					(c+1)*w/markColumns, y+(r+1)*h/(markRows*markBand)), shade)
			}
		}
	}
}

func fill(img *image.RGBA, area image.Rectangle, c color.RGBA) {
	area = area.Intersect(img.Rect)
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			img.SetRGBA(x, y, c)
		}
	}
}

func toRGBA(c color.NRGBA) color.RGBA { return color.RGBAModel.Convert(c).(color.RGBA) }

// Luma gives the brightness of a pixel, 0–255.
type Luma func(x, y int) uint8

// ReadMark finds the mark of a picture of the given size; false if neither
// band holds a valid one.
func ReadMark(luma Luma, w, h int) (Mark, bool) {
	for _, top := range markTops {
		if m, ok := readBand(luma, w, h, top); ok {
			return m, true
		}
	}
	return Mark{}, false
}

func readBand(luma Luma, w, h, top int) (Mark, bool) {
	var rows [markRows]uint16
	for r := range rows {
		y := top*h/markBand + (2*r+1)*h/(4*markBand)
		for c := range markColumns {
			rows[r] <<= 1
			if luma((2*c+1)*w/(2*markColumns), y) > 127 {
				rows[r] |= 1
			}
		}
	}
	m := Mark{Room: uint8(rows[0] >> 8), Frame: rows[1]}
	return m, m.Check() == uint8(rows[0])
}

// ReadImage is ReadMark for a decoded picture.
func ReadImage(img image.Image) (Mark, bool) {
	b := img.Bounds()
	return ReadMark(func(x, y int) uint8 {
		return color.GrayModel.Convert(img.At(b.Min.X+x, b.Min.Y+y)).(color.Gray).Y
	}, b.Dx(), b.Dy())
}
