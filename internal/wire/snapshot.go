package wire

import "github.com/giaoban/giaoban/internal/meeting"

// MaxSnapshot is the largest still a point may post, in bytes.
const MaxSnapshot = 10 << 10

// SnapshotList answers GET /api/v1/snapshots: the stills that are newer than
// the one the client had last. Seq is what it asks after next; a smaller one
// than before says that the server has started again.
type SnapshotList struct {
	Seq       uint64     `json:"seq"`
	Snapshots []Snapshot `json:"snapshots"`
}

// Snapshot is the newest still of a point's camera. JPEG is base64 in JSON.
type Snapshot struct {
	Point meeting.PointID `json:"point"`
	AtMs  int64           `json:"atMs"` // when it came
	JPEG  []byte          `json:"jpeg"`
}

// SnapshotTaken answers PUT /api/v1/snapshot: when the next still is wanted.
type SnapshotTaken struct {
	AfterMs int64 `json:"afterMs"`
}
