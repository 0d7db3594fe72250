package testmedia

import (
	"image"
	"image/color"
	"math"
)

// Looks is how many different rooms there are to draw.
const Looks = 8

// look is one room: its colours and who sits in it.
type look struct {
	wall, banner, wood color.NRGBA
	seats              []seat
	window             bool
}

// seat is one delegate.
type seat struct {
	cloth, skin, hair color.NRGBA
	long              bool // hair
}

func rgb(v uint32) color.NRGBA {
	return color.NRGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 255}
}

func veil(v uint32, opacity float64) color.NRGBA {
	c := rgb(v)
	c.A = uint8(255 * opacity)
	return c
}

// The palettes: quiet greys, greens and browns of a meeting room.
var (
	walls   = [...]uint32{0x414a41, 0x4b4740, 0x3d4651, 0x4f4a45, 0x3c4448, 0x54504a, 0x434b4a, 0x46413c}
	banners = [...]uint32{0x6d2b26, 0x6d2b26, 0x7a3129, 0x5e2926, 0x6d2b26, 0x74312b, 0x662823, 0x702d28}
	woods   = [...]uint32{0x6b5038, 0x5a4736, 0x735a43}
	cloths  = [...]uint32{0xd4d7d1, 0x2a3342, 0xc6ccd0, 0x34383b, 0x3e4937, 0xe2dfd6, 0x44363a}
	skins   = [...]uint32{0xb98f6e, 0xa97f60, 0xc39a78}
	crowds  = [...]int{5, 3, 4, 2, 5, 4, 3, 1}
)

// lookOf gives the room of a number; numbers Looks apart look alike.
func lookOf(n int) look {
	n = (n%Looks + Looks) % Looks
	l := look{wall: rgb(walls[n]), banner: rgb(banners[n]), wood: rgb(woods[n%len(woods)]), window: n%2 == 0}
	for i := range crowds[n] {
		l.seats = append(l.seats, seat{
			cloth: rgb(cloths[(3*n+5*i)%len(cloths)]),
			skin:  rgb(skins[(n+i)%len(skins)]),
			hair:  rgb(0x1b1a19),
			long:  (n+2*i)%5 == 1,
		})
	}
	return l
}

// Scene draws room n at a phase of its motion, 0 ≤ phase < 1; phase 1 is phase
// 0 again, so that a clip loops without a jump.
func Scene(n, width, height int, phase float64) *image.RGBA {
	c := newCanvas(width, height)
	drawScene(c, lookOf(n), phase)
	return c.picture()
}

func drawScene(c *canvas, l look, phase float64) {
	c.rect(box{0, 0, sceneWidth, sceneHeight}, l.wall)
	for i := range 16 {
		c.rect(box{float64(i) * 20, 0, 8 + float64(i*7%6), sceneHeight}, veil(0x000000, 0.05+float64(i*5%8)/100))
	}
	c.rect(box{102, 14, 116, 38}, l.banner) // clips.sh writes on it
	c.rect(box{102, 50, 116, 2}, veil(0xd9b777, 0.6))
	if l.window {
		drawWindow(c, phase)
	}
	gap := 216 / float64(len(l.seats))
	scale := 0.5
	if len(l.seats) <= 2 {
		scale = 0.66
	}
	place := func(i int) float64 { return 160 + (float64(i)-float64(len(l.seats)-1)/2)*gap }
	for i, s := range l.seats {
		drawDelegate(c, s, place(i), pose{scale, swayAt(phase, i)})
	}
	c.between(edge{124, 22, 298}, edge{180, 0, 320}, l.wood)
	c.between(edge{124, 22, 298}, edge{128, 20.5, 299.5}, veil(0xffffff, 0.13))
	for i := range l.seats {
		x := place(i)
		c.rect(box{x - 11, 118, 22, 9}, rgb(0xece7da))
		c.rect(box{x - 8, 121.5, 16, 1.8}, veil(0x7a2a24, 0.8))
		drawMicrophone(c, x+20, 128)
	}
	drawPen(c, place(len(l.seats)/2), phase)
}

func drawWindow(c *canvas, phase float64) {
	c.rect(box{12, 22, 46, 62}, veil(0xcfd8d6, 0.24))
	c.disc(35+14*math.Sin(2*math.Pi*phase), 40, 5, veil(0xffffff, 0.16))
	c.rect(box{34, 22, 1.6, 62}, veil(0x000000, 0.3))
	c.rect(box{12, 52, 46, 1.6}, veil(0x000000, 0.3))
}

// sway is how far a head is from its rest.
type sway struct{ x, y float64 }

// swayAt keeps every delegate alive and no two in step.
func swayAt(phase float64, i int) sway {
	turn := 2 * math.Pi * (phase + float64(i)*0.29)
	return sway{x: 1.6 * math.Sin(turn), y: 1.1 * math.Sin(2*turn+1)}
}

// pose is how large a delegate is drawn and where its head is.
type pose struct {
	scale float64
	sway
}

func drawDelegate(c *canvas, s seat, x float64, p pose) {
	k, move := p.scale, p.sway
	base := 94.0 + 18*(0.5-k)
	hx, hy := x+move.x, base+move.y
	if s.long {
		c.oval(oval{hx, hy + 4*k, 20 * k, 27 * k, hy + 24*k}, s.hair)
	}
	c.rect(box{x - 6*k + move.x/2, base + 12*k, 12 * k, 22 * k}, s.skin)
	c.rect(box{x - 6*k + move.x/2, base + 15*k, 12 * k, 5 * k}, veil(0x000000, 0.2))
	c.oval(oval{x + move.x/3, base + 68*k, 38 * k, 41 * k, 130}, s.cloth)
	c.between(edge{base + 27*k, x - 7*k, x + 7*k}, edge{base + 40*k, x - 0.5, x + 0.5}, s.skin)
	c.oval(oval{hx, hy - 5*k, 15.8 * k, 17 * k, hy}, s.hair)
	c.oval(oval{hx, hy, 14.5 * k, 18 * k, hy + 18*k}, s.skin)
	c.oval(oval{hx, hy - 9*k, 15 * k, 11 * k, hy - 6*k}, s.hair)
}

func drawMicrophone(c *canvas, x, y float64) {
	ink := rgb(0x161817)
	for step := range 24 {
		t := float64(step) / 23
		c.disc(x-6*t*t, y-13*t, 0.7, ink)
	}
	c.disc(x-6.4, y-13.6, 1.7, ink)
}

// drawPen is the one who takes notes.
func drawPen(c *canvas, x, phase float64) {
	c.between(edge{133, x - 16, x + 14}, edge{141, x - 19, x + 14}, rgb(0xece7da))
	tip := x - 12 + 20*math.Abs(2*phase-1)
	y := 137 + 0.8*math.Sin(2*math.Pi*8*phase)
	for step := range 10 {
		t := float64(step)
		c.disc(tip+0.5*t, y-0.7*t, 0.8, rgb(0x1e5aa8))
	}
}
