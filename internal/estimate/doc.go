// Package estimate judges how much a client's line takes: from the receiver's
// own estimate (REMB, draft-alvestrand-rmcat-remb-03), from the loss and the
// round trip of its reports (RFC 3550 §6.4.2), and by probing.
//
// It owns no goroutine, no lock and no clock; times are durations since an
// instant the caller chose. Each value has one owner.
package estimate
