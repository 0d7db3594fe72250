package main

import (
	"crypto/x509"
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// day is a fixed now for certificates.
func day() time.Time { return time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC) }

func TestTheLeafIsTrustedUnderEveryNameOnceTheCAIs(t *testing.T) {
	names := []string{"may-chu", "localhost", "127.0.0.1", "::1", "192.168.7.20", "203.0.113.9"}
	ca, leaf, excluded := issue(t, t.TempDir(), names, day())
	if len(excluded) > 0 {
		t.Errorf("excluded %v", excluded)
	}
	for _, name := range names {
		if err := trusted(ca, leaf, name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if trusted(ca, leaf, "192.168.7.21") == nil {
		t.Error("the leaf is good for an address it was not issued for")
	}
}

func TestTheLeafIsKeptWhileNothingChanges(t *testing.T) {
	dir, names := t.TempDir(), []string{"may-chu", "10.0.0.5"}
	ca, first, _ := issue(t, dir, names, day())
	slices.Reverse(names)
	again, second, _ := issue(t, dir, names, day().Add(300*24*time.Hour))
	if !first.Equal(second) {
		t.Error("the leaf was issued again")
	}
	if ca.fingerprint() != again.fingerprint() {
		t.Error("the CA was made again")
	}
}

func TestTheLeafIsIssuedAgain(t *testing.T) {
	cases := map[string]struct {
		names []string
		now   time.Time
		spoil bool
	}{
		"when an address is new":      {names: []string{"may-chu", "10.0.0.5", "10.0.0.6"}, now: day()},
		"when an address is gone":     {names: []string{"may-chu"}, now: day()},
		"when its time runs out":      {names: []string{"may-chu", "10.0.0.5"}, now: day().Add(leafLife - leafLeft + time.Hour)},
		"when its file is unreadable": {names: []string{"may-chu", "10.0.0.5"}, now: day(), spoil: true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			ca, first, _ := issue(t, dir, []string{"may-chu", "10.0.0.5"}, day())
			if c.spoil {
				if err := os.WriteFile(filepath.Join(dir, "leaf.pem"), []byte("spoilt"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			again, second, _ := issue(t, dir, c.names, c.now)
			if first.Equal(second) {
				t.Error("the old leaf was kept")
			}
			if ca.fingerprint() != again.fingerprint() {
				t.Error("the CA changed, so every room would have to trust it anew")
			}
		})
	}
}

func TestTheCAVouchesForNothingElse(t *testing.T) {
	ca, _, excluded := issue(t, t.TempDir(), []string{"may-chu"}, day())
	if len(excluded) > 0 {
		t.Fatalf("excluded %v", excluded)
	}
	_, excluded, err := ca.leaf([]string{"may-chu", "example.org", "8.8.8.8"}, day())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(excluded, []string{"example.org", "8.8.8.8"}) {
		t.Errorf("excluded %v", excluded)
	}
	// A thief of the key signs what the constraints forbid; nobody believes it.
	forged, _, err := sign(&x509.Certificate{
		NotBefore: day(), NotAfter: day().Add(time.Hour), DNSNames: []string{"example.org"},
		IPAddresses: []net.IP{net.ParseIP("8.8.8.8")}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, ca)
	if err != nil {
		t.Fatal(err)
	}
	if trusted(ca, forged, "example.org") == nil || trusted(ca, forged, "8.8.8.8") == nil {
		t.Error("the CA's constraints do not hold")
	}
}

func TestKeysAreForTheOwnerOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "tls")
	issue(t, dir, []string{"may-chu"}, day())
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 2 {
		t.Fatalf("files %v, %v", files, err)
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", f.Name(), info.Mode(), err)
		}
	}
}

func issue(t *testing.T, dir string, names []string, now time.Time) (*authority, *x509.Certificate, []string) {
	t.Helper()
	ca, err := openAuthority(dir, names, now)
	if err != nil {
		t.Fatal(err)
	}
	pair, excluded, err := ca.leaf(names, now)
	if err != nil {
		t.Fatal(err)
	}
	return ca, pair.Leaf, excluded
}

func trusted(ca *authority, leaf *x509.Certificate, name string) error {
	roots := x509.NewCertPool()
	roots.AddCert(ca.cert)
	if net.ParseIP(name) != nil {
		name = "[" + name + "]"
	}
	_, err := leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: roots, CurrentTime: day().Add(time.Minute)})
	return err
}
