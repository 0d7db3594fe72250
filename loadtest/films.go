package loadtest

import (
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/testmedia"
)

// PlayFilms plays points with cameras of several sizes: films are RID=FILE.ivf
// in VP8, smallest first, points are POINT=TOKEN. They ask for nothing and
// speak when they are invited, until they are cut off.
func PlayFilms(url string, films, points []string, log *slog.Logger) (*Demo, error) {
	cfg := DemoConfig{URL: url, Patient: true, Log: log}
	for _, film := range films {
		rid, path, _ := strings.Cut(film, "=")
		file, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("film of %q: %w", rid, err)
		}
		pictures, err := testmedia.ReadPictures(file)
		if err != nil {
			return nil, fmt.Errorf("film %s: %w", path, err)
		}
		cfg.Layers, cfg.Films = append(cfg.Layers, rid), append(cfg.Films, pictures)
	}
	for _, point := range points {
		id, token, _ := strings.Cut(point, "=")
		cfg.Points = append(cfg.Points, DemoPoint{ID: meeting.PointID(id), Token: token})
	}
	return Play(cfg)
}
