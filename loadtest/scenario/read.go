package scenario

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/goccy/go-yaml"
)

//go:embed files/*.yaml
var files embed.FS

// mostBytes of a scenario file; the longest we ship has a twentieth.
const mostBytes = 64 << 10

// Load reads a scenario that ships, by name ("L1"), or else a file.
func Load(name string) (*Scenario, error) {
	if text, err := files.ReadFile("files/" + name + ".yaml"); err == nil {
		return Parse(name+".yaml", text)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("scenario %q: neither one of %s nor a file: %w", name, strings.Join(Names(), ", "), err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, mostBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read scenario: %w", err)
	}
	return Parse(name, text)
}

// Names lists the scenarios that ship, in order.
func Names() []string {
	entries, err := files.ReadDir("files")
	if err != nil {
		return nil // an embedded directory is always readable
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(e.Name(), ".yaml")
	}
	return names
}

// Parse reads a scenario strictly: an unknown key, a wrong type or a value out
// of bounds is an error that says the line.
func Parse(file string, text []byte) (read *Scenario, err error) {
	defer func() { // the library breaks on some tags, e.g. a lone "!" where a list belongs
		if recover() != nil {
			read, err = nil, fmt.Errorf("%s: not YAML that can be read", file)
		}
	}()
	if len(text) > mostBytes {
		return nil, fmt.Errorf("%s: more than %d bytes", file, mostBytes)
	}
	var s Scenario
	if err := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(&s); err != nil {
		var syntax yaml.Error
		if errors.As(err, &syntax) && syntax.GetToken() != nil {
			return nil, fmt.Errorf("%s:%d: %s", file, syntax.GetToken().Position.Line, syntax.GetMessage())
		}
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if err := s.Validate(); err != nil {
		var wrong *KeyError
		if errors.As(err, &wrong) {
			return nil, fmt.Errorf("%s:%d: %w", file, lineOf(text, wrong.Key), err)
		}
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return &s, nil
}

// lineOf is the line of a key such as "floor.speak" or "faults[1].at", or of
// the nearest part of it that is there; 1 if none is.
func lineOf(text []byte, key string) int {
	for key != "" {
		if path, err := yaml.PathString("$." + key); err == nil {
			if node, err := path.ReadNode(bytes.NewReader(text)); err == nil {
				return node.GetToken().Position.Line
			}
		}
		cut := max(strings.LastIndexAny(key, ".["), 0)
		key = key[:cut]
	}
	return 1
}
