// Package auth knows who somebody is: by a token, or by name and password.
//
// A token is 130 random bits handed to a device or a role in a link. Only its
// SHA-256 is kept, so the store cannot be used to sign in; a hash without salt
// is enough for a secret nobody can guess. Tokens are for ever until revoked;
// one that was handed out by pairing speaks for its device alone, and is
// renewed while it is used.
//
// Every grant has a parent: the sign-in or the person that handed it out, the
// machine's own command line, or the demo. Whoever ends a parent ends all that
// hangs on it. A grant has a Life, a context that is done once the grant has
// ended, whatever ended it, so that what was opened with it ends too.
//
// A person's password is kept as argon2id (RFC 9106). Signing in opens a
// session: a random id, kept as its hash, which a browser holds in a cookie.
//
// No goroutine but the runtime's for the timer of a grant that ends by itself.
// Tokens.mu guards the table in memory, Pairings.mu the codes, limiter.mu its
// tallies; none is held over IO.
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
	ErrParent    = errors.New("auth: a grant needs a parent")
	ErrEnded     = errors.New("auth: the token was revoked")
)

// Bounds of what is looked up: a token of rand.Text has 26 characters.
const (
	minToken = 20
	maxToken = 128
	maxField = 200

	maxExclude = 25 * 65 // 25 points of at most 64 bytes
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

	// Of an observer: the one audience it shows, empty is everyone's, and the points
	// whose sound it leaves out, between commas.
	Audience string `json:"audience,omitempty"`
	Exclude  string `json:"exclude,omitempty"`
}

// Grant is a token as it can be listed: without the token.
type Grant struct {
	ID string // the token's hash, in hex; for Revoke
	Principal
	IssuedAt time.Time
	IssuedBy string
	Parent   string    // what it hangs on; see Origin
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
	Parent   string    `json:"parent,omitempty"`   // "" in documents older than parents
	Replaces string    `json:"replaces,omitempty"` // id of the token it renews
	Until    time.Time `json:"until,omitzero"`     // when it ends by itself
	Ended    bool      `json:"ended,omitempty"`    // a token that is kept elsewhere and must stay out
}

// Tokens is every token of this node, in memory and in its records.
type Tokens struct {
	records Records
	now     func() time.Time

	mu    sync.RWMutex
	known map[string]*grant   // by hash
	ended map[string]struct{} // hashes of hosted tokens that were revoked
}

// Open loads the tokens, and deletes those that have ended meanwhile.
func Open(ctx context.Context, records Records) (*Tokens, error) {
	return load(ctx, records, time.Now)
}

func load(ctx context.Context, records Records, clock func() time.Time) (*Tokens, error) {
	keys, err := records.List(ctx, prefix)
	if err != nil {
		return nil, fmt.Errorf("load tokens: %w", err)
	}
	t := &Tokens{records: records, now: clock, known: make(map[string]*grant, len(keys)), ended: map[string]struct{}{}}
	var over []string
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
		if err != nil || json.Unmarshal(body, &r) != nil || r.Role == "" && !r.Ended {
			continue // it opens nothing; CheckRecord says what is wrong with it
		}
		switch now := t.now(); {
		case r.Ended:
			t.ended[id] = struct{}{}
		case r.unrooted(), r.left(now) <= 0 && !r.Until.IsZero():
			over = append(over, id)
		default:
			t.admit(id, r)
		}
	}
	for _, id := range over {
		if _, err := t.drop(ctx, id); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// Lookup tells who a token speaks for, and until when. It compares hashes, so
// its time says nothing about how near a guess was.
func (t *Tokens) Lookup(token string) (Held, bool) {
	if len(token) < minToken || len(token) > maxToken {
		return Held{}, false
	}
	id := hash(token)
	t.mu.RLock()
	defer t.mu.RUnlock()
	g := t.known[id]
	if g == nil || g.over(t.now()) {
		return Held{}, false
	}
	return g.held(id), true
}

// Issue makes a token for a principal. Earlier ones stay valid.
func (t *Tokens) Issue(ctx context.Context, p Principal, from Origin) (token string, err error) {
	if from.Parent == "" {
		return "", ErrParent
	}
	if err := t.forget(ctx); err != nil {
		return "", err
	}
	token = newToken()
	return token, t.keep(ctx, token, record{Principal: p, IssuedBy: from.By, Parent: from.Parent, Until: from.Until})
}

// forget deletes what has ended by itself.
func (t *Tokens) forget(ctx context.Context) error {
	return t.RevokeWhere(ctx, func(g Grant) bool { return !g.Until.IsZero() && !t.now().Before(g.Until) })
}

// Host lets in a token that is kept elsewhere, for as long as this program
// runs. It hangs on Demo. One that was revoked stays out: ErrEnded. Hosting it
// again for the same principal changes nothing.
func (t *Tokens) Host(token string, p Principal) error {
	if len(token) < minToken || len(token) > maxToken {
		return ErrToken
	}
	if err := checkPrincipal(p); err != nil {
		return err
	}
	id := hash(token)
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, out := t.ended[id]; out {
		return ErrEnded
	}
	if g := t.known[id]; g != nil {
		if g.Principal != p {
			return ErrTaken
		}
		return nil
	}
	t.admit(id, record{Principal: p, Parent: Demo, IssuedAt: t.now().UTC().Truncate(time.Second)}).hosted = true
	return nil
}

// Barred reports whether a hosted token was revoked.
func (t *Tokens) Barred(token string) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	_, out := t.ended[hash(token)]
	return out
}

// keep puts a token's record away and lets it in.
func (t *Tokens) keep(ctx context.Context, token string, r record) error {
	if err := checkPrincipal(r.Principal); err != nil {
		return err
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
	gone := r.Replaces != "" && t.known[r.Replaces] == nil
	if !gone {
		t.admit(id, r)
	}
	t.mu.Unlock()
	if gone { // revoked while its renewal was written
		_, err := t.drop(ctx, id)
		return errors.Join(ErrUnknown, err)
	}
	return nil
}

func checkPrincipal(p Principal) error {
	if p.Role == "" || max(len(p.Role), len(p.Point), len(p.Name), len(p.System), len(p.Device), len(p.Audience)) > maxField || len(p.Exclude) > maxExclude {
		return ErrPrincipal
	}
	return nil
}

// List gives every token, oldest first.
func (t *Tokens) List() []Grant {
	t.mu.RLock()
	grants := make([]Grant, 0, len(t.known))
	for id, g := range t.known {
		grants = append(grants, g.listed(id))
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

// IDOf is the ID of a token's Grant.
func IDOf(token string) string { return hash(token) }

func hash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// newToken is a secret nobody can guess: 130 bits.
func newToken() string { return rand.Text() }
