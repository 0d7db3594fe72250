// Package auth knows who somebody is: by a token, or by name and password.
//
// A token is 130 random bits handed to a device or a role in a link. Only its
// SHA-256 is kept, so the store cannot be used to sign in; a hash without salt
// is enough for a secret nobody can guess. Tokens are for ever until revoked;
// one that was handed out by pairing speaks for its device alone, and is
// renewed while it is used.
//
// A person's password is kept as argon2id (RFC 9106). Signing in opens a
// session: a random id, kept as its hash, which a browser holds in a cookie.
//
// No goroutine. Tokens.mu guards the table in memory, Pairings.mu the codes,
// limiter.mu its tallies; none is held over IO.
package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// The errors of Tokens.
var (
	ErrToken     = errors.New("auth: a token has 20 to 128 characters")
	ErrPrincipal = errors.New("auth: a principal has a role, and no field over 200 bytes")
	ErrUnknown   = errors.New("auth: no such token")
	ErrTaken     = errors.New("auth: the token belongs to somebody else")
)

// Bounds of what is looked up: a token of rand.Text has 26 characters.
const (
	minToken = 20
	maxToken = 128
	maxField = 200
)

// prefix begins the key of a token's document; its hash is the rest.
const prefix = "token/"

// Principal is who a token speaks for. Role is the name of a meeting.Role.
type Principal struct {
	Role  string `json:"role"`
	Point string `json:"point,omitempty"` // the principal's own point: a room's, or the chair point of a chair's tablet
	Name  string `json:"name,omitempty"`  // what the log calls the principal

	System string `json:"system,omitempty"` // the only system it is for; empty is every one
	Device string `json:"device,omitempty"` // the only device that may use the token; empty is any
}

// Grant is a token as it can be listed: without the token.
type Grant struct {
	ID string // the token's hash, in hex; for Revoke
	Principal
	IssuedAt time.Time
	IssuedBy string
	Until    time.Time // zero: for ever until revoked
}

// Records keeps the documents of tokens. Revision 0 means there is none.
type Records interface {
	Get(ctx context.Context, key string) (body []byte, rev uint64, err error)
	Put(ctx context.Context, key string, body []byte, rev uint64) (uint64, error)
	Delete(ctx context.Context, key string, rev uint64) error
	List(ctx context.Context, prefix string) ([]string, error)
}

// record is a token's document.
type record struct {
	Principal
	IssuedAt time.Time `json:"issuedAt"`
	IssuedBy string    `json:"issuedBy,omitempty"`
	Replaces string    `json:"replaces,omitempty"` // id of the token it renews
	Until    time.Time `json:"until,omitzero"`     // when it ends by itself
}

// over reports whether the token's time has passed.
func (r *record) over(now time.Time) bool { return !r.Until.IsZero() && !now.Before(r.Until) }

// Tokens is every token of this node, in memory and in its records.
type Tokens struct {
	records Records
	now     func() time.Time

	mu    sync.RWMutex
	known map[string]record // by hash
}

// Open loads the tokens.
func Open(ctx context.Context, records Records) (*Tokens, error) {
	keys, err := records.List(ctx, prefix)
	if err != nil {
		return nil, fmt.Errorf("load tokens: %w", err)
	}
	t := &Tokens{records: records, now: time.Now, known: make(map[string]record, len(keys))}
	for _, key := range keys {
		id := strings.TrimPrefix(key, prefix)
		body, rev, err := records.Get(ctx, key)
		if err != nil && !Damaged(err) {
			return nil, fmt.Errorf("load token %.8s: %w", id, err)
		}
		if err == nil && rev == 0 {
			continue // revoked meanwhile
		}
		var r record
		if err != nil || json.Unmarshal(body, &r) != nil || r.Role == "" {
			continue // it opens nothing; CheckRecord says what is wrong with it
		}
		t.known[id] = r
	}
	return t, nil
}

// Lookup tells who a token speaks for. It compares hashes, so its time says
// nothing about how near a guess was.
func (t *Tokens) Lookup(token string) (Principal, bool) {
	if len(token) < minToken || len(token) > maxToken {
		return Principal{}, false
	}
	id := hash(token)
	t.mu.RLock()
	defer t.mu.RUnlock()
	r, ok := t.known[id]
	if !ok || r.over(t.now()) {
		return Principal{}, false
	}
	return r.Principal, true
}

// Issue makes a token for a principal; by says who handed it out. Earlier ones
// stay valid.
func (t *Tokens) Issue(ctx context.Context, p Principal, by string) (token string, err error) {
	token = newToken()
	return token, t.keep(ctx, token, record{Principal: p, IssuedBy: by})
}

// IssueUntil is Issue for a token that ends by itself. Those that have ended
// are forgotten.
func (t *Tokens) IssueUntil(ctx context.Context, p Principal, by string, until time.Time) (token string, err error) {
	if err := t.RevokeWhere(ctx, func(g Grant) bool { return !g.Until.IsZero() && !t.now().Before(g.Until) }); err != nil {
		return "", err
	}
	token = newToken()
	return token, t.keep(ctx, token, record{Principal: p, IssuedBy: by, Until: until.UTC()})
}

// RevokeWhere ends every token that a test names.
func (t *Tokens) RevokeWhere(ctx context.Context, which func(Grant) bool) error {
	for _, g := range t.List() {
		if !which(g) {
			continue
		}
		if err := t.Revoke(ctx, g.ID); err != nil && !errors.Is(err, ErrUnknown) {
			return err
		}
	}
	return nil
}

// Add makes a token that was chosen elsewhere speak for a principal. Adding it
// again for the same principal changes nothing.
func (t *Tokens) Add(ctx context.Context, token string, p Principal) error {
	if len(token) < minToken || len(token) > maxToken {
		return ErrToken
	}
	if known, ok := t.Lookup(token); ok {
		if known != p {
			return ErrTaken
		}
		return nil
	}
	return t.keep(ctx, token, record{Principal: p})
}

// keep puts a token's record away and lets it in.
func (t *Tokens) keep(ctx context.Context, token string, r record) error {
	if r.Role == "" || max(len(r.Role), len(r.Point), len(r.Name), len(r.System), len(r.Device)) > maxField {
		return ErrPrincipal
	}
	r.IssuedAt = t.now().UTC().Truncate(time.Second)
	body, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encode token: %w", err)
	}
	id := hash(token)
	if _, err := t.records.Put(ctx, prefix+id, body, 0); err != nil {
		return fmt.Errorf("keep token: %w", err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.known[id] = r
	return nil
}

// Revoke ends a token by the ID of its Grant. It is refused at once, even if
// the records cannot be changed.
func (t *Tokens) Revoke(ctx context.Context, id string) error {
	t.mu.Lock()
	_, ok := t.known[id]
	delete(t.known, id)
	t.mu.Unlock()
	_, rev, err := t.records.Get(ctx, prefix+id)
	if err != nil {
		return fmt.Errorf("revoke token %.8s: %w", id, err)
	}
	if rev == 0 {
		if ok {
			return nil
		}
		return ErrUnknown
	}
	if err := t.records.Delete(ctx, prefix+id, rev); err != nil {
		return fmt.Errorf("revoke token %.8s: %w", id, err)
	}
	return nil
}

// List gives every token, oldest first.
func (t *Tokens) List() []Grant {
	t.mu.RLock()
	grants := make([]Grant, 0, len(t.known))
	for id, r := range t.known {
		grants = append(grants, Grant{ID: id, Principal: r.Principal, IssuedAt: r.IssuedAt, IssuedBy: r.IssuedBy, Until: r.Until})
	}
	t.mu.RUnlock()
	slices.SortFunc(grants, func(a, b Grant) int {
		if c := a.IssuedAt.Compare(b.IssuedAt); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return grants
}

func hash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// newToken is a secret nobody can guess: 130 bits.
func newToken() string { return rand.Text() }
