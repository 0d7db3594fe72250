package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// machineFiles are what a new machine of a room is given, by their paths: the
// browser's permission for this site, so that no prompt ever waits for a
// person, and what opens the room's page at power-on. Each is made for the
// address the machine reaches the server at.
var machineFiles = map[string]struct {
	kind string // media type
	make func(origin string) string
}{
	"/setup/chromium-policy.json":  {"application/json", chromiumPolicy},
	"/setup/browser-policy.reg":    {"text/plain; charset=utf-8", registryPolicy},
	"/setup/firefox-policies.json": {"application/json", firefoxPolicy},
	"/setup/giaoban-kiosk.cmd":     {"text/plain; charset=utf-8", windowsKiosk},
	"/setup/giaoban-kiosk.desktop": {"text/plain; charset=utf-8", linuxKiosk},
}

// serveMachineFile serves one of them, and reports whether the path is one.
func serveMachineFile(w http.ResponseWriter, r *http.Request, origin string) bool {
	file, ok := machineFiles[r.URL.Path]
	if !ok {
		return false
	}
	name := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	w.Header().Set("Content-Type", file.kind)
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
	w.Header().Set("Cache-Control", "no-store")
	fmt.Fprint(w, file.make(origin)) // an error means that the client has gone
	return true
}

// siteLists are the policies of Chromium, Chrome and Edge that hold a list of
// sites (https://chromeenterprise.google/policies).
var siteLists = []string{
	"AudioCaptureAllowedUrls", "AutoplayAllowlist", "ScreenCaptureAllowedByOrigins", "VideoCaptureAllowedUrls",
}

// chromiumPolicy goes to /etc/chromium/policies/managed.
func chromiumPolicy(origin string) string {
	policy := map[string]any{"TranslateEnabled": false, "PasswordManagerEnabled": false}
	for _, name := range siteLists {
		policy[name] = []string{origin}
	}
	return indented(policy)
}

// registryPolicy is the same for Chrome and Edge on Windows.
func registryPolicy(origin string) string {
	var out strings.Builder
	out.WriteString("Windows Registry Editor Version 5.00\r\n")
	for _, browser := range []string{`Google\Chrome`, `Microsoft\Edge`} {
		for _, name := range siteLists {
			fmt.Fprintf(&out, "\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\%s\\%s]\r\n\"1\"=\"%s\"\r\n", browser, name, origin)
		}
	}
	return out.String()
}

// firefoxPolicy goes beside Firefox, distribution/policies.json
// (https://mozilla.github.io/policy-templates).
func firefoxPolicy(origin string) string {
	allow := map[string]any{"Allow": []string{origin}}
	return indented(map[string]any{"policies": map[string]any{
		"Certificates": map[string]any{"ImportEnterpriseRoots": true},
		"Permissions":  map[string]any{"Camera": allow, "Microphone": allow, "Autoplay": allow},
	}})
}

// windowsKiosk goes to the start-up folder (shell:startup).
func windowsKiosk(origin string) string {
	return "@echo off\r\nrem Giaoban: mở màn hình điểm cầu khi bật máy\r\n" +
		`start "" "%ProgramFiles(x86)%\Microsoft\Edge\Application\msedge.exe" --kiosk ` + origin +
		"/room --edge-kiosk-type=fullscreen --no-first-run\r\n"
}

// linuxKiosk goes to ~/.config/autostart.
func linuxKiosk(origin string) string {
	return "[Desktop Entry]\nType=Application\nName=Giaoban\nExec=chromium --kiosk --no-first-run --noerrdialogs " +
		origin + "/room\nX-GNOME-Autostart-enabled=true\n"
}

func indented(v any) string {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		panic(err) // maps of strings always encode
	}
	return string(text) + "\n"
}
