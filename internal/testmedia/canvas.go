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

// box is a rectangle by its upper left corner and its size.
type box struct{ x, y, w, h float64 }

// oval is the part of an ellipse above the line y = cut.
type oval struct{ cx, cy, rx, ry, cut float64 }

// edge is a level line.
type edge struct{ y, left, right float64 }

func (c *canvas) rect(b box, ink color.NRGBA) {
	for row := int(math.Round(b.y * c.scale)); row < int(math.Round((b.y+b.h)*c.scale)); row++ {
		c.paint(row, b.x*c.scale, (b.x+b.w)*c.scale, ink)
	}
}

func (c *canvas) oval(o oval, ink color.NRGBA) {
	top, bottom := (o.cy-o.ry)*c.scale, min(o.cy+o.ry, o.cut)*c.scale
	for row := int(math.Round(top)); row < int(math.Round(bottom)); row++ {
		t := ((float64(row)+0.5)/c.scale - o.cy) / o.ry
		half := o.rx * math.Sqrt(max(0, 1-t*t))
		c.paint(row, (o.cx-half)*c.scale, (o.cx+half)*c.scale, ink)
	}
}

func (c *canvas) disc(cx, cy, r float64, ink color.NRGBA) { c.oval(oval{cx, cy, r, r, cy + r}, ink) }

// between fills the area between two edges.
func (c *canvas) between(a, b edge, ink color.NRGBA) {
	for row := int(math.Round(a.y * c.scale)); row < int(math.Round(b.y*c.scale)); row++ {
		t := ((float64(row)+0.5)/c.scale - a.y) / (b.y - a.y)
		c.paint(row, (a.left+t*(b.left-a.left))*c.scale, (a.right+t*(b.right-a.right))*c.scale, ink)
	}
}

// digitRows are the figures 0–9 in cells of 3x5, a row in each octal digit.
var digitRows = [10]uint16{0o75557, 0o26227, 0o71747, 0o71717, 0o55711, 0o74717, 0o74757, 0o71111, 0o75757, 0o75717}

// number writes a number in block figures as high as the box, centred in it.
func (c *canvas) number(n int, in box, ink color.NRGBA) {
	var figures []int
	for ; n > 0 || len(figures) == 0; n /= 10 {
		figures = append([]int{n % 10}, figures...)
	}
	cell := in.h / 5
	x := in.x + in.w/2 - cell*(4*float64(len(figures))-1)/2
	for _, figure := range figures {
		for row := range 5 {
			bits := digitRows[figure] >> (3 * (4 - row))
			for col := range 3 {
				if bits>>(2-col)&1 == 1 {
					c.rect(box{x + cell*float64(col), in.y + cell*float64(row), cell, cell}, ink)
				}
			}
		}
		x += 4 * cell
	}
}
