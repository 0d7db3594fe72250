package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// What a grant may hang on besides a person or a sign-in.
const (
	// Machine is the command line of the node: whoever owns its data directory.
	Machine = "machine"
	// Demo is the demonstration, which ends when it is switched off.
	Demo = "demo"
)

// Origin is where a grant comes from.
type Origin struct {
	By     string    // who handed it out, as a person reads it
	Parent string    // what it hangs on: Machine, Demo, Person of a name, or the Parent of a Session
	Until  time.Time // when it ends by itself; zero is never
}

// Person is the parent of what a person hands out for good.
func Person(name string) string { return userPrefix + name }

// Held is a token that was looked up.
type Held struct {
	ID string // of its Grant
	Principal
	Parent string
	// Life is done once the grant has ended: revoked, over, or its parent ended.
	Life context.Context
}

// grant is a token that is valid. Its record does not change.
type grant struct {
	record
	deadline time.Time // of the monotonic clock, if Until is set
	hosted   bool      // kept elsewhere: it has no document
	life     context.Context
	end      context.CancelFunc
	timer    *time.Timer // nil without Until
}

// over reports whether the grant's time has passed.
func (g *grant) over(now time.Time) bool { return !g.Until.IsZero() && !now.Before(g.deadline) }

func (g *grant) held(id string) Held {
	return Held{ID: id, Principal: g.Principal, Parent: g.parent(), Life: g.life}
}

func (g *grant) listed(id string) Grant {
	return Grant{ID: id, Principal: g.Principal, IssuedAt: g.IssuedAt, IssuedBy: g.IssuedBy, Parent: g.parent(), Until: g.Until}
}

// left is how long a grant that ends by itself still has. It is never longer
// than it was issued for, whatever the wall clock says after a restart.
func (r *record) left(now time.Time) time.Duration {
	return min(r.Until.Sub(now), r.Until.Sub(r.IssuedAt))
}

// unrooted reports whether a document older than parents says too little to be
// trusted: links of a working day, which any link could open for anybody, and
// the demo's.
func (r *record) unrooted() bool { return r.Parent == "" && (r.IssuedBy == "" || !r.Until.IsZero()) }

// parent is what the grant hangs on: in documents older than parents, on the
// person who is named as the issuer.
func (r *record) parent() string {
	if r.Parent == "" {
		return Person(r.IssuedBy)
	}
	return r.Parent
}

// admit lets a grant in. The lock is held.
func (t *Tokens) admit(id string, r record) *grant {
	g := &grant{record: r}
	g.life, g.end = context.WithCancel(context.Background())
	if !r.Until.IsZero() {
		left := r.left(t.now())
		g.deadline = t.now().Add(left)
		g.timer = time.AfterFunc(left, g.end)
	}
	t.known[id] = g
	return g
}

// dismiss ends a grant in memory, and with it all that was opened by it. The
// lock is held.
func (t *Tokens) dismiss(id string) {
	g := t.known[id]
	if g == nil {
		return
	}
	if g.timer != nil {
		g.timer.Stop()
	}
	if g.hosted {
		t.ended[id] = struct{}{}
	}
	g.end()
	delete(t.known, id)
}

// family is a set of parents and all grants that hang on one of them, or renew
// one or are renewed by it. The lock is held.
func (t *Tokens) family(of ...string) map[string]struct{} {
	set := map[string]struct{}{}
	for _, each := range of {
		set[each] = struct{}{}
	}
	for grown := true; grown; {
		grown = false
		for id, g := range t.known {
			_, in := set[id]
			_, child := set[g.parent()]
			_, renewal := set[g.Replaces]
			renewal = renewal && t.known[g.Replaces] != nil
			switch {
			case in && g.Replaces != "" && t.known[g.Replaces] != nil && !renewal:
				set[g.Replaces], grown = struct{}{}, true
			case !in && (child || renewal):
				set[id], grown = struct{}{}, true
			}
		}
	}
	return set
}

// Revoke ends a token by the ID of its Grant, with all that hangs on it. It is
// refused at once, even if the records cannot be changed: that is told, and
// done as soon as they can.
func (t *Tokens) Revoke(ctx context.Context, id string) error {
	ended := t.endAll(id)
	if len(ended) > 0 {
		_, err := t.settle(ctx, ended)
		return err
	}
	known, err := t.settle(ctx, []string{id}) // a record that an earlier revocation could not delete
	if err == nil && !known {
		return ErrUnknown
	}
	return err
}

// EndOf ends all that hangs on a parent: a person, a sign-in, the demo.
func (t *Tokens) EndOf(ctx context.Context, parent string) error {
	_, err := t.settle(ctx, t.endAll(parent))
	return err
}

// RevokeWhere ends every token that a test names, with all that hangs on it.
func (t *Tokens) RevokeWhere(ctx context.Context, which func(Grant) bool) error {
	var ended []string
	for _, g := range t.List() {
		if which(g) {
			ended = append(ended, t.endAll(g.ID)...)
		}
	}
	_, err := t.settle(ctx, ended)
	return err
}

// endAll ends a family in memory and tells which grants it ended.
func (t *Tokens) endAll(root string) (ended []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for id := range t.family(root) {
		if t.known[id] != nil {
			t.dismiss(id)
			ended = append(ended, id)
		}
	}
	return ended
}

// settle brings the records to what memory knows has ended, and reports
// whether there was a record of any. If they refuse, it is tried again until
// they do not.
func (t *Tokens) settle(ctx context.Context, ids []string) (known bool, err error) {
	var owed []string
	for _, id := range ids {
		there, failed := t.drop(ctx, id)
		if known = known || there; failed != nil {
			owed, err = append(owed, id), errors.Join(err, failed)
		}
	}
	if len(owed) > 0 {
		time.AfterFunc(settleAgain, func() {
			ctx, cancel := context.WithTimeout(context.Background(), settleAgain)
			defer cancel()
			_, _ = t.settle(ctx, owed) // what fails sets its own next time
		})
	}
	return known, err
}

// settleAgain is when a revocation that the records did not take is tried again.
const settleAgain = 5 * time.Second

// drop deletes a token's document and reports whether there was one. Of a
// hosted token it leaves that it must stay out.
func (t *Tokens) drop(ctx context.Context, id string) (there bool, err error) {
	t.mu.RLock()
	_, barred := t.ended[id]
	t.mu.RUnlock()
	_, rev, err := t.records.Get(ctx, prefix+id)
	switch {
	case err != nil:
	case barred:
		var body []byte
		if body, err = json.Marshal(record{Ended: true}); err == nil {
			_, err = t.records.Put(ctx, prefix+id, body, rev)
		}
	case rev > 0:
		err = t.records.Delete(ctx, prefix+id, rev)
	}
	if err != nil {
		return false, fmt.Errorf("revoke token %.8s: %w", id, err)
	}
	return rev > 0 || barred, nil
}
