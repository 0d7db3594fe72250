package archtest

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

func noState(t *Tree) []string {
	var found []string
	for f := range t.shipped {
		for _, decl := range f.AST.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil && d.Name.Name == "init" {
					found = append(found, t.at(d)+": init")
				}
			case *ast.GenDecl:
				if d.Tok == token.VAR && !embedded(d.Doc) {
					found = append(found, t.stateful(d)...)
				}
			}
		}
	}
	return found
}

// stateful lists the variables of a declaration that are not a sentinel
// error, a table or an embed.
func (t *Tree) stateful(d *ast.GenDecl) []string {
	var found []string
	for _, spec := range d.Specs {
		v, ok := spec.(*ast.ValueSpec)
		if !ok || embedded(v.Doc) {
			continue
		}
		for i, name := range v.Names {
			if name.Name == "_" || i < len(v.Values) && constant(name.Name, v.Values[i]) {
				continue
			}
			found = append(found, fmt.Sprintf("%s: %s is package state", t.at(name), name.Name))
		}
	}
	return found
}

// constant reports whether a variable's value is a table (a composite
// literal) or, under a name that says so, a sentinel error.
func constant(name string, value ast.Expr) bool {
	switch v := value.(type) {
	case *ast.CompositeLit:
		return true
	case *ast.UnaryExpr: // &Error{…}, a sentinel with a code
		_, literal := v.X.(*ast.CompositeLit)
		return literal && strings.HasPrefix(strings.ToLower(name), "err")
	case *ast.CallExpr:
		sel, ok := v.Fun.(*ast.SelectorExpr)
		return ok && strings.HasPrefix(strings.ToLower(name), "err") &&
			(isCall(sel, "errors", "New") || isCall(sel, "fmt", "Errorf"))
	}
	return false
}

func embedded(doc *ast.CommentGroup) bool {
	if doc == nil {
		return false
	}
	for _, c := range doc.List {
		if strings.HasPrefix(c.Text, "//go:embed ") {
			return true
		}
	}
	return false
}

// noSleep finds tests that wait for a time instead of for the thing itself. In
// a synctest bubble sleeping costs nothing and is exact: there it is allowed,
// as in a function given to one that opens a bubble, and in a helper whose
// comment says, with the word bubble, that it is only called there.
func noSleep(t *Tree) []string {
	openers := t.bubbleOpeners()
	var found []string
	for _, f := range t.Go {
		if !f.Test {
			continue
		}
		for fn := range functions(f) {
			if strings.Contains(fn.Doc.Text(), "bubble") {
				continue
			}
			ast.Inspect(fn, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				if opensBubble(call, openers[f.Dir()]) {
					return false
				}
				if sel, ok := call.Fun.(*ast.SelectorExpr); ok && isCall(sel, "time", "Sleep") {
					found = append(found, t.at(call)+": time.Sleep outside a bubble")
				}
				return true
			})
		}
	}
	return found
}

// bubbleOpeners lists, for each directory, the test helpers that call
// synctest.Test themselves.
func (t *Tree) bubbleOpeners() map[string][]string {
	openers := map[string][]string{}
	for _, f := range t.Go {
		if !f.Test {
			continue
		}
		for fn := range functions(f) {
			ast.Inspect(fn, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok && fn.Recv == nil && opensBubble(call, nil) {
					openers[f.Dir()] = append(openers[f.Dir()], fn.Name.Name)
				}
				return true
			})
		}
	}
	return openers
}

// opensBubble reports whether a call is synctest.Test, or one of the helpers.
func opensBubble(call *ast.CallExpr, helpers []string) bool {
	switch fun := call.Fun.(type) {
	case *ast.SelectorExpr:
		return isCall(fun, "synctest", "Test")
	case *ast.Ident:
		return slices.Contains(helpers, fun.Name)
	}
	return false
}
