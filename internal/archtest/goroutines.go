package archtest

import (
	"go/ast"
	"strings"
)

// unguarded lists the packages whose goroutines are the test's or the harness's
// own: a panic there is to be seen.
var unguarded = []string{"loadtest", "cmd/loadtest", "internal/netlab", "internal/testmedia", "internal/store/storetest", "internal/guard"}

// guarded finds goroutines that would take the process with them: each is begun as
// scope.Run or scope.Keep, or handed to a WaitGroup as scope.Func or scope.KeepFunc.
func guarded(t *Tree) []string {
	var found []string
	for f := range t.shipped {
		if harness(f.Dir()) {
			continue
		}
		ast.Inspect(f.AST, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				if !called(n.Call, "Run", "Keep") {
					found = append(found, t.at(n)+": a goroutine without a guard.Scope")
				}
			case *ast.CallExpr:
				if called(n, "Go") && len(n.Args) == 1 {
					if body, ok := n.Args[0].(*ast.CallExpr); !ok || !called(body, "Func", "KeepFunc") {
						found = append(found, t.at(n)+": a goroutine without a guard.Scope")
					}
				}
			}
			return true
		})
	}
	return found
}

func harness(dir string) bool {
	for _, pkg := range unguarded {
		if dir == pkg || strings.HasPrefix(dir, pkg+"/") {
			return true
		}
	}
	return false
}

// called reports whether a call is of a method of one of the names.
func called(call *ast.CallExpr, names ...string) bool {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	for _, name := range names {
		if sel.Sel.Name == name {
			return true
		}
	}
	return false
}
