// Command gen writes the TypeScript of bridge.v1 into the web client. It is
// run by go generate in internal/wire, and has no goroutine and no lock.
package main

import (
	"log"
	"os"
	"path/filepath"

	"github.com/giaoban/giaoban/internal/wire"
)

func main() {
	dir := filepath.Join("..", "..", "web-client", "src")
	for name, text := range map[string]string{"wire.ts": wire.TypeScript(), "codes.ts": wire.TypeScriptCodes()} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			log.Fatal(err)
		}
	}
}
