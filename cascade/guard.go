package cascade

import (
	"errors"

	"github.com/giaoban/giaoban/internal/guard"
)

// errBroke is a panic on the way to the parent.
var errBroke = errors.New("cascade: the attempt broke")

// scope is what a goroutine of the link is answerable for.
func (u *Uplink) scope(name string, shut func()) guard.Scope {
	return guard.Scope{Name: name, Log: u.log, Shut: shut}
}

// distrust ends the link after a panic: nothing that is led above sounds until it
// is up anew.
func (s *upstate) distrust() {
	for _, f := range s.follows {
		f.lost = true
		_ = f.feed.Sever() // fails only when the registry is closed, silent
	}
	if s.sock != nil {
		s.sock.end(CodeClosing)
	}
	s.dropMedia()
}

// scope is what a goroutine of the link is answerable for.
func (c *child) scope(name string, shut func()) guard.Scope {
	return guard.Scope{Name: name, Log: c.log, Shut: shut}
}

// distrust ends the link after a panic; the child dials anew.
func (c *child) distrust() { c.leave(CodeClosing) }
