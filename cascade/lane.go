package cascade

import (
	"fmt"

	"github.com/giaoban/giaoban/internal/meeting"
)

// lane is a session of the link's own, for the commands that come without a
// cause: those of the node itself, and of scripts that do not count. With one,
// the leader knows a command that is sent again after the node above died, and
// does not carry it out twice. A lane has one command at a time, as the ids of a
// session must rise; one that its sender gave up may be overtaken, and is void
// then. So the leader has to remember few sessions, however many commands come.
type lane struct {
	session string
	last    uint64
}

// next is the cause of the lane's next command.
func (l *lane) next() meeting.Cause {
	l.last++
	return meeting.Cause{Session: l.session, ID: l.last}
}

// lanes are those of one uplink.
type lanes struct {
	epoch string // of the process: another one begins anew
	free  []*lane
	made  int
}

// take gives a lane that nobody uses; it is appended to free when it is done with.
func (l *lanes) take() *lane {
	if n := len(l.free); n > 0 {
		taken := l.free[n-1]
		l.free = l.free[:n-1]
		return taken
	}
	l.made++
	return &lane{session: fmt.Sprintf("node-%s-%d", l.epoch, l.made)}
}
