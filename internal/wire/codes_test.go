package wire

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/giaoban/giaoban/internal/meeting"
)

// constants gives the string constants of a type in the source of a package.
func constants(t *testing.T, dir, typ string) []string {
	t.Helper()
	var values []string
	for _, f := range parse(t, dir) {
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			name, ok := spec.Type.(*ast.Ident)
			qualified, isSel := spec.Type.(*ast.SelectorExpr)
			if ok && name.Name != typ || !ok && (!isSel || qualified.Sel.Name != typ) {
				return true
			}
			for _, v := range spec.Values {
				if lit, ok := v.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					value, err := strconv.Unquote(lit.Value)
					if err != nil {
						t.Fatal(err)
					}
					values = append(values, value)
				}
			}
			return true
		})
	}
	if len(values) == 0 {
		t.Fatalf("no constants of %s in %s", typ, dir)
	}
	slices.Sort(values)
	return values
}

func parse(t *testing.T, dir string) []*ast.File {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return files
}

// commandNames reads the names of every command of the core from its source.
func commandNames(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, f := range parse(t, filepath.Join("..", "meeting")) {
		for _, decl := range f.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || fn.Name.Name != "command" || fn.Recv == nil {
				continue
			}
			lit := fn.Body.List[0].(*ast.ReturnStmt).Results[0].(*ast.BasicLit)
			name, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, name)
		}
	}
	if len(names) < 20 {
		t.Fatalf("only %d commands found", len(names))
	}
	return names
}

func TestEveryCodeHasSentences(t *testing.T) {
	want := append(constants(t, filepath.Join("..", "meeting"), "Code"), constants(t, ".", "Code")...)
	want = append(want, constants(t, filepath.Join("..", "catalog"), "Code")...)
	slices.Sort(want)
	var got []string
	for _, c := range Codes() {
		got = append(got, string(c.Code))
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("codes and their sentences (-declared +explained)\n%s", diff)
	}
}

func TestSentencesReadWell(t *testing.T) {
	shape := regexp.MustCompile(`^[a-z]+\.[a-z]+(_[a-z]+)*$`)
	blames := regexp.MustCompile(`(?i)\b(invalid|illegal|fatal|denied|lỗi của|bị từ chối|sai)\b`)
	for _, c := range Codes() {
		if !shape.MatchString(string(c.Code)) {
			t.Errorf("%s: want words.with_lines", c.Code)
		}
		if c.Status < 400 || c.Status > 599 {
			t.Errorf("%s: status %d", c.Code, c.Status)
		}
		for _, sentence := range []string{c.Vi, c.En} {
			if !strings.HasSuffix(sentence, ".") || len(sentence) < 15 || blames.MatchString(sentence) {
				t.Errorf("%s: %q", c.Code, sentence)
			}
		}
	}
}

func TestFill(t *testing.T) {
	if got := Fill("{n} of {max}", map[string]any{"n": 3, "max": 50}); got != "3 of 50" {
		t.Error(got)
	}
	if info, ok := Explain("no.such"); ok || info.Code != CodeServerFailed {
		t.Errorf("an unknown code is explained as %+v", info)
	}
}

// Every word of a closed string type reaches TypeScript.
func TestEnumsAreWhole(t *testing.T) {
	for _, list := range enums {
		v := reflect.ValueOf(list)
		typ := v.Type().Elem()
		dir := "."
		if typ.PkgPath() == reflect.TypeFor[meeting.Role]().PkgPath() {
			dir = filepath.Join("..", "meeting")
		}
		var got []string
		for i := range v.Len() {
			got = append(got, v.Index(i).String())
		}
		slices.Sort(got)
		if diff := cmp.Diff(constants(t, dir, typ.Name()), got); diff != "" {
			t.Errorf("%s (-source +enums)\n%s", typ, diff)
		}
	}
}

// Every named string type a client sees is either an enum or free text.
func TestNoEnumIsForgotten(t *testing.T) {
	free := regexp.MustCompile(`(?m)^export type (\w+) = string;$`)
	var got []string
	for _, m := range free.FindAllStringSubmatch(TypeScript(), -1) {
		got = append(got, m[1])
	}
	slices.Sort(got)
	if diff := cmp.Diff([]string{"Audience", "Code", "MeetingID", "NodePath", "PointID", "SourceKey"}, got); diff != "" {
		t.Errorf("free text types (-want +got)\n%s", diff)
	}
}
