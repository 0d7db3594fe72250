package signaling

import (
	"context"
	"errors"
	"time"

	"github.com/giaoban/giaoban/internal/limit"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/sfu"
)

// near is whose share something counts to before it is known who it is of.
type near = limit.Neighbourhood

// principal is whose share something counts to from then on.
type principal Identity

func principalOf(who Identity) principal { return principal(who) }

// everybody is the one sharer of what the whole node shares.
type everybody struct{}

// fair is everybody's share of this server; see docs/limits.md.
type fair struct {
	table limit.Table

	requests  *limit.Places[near]
	scrapes   *limit.Places[everybody]
	greetings *limit.Places[near]
	sockets   *limit.Places[near]
	sessions  *limit.Places[principal]
	hellos    *limit.Rates[principal]

	guesses *limit.Rates[near] // wrong tokens
	pinNear *limit.Rates[near]
	pins    *limit.Rates[principal]

	calls       *limit.Rates[principal]
	closings    *limit.Rates[principal]
	facts       map[meeting.Role]*limit.Rates[principal]
	otherFacts  *limit.Rates[principal]
	pointFacts  *limit.Rates[meeting.PointID]
	messages    *limit.Rates[principal]
	pointLetter *limit.Rates[meeting.PointID]
	posted      *limit.Places[principal]

	offers   *limit.Rates[principal]
	players  *limit.Places[principal]
	visits   map[visitKind]*limit.Places[everybody]
	lines    *limit.Places[principal]
	reports  *limit.Rates[principal]
	reported *limit.Places[principal]
}

// visitKind is what has places of its own among the clients of WHIP and WHEP.
type visitKind struct {
	door sfu.Door
	role meeting.Role
	feed bool // a relay source
}

func newFair(t limit.Table) *fair {
	chair, desk := limit.NewRates[principal](t, limit.ChairFacts, nil), limit.NewRates[principal](t, limit.ControllerFacts, nil)
	point := limit.NewRates[principal](t, limit.PointFacts, nil)
	return &fair{
		table:     t,
		requests:  limit.NewPlaces[near](t, limit.Requests, nil),
		scrapes:   limit.NewPlaces[everybody](t, limit.Scrapes, nil),
		greetings: limit.NewPlaces[near](t, limit.Greetings, nil),
		sockets:   limit.NewPlaces[near](t, limit.Sockets, nil),
		sessions:  limit.NewPlaces[principal](t, limit.Sessions, nil),
		hellos:    limit.NewRates[principal](t, limit.Hellos, nil),

		guesses: limit.NewRates[near](t, limit.Guesses, nil),
		pinNear: limit.NewRates[near](t, limit.PinNear, nil),
		pins:    limit.NewRates[principal](t, limit.Pins, nil),

		calls:    limit.NewRates[principal](t, limit.Calls, nil),
		closings: limit.NewRates[principal](t, limit.Closings, nil),
		facts: map[meeting.Role]*limit.Rates[principal]{
			meeting.RoleRoom: point, meeting.RoleFocal: point, meeting.RoleChair: chair,
			meeting.RoleController: desk, meeting.RoleOperator: desk,
		},
		otherFacts:  limit.NewRates[principal](t, limit.OtherFacts, nil),
		pointFacts:  limit.NewRates[meeting.PointID](t, limit.FactsOfPoint, nil),
		messages:    limit.NewRates[principal](t, limit.Messages, nil),
		pointLetter: limit.NewRates[meeting.PointID](t, limit.MessagesOfPoint, nil),
		posted:      limit.NewPlaces[principal](t, limit.Posted, nil),

		offers:  limit.NewRates[principal](t, limit.OffersOf, nil),
		players: limit.NewPlaces[principal](t, limit.Visits, nil),
		visits: map[visitKind]*limit.Places[everybody]{
			{door: sfu.DoorWHIP, role: meeting.RoleRoom}:             limit.NewPlaces[everybody](t, limit.EncoderVisits, nil),
			{door: sfu.DoorWHIP, role: meeting.RoleRoom, feed: true}: limit.NewPlaces[everybody](t, limit.FeedVisits, nil),
			{door: sfu.DoorWHEP, role: meeting.RoleRoom}:             limit.NewPlaces[everybody](t, limit.RoomVisits, nil),
			{door: sfu.DoorWHEP, role: meeting.RoleChair}:            limit.NewPlaces[everybody](t, limit.ChairVisits, nil),
			{door: sfu.DoorWHEP, role: meeting.RoleController}:       limit.NewPlaces[everybody](t, limit.ControllerVisits, nil),
			{door: sfu.DoorWHEP, role: meeting.RoleObserver}:         limit.NewPlaces[everybody](t, limit.ObserverVisits, nil),
		},
		lines:    limit.NewPlaces[principal](t, limit.Lines, nil),
		reports:  limit.NewRates[principal](t, limit.Reports, nil),
		reported: limit.NewPlaces[principal](t, limit.ReportsAtOnce, nil),
	}
}

// closingNames are the commands that can only close something, or do so with
// the arguments closes looks at. Their frames count towards no rate.
var closingNames = map[string]bool{
	meeting.CommandName(meeting.RevokeFloor{}): true, meeting.CommandName(meeting.ReleaseFloor{}): true,
	meeting.CommandName(meeting.CloseAll{}): true, meeting.CommandName(meeting.SwitchOff{}): true,
	meeting.CommandName(meeting.CloseFeed{}): true, meeting.CommandName(meeting.EndMeeting{}): true,
	meeting.CommandName(meeting.SetContentSound{}): true, meeting.CommandName(meeting.SetMode{}): true,
}

// closes reports whether a command can only close what is open. It is never
// refused for its rate.
func closes(c meeting.Command) bool {
	switch c := c.(type) {
	case meeting.SetContentSound:
		return !c.On
	case meeting.SetMode:
		return c.Mode == meeting.ModeChairOnly
	default:
		return closingNames[meeting.CommandName(c)]
	}
}

// command counts a command in, or refuses it.
func (f *fair) command(who Identity, c meeting.Command) error {
	if closes(c) {
		return nil
	}
	mine, points := f.facts[who.Role], f.pointFacts
	if mine == nil {
		mine = f.otherFacts
	}
	if _, letter := c.(meeting.SendMessage); letter {
		mine, points = f.messages, f.pointLetter
	}
	if err := mine.Take(principalOf(who)); err != nil {
		return err
	}
	if who.Point == "" {
		return nil
	}
	return points.Take(who.Point)
}

// pace waits as long as a refusal says, for what is slowed down rather than
// refused.
func pace(ctx context.Context, over error) error {
	var r *limit.Refusal
	if !errors.As(over, &r) {
		return nil
	}
	timer := time.NewTimer(r.After)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// overRate reports whether an error is a refusal that time mends, which is not
// kept as an answer: the same command may come again.
func overRate(err error) bool {
	var r *limit.Refusal
	return errors.As(err, &r)
}
