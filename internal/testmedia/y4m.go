package testmedia

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
)

// Form is the size and length of a film.
type Form struct {
	Width, Height int // pixels, even
	FPS, Frames   int
}

// Film is a film to be written: pictures at a steady rate, and nothing encoded.
type Film struct {
	Form
	Picture func(frame int) *image.RGBA
}

// WriteY4M writes the film as YUV4MPEG2 4:2:0, the form Chromium takes for a
// fake camera at the file's own rate, so that no frame is doubled or left out.
func (f Film) WriteY4M(w io.Writer) error {
	if f.Width <= 0 || f.Height <= 0 || f.Width%2 != 0 || f.Height%2 != 0 || f.FPS <= 0 {
		return errors.New("film: width, height and rate must be positive, width and height even")
	}
	out := bufio.NewWriterSize(w, 1<<20)
	fmt.Fprintf(out, "YUV4MPEG2 W%d H%d F%d:1 Ip A1:1 C420jpeg\n", f.Width, f.Height, f.FPS)
	planes := make([]byte, f.Width*f.Height*3/2)
	for n := range f.Frames {
		img := f.Picture(n)
		if img.Rect.Dx() != f.Width || img.Rect.Dy() != f.Height {
			return fmt.Errorf("frame %d is %v, want %dx%d", n, img.Rect, f.Width, f.Height)
		}
		toPlanes(img, planes)
		if _, err := out.WriteString("FRAME\n"); err != nil {
			return fmt.Errorf("write frame %d: %w", n, err)
		}
		if _, err := out.Write(planes); err != nil {
			return fmt.Errorf("write frame %d: %w", n, err)
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("flush film: %w", err)
	}
	return nil
}

// toPlanes converts to planar 4:2:0; a pair of chroma values is that of the
// upper left pixel of its square, which is enough for flat drawings.
func toPlanes(img *image.RGBA, planes []byte) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	cb, cr := planes[w*h:], planes[w*h+w*h/4:]
	for y := range h {
		row := img.Pix[y*img.Stride:]
		for x := range w {
			yy, u, v := color.RGBToYCbCr(row[4*x], row[4*x+1], row[4*x+2])
			planes[y*w+x] = limited(yy)
			if x%2 == 0 && y%2 == 0 {
				cb[y/2*w/2+x/2], cr[y/2*w/2+x/2] = u, v
			}
		}
	}
}

// limited maps full range to the 16–235 that video calls black and white.
func limited(y uint8) uint8 { return uint8(16 + int(y)*219/255) }
