package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/giaoban/giaoban/loadtest"
)

// playCommand is "loadtest play".
type playCommand struct {
	URL   string   `required:"" placeholder:"ws://HOST:PORT/api/v1/bridge" help:"The bridge's WebSocket."`
	Films []string `required:"" placeholder:"RID=FILE.ivf" help:"Pictures of each size of the camera, in VP8, smallest first; or FILE.h264, in one size."`
	Point []string `arg:"" placeholder:"POINT=TOKEN" help:"Points, each with the token of its link."`
}

// Run plays the points; each speaks when it is invited, until it is cut off.
func (c playCommand) Run(t terminal) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	play, err := loadtest.PlayFilms(c.URL, c.Films, c.Point, slog.New(slog.NewTextHandler(t.err, nil)))
	if err != nil {
		return err
	}
	fmt.Fprintf(t.out, "%d points play; Ctrl-C ends them\n", len(c.Point))
	<-ctx.Done()
	return play.Close()
}
