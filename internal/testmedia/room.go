package testmedia

import "image"

// RoomFilm is the marked picture of the room with a number, for a browser's
// fake camera: its scene, its number in large figures, the mark of each frame,
// and a bar that walks along the bottom for people. Frames count from 0.
func RoomFilm(room uint8, f Form) Film {
	c := newCanvas(f.Width, f.Height)
	drawScene(c, lookOf(int(room)), 0)
	c.rect(box{108, 110, 104, 62}, veil(0x0a0b0b, 0.72))
	c.number(int(room), box{108, 116, 104, 50}, rgb(0xf3f5f2))
	still := c.picture()
	frame := image.NewRGBA(still.Rect)
	return Film{Form: f, Picture: func(n int) *image.RGBA {
		copy(frame.Pix, still.Pix)
		step := f.Width * n / max(f.Frames, 1)
		fill(frame, image.Rect(step, f.Height-f.Height/30, step+f.Width/16, f.Height), toRGBA(rgb(0xffbf42)))
		Mark{Room: room, Frame: uint16(n)}.Draw(frame)
		return frame
	}}
}

// LookFilm is the unmarked room of a look, moving in a loop as long as the film.
func LookFilm(look int, f Form) Film {
	return Film{Form: f, Picture: func(n int) *image.RGBA {
		return Scene(look, f.Width, f.Height, float64(n)/float64(f.Frames))
	}}
}
