package meeting

import (
	"fmt"
	"strings"
)

// ID names a meeting. It never changes and is never reused.
type ID string

// PointID names a bridge point (điểm cầu, Art 2.4) for its whole life; the
// number people say and type is Point.Number.
type PointID string

// Kind is what a source carries (RFC 7656 §2.1.4 "media source").
type Kind string

// The four sources a point can have.
const (
	Camera       Kind = "camera"
	Microphone   Kind = "microphone"
	Content      Kind = "content"
	ContentSound Kind = "content-sound"
)

// Kinds lists every Kind in the order of the sending m-lines of bridge.v1.
var Kinds = [...]Kind{Camera, Microphone, Content, ContentSound}

// Audio reports whether the kind is sound, and so stands behind the floor.
func (k Kind) Audio() bool { return k == Microphone || k == ContentSound }

// SourceKey names one source of one point. Its zero value is "no source".
type SourceKey struct {
	Point PointID
	Kind  Kind
}

// String gives "point/kind", or "" for the zero value.
func (k SourceKey) String() string {
	if k == (SourceKey{}) {
		return ""
	}
	return string(k.Point) + "/" + string(k.Kind)
}

// MarshalText makes a SourceKey usable as a JSON string and map key.
func (k SourceKey) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads the form of String and refuses anything else.
func (k *SourceKey) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*k = SourceKey{}
		return nil
	}
	point, kind, ok := strings.Cut(string(text), "/")
	if !ok || point == "" {
		return fmt.Errorf("source %q: want point/kind", text)
	}
	for _, known := range Kinds {
		if Kind(kind) == known {
			*k = SourceKey{Point: PointID(point), Kind: known}
			return nil
		}
	}
	return fmt.Errorf("source %q: unknown kind", text)
}
