package config

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// reader puts the values of one file into a configuration.
type reader struct {
	file   string
	config Config
}

// parse reads the text of a file over the defaults.
func parse(file string, text []byte) (Config, error) {
	r := &reader{file: file, config: Default()}
	if len(text) > maxFile {
		return Config{}, r.fault(1, "", fmt.Sprintf("a file of at most %d bytes", maxFile), "a larger one")
	}
	tree, err := parser.ParseBytes(text, 0)
	if err != nil {
		return Config{}, r.syntax(err)
	}
	for i, doc := range tree.Docs {
		if doc.Body == nil || doc.Body.Type() == ast.NullType {
			continue // an empty file, or one with comments only
		}
		if i > 0 {
			return Config{}, r.fault(line(doc.Body), "", "one document", "a second one")
		}
		if err := r.section("", doc.Body); err != nil {
			return Config{}, err
		}
	}
	return r.config, nil
}

// section reads the keys below a prefix, which is "" or ends in a dot.
func (r *reader) section(prefix string, node ast.Node) error {
	entries, ok := node.(ast.MapNode)
	if !ok {
		return r.fault(line(node), strings.TrimSuffix(prefix, "."), "keys: "+below(prefix), quote(node))
	}
	for it := entries.MapRange(); it.Next(); {
		if it.Key().IsMergeKey() {
			return r.fault(line(it.Key()), prefix+"<<", "keys written out", "a merge")
		}
		name := prefix + it.Key().GetToken().Value
		if err := r.entry(name, it.KeyValue()); err != nil {
			return err
		}
	}
	return nil
}

// entry reads one key, which is a value or a section.
func (r *reader) entry(name string, node *ast.MappingValueNode) error {
	for _, k := range keys {
		if k.name == name {
			return r.value(k, node.Value)
		}
		if strings.HasPrefix(k.name, name+".") {
			return r.section(name+".", node.Value)
		}
	}
	prefix := name[:strings.LastIndex(name, ".")+1]
	return r.fault(line(node.Key), name, "a known key: "+below(prefix), "")
}

// value puts a value where its key keeps it, if it is of the right kind, and
// judges it.
func (r *reader) value(k key, node ast.Node) error {
	ok := false
	switch field := k.field(&r.config).(type) {
	case *string:
		*field, ok = text(node)
	case *int:
		*field, ok = number(node)
	case *bool:
		*field, ok = truth(node)
	case *[]string:
		*field, ok = texts(node)
	}
	if !ok || !k.ok(&r.config) {
		return r.fault(line(node), k.name, k.want, quote(node))
	}
	return nil
}

func text(node ast.Node) (string, bool) {
	s, ok := node.(*ast.StringNode)
	if !ok {
		return "", false
	}
	return s.Value, true
}

func texts(node ast.Node) ([]string, bool) {
	list, ok := node.(*ast.SequenceNode)
	if !ok {
		return nil, false
	}
	var all []string
	for _, member := range list.Values {
		s, ok := text(member)
		if !ok {
			return nil, false
		}
		all = append(all, s)
	}
	return all, true
}

func number(node ast.Node) (int, bool) {
	n, ok := node.(*ast.IntegerNode)
	if !ok {
		return 0, false
	}
	switch v := n.Value.(type) {
	case uint64:
		return int(v), v <= 1<<31
	case int64:
		return int(v), v >= -1<<31 && v <= 1<<31
	}
	return 0, false
}

func truth(node ast.Node) (bool, bool) {
	b, ok := node.(*ast.BoolNode)
	if !ok {
		return false, false
	}
	return b.Value, true
}

// below lists the keys and sections directly under a prefix.
func below(prefix string) string {
	var names []string
	for _, k := range keys {
		rest, ok := strings.CutPrefix(k.name, prefix)
		name, _, _ := strings.Cut(rest, ".")
		if ok && (len(names) == 0 || names[len(names)-1] != name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

func line(node ast.Node) int { return node.GetToken().Position.Line }

// quote shows what stands at a node, on one line.
func quote(node ast.Node) string {
	return fmt.Sprintf("%.60q", strings.TrimSpace(node.String()))
}

func (r *reader) fault(line int, key, want, got string) error {
	return &Error{File: r.file, Line: line, Key: key, Want: want, Got: got}
}

// syntax turns an error of the YAML parser into one of ours.
func (r *reader) syntax(err error) error {
	var e yaml.Error
	if !errors.As(err, &e) || e.GetToken() == nil {
		return r.fault(1, "", "YAML", err.Error())
	}
	return r.fault(e.GetToken().Position.Line, "", "YAML", e.GetMessage())
}
