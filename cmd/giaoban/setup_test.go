package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Every file a new machine is given names the address it came from, over
// https, whichever door it was fetched through.
func TestMachineFilesAreForTheirServer(t *testing.T) {
	front := plain(t, newCA(t))
	for name, door := range map[string]http.Handler{"http": front, "https": secureDoor(app(), front)} {
		for path := range machineFiles {
			r := httptest.NewRequest("GET", path, nil)
			r.Host, r.RemoteAddr = "10.1.2.3:8080", "10.9.9.9:5000"
			if name == "https" {
				r.Host = "10.1.2.3:8443"
			}
			w := httptest.NewRecorder()
			door.ServeHTTP(w, r)
			body := w.Body.String()
			if w.Code != http.StatusOK || !strings.Contains(body, "https://10.1.2.3:8443") {
				t.Errorf("%s over %s: %d %s", path, name, w.Code, body)
			}
			if strings.HasSuffix(path, ".json") && !json.Valid(w.Body.Bytes()) {
				t.Errorf("%s is no JSON: %s", path, body)
			}
			if !strings.Contains(w.Header().Get("Content-Disposition"), "attachment") {
				t.Errorf("%s is not downloaded", path)
			}
		}
	}
}

func TestTheSetupPageIsOnBothDoors(t *testing.T) {
	front := plain(t, newCA(t))
	for name, door := range map[string]http.Handler{"http": front, "https": secureDoor(app(), front)} {
		r := httptest.NewRequest("GET", "/setup", nil)
		r.Host, r.RemoteAddr = "10.1.2.3:8443", "10.9.9.9:5000"
		w := httptest.NewRecorder()
		door.ServeHTTP(w, r)
		for _, want := range append(readAloud(front.ca.fingerprint()), "/setup/browser-policy.reg", "/setup/giaoban-kiosk.desktop", `lang="en"`) {
			if !strings.Contains(w.Body.String(), want) {
				t.Errorf("over %s the page lacks %q", name, want)
			}
		}
		if w.Code != http.StatusOK {
			t.Errorf("over %s: %d", name, w.Code)
		}
	}
}
