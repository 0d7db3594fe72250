package testmedia

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"testing"
)

func TestRoomFilmCarriesItsMarkInEveryFrame(t *testing.T) {
	const w, h, frames = 160, 90, 5
	var file bytes.Buffer
	if err := RoomFilm(17, Form{Width: w, Height: h, FPS: 15, Frames: frames}).WriteY4M(&file); err != nil {
		t.Fatal(err)
	}
	head, err := file.ReadString('\n')
	if err != nil || head != "YUV4MPEG2 W160 H90 F15:1 Ip A1:1 C420jpeg\n" {
		t.Fatalf("header %q, %v", head, err)
	}
	planes := make([]byte, w*h*3/2)
	for n := range frames {
		if line, err := file.ReadString('\n'); err != nil || line != "FRAME\n" {
			t.Fatalf("frame %d begins %q, %v", n, line, err)
		}
		if _, err := io.ReadFull(&file, planes); err != nil {
			t.Fatal(err)
		}
		got, ok := ReadMark(func(x, y int) uint8 { return planes[y*w+x] }, w, h)
		if want := (Mark{Room: 17, Frame: uint16(n)}); !ok || got != want {
			t.Errorf("frame %d reads %v, %v", n, got, ok)
		}
	}
	if file.Len() != 0 {
		t.Errorf("%d bytes left over", file.Len())
	}
}

func TestFilmRefusesOddSizes(t *testing.T) {
	for _, form := range []Form{{Width: 161, Height: 90, FPS: 15}, {Width: 160, Height: 90}, {FPS: 15}} {
		if err := (Film{Form: form}).WriteY4M(io.Discard); err == nil {
			t.Errorf("%+v was accepted", form)
		}
	}
}

func TestSceneLoopsWithoutAJump(t *testing.T) {
	for n := range Looks {
		first, again := Scene(n, 160, 90, 0), Scene(n, 160, 90, 1)
		if !bytes.Equal(first.Pix, again.Pix) {
			t.Errorf("look %d: phase 1 is not phase 0", n)
		}
		if moved := Scene(n, 160, 90, 0.3); bytes.Equal(first.Pix, moved.Pix) {
			t.Errorf("look %d does not move", n)
		}
	}
}

// power is the strength of one frequency in a sound (Goertzel).
func power(samples []int16, hz int) float64 {
	w := 2 * math.Pi * float64(hz) / SampleRate
	coefficient, s1, s2 := 2*math.Cos(w), 0.0, 0.0
	for _, v := range samples {
		s1, s2 = float64(v)+coefficient*s1-s2, s1
	}
	return s1*s1 + s2*s2 - coefficient*s1*s2
}

func TestToneIsKnownByItsFrequency(t *testing.T) {
	for _, room := range []uint8{0, 1, 7, 22, 255} {
		tone := Tone(room, 1)
		own := power(tone, ToneHz(room))
		for _, other := range []uint8{room + 1, room - 1, room + 5} {
			if p := power(tone, ToneHz(other)); p > own/1000 {
				t.Errorf("the tone of room %d has %.2g of its power at the frequency of room %d", room, p/own, other)
			}
		}
		if jump := math.Abs(float64(tone[len(tone)-1]) - float64(tone[0])); jump > 6000 {
			t.Errorf("room %d clicks by %.0f where it loops", room, jump)
		}
	}
}

func TestWAVIsAsLongAsItSays(t *testing.T) {
	var file bytes.Buffer
	if err := WriteWAV(&file, Tone(3, 1)); err != nil {
		t.Fatal(err)
	}
	b := file.Bytes()
	if got := fmt.Sprintf("%s %s", b[:4], b[8:16]); got != "RIFF WAVEfmt " {
		t.Errorf("header %q", got)
	}
	if got := int(binary.LittleEndian.Uint32(b[4:])); got != len(b)-8 {
		t.Errorf("says %d bytes follow, %d do", got, len(b)-8)
	}
	if got := int(binary.LittleEndian.Uint32(b[40:])); got != SampleRate*2 || len(b) != 44+got {
		t.Errorf("says %d bytes of sound; file has %d", got, len(b)-44)
	}
}
