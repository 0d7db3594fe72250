package testmedia

import "image"

// RoomFilm is the marked picture of the room with a number, for a browser's
// fake camera: its scene, its number in large figures, the mark of each frame,
// and a bar that walks along the bottom for people. Frames counts from 0.
func RoomFilm(room uint8, width, height, fps, frames int) Film {
	c := newCanvas(width, height)
	drawScene(c, lookOf(int(room)), 0)
	c.rect(108, 110, 104, 62, veil(0x0a0b0b, 0.72))
	c.number(int(room), 160, 116, 50, rgb(0xf3f5f2))
	still := c.picture()
	frame := image.NewRGBA(still.Rect)
	return Film{
		Width: width, Height: height, FPS: fps, Frames: frames,
		Picture: func(n int) *image.RGBA {
			copy(frame.Pix, still.Pix)
			step := width * n / max(frames, 1)
			fill(frame, image.Rect(step, height-height/30, step+width/16, height), toRGBA(rgb(0xffbf42)))
			Mark{Room: room, Frame: uint16(n)}.Draw(frame)
			return frame
		},
	}
}
