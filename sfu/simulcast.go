package sfu

import (
	"errors"
	"fmt"
	"math"

	"github.com/pion/rtp"
	"github.com/pion/sdp/v3"
	"github.com/pion/transport/v5/packetio"
)

// streamNames are the ids of the header extensions by which a packet names its
// m-line, its layer (RFC 8843 §15, RFC 8852 §3) and its place in all that a
// client sends (draft-holmer-rmcat-transport-wide-cc-extensions), one for the
// whole session; 0 is none.
type streamNames struct{ mid, rid, repaired, number uint8 }

// learn reads the ids of an m-line of a plain offer, where each extension has one.
func (n *streamNames) learn(m *sdp.MediaDescription) error {
	for _, a := range m.Attributes {
		e, ok := readExtension(a)
		var id *uint8
		switch {
		case a.Key != sdp.AttrKeyExtMap:
			continue
		case !ok || e.id == 0:
			return fmt.Errorf("bad extmap %.60q", a.Value)
		}
		switch e.uri {
		case sdp.SDESMidURI:
			id = &n.mid
		case sdp.SDESRTPStreamIDURI:
			id = &n.rid
		case sdp.SDESRepairRTPStreamIDURI:
			id = &n.repaired
		case sdp.TransportCCURI:
			id = &n.number
		default:
			continue
		}
		if e.id > math.MaxUint8 {
			return fmt.Errorf("bad extmap %.60q", a.Value)
		}
		*id = uint8(e.id)
	}
	return nil
}

// read gives what a packet says it is.
func (n streamNames) read(b []byte) (mid, rid, repaired string, ok bool) {
	var h rtp.Header
	if _, err := h.Unmarshal(b); err != nil {
		return "", "", "", false
	}
	return string(h.GetExtension(n.mid)), string(h.GetExtension(n.rid)), string(h.GetExtension(n.repaired)), true
}

// errNamed says that Pion does not get a packet, lest it takes the stream for
// the layer the packet names.
var errNamed = errors.New("the layer has another stream")

// quarantine is where the packets of a stream the offer did not name by its SSRC
// end up. The first stream whose packet names a declared layer is that layer's,
// or its repair's, for good. Of any other Pion reads a few packets to learn what
// it is, and nothing is ever forwarded.
type quarantine struct {
	*packetio.Buffer // for Pion
	from             *buffers
	ssrc             uint32
	left             int
	free             *declared // the stream is a layer's
}

func newQuarantine(from *buffers, ssrc uint32) *quarantine {
	q := &quarantine{Buffer: packetio.NewBuffer(), from: from, ssrc: ssrc, left: quarantineMax}
	q.SetLimitCount(quarantineMax)
	return q
}

// Read gives Pion a packet.
func (q *quarantine) Read(b []byte) (int, error) {
	n, _, err := q.Buffer.Read(b, nil)
	return n, err
}

func (q *quarantine) Write(b []byte) (int, error) {
	err := error(nil)
	if q.free == nil {
		err = q.examine(b)
	}
	if q.free != nil {
		return q.free.Write(b)
	}
	q.from.peer.sfu.count.arrive(len(b))
	q.from.peer.sfu.count.drop(dropUnbound, 1)
	if err != nil || q.left == 0 || len(b) > packetMax {
		return 0, packetio.ErrFull
	}
	q.left--
	return q.Buffer.Write(b, nil)
}

// examine frees the stream if the packet names a layer that has none, and
// refuses the packet if it names one that has.
func (q *quarantine) examine(b []byte) error {
	if len(q.from.byRID) == 0 {
		return nil
	}
	mid, rid, repaired, ok := q.from.names.read(b)
	if !ok || rid == "" && repaired == "" {
		return nil
	}
	for _, l := range q.from.byRID {
		switch {
		case mid != q.from.mid:
		case repaired == l.said && rid == "" && l.repair.CompareAndSwap(0, q.ssrc):
			q.free = q.from.declare(l, true)
		case rid == l.said && repaired == "" && l.ssrc.CompareAndSwap(0, q.ssrc):
			q.free = q.from.declare(l, false)
		}
	}
	if q.free == nil {
		return errNamed
	}
	q.from.unbound.Add(-1)
	return nil
}
