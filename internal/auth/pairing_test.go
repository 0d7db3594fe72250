package auth

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/giaoban/giaoban/internal/limit"
	"github.com/giaoban/giaoban/internal/store/memory"
)

func pairings(t *testing.T) (*Pairings, *Tokens, *clock) {
	t.Helper()
	c := &clock{at: time.Unix(1e9, 0)}
	tokens := open(t, memory.New())
	tokens.now = c.now
	return NewPairings(tokens, c.now), tokens, c
}

var lan = Origin{By: "lan", Parent: Person("lan")}

var kiosk = netip.MustParseAddr("10.0.0.7")

func TestDeviceIsGivenItsPoint(t *testing.T) {
	p, tokens, _ := pairings(t)
	code, secret, _, err := p.Begin(kiosk, "device-1")
	if err != nil || len(code) != 6 || strings.Trim(code, "0123456789") != "" {
		t.Fatalf("code %q, %v", code, err)
	}
	if given, err := p.Collect(secret); err != nil || given != nil {
		t.Fatalf("before: %+v, %v", given, err)
	}
	if list := p.Waiting(); len(list) != 1 || list[0].From != "10.0.0.7" {
		t.Errorf("%+v", list)
	}
	if _, err := p.Assign(t.Context(), code, room, lan); err != nil {
		t.Fatal(err)
	}
	given, err := p.Collect(secret)
	if err != nil || given == nil {
		t.Fatalf("%+v, %v", given, err)
	}
	who, ok := tokens.Lookup(given.Token)
	if !ok || who.Point != room.Point || who.Device != "device-1" {
		t.Errorf("%+v, %v", who, ok)
	}
	if again, err := p.Collect(secret); err != nil || again.Token != given.Token {
		t.Errorf("a lost answer cannot be asked for again: %v", err)
	}
	if _, err := p.Assign(t.Context(), code, room, lan); !errors.Is(err, ErrCode) {
		t.Errorf("a code works twice: %v", err)
	}
	if len(p.Waiting()) != 0 {
		t.Error("it still waits")
	}
}

func TestCodesExpire(t *testing.T) {
	p, _, c := pairings(t)
	code, secret, until, err := p.Begin(kiosk, "device-1")
	if err != nil || !until.Equal(c.at.Add(CodeLife)) {
		t.Fatalf("%v, %v", until, err)
	}
	c.at = until
	if _, err := p.Assign(t.Context(), code, room, lan); !errors.Is(err, ErrCode) {
		t.Errorf("assigned: %v", err)
	}
	if _, err := p.Collect(secret); !errors.Is(err, ErrCode) {
		t.Errorf("collected: %v", err)
	}
}

func TestDeviceThatBeginsAnewHasOneCode(t *testing.T) {
	p, _, _ := pairings(t)
	_, first, _, _ := p.Begin(kiosk, "device-1")
	if _, _, _, err := p.Begin(kiosk, "device-1"); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Collect(first); !errors.Is(err, ErrCode) || len(p.Waiting()) != 1 {
		t.Errorf("%v, %d wait", err, len(p.Waiting()))
	}
}

func TestCodesCannotBeFarmedOrGuessed(t *testing.T) {
	p, _, _ := pairings(t)
	for i := range limit.Standard().Row(limit.PairingBegun).Burst {
		if _, _, _, err := p.Begin(kiosk, fmt.Sprint("device-", i)); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, _, err := p.Begin(kiosk, "one-more"); !errors.Is(err, ErrTooFast) {
		t.Errorf("one address farms codes: %v", err)
	}
	for range limit.Standard().Row(limit.PairingClaims).Burst {
		if _, err := p.Assign(t.Context(), "none", room, lan); !errors.Is(err, ErrCode) {
			t.Fatal(err)
		}
	}
	if _, err := p.Assign(t.Context(), "none", room, lan); !errors.Is(err, ErrTooFast) {
		t.Errorf("an operator guesses codes: %v", err)
	}
}

// Any number of neighbourhoods that ask for codes leave room for a kiosk, whose
// code lasts as long as it asks whether it has been given a point.
func TestPairingPlacesAreShared(t *testing.T) {
	p, _, c := pairings(t)
	all := limit.Standard().Row(limit.Pairing)
	_, secret, _, err := p.Begin(kiosk, "device-1")
	if err != nil {
		t.Fatal(err)
	}
	from := netip.MustParseAddr("10.1.0.0")
	for i := range 2 * all.All {
		if i%16 == 0 {
			from = from.Next()
		}
		c.at = c.at.Add(time.Millisecond)
		if _, err := p.Collect(secret); err != nil {
			t.Fatalf("a kiosk's code was taken for the %d. newcomer: %v", i, err)
		}
		if _, _, _, err := p.Begin(from, fmt.Sprint("other-", i)); err != nil && !errors.Is(err, ErrPairingBusy) {
			t.Fatal(err)
		}
	}
	if len(p.waiting) > all.All || len(p.secrets) != len(p.waiting) || p.places.Taken() != len(p.waiting) {
		t.Errorf("%d codes, %d secrets, %d places", len(p.waiting), len(p.secrets), p.places.Taken())
	}
	if _, _, _, err := p.Begin(netip.MustParseAddr("192.0.2.77"), "late"); err != nil {
		t.Errorf("a kiosk elsewhere: %v", err)
	}
	c.at = c.at.Add(CodeLife)
	if len(p.Waiting()) != 0 || len(p.secrets) != 0 || p.places.Taken() != 0 {
		t.Error("expired codes are kept")
	}
}

func TestOldDeviceTokensAreRenewed(t *testing.T) {
	p, tokens, c := pairings(t)
	code, secret, _, _ := p.Begin(kiosk, "device-1")
	if _, err := p.Assign(t.Context(), code, room, lan); err != nil {
		t.Fatal(err)
	}
	given, _ := p.Collect(secret)
	rotate := func(token string) string {
		t.Helper()
		renewed, err := tokens.Rotate(t.Context(), token, "device-1")
		if err != nil {
			t.Fatal(err)
		}
		return renewed
	}
	if rotate(given.Token) != "" {
		t.Error("a young token is renewed")
	}
	if _, err := tokens.Rotate(t.Context(), given.Token, "device-2"); !errors.Is(err, ErrDevice) {
		t.Errorf("another device renews it: %v", err)
	}
	c.at = c.at.Add(RotateAfter)
	lost := rotate(given.Token)
	second := rotate(given.Token) // the first answer was lost
	if _, ok := tokens.Lookup(lost); ok || second == "" || second == lost {
		t.Errorf("a lost renewal stays valid: %v, then %q", ok, second)
	}
	if _, ok := tokens.Lookup(given.Token); !ok {
		t.Error("the old token ends before the new one was used")
	}
	if rotate(second) != "" {
		t.Error("a new token is renewed at once")
	}
	if _, ok := tokens.Lookup(given.Token); ok {
		t.Error("the old token outlives the first use of the new one")
	}
	if who, ok := tokens.Lookup(second); !ok || who.Point != room.Point || who.Device != "device-1" {
		t.Errorf("%+v, %v", who, ok)
	}
	if len(tokens.List()) != 1 {
		t.Errorf("%d tokens are left", len(tokens.List()))
	}
	link, err := tokens.Issue(t.Context(), room, lan)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tokens.Rotate(t.Context(), link, ""); !errors.Is(err, ErrDevice) {
		t.Errorf("a link is renewed: %v", err)
	}
}
