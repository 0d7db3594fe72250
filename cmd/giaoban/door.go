package main

import (
	_ "embed"
	"html/template"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

//go:embed trust.html
var trustPage string

// caPath is where a browser fetches the local CA.
const caPath = "/giaoban-ca.crt"

// setupPath is the page for a new machine.
const setupPath = "/setup"

// plainDoor serves http. To this machine it is a secure context and gets
// everything; to any other it explains how to trust the CA, and nothing else.
type plainDoor struct {
	app       http.Handler
	page      *template.Template
	ca        *authority
	httpsPort string
	log       *slog.Logger
}

func newPlainDoor(app http.Handler, ca *authority, httpsPort string, log *slog.Logger) (*plainDoor, error) {
	page, err := template.New("trust").Parse(trustPage)
	if err != nil {
		return nil, err
	}
	return &plainDoor{app: app, page: page, ca: ca, httpsPort: httpsPort, log: log}, nil
}

// ServeHTTP serves a request that came over plain http.
func (d *plainDoor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == caPath:
		serveCA(w, d.ca)
	case serveMachineFile(w, r, d.origin(r)):
	case r.URL.Path == setupPath:
		d.explain(w, r)
	case fromHere(r):
		d.app.ServeHTTP(w, r)
	default:
		d.explain(w, r)
	}
}

// origin is the server's own, over https, at the address the request came to.
func (d *plainDoor) origin(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = strings.Trim(r.Host, "[]")
	}
	return "https://" + net.JoinHostPort(host, d.httpsPort)
}

func (d *plainDoor) explain(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	if r.URL.Path != "/" && r.URL.Path != setupPath {
		w.WriteHeader(http.StatusForbidden) // so that a script does not take the page for its answer
	}
	err := d.page.Execute(w, struct {
		Fingerprint []string
		HTTPS       string
	}{readAloud(d.ca.fingerprint()), d.origin(r) + "/"})
	if err != nil {
		d.log.Debug("trust page not sent", "remote", r.RemoteAddr, "err", err)
	}
}

// secureDoor serves https: everything, and for the next room's machine the CA
// and the page of its setup.
func secureDoor(app http.Handler, plain *plainDoor) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", app)
	mux.HandleFunc("GET "+caPath, func(w http.ResponseWriter, _ *http.Request) { serveCA(w, plain.ca) })
	mux.HandleFunc("GET "+setupPath, plain.explain)
	mux.HandleFunc("GET "+setupPath+"/", func(w http.ResponseWriter, r *http.Request) {
		if !serveMachineFile(w, r, plain.origin(r)) {
			http.NotFound(w, r)
		}
	})
	return mux
}

func serveCA(w http.ResponseWriter, ca *authority) {
	w.Header().Set("Content-Type", "application/x-x509-ca-cert")
	w.Header().Set("Content-Disposition", `attachment; filename="giaoban-ca.crt"`)
	w.Write(ca.pem()) // an error means that the client has gone
}

// fromHere reports whether a request comes from this machine, by its address;
// no header is believed.
func fromHere(r *http.Request) bool {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && from.Addr().Unmap().IsLoopback()
}
