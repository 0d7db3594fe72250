package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	caLife   = 10 * 365 * 24 * time.Hour
	leafLife = 397 * 24 * time.Hour // what browsers accept from a public CA too
	leafLeft = 30 * 24 * time.Hour  // a leaf with less than this is issued anew
)

// authority is the local certificate authority of a data directory. It signs
// one thing, the leaf of this server, so its key never leaves the machine and
// its name constraints keep a stolen key to private networks and this host.
type authority struct {
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// openAuthority reads the authority of a directory, or makes one whose leaf
// may bear the given names.
func openAuthority(dir string, names []string, now time.Time) (*authority, error) {
	cert, key, err := readPair(filepath.Join(dir, "ca.pem"))
	if errors.Is(err, fs.ErrNotExist) {
		return makeAuthority(dir, names, now)
	}
	if err != nil {
		return nil, fmt.Errorf("read the local CA: %w", err)
	}
	return &authority{dir: dir, cert: cert, key: key}, nil
}

func makeAuthority(dir string, names []string, now time.Time) (*authority, error) {
	host := "this server"
	if len(names) > 0 {
		host = names[0]
	}
	template := &x509.Certificate{
		Subject:               pkix.Name{Organization: []string{"Giaoban"}, CommonName: "Giaoban local CA of " + host},
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.Add(caLife),
		IsCA:                  true,
		BasicConstraintsValid: true,
		MaxPathLenZero:        true,
		KeyUsage:              x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},

		PermittedDNSDomainsCritical: true,
	}
	constrain(template, names)
	cert, key, err := sign(template, nil)
	if err != nil {
		return nil, fmt.Errorf("make the local CA: %w", err)
	}
	if err := writePair(filepath.Join(dir, "ca.pem"), cert, key); err != nil {
		return nil, fmt.Errorf("keep the local CA: %w", err)
	}
	return &authority{dir: dir, cert: cert, key: key}, nil
}

// constrain limits a CA to local names, private networks, and what the host is
// called and has for addresses on the day the CA is made.
func constrain(ca *x509.Certificate, names []string) {
	ca.PermittedDNSDomains = []string{"localhost", "local", "lan", "internal", "home.arpa"}
	for _, cidr := range []string{
		"127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16",
		"::1/128", "fc00::/7", "fe80::/10",
	} {
		if _, block, err := net.ParseCIDR(cidr); err == nil {
			ca.PermittedIPRanges = append(ca.PermittedIPRanges, block)
		}
	}
	for _, name := range names {
		ip := net.ParseIP(name)
		switch {
		case permits(ca, name):
		case ip == nil:
			ca.PermittedDNSDomains = append(ca.PermittedDNSDomains, name)
		case ip.To4() != nil:
			ca.PermittedIPRanges = append(ca.PermittedIPRanges, &net.IPNet{IP: ip.To4(), Mask: net.CIDRMask(32, 32)})
		default:
			ca.PermittedIPRanges = append(ca.PermittedIPRanges, &net.IPNet{IP: ip, Mask: net.CIDRMask(128, 128)})
		}
	}
}

// permits reports whether a CA's constraints let its leaf bear a name.
func permits(ca *x509.Certificate, name string) bool {
	if ip := net.ParseIP(name); ip != nil {
		return slices.ContainsFunc(ca.PermittedIPRanges, func(n *net.IPNet) bool { return n.Contains(ip) })
	}
	return slices.ContainsFunc(ca.PermittedDNSDomains, func(domain string) bool {
		return name == domain || strings.HasSuffix(name, "."+domain)
	})
}

// leaf is the server's certificate for the names: the one kept, if it can be
// read, bears exactly those and has time left, else a new one. Names that the CA's
// constraints exclude are handed back.
func (a *authority) leaf(names []string, now time.Time) (leaf *tls.Certificate, excluded []string, err error) {
	names, excluded = a.partition(names)
	path := filepath.Join(a.dir, "leaf.pem")
	cert, key, err := readPair(path)
	if err == nil && a.current(cert, names, now) {
		return chain(cert, a.cert, key), excluded, nil
	}
	template := &x509.Certificate{
		Subject:     pkix.Name{Organization: []string{"Giaoban"}},
		NotBefore:   now.Add(-time.Hour),
		NotAfter:    now.Add(leafLife),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	cert, key, err = sign(template, a)
	if err != nil {
		return nil, excluded, fmt.Errorf("issue the certificate: %w", err)
	}
	if err := writePair(path, cert, key); err != nil {
		return nil, excluded, fmt.Errorf("keep the certificate: %w", err)
	}
	return chain(cert, a.cert, key), excluded, nil
}

func (a *authority) partition(names []string) (permitted, excluded []string) {
	for _, name := range names {
		if permits(a.cert, name) {
			permitted = append(permitted, name)
		} else {
			excluded = append(excluded, name)
		}
	}
	return permitted, excluded
}

// current reports whether a leaf is this CA's, bears exactly the names, and has time left.
func (a *authority) current(leaf *x509.Certificate, names []string, now time.Time) bool {
	have := slices.Clone(leaf.DNSNames)
	for _, ip := range leaf.IPAddresses {
		have = append(have, ip.String())
	}
	want := slices.Clone(names)
	slices.Sort(have)
	slices.Sort(want)
	return slices.Equal(have, want) && leaf.CheckSignatureFrom(a.cert) == nil &&
		now.After(leaf.NotBefore) && now.Add(leafLeft).Before(leaf.NotAfter)
}

// fingerprint is the SHA-256 fingerprint of the CA as people compare it.
func (a *authority) fingerprint() string {
	sum := sha256.Sum256(a.cert.Raw)
	return strings.ReplaceAll(fmt.Sprintf("% X", sum), " ", ":")
}

// readAloud cuts a fingerprint into eight groups of four bytes, which one person
// reads to another over the telephone, group by group.
func readAloud(fingerprint string) []string {
	var groups []string
	for bytes := range slices.Chunk(strings.Split(fingerprint, ":"), 4) {
		groups = append(groups, strings.Join(bytes, " "))
	}
	return groups
}

// pem is the CA's certificate as browsers and systems import it.
func (a *authority) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
}

// sign makes a key and its certificate, signed by an authority or, without
// one, by itself.
func sign(template *x509.Certificate, by *authority) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	parent, signer := template, key
	if by != nil {
		parent, signer = by.cert, by.key
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		return nil, nil, err
	}
	cert, err := x509.ParseCertificate(raw)
	return cert, key, err
}

func chain(leaf, ca *x509.Certificate, key *ecdsa.PrivateKey) *tls.Certificate {
	return &tls.Certificate{Certificate: [][]byte{leaf.Raw, ca.Raw}, PrivateKey: key, Leaf: leaf}
}

// readPair reads a certificate and its key from one file.
func readPair(path string) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	pair, err := tls.LoadX509KeyPair(path, path)
	if err != nil {
		return nil, nil, err
	}
	key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok {
		return nil, nil, fmt.Errorf("%s: not an ECDSA key", path)
	}
	return pair.Leaf, key, nil
}

// writePair replaces the file of a certificate and its key. It is one file, so
// that no crash leaves the one without the other.
func writePair(path string, cert *x509.Certificate, key *ecdsa.PrivateKey) error {
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	data := slices.Concat(
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw}),
	)
	next := path + ".new"
	if err := os.WriteFile(next, data, 0o600); err != nil {
		return err
	}
	return os.Rename(next, path)
}
