// Make writes the pictures and sounds of internal/testmedia to files.
//
//	go run ./internal/testmedia/make -dir DIR -rooms 1,2,3   cam-N.y4m and cam-N.wav for a browser's fake camera and microphone
//	go run ./internal/testmedia/make -dir DIR -looks         look-N.y4m and look-N.wav, from which clips.sh makes the bots' clips
//
// It has one goroutine and no lock.
package main

import (
	"flag"
	"fmt"
	"image"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/giaoban/giaoban/internal/testmedia"
)

// form is the form of the films asked for.
type form struct {
	dir                         string
	width, height, fps, seconds int
}

func main() {
	var f form
	flag.StringVar(&f.dir, "dir", ".", "where the files go")
	flag.IntVar(&f.width, "width", 640, "pixels")
	flag.IntVar(&f.height, "height", 360, "pixels")
	flag.IntVar(&f.fps, "fps", 15, "frames a second")
	flag.IntVar(&f.seconds, "seconds", 6, "length; the film loops")
	rooms := flag.String("rooms", "", "numbers of the rooms to film, 0–255, separated by commas")
	looks := flag.Bool("looks", false, "film the looks of the bots")
	flag.Parse()
	if err := run(f, *rooms, *looks); err != nil {
		fmt.Fprintln(os.Stderr, "make:", err)
		os.Exit(1)
	}
}

func run(f form, rooms string, looks bool) error {
	if err := os.MkdirAll(f.dir, 0o755); err != nil {
		return err
	}
	if looks {
		for n := range testmedia.Looks {
			if err := f.look(n); err != nil {
				return err
			}
		}
	}
	for _, field := range strings.FieldsFunc(rooms, func(r rune) bool { return r == ',' }) {
		n, err := strconv.ParseUint(field, 10, 8)
		if err != nil {
			return fmt.Errorf("room %q: want a number from 0 to 255", field)
		}
		if err := f.room(uint8(n)); err != nil {
			return err
		}
	}
	return nil
}

func (f form) room(n uint8) error {
	film := testmedia.RoomFilm(n, f.width, f.height, f.fps, f.fps*f.seconds)
	return f.write(fmt.Sprintf("cam-%d", n), film, testmedia.Tone(n, f.seconds))
}

func (f form) look(n int) error {
	frames := f.fps * f.seconds
	film := testmedia.Film{
		Width: f.width, Height: f.height, FPS: f.fps, Frames: frames,
		Picture: func(k int) *image.RGBA {
			return testmedia.Scene(n, f.width, f.height, float64(k)/float64(frames))
		},
	}
	return f.write(fmt.Sprintf("look-%d", n), film, testmedia.Melody(n, f.seconds))
}

func (f form) write(name string, film testmedia.Film, sound []int16) error {
	if err := writeFile(filepath.Join(f.dir, name+".y4m"), film.WriteY4M); err != nil {
		return err
	}
	return writeFile(filepath.Join(f.dir, name+".wav"), func(w io.Writer) error {
		return testmedia.WriteWAV(w, sound)
	})
}

func writeFile(path string, fill func(io.Writer) error) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := fill(file); err != nil {
		file.Close()
		return fmt.Errorf("%s: %w", path, err)
	}
	return file.Close()
}
