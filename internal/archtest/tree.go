package archtest

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// Module is the import path of the project; a package's path below it is its
// directory.
const Module = "github.com/giaoban/giaoban"

// maxText bounds the files whose text is looked at; larger ones are media.
const maxText = 1 << 20

// Tree is a source tree as the rules see it.
type Tree struct {
	// Go holds every Go file, by path.
	Go []*File
	// Text holds the text of every file that has some, by path.
	Text map[string]string
	// Top holds the names at the top level, ignored ones left out.
	Top []string

	fset *token.FileSet
}

// File is one parsed Go file.
type File struct {
	Path  string
	Test  bool
	Lines int
	AST   *ast.File
}

// Dir is the directory of the file, which names its package.
func (f *File) Dir() string { return path.Dir(f.Path) }

// Imports lists the file's import paths.
func (f *File) Imports() []string {
	var paths []string
	for _, spec := range f.AST.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil {
			paths = append(paths, p)
		}
	}
	return paths
}

// Rule is one house rule.
type Rule struct {
	Name  string
	Check func(*Tree) []string
}

// Rules lists every house rule.
func Rules() []Rule {
	return []Rule{
		{"the top level holds what the architecture lists", topLevel},
		{"imports go down only", importsDown},
		{"a module is used where it belongs", modulesInPlace},
		{"the core is pure", pureCore},
		{"every package says what it owns", packageDocs},
		{"every exported name has a comment", exportedDocs},
		{"functions and files stay short", sizes},
		{"nine functions in ten fit one screen", ninetieth},
		{"interfaces stay at four methods", smallInterfaces},
		{"no init and no package state", noState},
		{"every goroutine is guarded", guarded},
		{"names say what is inside", fileNames},
		{"tests wait for the thing itself", noSleep},
		{"direct dependencies are marked so", goModDirect},
		{"each dependency is accounted for", dependencyDocs},
		{"the lock file is whole", wholeLock},
		{"no path of one machine", machinePaths},
		{"no marks of unfinished work", unfinished},
		{"generated files name their generator", generated},
		{"the README stays short", shortReadme},
	}
}

// Load reads a tree. Files that .gitignore names are left out.
func Load(fsys fs.FS) (*Tree, error) {
	t := &Tree{Text: map[string]string{}, fset: token.NewFileSet()}
	ignored := ignoreList(fsys)
	err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case p == ".":
			return nil
		case p == ".git" || ignored.has(p, d.IsDir()):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.Contains(p, "/") {
			t.Top = append(t.Top, p)
		}
		if d.IsDir() {
			return nil
		}
		return t.add(fsys, p)
	})
	return t, err
}

func (t *Tree) add(fsys fs.FS, p string) error {
	data, err := fs.ReadFile(fsys, p)
	if err != nil {
		return fmt.Errorf("read %s: %w", p, err)
	}
	if len(data) <= maxText && !bytes.Contains(data, []byte{0}) {
		t.Text[p] = string(data)
	}
	if path.Ext(p) != ".go" {
		return nil
	}
	file, err := parser.ParseFile(t.fset, p, data, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return fmt.Errorf("parse %s: %w", p, err)
	}
	t.Go = append(t.Go, &File{
		Path:  p,
		Test:  strings.HasSuffix(p, "_test.go"),
		Lines: bytes.Count(data, []byte{'\n'}),
		AST:   file,
	})
	return nil
}

// shipped yields the files that are not tests.
func (t *Tree) shipped(yield func(*File) bool) {
	for _, f := range t.Go {
		if !f.Test && !yield(f) {
			return
		}
	}
}

// at is where a node stands, as path:line.
func (t *Tree) at(n ast.Node) string {
	p := t.fset.Position(n.Pos())
	return fmt.Sprintf("%s:%d", p.Filename, p.Line)
}

// span is how many lines a node covers.
func (t *Tree) span(n ast.Node) int {
	return t.fset.Position(n.End()).Line - t.fset.Position(n.Pos()).Line + 1
}

// ignores is the part of .gitignore's language the project uses: names,
// rooted paths and simple patterns.
type ignores []string

func ignoreList(fsys fs.FS) ignores {
	data, err := fs.ReadFile(fsys, ".gitignore")
	if err != nil {
		return nil
	}
	return strings.Fields(string(data))
}

func (g ignores) has(p string, dir bool) bool {
	for _, pattern := range g {
		name, onlyDir := strings.CutSuffix(pattern, "/")
		if onlyDir && !dir {
			continue
		}
		subject := path.Base(p)
		if rooted, ok := strings.CutPrefix(name, "/"); ok {
			name, subject = rooted, p
		}
		if ok, _ := path.Match(name, subject); ok {
			return true
		}
	}
	return false
}
