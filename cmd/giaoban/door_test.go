package main

import (
	"crypto/x509"
	"encoding/pem"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestPlainHTTPFromThisMachineReachesThePages(t *testing.T) {
	door := plain(t, newCA(t))
	for _, remote := range []string{"127.0.0.1:4000", "[::1]:4000", "[::ffff:127.0.0.1]:4000"} {
		if status, body := ask(door, remote, "/console"); status != http.StatusOK || body != "the app" {
			t.Errorf("%s got %d %.60q", remote, status, body)
		}
	}
}

func TestPlainHTTPFromElsewhereGetsOnlyTheTrustPage(t *testing.T) {
	ca := newCA(t)
	door := plain(t, ca)
	for path, want := range map[string]int{"/": 200, "/console": 403, "/api/v1/bridge": 403, "/healthz": 403} {
		status, body := ask(door, "192.168.7.30:4000", path)
		if status != want || strings.Contains(body, "the app") {
			t.Errorf("%s: status %d, want %d and nothing of the app", path, status, want)
		}
		for _, part := range append(readAloud(ca.fingerprint()), "https://192.168.7.20:8443/", `href="/giaoban-ca.crt"`) {
			if !strings.Contains(body, part) {
				t.Errorf("%s: the page does not say %q", path, part)
			}
		}
	}
}

func TestNoHeaderMakesAStrangerLocal(t *testing.T) {
	r := httptest.NewRequest("GET", "http://localhost:8080/console", nil)
	r.RemoteAddr = "192.168.7.30:4000"
	r.Header.Set("X-Forwarded-For", "127.0.0.1")
	if fromHere(r) {
		t.Error("believed")
	}
}

func TestTheCAIsHandedOutAndNotItsKey(t *testing.T) {
	ca := newCA(t)
	_, body := ask(plain(t, ca), "192.168.7.30:4000", caPath)
	block, rest := pem.Decode([]byte(body))
	if block == nil || len(rest) > 0 {
		t.Fatalf("not one PEM block: %.80q", body)
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil || !cert.Equal(ca.cert) {
		t.Errorf("not the CA: %v", err)
	}
}

func TestHTTPSServesThePagesAndTheCA(t *testing.T) {
	door := secureDoor(app(), plain(t, newCA(t)))
	for path, want := range map[string]string{"/room": "the app", caPath: "BEGIN CERTIFICATE"} {
		w := httptest.NewRecorder()
		door.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %.60q", path, w.Body)
		}
	}
}

func plain(t *testing.T, ca *authority) *plainDoor {
	t.Helper()
	door, err := newPlainDoor(app(), ca, "8443", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return door
}

// ask asks the door for a path and returns the answer's status and body.
func ask(door http.Handler, remote, path string) (int, string) {
	r := httptest.NewRequest("GET", "http://192.168.7.20:8080"+path, nil)
	r.RemoteAddr = remote
	w := httptest.NewRecorder()
	door.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func newCA(t *testing.T) *authority {
	t.Helper()
	ca, err := openAuthority(t.TempDir(), []string{"may-chu"}, day())
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

func app() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "the app") })
}
