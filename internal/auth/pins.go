package auth

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// pinsFile is where a node keeps whom it trusts, in its data directory: one
// node a line, "CODE KEY", and after a revocation "CODE KEY revoked DATE". A
// running node sees a change at once, so that the commands need no server.
const pinsFile = "nodes.txt"

const maxPins = 1 << 20 // bytes of the file

// The errors of Pins.
var (
	ErrNodeKey  = errors.New("auth: a node key is \"k\" and 43 letters, digits, \"-\" and \"_\"")
	ErrNodeCode = errors.New("auth: a node's code has 1 to 40 letters, digits, \"-\" and \"_\"")
	ErrPinTaken = errors.New("auth: the key is that of another node")
	ErrNoPin    = errors.New("auth: no key of that node is trusted")
)

// Pin is a node's key, trusted or revoked.
type Pin struct {
	Node    string
	Key     string
	Revoked string // the day, "" while it is trusted
}

// Pins is the list of a data directory.
type Pins struct {
	file string

	mu   sync.Mutex
	seen time.Time // change of the file, as last read
	size int64
	list []Pin
}

// OpenPins reads the list of a data directory; one that is not there is empty.
func OpenPins(dir string) (*Pins, error) {
	p := &Pins{file: filepath.Join(dir, pinsFile)}
	_, err := p.List()
	return p, err
}

// List gives every pin, revoked ones included, in the order of the file.
func (p *Pins) List() ([]Pin, error) {
	info, err := os.Stat(p.file)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read trusted nodes: %w", err)
	}
	p.mu.Lock()
	fresh := info.ModTime().Equal(p.seen) && info.Size() == p.size
	list := p.list
	p.mu.Unlock()
	if fresh {
		return slices.Clone(list), nil
	}
	f, err := os.Open(p.file)
	if err != nil {
		return nil, fmt.Errorf("read trusted nodes: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxPins))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("read trusted nodes: %w", err)
	}
	if list, err = readPins(text); err != nil {
		return nil, fmt.Errorf("%s: %w", p.file, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen, p.size, p.list = info.ModTime(), info.Size(), list
	return slices.Clone(list), nil
}

func readPins(text []byte) ([]Pin, error) {
	var list []Pin
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		words := strings.Fields(lines.Text())
		if len(words) == 0 || words[0][0] == '#' {
			continue
		}
		pin := Pin{Node: words[0]}
		switch {
		case len(words) == 2:
			pin.Key = words[1]
		case len(words) == 4 && words[2] == "revoked":
			pin.Key, pin.Revoked = words[1], words[3]
		default:
			return nil, fmt.Errorf("line %d: want \"CODE KEY\" or \"CODE KEY revoked DATE\"", n)
		}
		if err := errors.Join(checkNode(pin.Node), checkKey(pin.Key)); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		list = append(list, pin)
	}
	return list, lines.Err()
}

func checkNode(code string) error {
	if code == "" || len(code) > 40 || strings.Trim(strings.ToLower(code), "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		return ErrNodeCode
	}
	return nil
}

func checkKey(key string) error {
	rest, marked := strings.CutPrefix(key, keyMark)
	if b, err := base64.RawURLEncoding.DecodeString(rest); !marked || err != nil || len(b) != ed25519.PublicKeySize {
		return ErrNodeKey
	}
	return nil
}

// Node says which node a key is trusted for. A list that cannot be read trusts
// nobody.
func (p *Pins) Node(key string) (string, bool) {
	list, err := p.List()
	if err != nil || key == "" {
		return "", false
	}
	i := slices.IndexFunc(list, func(pin Pin) bool { return pin.Key == key })
	if i < 0 || list[i].Revoked != "" {
		return "", false
	}
	return list[i].Node, true
}

// Trust pins a key for a node. Its earlier keys stay, so that a node can change
// its key without a gap; they are revoked by hand. A revoked key is trusted again.
func (p *Pins) Trust(node, key string) error {
	if err := errors.Join(checkNode(node), checkKey(key)); err != nil {
		return err
	}
	return p.change(func(list []Pin) ([]Pin, error) {
		for i, pin := range list {
			if pin.Key != key {
				continue
			}
			if pin.Node != node && pin.Revoked == "" {
				return nil, fmt.Errorf("%w, %s", ErrPinTaken, pin.Node)
			}
			list[i] = Pin{Node: node, Key: key}
			return list, nil
		}
		return append(list, Pin{Node: node, Key: key}), nil
	})
}

// Revoke ends the trust in every key of a node. Its link ends within seconds.
func (p *Pins) Revoke(node string) error {
	return p.change(func(list []Pin) ([]Pin, error) {
		found := false
		for i := range list {
			if list[i].Node == node && list[i].Revoked == "" {
				list[i].Revoked, found = time.Now().Format(time.DateOnly), true
			}
		}
		if !found {
			return nil, fmt.Errorf("%w: %s", ErrNoPin, node)
		}
		return list, nil
	})
}

func (p *Pins) change(by func([]Pin) ([]Pin, error)) error {
	list, err := p.List()
	if err != nil {
		return err
	}
	if list, err = by(list); err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString("# Nodes this one trusts: CODE KEY. \"giaoban node trust\" and \"giaoban node revoke\" keep it.\n")
	for _, pin := range list {
		b.WriteString(pin.Node + " " + pin.Key)
		if pin.Revoked != "" {
			b.WriteString(" revoked " + pin.Revoked)
		}
		b.WriteByte('\n')
	}
	fresh := p.file + ".new"
	if err := os.WriteFile(fresh, []byte(b.String()), 0o600); err != nil {
		return fmt.Errorf("keep trusted nodes: %w", err)
	}
	if err := os.Rename(fresh, p.file); err != nil {
		return fmt.Errorf("keep trusted nodes: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen = time.Time{} // the next reader reads it again
	return nil
}
