package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// SessionLife is how long a sign-in lasts.
const SessionLife = 12 * time.Hour

// signed is a session's document.
type signed struct {
	Version int       `json:"version"`
	User    string    `json:"user"`
	Until   time.Time `json:"until"`
}

// SignIn opens a session for whoever has the name and the password. From
// gives the address. Unknown names, wrong passwords and disabled accounts are
// one error and take one time.
func (u *Users) SignIn(ctx context.Context, from, name, password string) (session string, who User, err error) {
	a, err := u.verify(ctx, from, name, password)
	if err != nil {
		return "", User{}, err
	}
	who = a.User
	if err := u.endSessions(ctx, func(s signed) bool { return !s.valid(u.now()) }); err != nil {
		return "", User{}, err
	}
	session = newToken()
	body, err := json.Marshal(signed{Version: accountVersion, User: who.Name, Until: u.now().Add(SessionLife).UTC()})
	if err == nil {
		_, err = u.records.Put(ctx, sessionPrefix+hash(session), body, 0)
	}
	if err != nil {
		return "", User{}, fmt.Errorf("keep session: %w", err)
	}
	// A password that was changed meanwhile has ended every session but this one.
	if now, _, err := u.read(ctx, who.Name); err != nil || now.Hash != a.Hash {
		return "", User{}, errors.Join(err, ErrSignIn, u.SignOut(ctx, session))
	}
	return session, who, nil
}

// Session is a person's sign-in.
type Session struct {
	User
	Parent string    // of the links the sign-in opens
	Until  time.Time // when it ends by itself
}

// Session tells who a session belongs to.
func (u *Users) Session(ctx context.Context, session string) (who Session, ok bool, err error) {
	if len(session) < minToken || len(session) > maxToken {
		return Session{}, false, nil
	}
	key := sessionPrefix + hash(session)
	body, rev, err := u.records.Get(ctx, key)
	if err != nil || rev == 0 {
		return Session{}, false, err
	}
	var s signed
	if strict(body, &s) != nil || !s.valid(u.now()) {
		return Session{}, false, nil
	}
	a, rev, err := u.read(ctx, s.User)
	if err != nil || rev == 0 || a.Disabled {
		return Session{}, false, err
	}
	return Session{User: a.User, Parent: key, Until: s.Until}, true, nil
}

// valid reports whether a session's time has not passed. One that would last
// longer than any is of a clock that was wrong.
func (s *signed) valid(now time.Time) bool {
	left := s.Until.Sub(now)
	return left > 0 && left <= SessionLife+clockSlack
}

// clockSlack is how far a clock is set back in the ordinary course of keeping time.
const clockSlack = 5 * time.Minute

// SignOut ends a session and the links it opened.
func (u *Users) SignOut(ctx context.Context, session string) error {
	return u.end(ctx, sessionPrefix+hash(session))
}

// end ends a session, and what hangs on it even if the records do not take it.
func (u *Users) end(ctx context.Context, key string) error {
	_, rev, err := u.records.Get(ctx, key)
	if err == nil && rev > 0 {
		err = u.records.Delete(ctx, key, rev)
	}
	return errors.Join(err, u.tokens.EndOf(ctx, key))
}

// endSessions ends those a test names.
func (u *Users) endSessions(ctx context.Context, which func(signed) bool) error {
	keys, err := u.records.List(ctx, sessionPrefix)
	if err != nil {
		return fmt.Errorf("list sessions: %w", err)
	}
	for _, key := range keys {
		body, rev, err := u.records.Get(ctx, key)
		if Damaged(err) {
			continue // it is nobody's
		}
		if err != nil {
			return fmt.Errorf("read session: %w", err)
		}
		var s signed
		if rev > 0 && (strict(body, &s) != nil || which(s)) {
			if err := u.end(ctx, key); err != nil {
				return fmt.Errorf("end session: %w", err)
			}
		}
	}
	return nil
}
