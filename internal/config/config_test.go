package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/giaoban/giaoban/internal/catalog"
)

// write puts a file with the given text where Load can read it.
func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "giaoban.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestExampleIsTheDefaults(t *testing.T) {
	got, err := Load(write(t, Example()))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Default(), got); diff != "" {
		t.Error(diff)
	}
}

// A value that stands in the example is the value of its key: with all
// defaults wiped beforehand, reading the example brings every one back.
func TestExampleHasEveryKey(t *testing.T) {
	r := &reader{}
	if err := r.section("", body(t, Example())); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Default(), r.config); diff != "" {
		t.Error(diff)
	}
	lines := strings.Split(Example(), "\n")
	for _, name := range Keys() {
		last := name[strings.LastIndex(name, ".")+1:]
		n := 0
		for i, line := range lines {
			if !strings.HasPrefix(strings.TrimSpace(line), last+":") {
				continue
			}
			n++
			if i == 0 || !strings.HasPrefix(strings.TrimSpace(lines[i-1]), "#") {
				t.Errorf("%s has no comment", name)
			}
		}
		if n != 1 {
			t.Errorf("%s stands %d times, want once", name, n)
		}
	}
}

func TestFileReadsOverTheDefaults(t *testing.T) {
	got, err := Load(write(t, `
https: ""
names: [cau.hagiang.example, 10.1.2.3]
media: {port: 0, addresses: ["2001:db8::1", 10.1.2.3]}
demo:
  enabled: false
tiles:
  room: 4
`))
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.HTTPS = ""
	want.Names = []string{"cau.hagiang.example", "10.1.2.3"}
	want.Media = Media{Port: 0, Addresses: []string{"2001:db8::1", "10.1.2.3"}}
	want.Demo.Enabled = false
	want.Tiles.Room = 4
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestFileWithoutKeysIsTheDefaults(t *testing.T) {
	for _, text := range []string{"", "# only a comment\n", "---\n", "null\n"} {
		got, err := Load(write(t, text))
		if err != nil || !cmp.Equal(Default(), got) {
			t.Errorf("%q gives %+v, %v", text, got, err)
		}
	}
}

func TestWrongFileIsExplained(t *testing.T) {
	for _, c := range []struct {
		text string
		want string // of the message, after the file's name
	}{
		{"data: x\nmedia:\n  prt: 1\n", `:3: media.prt: want a known key: port, addresses`},
		{"dta: x\n", `:1: dta: want a known key: data, store, redis, http, https, names, media, node, lobby, demo, pin, log, tiles`},
		{"media:\n  port: abc\n", `:2: media.port: want a number from 0 to 65535; 0 takes a free port, got "abc"`},
		{"media:\n  port: 65536\n", `:2: media.port: want a number from 0 to 65535; 0 takes a free port, got "65536"`},
		{"media:\n  port: 99999999999999999999\n", `:2: media.port: want a number from 0 to 65535; 0 takes a free port, got "99999999999999999999"`},
		{"media:\n  port: 1.5\n", `:2: media.port: want a number from 0 to 65535; 0 takes a free port, got "1.5"`},
		{"media:\n  port:\n", `:2: media.port: want a number from 0 to 65535; 0 takes a free port, got ""`},
		{"media: 3\n", `:1: media: want keys: port, addresses, got "3"`},
		{"media:\n  addresses: 10.1.2.3\n", `:2: media.addresses: want a list of IP addresses like ["10.1.2.3"], or ["203.0.113.7:20000"] where the outer port differs, got "10.1.2.3"`},
		{"media:\n  addresses: [cau.example.vn]\n", `:2: media.addresses: want a list of IP addresses like ["10.1.2.3"], or ["203.0.113.7:20000"] where the outer port differs, got "[cau.example.vn]"`},
		{"media:\n  addresses: [0.0.0.0]\n", `:2: media.addresses: want a list of IP addresses like ["10.1.2.3"], or ["203.0.113.7:20000"] where the outer port differs, got "[0.0.0.0]"`},
		{"media:\n  addresses: [224.0.0.1]\n", `:2: media.addresses: want a list of IP addresses like ["10.1.2.3"], or ["203.0.113.7:20000"] where the outer port differs, got "[224.0.0.1]"`},
		{"media:\n  addresses: ['203.0.113.7:0']\n", `:2: media.addresses: want a list of IP addresses like ["10.1.2.3"], or ["203.0.113.7:20000"] where the outer port differs, got "['203.0.113.7:0']"`},
		{"data: 12\n", `:1: data: want a directory, got "12"`},
		{"data: \"\"\n", `:1: data: want a directory, got "\"\""`},
		{"store: sqlite\n", `:1: store: want bolt or redis, got "sqlite"`},
		{"redis:\n  prefix: 'a b'\n", `:2: redis.prefix: want a text of letters, digits and "-_.:", got "'a b'"`},
		{"redis:\n  sentinels: [10.1.2.3]\n", `:2: redis.sentinels: want a list of addresses like ["10.1.2.3:26379"], or [] for none; with redis:// or rediss:// in redis.address, got "[10.1.2.3]"`},
		{"redis:\n  address: unix:///run/redis\n  sentinels: ['a:1']\n", `:3: redis.sentinels: want a list of addresses like ["10.1.2.3:26379"], or [] for none; with redis:// or rediss:// in redis.address, got "['a:1']"`},
		{"redis:\n  master: ''\n", `:2: redis.master: want the name the Sentinels know the master by, of letters, digits and "-_.", got "''"`},
		{"redis:\n  address: localhost\n", `:2: redis.address: want an address like "redis://user:password@host:6379/0", with rediss:// for TLS, or "unix:///path", got "localhost"`},
		{"http: 8080\n", `:1: http: want an address like "localhost:8080" or ":8080", or "" for none, got "8080"`},
		{"https: 'host:https'\n", `:1: https: want an address like ":8443", or "" for none, got "'host:https'"`},
		{"names: ['a b']\n", `:1: names: want a list of host names and IP addresses like ["cau.example.vn", "10.1.2.3"], got "['a b']"`},
		{"demo:\n  enabled: yes\n", `:2: demo.enabled: want true or false, got "yes"`},
		{"demo:\n  tree: hanoi\n", `:2: demo.tree: want ha-giang or tuyen-quang, got "hanoi"`},
		{"demo:\n  points: -1\n", `:2: demo.points: want a number from 0 to 250, got "-1"`},
		{"log:\n  level: loud\n", `:2: log.level: want debug, info, warn or error, got "loud"`},
		{"log:\n  format: xml\n", `:2: log.format: want text or json, got "xml"`},
		{"pin: \"12a4\"\n", `:1: pin: want 4 to 32 digits in quotes, or "" for none, got "\"12a4\""`},
		{"tiles:\n  room: 10\n", `:2: tiles.room: want a number from 1 to 9, got "10"`},
		{"lobby: 0\n", `:1: lobby: want a number of minutes from 1 to 10080, got "0"`},
		{"tiles:\n  console: 26\n", `:2: tiles.console: want a number from 1 to 25, got "26"`},
		{"- a\n", `:1: want keys: data, store, redis, http, https, names, media, node, lobby, demo, pin, log, tiles, got "- a"`},
		{"data: x\ndata: y\n", `:2: want YAML, got mapping key "data" already defined at [1:1]`},
		{"a: b: c\n", `:1: want YAML, got mapping value is not allowed in this context`},
		{"data: x\n---\ndata: y\n", `:3: want one document, got a second one`},
		{"demo: &d {points: 1}\nmedia:\n  <<: *d\n", `:1: demo: want keys: enabled, tree, points, feed, got "&d {points: 1}"`},
		{"media:\n  <<: {port: 1}\n", `:2: media.<<: want keys written out, got a merge`},
		{strings.Repeat("#", maxFile+1), `:1: want a file of at most 65536 bytes, got a larger one`},
	} {
		path := write(t, c.text)
		_, err := Load(path)
		if e := new(Error); !errors.As(err, &e) {
			t.Errorf("%.60q gives %v, want an *Error", c.text, err)
		} else if got := strings.TrimPrefix(e.Error(), path); got != c.want {
			t.Errorf("%.60q\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

func TestMissingFileIsSaidSo(t *testing.T) {
	if _, err := Load(filepath.Join(t.TempDir(), "none.yaml")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want fs.ErrNotExist", err)
	}
}

func TestValidateNamesTheKey(t *testing.T) {
	c := Default()
	if err := c.Validate(); err != nil {
		t.Errorf("the defaults are refused: %v", err)
	}
	c.Media.Port = -1
	want := "media.port: want a number from 0 to 65535; 0 takes a free port, got -1"
	if err := c.Validate(); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestAddresses(t *testing.T) {
	for address, want := range map[string]bool{
		"": true, ":0": true, "localhost:8080": true, "[::1]:8443": true, "0.0.0.0:1": true,
		"localhost": false, ":": false, ":65536": false, ":-1": false, "a b:1": false, "::1:80": false, "http://x:1": false,
	} {
		if got := isAddress(address); got != want {
			t.Errorf("address %q: %v, want %v", address, got, want)
		}
	}
}

// The trees a file may name are those the project ships.
func TestTreesAreTheCatalogs(t *testing.T) {
	for _, tree := range catalog.Trees() {
		c := Default()
		c.Demo.Tree = tree
		if err := c.Validate(); err != nil {
			t.Error(err)
		}
	}
	i := strings.Count(wantOf(t, "demo.tree"), " or ") + 1
	if i != len(catalog.Trees()) {
		t.Errorf("%d trees allowed, the catalog has %d", i, len(catalog.Trees()))
	}
}

func wantOf(t *testing.T, name string) string {
	t.Helper()
	for _, k := range keys {
		if k.name == name {
			return k.want
		}
	}
	t.Fatalf("no key %s", name)
	return ""
}

func TestRedisAddresses(t *testing.T) {
	for address, want := range map[string]bool{
		"redis://localhost": true, "redis://u:p@10.0.0.1:6380/3": true, "rediss://[::1]:6379": true, "unix:///run/redis.sock": true,
		"": false, "redis://": false, "unix://": false, "http://localhost": false, "localhost:6379": false, "redis://a b": false,
	} {
		if got := isRedis(address); got != want {
			t.Errorf("%q: %v, want %v", address, got, want)
		}
	}
}
