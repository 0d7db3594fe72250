// Package meeting is the pure machine of one meeting (ARCHITECTURE §4): an
// event log, folded. Decide judges a command and returns facts, Apply folds
// facts, Plan says what the state means for media. The package has no
// goroutine, lock, clock, log or randomness; a Meeting belongs to one
// goroutine, the focus actor, which journals a fact before anyone else sees
// what it led to.
//
// # The rules in prose
//
// A microphone is open only when the chair's side asked that point to speak
// (Art 9.2.a), the room is present, and the room pressed OK (D1). The first is
// a grant, the second presence, the third a switch; the gate in the SFU is
// open when all three hold and closed otherwise. There is no other way to open
// one. The switch belongs to the media session (the PeerConnection) that OK was
// pressed on: the gate is permitted for that one alone, and another session of
// the same device is a loss and a return. A point set to auto-open is switched on by its grant, but never by its
// return from a loss.
//
// The chair point's microphone is always allowed, and it too is a request, a
// grant and a switch in the log (D4). No limit counts it, closing all spares
// it, and it has a voice of its own.
//
// A controller may invite on the chair's behalf; Request.By then says
// "controller", which reads "theo chỉ đạo của Chủ trì" (D2).
//
// A point is one seat for one device. A device that is lost keeps seat and
// grant for AbsenceWindow, with the microphone off; it comes back as Resumed
// and presses OK again (D3). After that the grant is revoked, the request
// leaves the queue and the seat is free. A held grant also ends when discussion
// mode needs its place. Another device waits; it takes over by itself once the
// old one has been lost for TakeoverAfter, at once if the old one is simulated
// and it is not, and otherwise when a controller confirms. After the
// confirmation the seat is reserved for it: it connects as from a loss. A grant
// is held for a device and ends with a takeover; a request is the point's and
// stays in the queue, but for a simulated device's.
//
// Everyone sees AudienceAll's layout, unless the chair point or a point has one
// of its own. A tile that follows the speaker shows the newest holder who is
// present, else the chair point. A room whose full screen would show only
// itself sees the chair point. Giving the floor puts the point on the main tile
// of everyone's layout.
//
// A point may be of a tier and of a system; either can have a layout. Of several
// a point sees the one that names it most closely: its own, the chair point's,
// its tier's, its system's, everyone's. The rotation shows points in turn; its
// steps are facts, so that every node shows the same point.
//
// The controller arranges the queue, puts notes to requests and passes them to
// the chair (Art 9.1.c). The programme is the order agreed beforehand: "next"
// invites its first waiting entry's point, and a grant to any point takes that
// point's first waiting entry as its turn. A turn may have a limit, which warns
// or closes. The content floor is the controller's alone while it is locked; its
// sound is a microphone: off at the grant, on by the presenter's act alone, off by
// a loss, by closing all, by "chair only" and by giving another the floor, which
// leave the picture.
//
// What could not be put on record closes. The first fact after a time in which the
// log took nothing, JournalRestored, switches every sound off and keeps the grants.
//
// A technical check is a grant heard by the controllers alone (Art 7.2–7.3). It
// takes no place on the floor, follows no mode and ends when its voice is needed.
//
// A relay source is a feed from the centre (Art 5.4.a). Its sound is opened by a
// controller on an order that is on record, instead of by an invitation and an OK;
// it closes with a loss, and only another order opens it again. Its own return is
// everything but itself.
//
// A meeting may have a lobby, which opens by itself before the start (Art 7.1).
// Until the meeting is opened, points are tested: nobody but the chair point is
// heard or shown content by everyone. Closing asks each point for its check, then
// releases it (Art 9.2.e). A point that leaves without release is on record (Art
// 9.2.c), and one that left stays out until a controller calls it. Who was away
// for longer than the window returns by itself or by a controller's click, as the
// meeting says (D3); a locked meeting lets nobody in without that click.
//
// One controller holds the control token: the first to act, or who took it last.
// A loss beyond the window is an incident, from the loss to the return (Art 9.2.d).
//
// A point is of a node of the tree, and the meeting is led by one at or above
// all of them. The leader's controllers operate it; those of a node below keep
// repair of their own part (Art 6.3). A link that stays lost takes the points
// behind it, and is an incident. That part may go on as an island: another
// meeting, which ends when the link is back and is then on record here. A node
// that relays has the order on record; who is behind only receives until invited
// (Art 5.4.a).
//
// # A floor request (RFC 8855 §4.1)
//
//	from     by            fact             to
//	-        the point     FloorRequested   pending
//	-        invitation    FloorRequested   pending, and granted in the same decision
//	pending  controller    FloorAccepted    accepted: passed to the chair
//
// and pending or accepted
//
//	waiting  the point     FloorCancelled   ended
//	waiting  controller    FloorMoved       the same, elsewhere in the queue
//	waiting  chair's side  FloorDeferred    the same, last in the queue
//	waiting  chair's side  FloorDenied      ended
//	waiting  chair's side  FloorGranted     granted
//	granted  the point     FloorReleased    ended
//	granted  chair's side  FloorRevoked     ended
//	granted  its time      FloorRevoked     ended, if the meeting closes at zero
//
// # Presence
//
//	from     by                               fact            to
//	absent   Connect                          PointConnected  present
//	present  Lose                             PointLost       lost
//	lost     Connect of the same device       PointConnected  present, resumed
//	lost     AbsenceWindow                    PointFreed      absent, an incident opens
//	present  LeavePoint, also while lost      PointLeft       absent
//	present  a confirmed device, a real one   PointTakenOver  lost, held for the new device
//	lost     the same, or TakeoverAfter       PointTakenOver  lost, held for the new device
//
// A point connects from absent unless the lobby has not opened, the meeting is
// locked, it had left, or its return needs a click; PointReadmitted and
// PointSummoned let it in once.
//
// # Phases
//
//	from             by                            fact            to
//	waiting          LobbyMinutes before StartsAt  LobbyOpened     lobby
//	waiting          controller, operator          LobbyOpened     lobby
//	waiting, lobby   chair's side                  MeetingStarted  open
//	open             chair's side                  ClosingBegun    closing
//	any              chair's side, operator        MeetingEnded    ended
//
// A meeting without a lobby is open from its creation, and so is an island.
//
// # Modes of the speech floor
//
//	mode         limit  a request       a grant beyond the limit  on entry
//	chair-only   0      floor.closed    floor.closed              holders revoked
//	one-by-one   1      queue           ends the old one          newest holder kept
//	discussion   2–3    queue           floor.full, unless one    newest holders kept
//	                                    is lost, which ends
//
// The limit does not count the chair point. The content floor has one holder
// in every mode; a new grant ends the old.
//
// # Invariants
//
// Each is a property test at every prefix of random logs.
//
//  1. A microphone's gate is open if and only if its point is granted the
//     speech floor, present, and switched on; a relay source's if and only if it
//     is present and was opened by an order.
//     Every gate is open for the media session its point is here with.
//  2. A camera's gate is open if and only if its point is present, has not
//     switched it off, and is not behind a relay without being invited; content's if and only if its point is granted the content
//     floor and present; content sound's if besides it is switched on.
//  3. There is no grant without a request.
//  4. The speech floor has at most Limit holders besides the chair point and one
//     technical check, the content floor at most one.
//  5. A voice has one source, a grant one voice, kept to its end.
//  6. A point that is not present is not switched on; an absent one has no
//     request and no device.
//  7. An ended meeting has no request, and no gate is open.
//  8. fold(log) = Restore(snapshot) + the tail of the log.
//  9. Decide changes nothing; a refused command and a refused fact leave the
//     state equal.
//  10. Plan depends on nothing but the state.
//  11. What Decide and Expire return, Apply accepts in that order.
//  12. A technical check's voice is in the controllers' view alone.
//  13. Before the meeting is opened nobody but the chair point holds the speech
//     floor for everyone.
//  14. A controller without the control token changes nothing but control,
//     messages and incidents.
//  15. A node below the leader's changes nothing of a point that is not its own,
//     but for the chair's.
//  16. Who speaks for an entry of the programme holds the floor; a point there has
//     no open incident.
//  17. After JournalRestored no sound is open.
//  18. What Shut puts on record closes that opening and nothing else.
package meeting
