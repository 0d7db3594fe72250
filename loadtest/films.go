package loadtest

import (
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/testmedia"
)

// PlayFilms plays points with cameras of several sizes, or of one: films are
// RID=FILE.ivf in VP8, smallest first, or one FILE.h264; points are POINT=TOKEN.
// They ask for nothing and speak when they are invited, until they are cut off.
func PlayFilms(url string, films, points []string, log *slog.Logger) (*Demo, error) {
	cfg := DemoConfig{URL: url, Patient: true, Log: log}
	for _, film := range films {
		rid, path, layered := strings.Cut(film, "=")
		read := testmedia.ReadPictures
		if !layered {
			path, read = film, testmedia.ReadH264
		} else {
			cfg.Layers = append(cfg.Layers, rid)
		}
		file, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("film %q: %w", film, err)
		}
		pictures, err := read(file)
		if err != nil {
			return nil, fmt.Errorf("film %s: %w", path, err)
		}
		cfg.Films = append(cfg.Films, pictures)
	}
	for _, point := range points {
		id, token, _ := strings.Cut(point, "=")
		cfg.Points = append(cfg.Points, DemoPoint{ID: meeting.PointID(id), Token: token})
	}
	return Play(cfg)
}
