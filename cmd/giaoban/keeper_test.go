package main

import (
	"bytes"
	"crypto/x509"
	"log/slog"
	"net"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestTheCertificateFollowsTheHostWhileServing(t *testing.T) {
	names := []string{"may-chu", "10.0.0.5"}
	var log bytes.Buffer
	k, err := newKeeper(t.TempDir(), func() []string { return names }, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer k.close()
	first := shown(t, k)
	if err := k.renew(time.Now()); err != nil || !first.Equal(shown(t, k)) {
		t.Errorf("nothing changed but the certificate, %v", err)
	}

	names = []string{"may-chu", "10.0.0.6", "8.8.8.8"}
	for range 2 {
		if err := k.renew(time.Now()); err != nil {
			t.Fatal(err)
		}
	}

	if ips := shown(t, k).IPAddresses; len(ips) != 1 || !ips[0].Equal(net.ParseIP("10.0.0.6")) {
		t.Errorf("it bears %v, want 10.0.0.6", ips)
	}
	if n := strings.Count(log.String(), "8.8.8.8"); n != 1 {
		t.Errorf("the address that is left out is told %d times, want once:\n%s", n, &log)
	}
}

func TestTheHostIsNamedByNameLoopbackAndNetwork(t *testing.T) {
	names := hostNames()
	for _, want := range []string{"localhost", "127.0.0.1", "::1"} {
		if !slices.Contains(names, want) {
			t.Errorf("no %s in %v", want, names)
		}
	}
	for _, addr := range lanAddrs() {
		ip := net.ParseIP(addr)
		if ip == nil || ip.IsLoopback() || ip.IsLinkLocalUnicast() {
			t.Errorf("%s is no address others can reach", addr)
		}
	}
}

// shown is the leaf that a client is shown.
func shown(t *testing.T, k *keeper) *x509.Certificate {
	t.Helper()
	pair, err := k.config().GetCertificate(nil)
	if err != nil {
		t.Fatal(err)
	}
	return pair.Leaf
}
