package config

import (
	"testing"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// body parses a text of one document.
func body(t *testing.T, text string) ast.Node {
	t.Helper()
	tree, err := parser.ParseBytes([]byte(text), 0)
	if err != nil {
		t.Fatal(err)
	}
	return tree.Docs[0].Body
}

// Whatever a file holds, it is refused with a place or gives a valid configuration.
func FuzzParse(f *testing.F) {
	f.Add([]byte(Example()))
	for _, text := range []string{
		"", "a: b: c", "media: {port: 1}", "media:\n  port: [1]", "names: [*a]", "data: &a x\nhttp: *a",
		"? a\n: b", "data: |\n  x\n", "data: !!str 1", "1: 2", "<<: {data: x}", "media:\n  ? [port]\n  : 1", "\t", "%YAML 1.2\n---\n",
		"data: ~", "{}", "demo: {enabled: true, enabled: false}", "\xff\xfe", "data: 'x", "- - - a", "media: !x {}", "{data}", "[a: b]",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := parse("f", text)
		if err != nil {
			if e, ok := err.(*Error); !ok || e.Line < 1 || e.Want == "" {
				t.Fatalf("error without a place: %#v", err)
			}
			return
		}
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
	})
}
