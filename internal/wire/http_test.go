package wire

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/giaoban/giaoban/internal/meeting"
)

func TestAPostedCommandMayBeAsLongAsAFrame(t *testing.T) {
	body := `{"t":"layout.set","d":{"audience":"all","layout":{"kind":"1","tiles":[{"kind":"point","point":"hg-02"}]}}}`
	posted, c, err := ReadPosted([]byte(body))
	if err != nil {
		t.Fatalf("refused: %v", err)
	}
	want := meeting.SetLayout{Audience: "all", Layout: meeting.Layout{
		Kind: meeting.Layout1, Tiles: []meeting.Binding{{Kind: meeting.BindPoint, Point: "hg-02"}},
	}}
	if diff := cmp.Diff(want, c); posted.T != "layout.set" || diff != "" {
		t.Fatalf("read %q otherwise than sent (-want +got):\n%s", posted.T, diff)
	}
}
