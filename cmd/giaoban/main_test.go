package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/giaoban/giaoban/internal/config"
)

// asProgram, when set, makes the test binary behave as giaoban itself, so that
// tests can start it, interrupt it and kill it.
const asProgram = "GIAOBAN_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestCommandsThatOnlyPrint(t *testing.T) {
	cases := map[string]struct {
		args []string
		want []string
	}{
		"config prints the example":         {[]string{"config"}, []string{config.Example()}},
		"version names the program":         {[]string{"version"}, []string{"giaoban ", "go1."}},
		"help lists the commands":           {[]string{"help"}, []string{"serve", "config", "version"}},
		"no command is help":                {nil, []string{"serve", "config", "version"}},
		"help of serve explains every flag": {[]string{"help", "serve"}, []string{"--config", "--data", "--http", "--https", "--media", "--tree", "--demo-points"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			status, out, errs := giaoban(c.args...)
			if status != 0 || errs != "" {
				t.Errorf("status %d, errors %q", status, errs)
			}
			for _, want := range c.want {
				if !strings.Contains(out, want) {
					t.Errorf("no %q in:\n%s", want, out)
				}
			}
		})
	}
}

func TestWrongConfigurationSaysWhereAndWhat(t *testing.T) {
	file := filepath.Join(t.TempDir(), "giaoban.yaml")
	if err := os.WriteFile(file, []byte("data: ./x\nmedia:\n  prot: 10000\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		args []string
		want []string
	}{
		"a key nobody knows":      {[]string{"serve", "--config", file}, []string{file + ":3", "prot"}},
		"a file that is not":      {[]string{"serve", "--config", file + ".gone"}, []string{file + ".gone"}},
		"a port that cannot be":   {[]string{"serve", "--media", "70000"}, []string{"media.port", "65535", "70000"}},
		"a tree nobody knows":     {[]string{"serve", "--tree", "ha-noi"}, []string{"demo.tree", "tuyen-quang", "ha-noi"}},
		"an address without port": {[]string{"serve", "--http", "localhost"}, []string{"http", "localhost:8080"}},
		"no door at all":          {[]string{"serve", "--http=", "--https="}, []string{"nobody could come in"}},
		"a flag nobody knows":     {[]string{"serve", "--port", "1"}, []string{"--port", "giaoban help"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			status, _, errs := giaoban(c.args...)
			if status == 0 {
				t.Error("it passed")
			}
			for _, want := range c.want {
				if !strings.Contains(errs, want) {
					t.Errorf("no %q in %q", want, errs)
				}
			}
		})
	}
}

func TestAFlagWinsOverTheFileAndTheFileOverTheDefault(t *testing.T) {
	file := filepath.Join(t.TempDir(), "giaoban.yaml")
	if err := os.WriteFile(file, []byte("http: localhost:9000\nmedia:\n  port: 9001\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	flag := "localhost:9002"
	cfg, err := (&serveCommand{Config: file, HTTP: &flag}).settings()
	if err != nil {
		t.Fatal(err)
	}
	if cfg.HTTP != flag || cfg.Media.Port != 9001 || cfg.HTTPS != config.Default().HTTPS {
		t.Errorf("%+v", cfg)
	}
}

// giaoban runs a command line in this process.
func giaoban(args ...string) (status int, out, errs string) {
	var stdout, stderr bytes.Buffer
	status = run(terminal{args: append([]string{"giaoban"}, args...), out: &stdout, err: &stderr})
	return status, stdout.String(), stderr.String()
}
