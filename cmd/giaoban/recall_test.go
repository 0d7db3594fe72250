package main

import (
	"io"
	"testing"

	"github.com/giaoban/giaoban/internal/catalog"
	"github.com/giaoban/giaoban/internal/config"
	"github.com/giaoban/giaoban/internal/store"
	"github.com/giaoban/giaoban/sfu"
)

// What the media learned of a line is there after a restart of the server, and
// the operator's limit with it.
func TestAServerRemembersItsLines(t *testing.T) {
	cfg := config.Default()
	cfg.Data, cfg.HTTP, cfg.HTTPS, cfg.Media.Port, cfg.Demo.Enabled = t.TempDir(), "localhost:0", "localhost:0", 0, false
	cfg.Log.Level = "error"
	start := func() *node {
		n, err := new(serveCommand).start(t.Context(), cfg, terminal{out: io.Discard, err: io.Discard})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	n := start()
	n.recall.Learned("hg-05", 640_000)
	err := store.ChangeBook(t.Context(), n.store, func(b *catalog.Book) error {
		b.Point("hg-05").DownKbps = 900
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if err := n.close(); err != nil {
		t.Fatal(err)
	}
	again := start()
	if got := again.recall.Line("hg-05"); got != (sfu.Line{Estimate: 640_000, Cap: 900_000}) {
		t.Errorf("%+v", got)
	}
	if err := again.close(); err != nil {
		t.Error(err)
	}
}
