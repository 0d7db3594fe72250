package archtest

import (
	"fmt"
	"go/ast"
	"path"
	"slices"
	"strings"
)

// The bounds of the house.
const (
	maxFile    = 400 // lines
	maxFunc    = 80  // lines
	maxParams  = 4
	maxMethods = 4 // of an interface
	maxScreen  = 40
	maxReadme  = 149
)

func sizes(t *Tree) []string {
	var found []string
	for _, f := range t.Go {
		if ast.IsGenerated(f.AST) {
			continue
		}
		if f.Lines > maxFile {
			found = append(found, fmt.Sprintf("%s: %d lines, the limit is %d", f.Path, f.Lines, maxFile))
		}
		for fn := range functions(f) {
			if n := t.span(fn); n > maxFunc {
				found = append(found, fmt.Sprintf("%s: %s has %d lines, the limit is %d", t.at(fn), fn.Name.Name, n, maxFunc))
			}
			if n := fn.Type.Params.NumFields(); n > maxParams {
				found = append(found, fmt.Sprintf("%s: %s has %d parameters, the limit is %d", t.at(fn), fn.Name.Name, n, maxParams))
			}
		}
	}
	for p, text := range t.Text {
		script := slices.Contains([]string{".ts", ".tsx", ".css", ".mjs"}, path.Ext(p))
		if n := strings.Count(text, "\n"); script && n > maxFile && !strings.HasPrefix(text, "// Code generated") {
			found = append(found, fmt.Sprintf("%s: %d lines, the limit is %d", p, n, maxFile))
		}
	}
	slices.Sort(found)
	return found
}

func ninetieth(t *Tree) []string {
	var lengths []int
	for f := range t.shipped {
		for fn := range functions(f) {
			lengths = append(lengths, t.span(fn))
		}
	}
	if len(lengths) == 0 {
		return nil
	}
	slices.Sort(lengths)
	if p90 := lengths[len(lengths)*9/10]; p90 > maxScreen {
		return []string{fmt.Sprintf("one function in ten is longer than %d lines, the limit is %d", p90-1, maxScreen)}
	}
	return nil
}

func smallInterfaces(t *Tree) []string {
	var found []string
	for f := range t.shipped {
		ast.Inspect(f.AST, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if i, ok := spec.Type.(*ast.InterfaceType); ok && i.Methods.NumFields() > maxMethods {
				found = append(found, fmt.Sprintf("%s: %s has %d methods, the limit is %d",
					t.at(spec), spec.Name.Name, i.Methods.NumFields(), maxMethods))
			}
			return true
		})
	}
	return found
}

func shortReadme(t *Tree) []string {
	if n := strings.Count(t.Text["README.md"], "\n"); n > maxReadme {
		return []string{fmt.Sprintf("README.md: %d lines, the limit is %d", n, maxReadme)}
	}
	return nil
}

// functions yields the functions and methods a file declares.
func functions(f *File) func(yield func(*ast.FuncDecl) bool) {
	return func(yield func(*ast.FuncDecl) bool) {
		for _, decl := range f.AST.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && !yield(fn) {
				return
			}
		}
	}
}
