package loadtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFilmsThatCannotBePlayedAreNamed(t *testing.T) {
	text := filepath.Join(t.TempDir(), "text.ivf")
	if err := os.WriteFile(text, []byte("no film"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, film := range []string{"q=" + text, "q=" + text + ".missing", "q"} {
		play, err := PlayFilms("ws://127.0.0.1:1", []string{film}, []string{"p=t"}, nil)
		if err == nil {
			_ = play.Close()
			t.Errorf("%q was taken", film)
			continue
		}
		if !strings.Contains(err.Error(), "film") {
			t.Errorf("%q: %v", film, err)
		}
	}
}
