package wire

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// signature is a body as the page writes it: its fields, ? for optional ones.
func signature(t reflect.Type) string {
	fields := make([]string, t.NumField())
	for i := range fields {
		name, options, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if strings.Contains(options, "omit") {
			name += "?"
		}
		fields[i] = name
	}
	return fmt.Sprintf("- `%s` { %s }\n", t.Name(), strings.Join(fields, ", "))
}

func TestProtocolPageHasTheOperatorsBodies(t *testing.T) {
	page := protocolPage(t)
	for _, v := range operatorTypes {
		if line := signature(reflect.TypeOf(v)); !strings.Contains(page, line) {
			t.Errorf("the page lacks the line\n%s", line)
		}
	}
}
