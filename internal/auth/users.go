package auth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/giaoban/giaoban/internal/limit"
)

// The errors of Users.
var (
	ErrUser     = errors.New("auth: a user has a name of 1 to 32 letters, digits, '.', '-' or '_', and 1 to 16 roles")
	ErrExists   = errors.New("auth: the user exists")
	ErrSignIn   = errors.New("auth: name and password do not match")
	ErrTooFast  = errors.New("auth: too many attempts")
	ErrOverload = errors.New("auth: too many sign-ins at once")
)

// The prefixes of the documents of people and of their sessions.
const (
	userPrefix    = "user/"
	sessionPrefix = "session/"
)

// Hold is a role somebody holds, and where: for a system and those below it,
// or one point. Empty is everywhere.
type Hold struct {
	Role   string `json:"role"`
	System string `json:"system,omitempty"`
	Point  string `json:"point,omitempty"`
}

// User is a person with a password.
type User struct {
	Name     string    `json:"name"` // to sign in by
	Display  string    `json:"display,omitempty"`
	Holds    []Hold    `json:"holds"`
	Disabled bool      `json:"disabled,omitempty"`
	MadeAt   time.Time `json:"madeAt"`
	Parent   string    `json:"parent,omitempty"` // Demo for an account that ends with it; else the account stands by itself
}

// account is a user's document.
type account struct {
	Version int `json:"version"`
	User
	Hash string   `json:"hash"`
	Near []string `json:"near,omitempty"` // neighbourhoods it has signed in from, the newest last
}

// accountVersion is the version account is written in.
const accountVersion = 1

// Users are the people of an installation. It keeps nothing in memory, so that
// all nodes of a store agree, and who is disabled is so at once.
type Users struct {
	records  Records
	tokens   *Tokens // what people have handed out
	now      func() time.Time
	cost     hashing
	patience *patience
	nobody   func() string // a hash that no password has, so that an unknown name takes as long
}

// NewUsers returns the people in some records; what they hand out is among the
// tokens and ends with them. A nil clock is time.Now.
func NewUsers(records Records, tokens *Tokens, now func() time.Time) *Users {
	if now == nil {
		now = time.Now
	}
	u := &Users{records: records, tokens: tokens, now: now, cost: ordinary, patience: newPatience(now)}
	u.nobody = sync.OnceValue(func() string { return u.cost.hash(newToken()) })
	return u
}

// First makes the operator's account if there is nobody yet, and returns its
// password, which is kept nowhere; "" if there are people already.
func (u *Users) First(ctx context.Context, role string) (password string, err error) {
	keys, err := u.records.List(ctx, userPrefix)
	if err != nil || len(keys) > 0 {
		return "", err
	}
	text := strings.ToLower(newToken())
	password = text[:5] + "-" + text[5:10] + "-" + text[10:15] + "-" + text[15:20]
	return password, u.Add(ctx, User{Name: "operator", Holds: []Hold{{Role: role}}}, password)
}

// Add makes an account.
func (u *Users) Add(ctx context.Context, who User, password string) error {
	if !validName(who.Name) || len(who.Holds) == 0 || len(who.Holds) > 16 || len(who.Display) > maxField {
		return ErrUser
	}
	for _, h := range who.Holds {
		if h.Role == "" || max(len(h.Role), len(h.System), len(h.Point)) > maxField {
			return ErrUser
		}
	}
	if err := checkPassword(password); err != nil {
		return err
	}
	if _, rev, err := u.read(ctx, who.Name); err != nil || rev > 0 {
		return errors.Join(err, ErrExists)
	}
	who.MadeAt = u.now().UTC().Truncate(time.Second)
	hash, err := u.hash(ctx, password)
	if err != nil {
		return err
	}
	return u.write(ctx, account{Version: accountVersion, User: who, Hash: hash}, 0)
}

// SetPassword gives a user another password and ends the user's sessions, with
// the links they opened. What the user handed out for good stays.
func (u *Users) SetPassword(ctx context.Context, name, password string) error {
	if err := checkPassword(password); err != nil {
		return err
	}
	hash, err := u.hash(ctx, password)
	if err != nil {
		return err
	}
	return u.change(ctx, name, func(a *account) { a.Hash = hash })
}

// Disable ends a user's rights and sessions, and all that the user handed out.
// The account stays, so that the audit log's names keep their meaning.
func (u *Users) Disable(ctx context.Context, name string) error {
	err := u.change(ctx, name, func(a *account) { a.Disabled = true })
	if errors.Is(err, ErrUnknown) {
		return err
	}
	return errors.Join(err, u.tokens.EndOf(ctx, Person(name)))
}

// EndOf disables every account that hangs on a parent.
func (u *Users) EndOf(ctx context.Context, parent string) error {
	all, err := u.List(ctx)
	if err != nil {
		return err
	}
	for _, who := range all {
		if who.Parent == parent && !who.Disabled {
			err = errors.Join(err, u.Disable(ctx, who.Name))
		}
	}
	return err
}

// changeTries is how often an account that others rewrite is changed anew.
const changeTries = 8

// change rewrites an account and ends its sessions.
func (u *Users) change(ctx context.Context, name string, how func(*account)) error {
	var written error
	for range changeTries { // a sign-in rewrites the account too, and must not put this off
		a, rev, err := u.read(ctx, name)
		if err != nil {
			return err
		}
		if rev == 0 {
			return ErrUnknown
		}
		how(&a)
		if written = u.write(ctx, a, rev); written == nil {
			break
		}
	}
	if written != nil {
		return written
	}
	// A grant that is being handed out meanwhile finds its sign-in gone.
	return u.endSessions(ctx, func(s signed) bool { return s.User == name })
}

// List gives every user, by name.
func (u *Users) List(ctx context.Context) ([]User, error) {
	keys, err := u.records.List(ctx, userPrefix)
	if err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}
	var users []User
	for _, key := range keys {
		a, rev, err := u.read(ctx, strings.TrimPrefix(key, userPrefix))
		if Damaged(err) {
			continue // the others are people still
		}
		if err != nil {
			return nil, err
		}
		if rev > 0 {
			users = append(users, a.User)
		}
	}
	return users, nil
}

// Verify checks a password without opening a session.
func (u *Users) Verify(ctx context.Context, from, name, password string) (User, error) {
	a, err := u.verify(ctx, from, name, password)
	return a.User, err
}

// verify is Verify, and gives the account that the password is of.
func (u *Users) verify(ctx context.Context, from, name, password string) (a account, err error) {
	if len(name) > maxField || len(password) > maxPassword*4 {
		name, password = "", ""
	}
	try := attempt{limit.At(from), name}
	if err := u.patience.begin(try); err != nil {
		return account{}, err
	}
	var rev uint64
	if validName(name) {
		if a, rev, err = u.read(ctx, name); err != nil {
			u.patience.forgive(try)
			return account{}, err
		}
	}
	strange := !slices.Contains(a.Near, try.from.String())
	if strange {
		if err := u.patience.strange(try); err != nil {
			return account{}, err
		}
	}
	ok, err := u.matches(ctx, try.from, a, password)
	if err == nil && !ok {
		return account{}, ErrSignIn
	}
	u.patience.forgive(try)
	if strange {
		u.patience.name.GiveBack(name)
	}
	if err != nil {
		return account{}, err
	}
	if a.meet(try.from) {
		_ = u.write(ctx, a, rev) // it stays a stranger then, which is no reason to keep anybody out
	}
	return a, nil
}

func (u *Users) read(ctx context.Context, name string) (a account, rev uint64, err error) {
	body, rev, err := u.records.Get(ctx, userPrefix+name)
	if err == nil && rev > 0 {
		a, err = readAccount(body)
	}
	if err != nil {
		return account{}, 0, fmt.Errorf("read user %q: %w", name, err)
	}
	return a, rev, nil
}

// errAccount is an account that cannot be read.
var errAccount error = damagedAccount{}

type damagedAccount struct{}

func (damagedAccount) Error() string { return "auth: the account is damaged" }

// Damaged reports what Damaged asks for.
func (damagedAccount) Damaged() bool { return true }

// readAccount decodes a user's document.
func readAccount(body []byte) (a account, err error) {
	if err := strict(body, &a); err != nil {
		return account{}, fmt.Errorf("%w: %w", errAccount, err)
	}
	if a.Version != accountVersion {
		return account{}, fmt.Errorf("%w: version %d, this program knows %d", errAccount, a.Version, accountVersion)
	}
	return a, nil
}

func (u *Users) write(ctx context.Context, a account, rev uint64) error {
	body, err := json.Marshal(a)
	if err == nil {
		_, err = u.records.Put(ctx, userPrefix+a.Name, body, rev)
	}
	if err != nil {
		return fmt.Errorf("keep user %q: %w", a.Name, err)
	}
	return nil
}

// hash works a hash out when its turn has come.
func (u *Users) hash(ctx context.Context, password string) (hash string, err error) {
	err = u.patience.work(ctx, limit.Neighbourhood{}, func() { hash = u.cost.hash(password) })
	return hash, err
}

// matches tries a password when its turn has come. For who may not sign in it
// takes as long, and is wrong.
func (u *Users) matches(ctx context.Context, from limit.Neighbourhood, a account, password string) (ok bool, err error) {
	err = u.patience.work(ctx, from, func() {
		if a.Name == "" || a.Disabled {
			matches(u.nobody(), password)
			return
		}
		ok = matches(a.Hash, password)
	})
	return ok, err
}

func validName(s string) bool {
	return s != "" && len(s) <= 32 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789.-_") == ""
}

// Holding reports whether the user holds a role somewhere.
func (u *User) Holding(role string) bool {
	return slices.ContainsFunc(u.Holds, func(h Hold) bool { return h.Role == role })
}

// strict reads one JSON value without unknown fields.
func strict(body []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	return d.Decode(into)
}
