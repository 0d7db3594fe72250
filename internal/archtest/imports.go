package archtest

import (
	"fmt"
	"go/ast"
	"path"
	"slices"
	"strings"
)

// pure lists the packages of the core.
var pure = []string{"internal/meeting", "internal/catalog", "internal/tree", "internal/rewrite", "internal/allocate", "internal/estimate"}

// below lists, for every package, the packages of ours it may import.
var below = map[string][]string{
	"internal/meeting":  pure,
	"internal/catalog":  pure,
	"internal/tree":     pure,
	"internal/rewrite":  pure,
	"internal/allocate": pure,
	"internal/estimate": pure,
	"internal/archtest": {},
	"internal/audit":    {"internal/guard"},
	"internal/auth":     {"internal/guard", "internal/limit"},
	"internal/config":   {},
	"internal/operator": {
		"internal/audit", "internal/auth", "internal/catalog", "internal/focus", "internal/limit", "internal/meeting", "internal/rights", "internal/store", "internal/wire",
	},
	"internal/focus":     {"internal/guard", "internal/meeting", "internal/catalog"},
	"internal/guard":     {},
	"internal/lines":     {"internal/guard", "sfu", "internal/store", "internal/meeting", "internal/catalog"},
	"internal/limit":     {},
	"internal/netlab":    {},
	"internal/rights":    {},
	"internal/report":    {"internal/meeting", "internal/catalog"},
	"internal/store":     {"internal/guard", "internal/meeting", "internal/catalog"},
	"internal/testmedia": {},
	"internal/wire":      {"internal/limit", "internal/meeting", "internal/catalog"},
	"loadtest":           {"internal/wire", "internal/meeting", "internal/testmedia"},
	"sfu":                append([]string{"internal/guard", "internal/limit"}, pure...),
	"signaling":          {"internal/guard", "internal/rights", "sfu", "internal/focus", "internal/wire", "internal/limit", "internal/meeting", "internal/catalog", "internal/report"},
	"cascade":            {"internal/guard", "internal/limit", "sfu", "internal/focus", "internal/wire", "internal/meeting", "internal/tree"},
	"web-client":         {},
	"cmd/loadtest":       {"loadtest", "loadtest/run", "loadtest/report", "loadtest/scenario"},
	"cmd/giaoban": {
		"internal/guard", "internal/rights", "signaling", "cascade", "sfu", "loadtest", "web-client", "internal/tree", "internal/focus", "internal/meeting", "internal/catalog",
		"internal/store", "internal/store/bolt", "internal/store/memory", "internal/store/redis", "internal/audit", "internal/auth", "internal/config", "internal/report",
		"internal/lines", "internal/limit", "internal/operator", "internal/wire",
	},

	"internal/netlab/lab":      {"internal/netlab"},
	"internal/testmedia/make":  {"internal/testmedia"},
	"loadtest/report":          {"loadtest/scenario"},
	"loadtest/run":             {"loadtest", "loadtest/report", "loadtest/scenario", "internal/wire", "internal/meeting", "internal/testmedia", "internal/catalog", "internal/tree", "internal/netlab"},
	"loadtest/scenario":        {"internal/meeting"},
	"internal/store/bolt":      {"internal/store", "internal/meeting", "internal/catalog"},
	"internal/store/memory":    {"internal/store", "internal/meeting", "internal/catalog"},
	"internal/store/redis":     {"internal/store", "internal/meeting", "internal/catalog"},
	"internal/store/storetest": {"internal/store", "internal/meeting", "internal/catalog"},
}

// homes lists, for every module of others, the packages that may import it in
// shipped code.
var homes = map[string][]string{
	"github.com/alecthomas/kong":   {"cmd/giaoban", "cmd/loadtest"},
	"github.com/goccy/go-yaml":     {"internal/config", "loadtest/scenario"},
	"github.com/google/go-cmp":     {"internal/store/storetest"},
	"github.com/gorilla/websocket": {"signaling", "cascade", "loadtest"},
	"github.com/pion":              {"sfu", "loadtest", "internal/testmedia"},
	"github.com/pion/transport":    {"sfu", "loadtest", "internal/netlab"},
	"github.com/pion/logging":      {"sfu", "internal/netlab", "loadtest"},
	"github.com/prometheus":        {"sfu", "signaling", "cmd/giaoban"},
	"github.com/redis/go-redis":    {"internal/store/redis", "internal/store/storetest"},
	"github.com/xuri/excelize":     {"internal/report"},
	"github.com/vbauerster/mpb":    {"cmd/loadtest"},
	"go.etcd.io/bbolt":             {"internal/store/bolt"},
	"golang.org/x/crypto":          {"internal/auth"},
	"golang.org/x/net":             {"sfu"},
	"golang.org/x/sys":             {"sfu", "internal/netlab", "internal/auth"},
	"golang.org/x/text":            {"internal/catalog"},
	"golang.org/x/time":            {"internal/limit"},
	"pgregory.net/rapid":           {"internal/store/storetest"},
}

// impure lists what the core must not import: the clock, the machine and
// chance are arguments.
var impure = []string{"sync", "os", "net", "log", "math/rand", "crypto/rand", "runtime", "unsafe", "syscall"}

// pureToo lists packages of others that are tables and functions alone.
var pureToo = []string{"golang.org/x/text/unicode/norm"}

// clock lists the functions of package time that read or wait for the clock.
var clock = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}

func importsDown(t *Tree) []string {
	var found []string
	for f := range t.shipped {
		allowed, listed := below[f.Dir()]
		if !listed {
			found = append(found, f.Path+": its package is not in archtest's list of packages")
			continue
		}
		for _, imp := range f.Imports() {
			pkg, ours := strings.CutPrefix(imp, Module+"/")
			if ours && !slices.Contains(allowed, pkg) {
				found = append(found, fmt.Sprintf("%s imports %s", f.Path, pkg))
			}
		}
	}
	return found
}

func modulesInPlace(t *Tree) []string {
	var found []string
	for f := range t.shipped {
		for _, imp := range f.Imports() {
			if !foreign(imp) {
				continue
			}
			if !slices.Contains(home(imp), f.Dir()) {
				found = append(found, fmt.Sprintf("%s imports %s", f.Path, imp))
			}
		}
	}
	return found
}

// home is the list of the longest prefix of the import path that has one.
func home(imp string) []string {
	for p := imp; p != "."; p = path.Dir(p) {
		if h, ok := homes[p]; ok {
			return h
		}
	}
	return nil
}

// foreign reports whether an import path is neither ours nor the standard library's.
func foreign(imp string) bool {
	first, _, _ := strings.Cut(imp, "/")
	return strings.Contains(first, ".") && imp != Module && !strings.HasPrefix(imp, Module+"/")
}

func pureCore(t *Tree) []string {
	var found []string
	for f := range t.shipped {
		if !slices.Contains(pure, f.Dir()) {
			continue
		}
		for _, imp := range f.Imports() {
			if foreign(imp) && !slices.Contains(pureToo, imp) || slices.ContainsFunc(impure, func(bad string) bool { return imp == bad || strings.HasPrefix(imp, bad+"/") }) {
				found = append(found, fmt.Sprintf("%s imports %s", f.Path, imp))
			}
		}
		ast.Inspect(f.AST, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && isCall(sel, "time", clock...) {
				found = append(found, fmt.Sprintf("%s reads the clock: time.%s", t.at(sel), sel.Sel.Name))
			}
			return true
		})
	}
	return found
}

// isCall reports whether sel is pkg.name for one of the names.
func isCall(sel *ast.SelectorExpr, pkg string, names ...string) bool {
	id, ok := sel.X.(*ast.Ident)
	return ok && id.Name == pkg && slices.Contains(names, sel.Sel.Name)
}
