package wire

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/giaoban/giaoban/internal/meeting"
)

func protocolPage(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "protocol.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// structs gathers every struct a frame or body can hold but the commands.
func structs(t reflect.Type, into map[string]reflect.Type) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		structs(t.Elem(), into)
	case reflect.Struct:
		if strings.HasPrefix(t.PkgPath(), "time") || t == reflect.TypeFor[meeting.SourceKey]() {
			return
		}
		into[t.Name()] = t
		for i := range t.NumField() {
			structs(t.Field(i).Type, into)
		}
	}
}

func fieldNames(t reflect.Type) []string {
	names := make([]string, t.NumField())
	for i := range names {
		names[i], _, _ = strings.Cut(t.Field(i).Tag.Get("json"), ",")
	}
	slices.Sort(names)
	return names
}

func TestProtocolPageHasEveryField(t *testing.T) {
	page := protocolPage(t)
	all := map[string]reflect.Type{}
	for _, m := range messages {
		if m.Data != nil {
			structs(reflect.TypeOf(m.Data), all)
		}
	}
	for _, v := range []any{PostedCommand{}, Done{}, LineUp{}, EnteredPin{}, MeetingList{}, SnapshotList{}, SnapshotTaken{}, Problem{}, meeting.Layout{}, meeting.Entry{}} {
		structs(reflect.TypeOf(v), all)
	}
	row := regexp.MustCompile("(?m)^\\| `(\\w+)` \\|")
	for name, typ := range all {
		_, rest, ok := strings.Cut(page, "\n#### "+name+"\n")
		if !ok {
			t.Errorf("no table of %s", name)
			continue
		}
		table, _, _ := strings.Cut(rest, "\n\n")
		var got []string
		for _, m := range row.FindAllStringSubmatch(table, -1) {
			got = append(got, m[1])
		}
		slices.Sort(got)
		if diff := cmp.Diff(fieldNames(typ), got); diff != "" {
			t.Errorf("%s (-struct +page)\n%s", name, diff)
		}
	}
}

func TestProtocolPageHasEveryMessage(t *testing.T) {
	page := protocolPage(t)
	for _, m := range messages {
		if !regexp.MustCompile("(?m)^### .*`" + regexp.QuoteMeta(m.Name) + "`").MatchString(page) {
			t.Errorf("no heading for %s", m.Name)
		}
	}
}

func TestProtocolPageHasEveryCommand(t *testing.T) {
	page := protocolPage(t)
	for _, c := range commands {
		cells := rowOf(page, c.name)
		if len(cells) != 4 {
			t.Errorf("no row for %s", c.name)
			continue
		}
		var want []string
		for i := range reflect.TypeOf(c.zero).NumField() {
			name, _, _ := strings.Cut(reflect.TypeOf(c.zero).Field(i).Tag.Get("json"), ",")
			want = append(want, "`"+name+"`")
		}
		if got := strings.TrimSpace(cells[1]); got != strings.Join(want, ", ") {
			t.Errorf("%s has fields %s, the page says %s", c.name, want, got)
		}
	}
}

// rowOf gives the cells of the table row that begins with a name.
func rowOf(page, name string) []string {
	for line := range strings.Lines(page) {
		if rest, ok := strings.CutPrefix(line, "| `"+name+"` |"); ok {
			return append([]string{name}, strings.Split(strings.TrimSuffix(strings.TrimSpace(rest), "|"), "|")...)
		}
	}
	return nil
}

func TestProtocolPageHasEveryCodeAndWord(t *testing.T) {
	page := protocolPage(t)
	for _, c := range codes {
		row := fmt.Sprintf("| `%s` | %d | %s | %s |", c.Code, c.Status, c.Vi, c.En)
		if !strings.Contains(page, row) {
			t.Errorf("the page lacks the row\n%s", row)
		}
	}
	for _, list := range enums {
		v := reflect.ValueOf(list)
		for i := range v.Len() {
			if word := v.Index(i).String(); !strings.Contains(page, "`"+word+"`") {
				t.Errorf("the page lacks the %s %q", v.Type().Elem().Name(), word)
			}
		}
	}
	for what, number := range map[string]int{"frame": MaxFrame, "SDP": MaxSDP, "list": maxList, "string": maxString} {
		if text := fmt.Sprint(number); !strings.Contains(strings.ReplaceAll(page, " ", ""), text) {
			t.Errorf("the page lacks the bound of a %s, %s", what, text)
		}
	}
}
