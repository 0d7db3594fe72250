// Package rights judges where a role is valid: everywhere, in a system and those
// below it, or at one point. It is pure, and it is the one place that says so: the
// operator's interface, the meetings' doors, stills and figures ask it alike.
//
// Everywhere is a role with neither system nor point. A role at a point without a
// system is confined to that point, and so runs nothing: it is never everywhere.
package rights

// The roles that act on others, as internal/meeting names them. Every other role
// is bound to its point by what it may do, or only looks.
const (
	operator   = "operator"
	controller = "controller"
	carrier    = "carrier"
)

// Hold is a role and where it is valid.
type Hold struct {
	Role   string
	System string // with those below it
	Point  string
}

// Under reports whether a system is another or stands below it.
type Under func(system, top string) bool

// Acts reports whether the role acts on others than its own point.
func (h Hold) Acts() bool { return h.Role == operator || h.Role == controller || h.Role == carrier }

// Everywhere reports whether the role is valid in the whole installation.
func (h Hold) Everywhere() bool { return h.System == "" && h.Point == "" }

// Figures reports whether the role may read the figures of the whole node from
// elsewhere.
func (h Hold) Figures() bool {
	return h.Everywhere() && (h.Role == operator || h.Role == controller)
}

// Runs reports whether the role is valid for a whole system. The empty system is
// that of the installation, which only a role everywhere runs.
func (h Hold) Runs(system string, under Under) bool {
	return h.Everywhere() || h.System != "" && h.Point == "" && system != "" && under(system, h.System)
}

// Covers reports whether the role reaches a meeting that is held in a system. One
// that acts on others must be valid there; one that is bound to its point, or only
// looks, is told apart by its point.
func (h Hold) Covers(system string, under Under) bool {
	switch {
	case h.Everywhere():
		return true
	case h.System != "":
		return under(system, h.System)
	}
	return !h.Acts()
}

// At is the hold as it is given out: one that acts on others and is named at a
// point alone is of the point's system, so that whoever gives it must run that.
func (h Hold) At(systemOfPoint string) Hold {
	if h.Acts() && h.Point != "" && h.System == "" {
		h.System = systemOfPoint
	}
	return h
}
