package meeting

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Bounds of what a command may carry.
const (
	MaxPoints  = 300  // points of one meeting
	MaxQueue   = 50   // waiting requests per floor
	maxID      = 64   // bytes of a point id, device or code
	maxTitle   = 200  // runes of a title or name
	maxNumber  = 9999 // a point number is said and typed by people
	maxSession = 512  // sessions of this node whose last answer is remembered
	maxBelow   = 256  // and those of each node directly below, with all below it
)

// valid reports whether the id is short and safe in an address, a source key
// and an audience.
func (p PointID) valid() bool {
	return p != "" && len(p) <= maxID && strings.Trim(string(p),
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~") == ""
}

// validLevel reports whether s can name a tier or a system in an audience: one
// line of at most 64 runes.
func validLevel(s string) bool {
	return s != "" && validTitle(s) && utf8.RuneCountInString(s) <= maxID
}

// validTitle reports whether s is one line of at most maxTitle runes.
func validTitle(s string) bool {
	return len(s) <= maxTitle*utf8.UTFMax && utf8.RuneCountInString(s) <= maxTitle && printable(s)
}

// printable reports whether s is text on one line.
func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

// validToken reports whether s is one non-empty word of at most maxID bytes of
// printable ASCII.
func validToken(s string) bool {
	return s != "" && len(s) <= maxID &&
		!strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

// validTime reports whether t survives JSON; the zero time means "not set".
func validTime(t time.Time) bool {
	year := t.UTC().Year()
	return t.IsZero() || year >= 1 && year <= 9999
}
