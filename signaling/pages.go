package signaling

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

// unbuilt is shown by a binary made without the web client.
const unbuilt = `<!doctype html><html lang="vi"><meta charset="utf-8"><title>Giaoban</title>
<body><h1>Chưa có giao diện web</h1>
<p>Bản chạy này được dựng khi chưa có giao diện web. Chạy <code>make run</code> (hoặc <code>make web build</code>) trong thư mục mã nguồn rồi khởi động lại.</p>
<h1 lang="en">The web client is not built</h1>
<p lang="en">This binary was made without the web client. Run <code>make run</code> (or <code>make web build</code>) in the source folder and start it again.</p></body></html>
`

// pages serves the built web client. It is immutable.
type pages map[string]pageFile // by path in the file system

type pageFile struct {
	name string
	body []byte
	etag string
}

// newPages reads the build into memory; nil has no pages.
func newPages(web fs.FS) (pages, error) {
	p := pages{}
	if web == nil {
		return p, nil
	}
	err := fs.WalkDir(web, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := fs.ReadFile(web, name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(body)
		p[name] = pageFile{name: name, body: body, etag: `"` + hex.EncodeToString(sum[:12]) + `"`}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the web client: %w", err)
	}
	return p, nil
}

// ServeHTTP serves /, /room and its like as name.html, everything else by its
// name. Files under assets/ carry a hash in their name and never change.
func (p pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	if len(p) == 0 {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		write(w, http.StatusServiceUnavailable, []byte(unbuilt))
		return
	}
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	if name == "" {
		name = "index"
	}
	file, ok := p[name]
	if !ok {
		file, ok = p[name+".html"]
	}
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("ETag", file.etag)
	w.Header().Set("Cache-Control", "no-cache")
	if strings.HasPrefix(file.name, "assets/") {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	http.ServeContent(w, r, file.name, time.Time{}, bytes.NewReader(file.body))
}

// secured sets the headers every answer carries: nothing is loaded from
// elsewhere, no page of ours stands in another's frame, and camera, microphone
// and screen are for our own pages alone.
func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy(r.Host))
		h.Set("Permissions-Policy", "camera=(self), microphone=(self), display-capture=(self), geolocation=()")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}

// policy is the content security policy. Older browsers do not take 'self' for
// WebSockets, so the host stands there by name, if it is a plain one.
func policy(host string) string {
	sockets := ""
	if host != "" && !strings.ContainsAny(host, " ;,'\"*") {
		sockets = " ws://" + host + " wss://" + host
	}
	return "default-src 'self'; connect-src 'self'" + sockets +
		"; img-src 'self' data: blob:; media-src 'self' blob: mediastream:; worker-src 'self' blob:" +
		"; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}
