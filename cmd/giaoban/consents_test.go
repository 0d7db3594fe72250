package main

import (
	"strings"
	"testing"
)

// A point is lent to another system by a consent on record (Art 4.2): the
// newest counts, and without one the meeting is refused.
func TestAPointIsLentByARecordedConsent(t *testing.T) {
	data := t.TempDir()
	say := func(want string, ok bool, args ...string) {
		t.Helper()
		status, out, errs := giaoban(append(args, "--data", data, "--lang", "en")...)
		if (status == 0) != ok || !strings.Contains(out+errs, want) {
			t.Errorf("%q: %d %s%s, want %q", args, status, out, errs, want)
		}
	}
	borrow := []string{"meeting", "create", "--title", "Giao ban", "--system", "ha-giang-026", "--start", "+2h", "--chair", "hg-05", "--points", "hg-05,hg-03"}
	consent := []string{"consent", "add", "hg-03", "ha-giang-026", "--by", "Sở TT&TT", "--document", "12/STTTT"}
	say("consent", false, borrow...)
	say("date", false, append(consent, "--date", "20/11/2026")...)
	say("granted", true, append(consent, "--date", "2026-11-20")...)
	say("12/STTTT", true, "consent", "list")
	say("Giao ban", true, borrow...)
	say("refused", true, append(consent, "--date", "2026-11-21", "--refused")...)
	say("consent", false, borrow...)
}
