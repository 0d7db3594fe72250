package signaling

import (
	"testing"

	"github.com/giaoban/giaoban/internal/wire"
)

func TestTheSettingsOfARoomAreBehindAPin(t *testing.T) {
	h := newHall(t, func(c *Config) { c.Pin = "2468" })
	for _, test := range []struct {
		token, body string
		status      int
	}{
		{"room-p2", `{"pin":"2468"}`, 204},
		{"room-p2", `{"pin":"2469"}`, 403},
		{"room-p2", `{"pin":""}`, 403},
		{"room-p2", `{"pin":"2468","more":1}`, 400},
		{"", `{"pin":"2468"}`, 401},
	} {
		if status, _, body := h.call("POST", "/api/v1/pin", test.token, test.body); status != test.status {
			t.Errorf("%q enters %s: %d %s, want %d", test.token, test.body, status, body, test.status)
		}
	}
}

// What guesses a four-digit PIN is slowed down long before it is through.
func TestGuessingThePinIsSlowedDown(t *testing.T) {
	h := newHall(t, func(c *Config) { c.Pin = "2468" })
	for n := range 1000 {
		if status, _, _ := h.call("POST", "/api/v1/pin", "room-p2", `{"pin":"0000"}`); status == 429 {
			if n < 3 {
				t.Errorf("after %d wrong ones, which a person may have", n)
			}
			if status, header, _ := h.call("POST", "/api/v1/pin", "room-p2", `{"pin":"2468"}`); status != 429 || header.Get("Retry-After") == "" {
				t.Errorf("over the rate the right one gives %d, so a guess that is right is found", status)
			}
			if status, _, _ := h.call("POST", "/api/v1/pin", "room-p3", `{"pin":"2468"}`); status != 204 {
				t.Errorf("another room pays for it: %d", status)
			}
			return
		}
	}
	t.Error("a thousand guesses went through")
}

func TestARoomIsToldThatThereIsAPin(t *testing.T) {
	for _, pin := range []string{"", "2468"} {
		h := newHall(t, func(c *Config) { c.Pin = pin })
		c := h.dial()
		var w wire.Welcome
		c.answer(c.send("hello", wire.Hello{Token: "room-p2", Device: "tv"}), "welcome", &w)
		if w.Pin != (pin != "") {
			t.Errorf("with PIN %q it is told %v", pin, w.Pin)
		}
	}
}
