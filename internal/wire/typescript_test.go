package wire

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var write = flag.Bool("write", false, "write the TypeScript into the web client instead of comparing it")

func TestTypeScriptIsFresh(t *testing.T) {
	dir := filepath.Join("..", "..", "web-client", "src")
	for name, want := range map[string]string{"wire.ts": TypeScript(), "codes.ts": TypeScriptCodes()} {
		path := filepath.Join(dir, name)
		if *write {
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Errorf("%s is old: run go generate ./internal/wire (-want +got)\n%s", name, diff)
		}
	}
}
