package auth

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"time"
)

// keyFile is where a node keeps its private key, in its data directory.
const keyFile = "node.key"

// errKeyFile is a key file that holds something else.
var errKeyFile = errors.New("want one Ed25519 private key in PEM")

// NodeKey is who a node is to the nodes next to it: an Ed25519 key, which the
// others pin. There is no authority above it and it never expires; it is trusted
// or revoked on each side.
type NodeKey struct{ private ed25519.PrivateKey }

// OpenNodeKey reads the key of a data directory, or makes it.
func OpenNodeKey(dir string) (NodeKey, error) {
	file := filepath.Join(dir, keyFile)
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return makeNodeKey(file)
	}
	if err != nil {
		return NodeKey{}, fmt.Errorf("read node key: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return NodeKey{}, fmt.Errorf("read node key %s: %w", file, errKeyFile)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return NodeKey{}, fmt.Errorf("read node key %s: %w", file, err)
	}
	private, ok := key.(ed25519.PrivateKey)
	if !ok {
		return NodeKey{}, fmt.Errorf("read node key %s: %w", file, errKeyFile)
	}
	return NodeKey{private: private}, nil
}

func makeNodeKey(file string) (NodeKey, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return NodeKey{}, fmt.Errorf("make node key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err == nil {
		err = os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600)
	}
	if err != nil {
		return NodeKey{}, fmt.Errorf("keep node key: %w", err)
	}
	return NodeKey{private: private}, nil
}

// keyMark begins a public key, so that none looks like a flag on a command line.
const keyMark = "k"

// Public is the public key as people copy it: "k" and 43 letters, digits, "-"
// and "_".
func (k NodeKey) Public() string {
	return publicKey(k.private.Public().(ed25519.PublicKey)) // what Ed25519 keys have
}

func publicKey(key ed25519.PublicKey) string {
	return keyMark + base64.RawURLEncoding.EncodeToString(key)
}

// CertificateKey is the public key a certificate proves, as Public writes it; ""
// if it is no Ed25519 key.
func CertificateKey(c *x509.Certificate) string {
	key, ok := c.PublicKey.(ed25519.PublicKey)
	if !ok {
		return ""
	}
	return publicKey(key)
}

// certificate wraps the key for TLS. Its other contents mean nothing.
func (k NodeKey) certificate() (tls.Certificate, error) {
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "giaoban node"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, form, form, k.private.Public(), k.private)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make node certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: k.private}, nil
}

// TLS is the configuration of a link, for either end: this node proves its key,
// and the other end must prove one that trusted accepts. A session is never
// resumed, so that a key is judged at each connection.
func (k NodeKey) TLS(trusted func(*x509.Certificate) error) (*tls.Config, error) {
	own, err := k.certificate()
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{own}, NextProtos: []string{"http/1.1"},
		ClientAuth: tls.RequireAnyClientCert, SessionTicketsDisabled: true,
		InsecureSkipVerify: true, // the pinned key below is the whole judgement
		VerifyConnection: func(s tls.ConnectionState) error {
			if len(s.PeerCertificates) == 0 {
				return errors.New("the other node shows no key")
			}
			return trusted(s.PeerCertificates[0])
		},
	}, nil
}
