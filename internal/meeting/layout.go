package meeting

// LayoutKind names an arrangement of tiles; tile 0 is the largest.
type LayoutKind string

// The arrangements and, in layoutTiles, how many tiles each has.
const (
	Layout1        LayoutKind = "1"
	Layout1p1      LayoutKind = "1+1"
	Layout2x2      LayoutKind = "2x2"
	Layout3x3      LayoutKind = "3x3"
	Layout1p5      LayoutKind = "1+5"
	LayoutContent1 LayoutKind = "content+1"
)

var layoutTiles = map[LayoutKind]int{
	Layout1: 1, Layout1p1: 2, Layout2x2: 4, Layout3x3: 9, Layout1p5: 6, LayoutContent1: 2,
}

// Tiles is how many tiles the arrangement has, 0 if it is unknown.
func (k LayoutKind) Tiles() int { return layoutTiles[k] }

// BindingKind says what a tile follows.
type BindingKind string

// What a tile can be bound to.
const (
	BindBlank   BindingKind = "blank"
	BindPoint   BindingKind = "point"
	BindSpeaker BindingKind = "speaker" // the newest holder, else the chair point
	BindChair   BindingKind = "chair"
	BindContent BindingKind = "content"
)

// Binding is what one tile shows. Point is set for BindPoint only.
type Binding struct {
	Kind  BindingKind `json:"kind"`
	Point PointID     `json:"point,omitempty"`
}

// Layout is an arrangement with a binding for each of its tiles.
type Layout struct {
	Kind  LayoutKind `json:"kind"`
	Tiles []Binding  `json:"tiles"`
}
