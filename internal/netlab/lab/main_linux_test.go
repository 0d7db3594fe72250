package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/giaoban/giaoban/internal/netlab"
)

// ask gives the answers to commands.
func ask(t *testing.T, commands ...string) []answer {
	t.Helper()
	netlab.Start(t)
	var out bytes.Buffer
	if err := serve(strings.NewReader(strings.Join(commands, "\n")), &out); err != nil {
		t.Fatal(err)
	}
	var all []answer
	for decoder := json.NewDecoder(&out); decoder.More(); {
		var a answer
		if err := decoder.Decode(&a); err != nil {
			t.Fatal(err)
		}
		all = append(all, a)
	}
	if len(all) != len(commands) {
		t.Fatalf("%d answers to %d commands", len(all), len(commands))
	}
	return all
}

func TestCommandsMakeAndChangeALine(t *testing.T) {
	got := ask(t,
		`{"do":"host","name":"a"}`, `{"do":"here","name":"b"}`,
		`{"do":"line","name":"l","between":["a","b"],"shape":{"delayMs":1.5,"loss":0.1}}`,
		`{"do":"set","name":"l","to":"a","shape":{"rate":1000000}}`, `{"do":"route","name":"l","to":"a"}`,
		`{"do":"cut","name":"l"}`, `{"do":"heal","name":"l"}`, `{"do":"counts","name":"l","to":"b"}`,
	)
	for i, a := range got {
		if a.Error != "" {
			t.Errorf("command %d: %s", i, a.Error)
		}
	}
	if !strings.HasPrefix(got[0].Path, "/proc/") || len(got[2].Addrs) != 2 || got[7].Counts == nil {
		t.Errorf("got %+v", got)
	}
}

func TestABadCommandIsAnErrorAndTheNextOneCounts(t *testing.T) {
	bad := []string{
		`nonsense`, `{"do":"fly"}`, `{"do":"host"}`, `{"do":"cut","name":"l"}`, `{"do":"host","name":"a","speed":1}`,
		`{"do":"line","name":"l","between":["a","b"]}`,
	}
	got := ask(t, append(bad, `{"do":"host","name":"a"}`, `{"do":"host","name":"a"}`)...)
	for i := range bad {
		if got[i].Error == "" {
			t.Errorf("%s was done", bad[i])
		}
	}
	if got[len(bad)].Error != "" || got[len(bad)+1].Error == "" {
		t.Errorf("the good command after them: %+v", got[len(bad):])
	}
}
