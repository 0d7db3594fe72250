package auth

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestANodeKeyIsKept(t *testing.T) {
	dir := t.TempDir()
	first, err := OpenNodeKey(dir)
	if err != nil {
		t.Fatal(err)
	}
	again, err := OpenNodeKey(dir)
	if err != nil || again.Public() != first.Public() || checkKey(first.Public()) != nil {
		t.Errorf("%q, then %q, %v", first.Public(), again.Public(), err)
	}
	info, err := os.Stat(filepath.Join(dir, keyFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key is readable by others: %v, %v", info.Mode(), err)
	}
	if err := os.WriteFile(filepath.Join(dir, keyFile), []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenNodeKey(dir); !errors.Is(err, errKeyFile) {
		t.Errorf("nonsense is a key: %v", err)
	}
}

// Both ends prove their keys, and each judges the other's.
func TestTLSPinsBothEnds(t *testing.T) {
	keys := map[string]NodeKey{}
	for _, name := range []string{"parent", "child", "stranger"} {
		k, err := OpenNodeKey(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		keys[name] = k
	}
	only := func(name string) func(*x509.Certificate) error {
		return func(c *x509.Certificate) error {
			if CertificateKey(c) != keys[name].Public() {
				return errors.New("not the key of the " + name)
			}
			return nil
		}
	}
	for name, c := range map[string]struct{ dials, answers, want string }{
		"both are who they should be": {"child", "parent", ""},
		"a stranger dials":            {"stranger", "parent", "not the key of the child"},
		"a stranger answers":          {"child", "stranger", "not the key of the parent"},
	} {
		up, err := keys[c.dials].TLS(only("parent"))
		if err != nil {
			t.Fatal(err)
		}
		down, err := keys[c.answers].TLS(only("child"))
		if err != nil {
			t.Fatal(err)
		}
		err = shake(t, up, down)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// shake lets two ends shake hands over loopback and gives what either refused.
func shake(t *testing.T, up, down *tls.Config) error {
	t.Helper()
	door, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer door.Close()
	answered := make(chan error, 1)
	go func() {
		c, err := door.Accept()
		if err == nil {
			err = tls.Server(c, down).Handshake()
			c.Close()
		}
		answered <- err
	}()
	c, err := net.Dial("tcp", door.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	refused := tls.Client(c, up).Handshake()
	if refused != nil {
		c.Close()
	}
	return errors.Join(refused, <-answered)
}

func TestPins(t *testing.T) {
	dir := t.TempDir()
	pins, err := OpenPins(dir)
	if err != nil {
		t.Fatal(err)
	}
	key, other := "k"+strings.Repeat("A", 43), "k"+strings.Repeat("B", 42)+"A"
	want := func(key, node string) {
		t.Helper()
		if got, ok := pins.Node(key); got != node || ok != (node != "") {
			t.Errorf("%s… is trusted for %q, want %q", key[:4], got, node)
		}
	}
	want(key, "")
	for _, wrong := range [][2]string{{"", key}, {"02/x", key}, {"02", "short"}, {"02", "k" + strings.Repeat("!", 43)}, {"02", key[1:]}} {
		if pins.Trust(wrong[0], wrong[1]) == nil {
			t.Errorf("trusted %q with %q", wrong[0], wrong[1])
		}
	}
	if err := errors.Join(pins.Trust("02", key), pins.Trust("02", other), pins.Trust("02", key)); err != nil {
		t.Fatal(err)
	}
	want(key, "02")
	want(other, "02") // a node may change its key without a gap
	if err := pins.Trust("03", key); !errors.Is(err, ErrPinTaken) {
		t.Errorf("one key for two nodes: %v", err)
	}
	second, err := OpenPins(dir) // the command line, beside a running node
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Revoke("02"); err != nil {
		t.Fatal(err)
	}
	want(key, "")
	want(other, "")
	if err := second.Revoke("02"); !errors.Is(err, ErrNoPin) {
		t.Errorf("revoked twice: %v", err)
	}
	if list, err := pins.List(); err != nil || len(list) != 2 || list[0].Revoked == "" {
		t.Errorf("%+v, %v", list, err)
	}
	if err := second.Trust("03", key); err != nil {
		t.Fatal(err)
	}
	want(key, "03")
	if err := os.WriteFile(filepath.Join(dir, pinsFile), []byte("02 nonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	want(key, "") // a list that cannot be read trusts nobody
	if _, err := OpenPins(dir); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("error %v, want the line", err)
	}
}
