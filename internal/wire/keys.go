package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// ExactKeys refuses what encoding/json lets pass: a key in another case than
// the field's name, and a key that is there twice. Two readers of such an
// object need not read the same. The data has been decoded into the type.
func ExactKeys(data []byte, into reflect.Type) error {
	return keyReader{json.NewDecoder(bytes.NewReader(data))}.value(into)
}

// keyReader walks over the tokens of one value.
type keyReader struct{ *json.Decoder }

// opaque is the type of a value whose keys are its own affair: raw JSON, which
// is decoded later, and what decodes itself.
func opaque() reflect.Type { return reflect.TypeFor[any]() }

func (r keyReader) value(t reflect.Type) error {
	t = plainType(t)
	if t == reflect.TypeFor[json.RawMessage]() {
		var later json.RawMessage // its own decoding looks at its keys
		return r.Decode(&later)
	}
	token, err := r.Token()
	if err != nil {
		return err
	}
	switch token {
	case json.Delim('{'):
		return r.object(t)
	case json.Delim('['):
		elem := opaque()
		if t.Kind() == reflect.Slice || t.Kind() == reflect.Array {
			elem = t.Elem()
		}
		for r.More() {
			if err := r.value(elem); err != nil {
				return err
			}
		}
		_, err = r.Token()
	}
	return err
}

func (r keyReader) object(t reflect.Type) error {
	var fields map[string]reflect.Type
	if t.Kind() == reflect.Struct {
		fields = fieldsOf(t)
	}
	seen := map[string]bool{}
	for r.More() {
		token, err := r.Token()
		if err != nil {
			return err
		}
		key, _ := token.(string) // the key of an object is a string
		if seen[key] {
			return fmt.Errorf("field %q is there twice", shorten(key))
		}
		seen[key] = true
		of := opaque()
		switch {
		case fields != nil:
			var known bool
			if of, known = fields[key]; !known {
				return fmt.Errorf("unknown field %q", shorten(key))
			}
		case t.Kind() == reflect.Map:
			of = t.Elem()
		}
		if err := r.value(of); err != nil {
			return err
		}
	}
	_, err := r.Token()
	return err
}

// plainType looks through pointers, and takes a type that decodes itself for opaque.
func plainType(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t != reflect.TypeFor[json.RawMessage]() && reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		return opaque()
	}
	return t
}

// fieldsOf are the fields of a struct by the names they have in JSON.
func fieldsOf(t reflect.Type) map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	for f := range structFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-":
		case name == "" && f.Anonymous:
			for inner, of := range fieldsOf(plainType(f.Type)) {
				if _, outer := fields[inner]; !outer {
					fields[inner] = of
				}
			}
		case name == "":
			fields[f.Name] = f.Type
		default:
			fields[name] = f.Type
		}
	}
	return fields
}

// structFields gives the fields of a struct that JSON knows.
func structFields(t reflect.Type) func(yield func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			if f := t.Field(i); (f.IsExported() || f.Anonymous) && !yield(f) {
				return
			}
		}
	}
}
