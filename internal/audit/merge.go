package audit

import "time"

// maxSame bounds the different entries of a minute that are told apart, but for
// acts that were carried out and are waited for: whoever invents names fills a
// count, not the disk.
const maxSame = 128

// sameness is what makes two entries the same.
type sameness struct{ who, role, from, act, target, code, note string }

// merger counts what is the same within a minute: the first is written at once,
// the others as one entry when the minute is over.
type merger struct {
	minute time.Time
	seen   map[sameness]*Entry // how many more there were, and the last of them
	order  []sameness
}

// take says whether an entry is to be written now.
func (m *merger) take(n note) (Entry, bool) {
	e := n.entry
	k := sameness{e.Who, e.Role, e.From, e.Act, e.Target, e.Code, e.Note}
	if m.seen[k] == nil && len(m.seen) >= maxSame && (n.written == nil || e.Code != "") {
		k = sameness{act: e.Act, code: e.Code, note: "and others"}
		e.Who, e.Role, e.From, e.Target, e.Note = "…", "", "", "", k.note
	}
	if more := m.seen[k]; more != nil {
		e.Count = more.Count + 1
		*more = e
		return Entry{}, false
	}
	if m.seen == nil {
		m.seen, m.minute = map[sameness]*Entry{}, e.At.Truncate(time.Minute)
	}
	first := e
	m.seen[k] = &first
	m.order = append(m.order, k)
	return e, true
}

// due gives the counts of a minute that is over.
func (m *merger) due(now time.Time, last bool) (entries []Entry) {
	if m.seen == nil || !last && now.Truncate(time.Minute).Equal(m.minute) {
		return nil
	}
	for _, k := range m.order {
		if e := m.seen[k]; e.Count > 0 {
			e.Count-- // those besides this one
			entries = append(entries, *e)
		}
	}
	*m = merger{}
	return entries
}
