package operator

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/giaoban/giaoban/internal/catalog"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store"
	"github.com/giaoban/giaoban/internal/wire"
)

// Directory tells the pages of a meeting who looks after a point. It answers
// from memory and is refreshed with every change made on this node.
type Directory struct {
	docs     store.Catalog
	meetings Meetings
	now      atomic.Pointer[catalog.Book]
}

// OpenDirectory reads the catalogue.
func OpenDirectory(ctx context.Context, docs store.Catalog, meetings Meetings) (*Directory, error) {
	d := &Directory{docs: docs, meetings: meetings}
	return d, d.Refresh(ctx)
}

// Refresh reads the catalogue anew. Where it is damaged, what was known stays:
// at a start nothing, and meetings go on by what they copied of it. It cannot be
// changed until it is set aside; a role of one system covers nothing meanwhile.
func (d *Directory) Refresh(ctx context.Context) error {
	b, _, err := store.LoadBook(ctx, d.docs)
	if errors.Is(err, store.ErrDamaged) {
		if d.now.Load() == nil {
			d.now.Store(&catalog.Book{})
		}
		return nil
	}
	if err != nil {
		return err
	}
	d.now.Store(b)
	return nil
}

// Card is who looks after a point, nil if nothing is known.
func (d *Directory) Card(point meeting.PointID) *wire.CardView {
	p := d.now.Load().Point(point)
	if p == nil {
		return nil
	}
	return cardOf(p)
}

// Ceiling is the most a client of a point is sent, bits a second; 0 is no limit.
func (d *Directory) Ceiling(point meeting.PointID) uint64 {
	p := d.now.Load().Point(point)
	if p == nil {
		return 0
	}
	return uint64(p.DownKbps) * 1000
}

// Support is whom the rooms of a meeting call: the first officer of its chair
// point (Art 8.1).
func (d *Directory) Support(id meeting.ID) *wire.ContactView {
	f := d.meetings.Get(id)
	if f == nil || f.Current() == nil {
		return nil
	}
	p := d.now.Load().Point(f.Current().State.ChairPoint)
	if p == nil {
		return nil
	}
	if contacts := contactsOf(p); len(contacts) > 0 {
		return &contacts[0]
	}
	return nil
}

// Under reports whether a system is another or stands below it.
func (d *Directory) Under(system, top string) bool { return d.now.Load().Under(system, top) }

// OpensAlone reports whether the point is a relay source, or has a consent on
// record to open its microphone by its invitation alone.
func (d *Directory) OpensAlone(point meeting.PointID) bool {
	p := d.now.Load().Point(point)
	return p != nil && (p.AutoOpen || p.Kind == catalog.KindRelay)
}

func contactsOf(p *catalog.Point) []wire.ContactView {
	var contacts []wire.ContactView
	for _, o := range p.Officers {
		if o.Active {
			contacts = append(contacts, wire.ContactView{Name: o.Name, Phone: o.Phone, Email: o.Email})
		}
	}
	return contacts
}

// cardOf is nil for a point of which nothing but its name is known.
func cardOf(p *catalog.Point) *wire.CardView {
	card := &wire.CardView{Room: p.Room, Officers: contactsOf(p), Carrier: p.Carrier, Circuit: p.Circuit}
	if card.Room == "" && card.Carrier == "" && card.Circuit == "" && len(card.Officers) == 0 {
		return nil
	}
	card.Unit = p.Name
	return card
}
