package wire

import "github.com/giaoban/giaoban/internal/meeting"

// MediaReport is what a page says of what it plays, since its last report
// ("media.report"). It shows nobody anything but the controllers.
type MediaReport struct {
	Freezes   int     `json:"freezes"`   // pictures that stood still, as the browser counts them
	FrozenMs  int     `json:"frozenMs"`  // for so long together
	Concealed float64 `json:"concealed"` // sound that was made up, percent
}

// Quality tells controllers once a second how the lines of points are ("quality").
type Quality struct {
	AtMs  int64      `json:"atMs"`
	Lines []LineView `json:"lines"` // of points whose media is on this node or on one below
}

// LineWord is how a line is in a word: Tốt, Yếu. One that is lost has no row;
// its point's presence says so.
type LineWord string

// The words.
const (
	LineGood LineWord = "good"
	LineWeak LineWord = "weak"
)

// LineView is the line of one point, over about a second. Up is from the point.
type LineView struct {
	Point        meeting.PointID `json:"point"`
	Word         LineWord        `json:"word"`
	UpKbps       int             `json:"upKbps"`
	DownKbps     int             `json:"downKbps"`
	EstimateKbps int             `json:"estimateKbps"` // what the line to the point takes
	LossUp       float64         `json:"lossUp"`       // percent, before repair
	LossDown     float64         `json:"lossDown"`
	RTTMs        int64           `json:"rttMs"`
	JitterMs     int64           `json:"jitterMs"` // the worse way
	QueueMs      int64           `json:"queueMs"`  // what of rttMs is waiting
	Layers       []string        `json:"layers,omitempty"`
	Paused       int             `json:"paused,omitempty"` // pictures the line has no room for
	Freezes      int             `json:"freezes,omitempty"`
	FrozenMs     int             `json:"frozenMs,omitempty"`
	Concealed    float64         `json:"concealed,omitempty"`
}
