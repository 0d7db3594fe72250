package catalog

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/giaoban/giaoban/internal/meeting"
)

// The bounds of a field: a word that names something, and a line of text.
const (
	maxWord = 64  // bytes
	maxLine = 200 // runes
	maxTel  = 40
)

// The codes of this package. The list is append-only.
const (
	CodeSystemUnknown   meeting.Code = "system.unknown"
	CodeTemplateUnknown meeting.Code = "template.unknown"
	CodeConsentMissing  meeting.Code = "consent.missing"
	CodeFieldInvalid    meeting.Code = "field.invalid"
	CodeInUse           meeting.Code = "catalog.in_use"
	CodeFull            meeting.Code = "catalog.full"
)

// refuse makes a coded refusal; args are name, value pairs.
func refuse(code meeting.Code, args ...any) error {
	e := &meeting.Error{Code: code, Args: map[string]any{}}
	for i := 0; i+1 < len(args); i += 2 {
		e.Args[args[i].(string)] = args[i+1]
	}
	return e
}

func wrong(field string) error { return refuse(CodeFieldInvalid, "field", field) }

// isWord reports whether s can name something in an address.
func isWord(s string) bool {
	return s != "" && len(s) <= maxWord &&
		strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~") == ""
}

// isKbps reports whether a line may be limited to n kbit/s; 0 is no limit.
func isKbps(n int) bool { return n == 0 || n >= LeastKbps && n <= MostKbps }

// isCode reports whether s can be a unit's code: one word of printable ASCII.
func isCode(s string) bool {
	return s != "" && len(s) <= maxWord && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

// isLine reports whether s is text on one line, perhaps none.
func isLine(s string) bool {
	return len(s) <= maxLine*utf8.UTFMax && utf8.ValidString(s) && utf8.RuneCountInString(s) <= maxLine &&
		!strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

// isPhone reports whether s is a telephone number as people write one.
func isPhone(s string) bool {
	digits := 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case !strings.ContainsRune("+-. ()/", r):
			return false
		}
	}
	return digits >= 3 && digits <= 20 && len(s) <= maxTel
}

// isEmail reports whether s is an e-mail address as offices have them: a
// dot-atom and a host name (RFC 5321 §4.1.2, without quoted names).
func isEmail(s string) bool {
	local, host, ok := strings.Cut(s, "@")
	return ok && len(s) <= maxLine && dotted(local, "!#$%&'*+/=?^_`{|}~-") && dotted(host, "-") && strings.Contains(host, ".")
}

// dotted reports whether s is letters, digits and the given marks, in parts
// between single dots.
func dotted(s, marks string) bool {
	for part := range strings.SplitSeq(s, ".") {
		if part == "" || strings.ContainsFunc(part, func(r rune) bool {
			return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(marks, r))
		}) {
			return false
		}
	}
	return true
}

func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// check judges a system by itself.
func (s *System) check() error {
	switch {
	case !isWord(s.ID):
		return wrong("id")
	case s.Name == "" || !isLine(s.Name):
		return wrong("name")
	case !isLine(s.Owner):
		return wrong("owner")
	case !isLine(s.Basis):
		return wrong("basis")
	}
	return nil
}

// check judges a point by itself; the field of a fault is a column's name.
func (p *Point) check() error {
	switch {
	case !isWord(string(p.ID)):
		return wrong("id")
	case p.Number < 1 || p.Number > 9999:
		return wrong("number")
	case !isCode(p.Code):
		return wrong("code")
	case p.Name == "" || !isLine(p.Name):
		return wrong("unit")
	case !isLine(p.Parent):
		return wrong("parent")
	case utf8.RuneCountInString(p.Tier) > maxWord || !isLine(p.Tier):
		return wrong("tier")
	case !isLine(p.Room):
		return wrong("room")
	case p.Kind != "" && p.Kind != KindRoom && p.Kind != KindRelay:
		return wrong("kind")
	case !isLine(p.Carrier):
		return wrong("carrier")
	case !isLine(p.Circuit):
		return wrong("circuit")
	case !isKbps(p.DownKbps):
		return wrong("down kbps")
	case !isLine(p.Consent) || p.AutoOpen != (p.Consent != ""):
		return wrong("auto open")
	case len(p.Officers) > MaxOfficers:
		return wrong("officer")
	}
	return nil
}

// check judges an officer.
func (o *Officer) check() error {
	switch {
	case o.Name == "" || !isLine(o.Name):
		return wrong("officer")
	case !isPhone(o.Phone):
		return wrong("phone")
	case o.Email != "" && !isEmail(o.Email):
		return wrong("email")
	}
	return nil
}

// Check judges the whole book: every part well formed, no name twice, nothing
// that points nowhere.
func (b *Book) Check() error {
	if len(b.Systems) > MaxSystems || len(b.Points) > MaxPoints || len(b.Templates) > MaxTemplates || len(b.Consents) > MaxConsents {
		return refuse(CodeFull)
	}
	if err := b.checkPoints(); err != nil {
		return err
	}
	systems := map[string]bool{}
	for i := range b.Systems {
		s := &b.Systems[i]
		if err := s.check(); err != nil {
			return err
		}
		if systems[s.ID] {
			return wrong("id")
		}
		systems[s.ID] = true
		if s.ChairPoint != "" && b.Point(s.ChairPoint) == nil {
			return wrong("chairPoint")
		}
	}
	for i := range b.Templates {
		if err := b.checkTemplate(&b.Templates[i]); err != nil {
			return err
		}
	}
	for i := range b.Consents {
		if err := b.checkConsent(&b.Consents[i]); err != nil {
			return err
		}
	}
	return nil
}

// checkPoints judges the points: an id is anybody's only once, a number and a
// code only once in a system.
func (b *Book) checkPoints() error {
	type place struct {
		system string
		what   any
	}
	systems := map[string]bool{}
	for _, s := range b.Systems {
		systems[s.ID] = true
	}
	ids, taken := map[meeting.PointID]bool{}, map[place]bool{}
	for i := range b.Points {
		p := &b.Points[i]
		if err := p.check(); err != nil {
			return err
		}
		for j := range p.Officers {
			if err := p.Officers[j].check(); err != nil {
				return err
			}
		}
		number, code := place{p.System, p.Number}, place{p.System, p.Code}
		switch {
		case !systems[p.System]:
			return refuse(CodeSystemUnknown, "system", p.System)
		case ids[p.ID]:
			return wrong("id")
		case taken[number]:
			return wrong("number")
		case taken[code]:
			return wrong("code")
		}
		ids[p.ID], taken[number], taken[code] = true, true, true
	}
	return nil
}

func (b *Book) checkTemplate(t *Template) error {
	switch {
	case !isWord(t.ID):
		return wrong("id")
	case t.Name == "" || !isLine(t.Name):
		return wrong("name")
	case !isLine(t.Title) || !isLine(t.HostUnit) || !isLine(t.Basis):
		return wrong("title")
	case b.System(t.System) == nil:
		return refuse(CodeSystemUnknown, "system", t.System)
	case b.Point(t.ChairPoint) == nil:
		return wrong("chairPoint")
	}
	for _, p := range t.Points {
		if b.Point(p) == nil {
			return wrong("points")
		}
	}
	return nil
}

func (b *Book) checkConsent(c *Consent) error {
	switch {
	case !isWord(c.ID):
		return wrong("id")
	case b.Point(c.Point) == nil:
		return wrong("point")
	case b.System(c.System) == nil:
		return refuse(CodeSystemUnknown, "system", c.System)
	case c.By == "" || !isLine(c.By):
		return wrong("by")
	case !isLine(c.Document) || c.Decision != Override && c.Document == "":
		return wrong("document")
	case c.Date != "" && !isDate(c.Date) || c.Decision != Override && c.Date == "":
		return wrong("date")
	case c.Decision != Granted && c.Decision != Refused && c.Decision != Override:
		return wrong("decision")
	case !isLine(c.Reason) || c.Decision == Override && c.Reason == "":
		return wrong("reason")
	}
	return nil
}
