package catalog

import (
	"strings"
	"unicode"
)

// tones are the marks of the six tones as characters of their own, in the order
// of families: none, grave, acute, hook, tilde, dot below.
const tones = "\x00\u0300\u0301\u0309\u0303\u0323"

// compose joins the letters of Vietnamese with the marks that follow them as
// characters of their own, as a Mac writes them: "o", horn and acute become
// "ớ", in whatever order the marks stand. Other letters stay as they are.
func compose(s string) string {
	if !strings.ContainsFunc(s, isMark) {
		return s
	}
	var out []rune
	for _, r := range s {
		if n := len(out); n > 0 && isMark(r) {
			if joined, ok := join(out[n-1], r); ok {
				out[n-1] = joined
				continue
			}
		}
		out = append(out, r)
	}
	return string(out)
}

func isMark(r rune) bool { return r >= 0x300 && r <= 0x36f }

// join puts a mark on a letter, if there is such a letter in Vietnamese.
func join(letter, mark rune) (rune, bool) {
	lower := unicode.ToLower(letter)
	for _, f := range families {
		family := []rune(f)
		at := index(family, lower)
		if at < 0 {
			continue
		}
		to := -1
		if tone := index([]rune(tones), mark); tone > 0 && at%6 == 0 {
			to = at + tone
		} else if vowel := index(family, vowelOf(family[0], mark)); vowel > 0 && at < 6 {
			to = vowel + at
		}
		if to < 0 || to >= len(family) {
			return 0, false
		}
		if letter != lower {
			return unicode.ToUpper(family[to]), true
		}
		return family[to], true
	}
	return 0, false
}

// vowelOf is the vowel that a mark makes of a plain one, 0 for none.
func vowelOf(plain, mark rune) rune {
	vowels := map[[2]rune]rune{
		{'a', 0x306}: 'ă', {'a', 0x302}: 'â', {'e', 0x302}: 'ê', {'o', 0x302}: 'ô', {'o', 0x31b}: 'ơ', {'u', 0x31b}: 'ư',
	}
	return vowels[[2]rune{plain, mark}]
}

func index(in []rune, r rune) int {
	for i, other := range in {
		if other == r {
			return i
		}
	}
	return -1
}
