package catalog

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Clean is a text as it is kept: on one line, without what nobody sees, its
// Vietnamese marks composed. What Word and Excel put between words, such as a
// no-break space, a tab or a line break, becomes one space; spaces somebody
// typed stay. Zero-width characters, the byte order mark and the soft hyphen go.
func Clean(s string) string {
	var b strings.Builder
	spaces, odd := 0, false
	for _, r := range compose(s) {
		switch {
		case isUnseen(r):
		case unicode.IsSpace(r):
			spaces, odd = spaces+1, odd || r != ' '
		default:
			if odd {
				spaces = 1
			}
			b.WriteString(strings.Repeat(" ", spaces))
			spaces, odd = 0, false
			b.WriteRune(r)
		}
	}
	return strings.TrimLeft(b.String(), " ")
}

// compose gives a text in normalization form C (Unicode Standard Annex 15). A tone
// typed before the mark of its vowel, which that form keeps, comes after it: "a",
// acute and breve are "ắ".
func compose(s string) string {
	if norm.NFC.IsNormalString(s) {
		return s
	}
	letters := []rune(norm.NFD.String(s))
	for i := 1; i < len(letters); i++ {
		if isTone(letters[i-1]) && isVowelMark(letters[i]) {
			letters[i-1], letters[i] = letters[i], letters[i-1]
		}
	}
	return norm.NFC.String(string(letters))
}

// The marks of the tones, and of the vowels ă, â, ê, ô, ơ and ư.
func isTone(r rune) bool      { return slices.Contains([]rune("\u0300\u0301\u0309\u0303\u0323"), r) }
func isVowelMark(r rune) bool { return slices.Contains([]rune("\u0306\u0302\u031b"), r) }

// isUnseen reports whether r takes no room and changes nothing that is read:
// U+00AD, U+200B to U+200F, U+2060 and U+FEFF. Marks that turn the direction of
// writing are not among them: they change what is read, and are refused.
func isUnseen(r rune) bool {
	return r == 0xad || r >= 0x200b && r <= 0x200f || r == 0x2060 || r == 0xfeff
}

// unprintable finds the first character of s that is refused in every field.
func unprintable(s string) (r rune, found bool) {
	at := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
	if at < 0 {
		return 0, false
	}
	return []rune(s[at:])[0], true
}

// nameOf says in Vietnamese and English what kind of character r is.
func nameOf(r rune) [2]string {
	switch {
	case unicode.Is(unicode.Cc, r):
		return [2]string{"ký tự điều khiển", "a control character"}
	case unicode.Is(unicode.Bidi_Control, r):
		return [2]string{"ký tự đổi chiều viết", "a mark that turns the direction of writing"}
	case unicode.Is(unicode.Co, r):
		return [2]string{"ký tự riêng của một phông chữ", "a character of one font only"}
	case unicode.Is(unicode.Cf, r):
		return [2]string{"ký tự định dạng", "a formatting character"}
	}
	return [2]string{"ký tự không có trong Unicode", "no character of Unicode"}
}

// Disarm writes a text so that no spreadsheet takes it for a formula: with an
// apostrophe in front of "=", "+", "-", "@" (and their full-width forms), a tab
// or the end of a line, spaces before them or not. A text that has apostrophes
// there already gets one more, so that it can be told what was added.
func Disarm(s string) string {
	if isArmed(s) {
		return "'" + s
	}
	return s
}

// armed takes back what Disarm added.
func armed(s string) string {
	if strings.HasPrefix(s, "'") && isArmed(s) {
		return s[1:]
	}
	return s
}

// isArmed reports whether s would be a formula, apostrophes in front aside.
func isArmed(s string) bool {
	s = strings.TrimLeft(s, "'")
	if s != "" && strings.ContainsRune("\t\r\n", rune(s[0])) {
		return true
	}
	s = strings.TrimLeftFunc(s, unicode.IsSpace)
	return strings.IndexAny(s, "=+-@\uff1d\uff0b\uff0d\uff20") == 0
}
