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
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/giaoban/giaoban/internal/testmedia"
)

// order is what is asked for.
type order struct {
	dir     string
	form    testmedia.Form
	seconds int
}

func main() {
	var o order
	flag.StringVar(&o.dir, "dir", ".", "where the files go")
	flag.IntVar(&o.form.Width, "width", 640, "pixels")
	flag.IntVar(&o.form.Height, "height", 360, "pixels")
	flag.IntVar(&o.form.FPS, "fps", 15, "frames a second")
	flag.IntVar(&o.seconds, "seconds", 6, "length; the film loops")
	rooms := flag.String("rooms", "", "numbers of the rooms to film, 0–255, separated by commas")
	looks := flag.Bool("looks", false, "film the looks of the bots")
	flag.Parse()
	o.form.Frames = o.form.FPS * o.seconds
	if err := run(o, *rooms, *looks); err != nil {
		fmt.Fprintln(os.Stderr, "make:", err)
		os.Exit(1)
	}
}

func run(o order, rooms string, looks bool) error {
	if err := os.MkdirAll(o.dir, 0o755); err != nil {
		return err
	}
	if looks {
		for n := range testmedia.Looks {
			if err := o.look(n); err != nil {
				return err
			}
		}
	}
	for _, field := range strings.FieldsFunc(rooms, func(r rune) bool { return r == ',' }) {
		n, err := strconv.ParseUint(field, 10, 8)
		if err != nil {
			return fmt.Errorf("room %q: want a number from 0 to 255", field)
		}
		if err := o.room(uint8(n)); err != nil {
			return err
		}
	}
	return nil
}

func (o order) room(n uint8) error {
	return o.write(fmt.Sprintf("cam-%d", n), testmedia.RoomFilm(n, o.form), testmedia.Tone(n, o.seconds))
}

func (o order) look(n int) error {
	return o.write(fmt.Sprintf("look-%d", n), testmedia.LookFilm(n, o.form), testmedia.Melody(n, o.seconds))
}

func (o order) write(name string, film testmedia.Film, sound []int16) error {
	if err := writeFile(filepath.Join(o.dir, name+".y4m"), film.WriteY4M); err != nil {
		return err
	}
	return writeFile(filepath.Join(o.dir, name+".wav"), func(w io.Writer) error {
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
