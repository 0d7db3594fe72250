package meeting

import (
	"slices"
	"strings"
)

// Voices is the number of audio slots: the chair, up to three holders, a relay
// feed and content sound.
const Voices = 6

// Plan is what a meeting's state means for media: which gates are open and
// what every point sees and hears. It is derived from the state alone, never
// stored, and immutable once made.
type Plan struct {
	Seq Seq
	// Open holds every permitted source. Absent means closed: this map is the
	// rule of the house (Art 9.2.a).
	Open map[SourceKey]Tag
	// Views holds what each audience is shown; equal views share one pointer.
	// AudienceAll is always present.
	Views map[Audience]*View
	// Roles maps a point that needs a view of its own kind (the chair point, a
	// tier, a system) to the audience it belongs to, tried after its own
	// AudiencePoint.
	Roles map[PointID]Audience
	// Speaker is one full tile of who speaks, else of the chair point, for a
	// screen beside the name: the chair's tablet. Nil once the meeting is over.
	Speaker *View
}

// Tag marks one opening of a gate: the sequence number of the fact that opened
// it. A source closed and opened again has another tag.
type Tag struct {
	Since Seq
	// Media names the one media session that may send under this opening: the
	// point's, as of the fact. Any other connection of the point stays closed.
	Media string
}

// View is one audience's picture and sound. A zero SourceKey is a blank tile
// or a silent voice.
type View struct {
	Layout LayoutKind
	Tiles  []SourceKey
	Voices [Voices]SourceKey
}

// Audience names who a view is for: "all", "chair", "controllers", "tier:<tier>",
// "system:<system>" or "point:<id>". Of several a point sees the one that names
// it most closely: itself, the chair point, its tier, its system.
type Audience string

// The audiences that are not one point.
const (
	AudienceAll   Audience = "all"
	AudienceChair Audience = "chair"
	// AudienceControllers hears what "all" hears, and a technical check. It has
	// a view in a Plan only while there is a check.
	AudienceControllers Audience = "controllers"
)

// How the audiences of one point, a tier and a system begin.
const (
	audiencePoint  = "point:"
	audienceTier   = "tier:"
	audienceSystem = "system:"
)

// AudienceTier is the audience of every point of a tier (cấp, Art 5.4).
func AudienceTier(tier string) Audience { return Audience(audienceTier + tier) }

// AudienceSystem is the audience of every point of a system.
func AudienceSystem(system string) Audience { return Audience(audienceSystem + system) }

// group reports whether the audience is a tier or a system.
func (a Audience) group() bool {
	return strings.HasPrefix(string(a), audienceTier) || strings.HasPrefix(string(a), audienceSystem)
}

// AudiencePoint is the audience of one point.
func AudiencePoint(p PointID) Audience { return Audience(audiencePoint + string(p)) }

// View returns what the point is shown: its own view, else its role's, else
// everyone's. The zero PointID asks for everyone's.
func (p *Plan) View(point PointID) *View {
	if v, ok := p.Views[AudiencePoint(point)]; ok && point != "" {
		return v
	}
	if role, ok := p.Roles[point]; ok && point != "" {
		if v, ok := p.Views[role]; ok {
			return v
		}
	}
	return p.Views[AudienceAll]
}

// Controllers returns what controllers are shown: everyone's picture, with the
// voice of a technical check if there is one (Art 7.2–7.3).
func (p *Plan) Controllers() *View {
	if v, ok := p.Views[AudienceControllers]; ok {
		return v
	}
	return p.Views[AudienceAll]
}

// Private reports whether controllers alone hear a sound: that of a technical
// check (Art 7.2–7.3).
func (p *Plan) Private(k SourceKey) bool {
	v, checking := p.Views[AudienceControllers]
	all := p.Views[AudienceAll]
	return checking && slices.Contains(v.Voices[:], k) && (all == nil || !slices.Contains(all.Voices[:], k))
}

// Permits reports whether packets of the source may pass.
func (p *Plan) Permits(k SourceKey) bool {
	_, ok := p.Open[k]
	return ok
}
