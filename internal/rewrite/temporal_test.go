package rewrite

import (
	"testing"

	"pgregory.net/rapid"
)

// layersOf3 is the order libvpx sends three temporal layers in; the first
// pictures of each after the key frame need the base alone (Y).
var layersOf3 = []VP8{
	{TID: 0 << 6}, {TID: 2<<6 | 0x20}, {TID: 1<<6 | 0x20}, {TID: 2 << 6},
	{TID: 0 << 6}, {TID: 2 << 6}, {TID: 1 << 6}, {TID: 2 << 6},
}

func TestTemporal(t *testing.T) {
	tests := []struct {
		name   string
		limits string // before each picture
		want   string // what is kept, by its layer
	}{
		{"all", "3333333333333333", "0212021202120212"},
		{"the base alone", "0000000000000000", "0...0...0...0..."},
		{"two layers", "1111111111111111", "0.1.0.1.0.1.0.1."},
		{"fewer at once", "3330000000000000", "021.0...0...0..."},
		{"more where nothing left out is needed, one by one", "000003333333333333333333", "0...0...0.1.0.1.02120212"},
		{"one more, then no more", "0000011111111111", "0...0...0.1.0.1."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var temporal Temporal
			temporal.Begin(tt.limits[0] - '0')
			got := ""
			for i, limit := range tt.limits {
				d := layersOf3[i%len(layersOf3)]
				d.HasTID, d.Keyframe = true, i == 0
				keep := temporal.Keep(d, uint64(i), uint8(limit-'0'))
				if temporal.Keep(d, uint64(i), 3) != keep {
					t.Fatalf("picture %d: another packet of it was decided on otherwise", i)
				}
				if !keep {
					got += "."
					continue
				}
				got += string(rune('0' + d.TID>>6))
			}
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestPicturesWithoutTemporalLayersAreKept(t *testing.T) {
	var temporal Temporal
	temporal.Begin(0)
	if !temporal.Keep(VP8{}, 1, 0) {
		t.Error("left out a picture that says nothing of its layer")
	}
}

// Whatever pictures are left out, lost or late, what is sent has numbers and
// picture ids without a hole of our making: the ids that are missing at the end
// are those that were lost.
func TestWhatIsLeftOutLeavesNoHole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var pictures Pictures
		m := NewMunger(90000, Numbers{Seq: 1 << 32, TS: 1 << 40})
		seq, id := uint64(1<<20), rapid.Uint32Range(0, pictureMask).Draw(t, "first id")
		descriptor := func(id uint32) VP8 {
			return VP8{HasPicture: true, Wide: true, Picture: uint16(id & pictureMask)}
		}
		m.Switch(seq, 0, 0)
		pictures.Switch(descriptor(id))
		type late struct {
			seq uint64
			id  uint32
		}
		var waiting []late
		lost, kept := 0, 0
		seen := map[uint16]bool{}
		numbers := map[uint64]bool{}
		first, newest := pictures.newest.picture+1, m.Newest().Seq
		send := func(seq uint64, id uint32) {
			out, ok := m.Map(seq, uint64(id)*3000, 0)
			if !ok {
				return // too late: its place is forgotten
			}
			picture := pictures.Map(descriptor(id)).Picture
			if numbers[out.Seq] || seen[picture] {
				t.Fatalf("number %d or picture %d given twice", out.Seq, picture)
			}
			numbers[out.Seq], seen[picture] = true, true
			kept++
		}
		for i := range rapid.IntRange(1, 60).Draw(t, "pictures") {
			what := "send"
			if i > 0 {
				what = rapid.SampledFrom([]string{"send", "skip", "lose", "late"}).Draw(t, "what")
			}
			switch what {
			case "send":
				send(seq, id)
			case "skip":
				if !m.Skip(seq) {
					t.Fatal("an in-order packet could not be left out")
				}
				pictures.Skip(descriptor(id))
			case "lose":
				waiting = append(waiting, late{seq, id})
			case "late":
				if len(waiting) > 0 {
					send(waiting[0].seq, waiting[0].id)
					waiting = waiting[1:]
				}
				continue
			}
			if what == "lose" {
				lost++
			}
			seq, id = seq+1, id+1
		}
		span := int(m.Newest().Seq - newest + 1)
		if span > kept+lost || int(pictures.newest.picture-first+1) > kept+lost {
			t.Fatalf("%d numbers and %d pictures for %d sent and %d lost", span, pictures.newest.picture-first+1, kept, lost)
		}
	})
}
