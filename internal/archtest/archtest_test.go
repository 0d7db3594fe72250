package archtest

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

func TestTheProjectKeepsTheHouseRules(t *testing.T) {
	tree, err := Load(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	if len(tree.Go) < 20 {
		t.Fatalf("only %d Go files found", len(tree.Go))
	}
	for _, rule := range Rules() {
		t.Run(rule.Name, func(t *testing.T) {
			for _, finding := range rule.Check(tree) {
				t.Error(finding)
			}
		})
	}
}

func TestEachRuleCanFail(t *testing.T) {
	for _, rule := range Rules() {
		broken, ok := breaking[rule.Name]
		if !ok || len(broken) == 0 {
			t.Errorf("%s: nothing shows that it can fail", rule.Name)
		}
		for _, b := range broken {
			t.Run(rule.Name+"/"+b.want, func(t *testing.T) {
				found := strings.Join(rule.Check(load(t, b.tree)), "\n")
				if !strings.Contains(found, b.want) {
					t.Errorf("want a finding with %q, have %q", b.want, found)
				}
			})
		}
	}
}

func TestASoundTreeBreaksNoRule(t *testing.T) {
	tree := load(t, sound)
	for _, rule := range Rules() {
		for _, finding := range rule.Check(tree) {
			t.Errorf("%s: %s", rule.Name, finding)
		}
	}
}

func TestIgnoredFilesAreNotRead(t *testing.T) {
	tree := load(t, map[string]string{
		".gitignore":             "/bin/\nnode_modules/\n*.pprof\n",
		"bin/giaoban":            "x",
		"web-client/bin/keep.md": "x",
		"a/node_modules/b.go":    "not Go",
		"cpu.pprof":              "x",
	})
	for p := range tree.Text {
		if p != ".gitignore" && p != "web-client/bin/keep.md" {
			t.Errorf("read %s", p)
		}
	}
	if len(tree.Text) != 2 {
		t.Errorf("read %d files, want 2", len(tree.Text))
	}
}

func load(t *testing.T, files map[string]string) *Tree {
	t.Helper()
	fsys := fstest.MapFS{}
	for p, text := range files {
		fsys[p] = &fstest.MapFile{Data: []byte(text)}
	}
	tree, err := Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}
