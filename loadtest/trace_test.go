package loadtest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/pion/webrtc/v4/pkg/media/ivfwriter"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/pion/rtp"
)

func TestTraceIsReadAsItWasSealed(t *testing.T) {
	t.Parallel()
	want := Trace{Point: 217, Kind: meeting.Content, Key: true, Count: 7, Sent: time.Unix(0, 1795450000123456789)}
	frame := want.seal([]byte("a frame"))
	got, marked, whole := ReadTrace(frame)
	if !marked || !whole || got != want {
		t.Fatalf("%+v, marked %v, whole %v", got, marked, whole)
	}
	for i := range frame {
		bad := bytes.Clone(frame)
		bad[i] ^= 0x10
		if _, marked, whole := ReadTrace(bad); marked && whole {
			t.Errorf("byte %d is changed and nobody noticed", i)
		}
	}
}

func TestTraceOfSoundIsOpusPadding(t *testing.T) {
	t.Parallel()
	for look := range 8 {
		for n, packet := range append(clip(t, look).Sound, silenceFrame()) {
			sealed := Trace{Point: 3, Kind: meeting.Microphone, Count: uint32(n)}.SealSound(nil, packet)
			if _, marked, whole := ReadTrace(sealed); !marked || !whole {
				t.Fatalf("look %d, packet %d: not sealed", look, n)
			}
			// RFC 6716 §3.2.5: TOC, M=1 with padding, its length, the frame, the padding.
			if sealed[0] != packet[0]|3 || sealed[1] != 0x41 || int(sealed[2]) != TraceSize || !bytes.Equal(sealed[3:len(sealed)-TraceSize], packet[1:]) {
				t.Fatalf("look %d, packet %d: %x is not %x padded", look, n, sealed, packet)
			}
		}
	}
}

// TestTracedPicturesAreDecodedAsTheyWere lets a decoder of others say that a
// trace changes no pixel.
func TestTracedPicturesAreDecodedAsTheyWere(t *testing.T) {
	t.Parallel()
	ffmpeg, err := exec.LookPath("ffmpeg")
	if err != nil && os.Getenv("CI") != "" {
		t.Fatal("no ffmpeg: make test installs it")
	} else if err != nil {
		t.Skip("ATTENTION: no ffmpeg, so nobody decodes traced pictures")
	}
	c := clip(t, 1)
	sums := map[bool]string{}
	for _, traced := range []bool{false, true} {
		file := filepath.Join(t.TempDir(), "film.ivf")
		w, err := ivfwriter.New(file)
		if err != nil {
			t.Fatal(err)
		}
		for n, frame := range c.Frames {
			if traced {
				frame = Trace{Point: 9, Kind: meeting.Camera, Count: uint32(n)}.seal(bytes.Clone(frame))
			}
			p := rtp.Packet{Header: rtp.Header{Version: 2, Marker: true, Timestamp: uint32(n) * 9000}, Payload: append([]byte{0x10}, frame...)}
			if err := w.WriteRTP(&p); err != nil {
				t.Fatal(err)
			}
		}
		w.Close()
		out, err := exec.CommandContext(t.Context(), ffmpeg, "-v", "error", "-xerror", "-i", file, "-f", "md5", "-").CombinedOutput()
		if err != nil {
			t.Fatalf("traced %v: %v: %s", traced, err, out)
		}
		sums[traced] = string(out)
	}
	if sums[true] != sums[false] || sums[true] == "" {
		t.Errorf("with traces %s, without %s", sums[true], sums[false])
	}
}

func FuzzReadTrace(f *testing.F) {
	f.Add(Trace{Point: 1, Kind: meeting.Camera}.seal(nil))
	f.Add([]byte("GBLT"))
	f.Fuzz(func(t *testing.T, body []byte) {
		got, _, whole := ReadTrace(body)
		if !whole {
			return
		}
		again, _, _ := ReadTrace(got.seal(bytes.Clone(body[:len(body)-TraceSize])))
		if again != got {
			t.Fatalf("%+v is read again as %+v", got, again)
		}
	})
}
