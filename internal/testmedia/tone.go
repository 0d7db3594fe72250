package testmedia

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// SampleRate of every sound made here, in hertz.
const SampleRate = 48000

// ToneHz is the frequency by which the sound of a room is known.
func ToneHz(room uint8) int { return 300 + 20*int(room) }

// Tone is the tone of a room as 16-bit samples; whole seconds loop without a click.
func Tone(room uint8, seconds int) []int16 {
	samples := make([]int16, seconds*SampleRate)
	step := 2 * math.Pi / SampleRate
	for i := range samples {
		t := float64(i) * step
		swell := 0.85 + 0.15*math.Cos(2*t)
		samples[i] = int16(8191 * swell * math.Sin(float64(ToneHz(room))*t))
	}
	return samples
}

// scale is a pentatonic scale in semitones: no two of its notes clash, so
// several rooms sounding at once stay bearable.
var scale = [...]int{0, 2, 4, 7, 9, 12, 9, 7, 4, 2, 7, 0}

// Melody is what the bot of a look plays while it has the floor: soft plucked
// notes, two a second, clearly not a voice.
func Melody(n, seconds int) []int16 {
	samples := make([]int16, seconds*SampleRate)
	root := 220 * math.Pow(2, float64(n%Looks)/12)
	note := SampleRate / 2
	for k := range len(samples) / note {
		hz := root * math.Pow(2, float64(scale[(k*(1+n%3)+n)%len(scale)])/12)
		for i := range note {
			t := float64(i) / SampleRate
			envelope := min(t/0.01, 1) * math.Exp(-5*t) * min((0.5-t)/0.02, 1)
			wave := math.Sin(2*math.Pi*hz*t) + 0.3*math.Sin(4*math.Pi*hz*t)*math.Exp(-8*t)
			samples[k*note+i] = int16(7000 * envelope * wave)
		}
	}
	return samples
}

// WriteWAV writes 16-bit mono samples as a RIFF WAVE file.
func WriteWAV(w io.Writer, samples []int16) error {
	const headerBytes, pcm, mono, sampleBytes = 36, 1, 1, 2
	var b bytes.Buffer
	size := uint32(len(samples) * sampleBytes)
	b.WriteString("RIFF")
	le := binary.LittleEndian
	b.Write(le.AppendUint32(nil, headerBytes+size))
	b.WriteString("WAVEfmt ")
	b.Write(le.AppendUint32(nil, 16))
	b.Write(le.AppendUint16(nil, pcm))
	b.Write(le.AppendUint16(nil, mono))
	b.Write(le.AppendUint32(nil, SampleRate))
	b.Write(le.AppendUint32(nil, SampleRate*sampleBytes))
	b.Write(le.AppendUint16(nil, sampleBytes))
	b.Write(le.AppendUint16(nil, 8*sampleBytes))
	b.WriteString("data")
	b.Write(le.AppendUint32(nil, size))
	for _, s := range samples {
		b.Write(le.AppendUint16(nil, uint16(s)))
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write wav: %w", err)
	}
	return nil
}
