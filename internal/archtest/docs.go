package archtest

import (
	"fmt"
	"go/ast"
	"maps"
	"slices"
)

func packageDocs(t *Tree) []string {
	said := map[string]bool{}
	for f := range t.shipped {
		said[f.Dir()] = said[f.Dir()] || f.AST.Doc != nil
	}
	var found []string
	for _, dir := range slices.Sorted(maps.Keys(said)) {
		if !said[dir] {
			found = append(found, dir+": no package comment")
		}
	}
	return found
}

func exportedDocs(t *Tree) []string {
	var found []string
	for f := range t.shipped {
		if ast.IsGenerated(f.AST) {
			continue
		}
		for _, decl := range f.AST.Decls {
			for _, name := range undocumented(decl) {
				found = append(found, fmt.Sprintf("%s: %s has no comment", t.at(name), name.Name))
			}
		}
	}
	return found
}

// undocumented lists the exported names of a declaration that no comment
// speaks of. The comment of a group speaks of all it holds.
func undocumented(decl ast.Decl) []*ast.Ident {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Doc == nil && d.Name.IsExported() && exportedReceiver(d) {
			return []*ast.Ident{d.Name}
		}
	case *ast.GenDecl:
		if d.Doc != nil {
			return nil
		}
		var names []*ast.Ident
		for _, spec := range d.Specs {
			names = append(names, undocumentedSpec(spec)...)
		}
		return names
	}
	return nil
}

func undocumentedSpec(spec ast.Spec) []*ast.Ident {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		if s.Doc == nil && s.Comment == nil && s.Name.IsExported() {
			return []*ast.Ident{s.Name}
		}
	case *ast.ValueSpec:
		if s.Doc == nil && s.Comment == nil {
			return slices.DeleteFunc(slices.Clone(s.Names), func(n *ast.Ident) bool { return !n.IsExported() })
		}
	}
	return nil
}

// exportedReceiver reports whether a function is not a method, or a method of
// an exported type.
func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	typ := d.Recv.List[0].Type
	for {
		switch x := typ.(type) {
		case *ast.StarExpr:
			typ = x.X
		case *ast.IndexExpr:
			typ = x.X
		case *ast.IndexListExpr:
			typ = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return true
		}
	}
}
