// Package webclient carries the built web client inside the binary. It owns
// nothing at run time: no goroutines, no locks. The build is made by
// "make web" and lies in dist; without it the binary still builds, and FS says
// that there is no client.
package webclient

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// FS gives the built client with a page for each place (index.html, room.html,
// console.html, chair.html, focal.html, wall.html, relay.html) and assets/ at
// its root. It reports false when the binary was
// built before the client was.
func FS() (fs.FS, bool) {
	client, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, false
	}
	_, err = fs.Stat(client, "room.html")
	return client, err == nil
}
