package auth

import (
	"encoding/json"
	"errors"
	"strings"
)

// Damaged reports whether an error says that stored bytes are not what was
// written. Whom such a record speaks for is not known, so it speaks for nobody;
// nobody else is kept out by it.
func Damaged(err error) bool {
	var d interface{ Damaged() bool }
	return errors.As(err, &d) && d.Damaged()
}

// CheckRecord gives the check of a document of this package by its key, nil if
// it is of another.
func CheckRecord(key string) func(body []byte) error {
	switch {
	case strings.HasPrefix(key, prefix):
		return func(body []byte) error {
			var r record
			err := json.Unmarshal(body, &r)
			if err == nil && r.Role == "" && !r.Ended {
				err = ErrPrincipal
			}
			return err
		}
	case strings.HasPrefix(key, userPrefix):
		return func(body []byte) error { _, err := readAccount(body); return err }
	case strings.HasPrefix(key, sessionPrefix):
		return func(body []byte) error { return strict(body, &signed{}) }
	}
	return nil
}
