package testmedia

import (
	"image"
	"image/color"
	"math"
)

// The scenes are drawn in units of a 320x180 picture.
const (
	sceneWidth  = 320.0
	sceneHeight = 180.0
	oversample  = 2 // drawn this much larger in each direction, then averaged
)

// canvas is a picture in scene units.
type canvas struct {
	img   *image.RGBA
	scale float64 // pixels per unit
}

func newCanvas(width, height int) *canvas {
	img := image.NewRGBA(image.Rect(0, 0, width*oversample, height*oversample))
	return &canvas{img: img, scale: float64(width*oversample) / sceneWidth}
}

// picture averages the canvas down to its size.
func (c *canvas) picture() *image.RGBA {
	w, h := c.img.Rect.Dx()/oversample, c.img.Rect.Dy()/oversample
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			for ch := range 4 {
				sum := 0
				for dy := range oversample {
					at := c.img.PixOffset(x*oversample, y*oversample+dy) + ch
					for dx := range oversample {
						sum += int(c.img.Pix[at+4*dx])
					}
				}
				out.Pix[out.PixOffset(x, y)+ch] = uint8(sum / (oversample * oversample))
			}
		}
	}
	return out
}

// paint blends a colour over the pixels of one row, from x0 up to x1.
func (c *canvas) paint(y int, x0, x1 float64, ink color.NRGBA) {
	if y < 0 || y >= c.img.Rect.Dy() {
		return
	}
	from := max(int(math.Round(x0)), 0)
	to := min(int(math.Round(x1)), c.img.Rect.Dx())
	a := uint32(ink.A)
	for at := c.img.PixOffset(from, y); from < to; from++ {
		for ch, v := range [...]uint8{ink.R, ink.G, ink.B} {
			c.img.Pix[at+ch] = uint8((uint32(v)*a + uint32(c.img.Pix[at+ch])*(255-a)) / 255)
		}
		c.img.Pix[at+3] = 255
		at += 4
	}
}

func (c *canvas) rect(x, y, w, h float64, ink color.NRGBA) {
	for row := int(math.Round(y * c.scale)); row < int(math.Round((y+h)*c.scale)); row++ {
		c.paint(row, x*c.scale, (x+w)*c.scale, ink)
	}
}

// ellipse fills the part of an ellipse that lies above the line y = cut.
func (c *canvas) ellipse(cx, cy, rx, ry, cut float64, ink color.NRGBA) {
	top, bottom := (cy-ry)*c.scale, min(cy+ry, cut)*c.scale
	for row := int(math.Round(top)); row < int(math.Round(bottom)); row++ {
		t := ((float64(row)+0.5)/c.scale - cy) / ry
		half := rx * math.Sqrt(max(0, 1-t*t))
		c.paint(row, (cx-half)*c.scale, (cx+half)*c.scale, ink)
	}
}

func (c *canvas) disc(cx, cy, r float64, ink color.NRGBA) { c.ellipse(cx, cy, r, r, cy+r, ink) }

// trapezium fills between two level edges.
func (c *canvas) trapezium(y0, left0, right0, y1, left1, right1 float64, ink color.NRGBA) {
	for row := int(math.Round(y0 * c.scale)); row < int(math.Round(y1*c.scale)); row++ {
		t := ((float64(row)+0.5)/c.scale - y0) / (y1 - y0)
		c.paint(row, (left0+t*(left1-left0))*c.scale, (right0+t*(right1-right0))*c.scale, ink)
	}
}

// digitRows are the figures 0–9 in cells of 3x5, a row in each octal digit.
var digitRows = [10]uint16{0o75557, 0o26227, 0o71747, 0o71717, 0o55711, 0o74717, 0o74757, 0o71111, 0o75757, 0o75717}

// number writes a number in block figures of the given height, centred.
func (c *canvas) number(n int, cx, top, height float64, ink color.NRGBA) {
	var figures []int
	for ; n > 0 || len(figures) == 0; n /= 10 {
		figures = append([]int{n % 10}, figures...)
	}
	cell := height / 5
	x := cx - cell*(4*float64(len(figures))-1)/2
	for _, figure := range figures {
		for row := range 5 {
			bits := digitRows[figure] >> (3 * (4 - row))
			for col := range 3 {
				if bits>>(2-col)&1 == 1 {
					c.rect(x+cell*float64(col), top+cell*float64(row), cell, cell, ink)
				}
			}
		}
		x += 4 * cell
	}
}
