package main

import (
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/giaoban/giaoban/internal/guard"
	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/tree"
)

// atlas holds the tree a running node goes by. It is another one when the day
// changes, as rows have dates, and when SIGHUP asks for the file to be read
// again; a file is never taken while somebody may be writing it. What cannot be
// taken is refused in the log, and the tree that was stays. Its one goroutine
// ends with close.
type atlas struct {
	file    string
	self    tree.Code
	today   func() tree.Date
	log     *slog.Logger
	current atomic.Pointer[tree.Tree]

	text []byte // as it was read last and taken; the goroutine's
	day  tree.Date
	stop chan struct{}
	done chan struct{}
}

// dayLook is how often the atlas looks whether the day has changed: seldom
// enough to cost nothing, and right whatever happens to the clock.
const dayLook = 30 * time.Second

// openAtlas reads the file as it stands on the day.
func openAtlas(file string, self tree.Code, today func() tree.Date, log *slog.Logger) (*atlas, error) {
	a := &atlas{file: file, self: self, today: today, log: log, stop: make(chan struct{}), done: make(chan struct{})}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("node.file: %w", err)
	}
	a.text, a.day = text, today()
	t, err := tree.Read(text, a.day)
	if err != nil {
		return nil, fmt.Errorf("node.file %s:\n%w", file, err)
	}
	a.current.Store(t)
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGHUP)
	go guard.Scope{Name: "tree file", Log: log}.Run(func() { a.run(asked) })
	return a, nil
}

// tree is the tree in force.
func (a *atlas) tree() *tree.Tree { return a.current.Load() }

// node is the row of the node itself, and path its place, which stays the same.
func (a *atlas) node() tree.Node {
	n, _ := a.tree().Node(a.self)
	return n
}

func (a *atlas) path() meeting.NodePath { return a.tree().Path(a.self) }

func (a *atlas) run(asked chan os.Signal) {
	defer close(a.done)
	defer signal.Stop(asked)
	tick := time.NewTicker(dayLook)
	defer tick.Stop()
	for {
		select {
		case <-a.stop:
			return
		case <-asked:
			a.reread()
		case <-tick.C:
			a.look()
		}
	}
}

func (a *atlas) reread() {
	text, err := os.ReadFile(a.file)
	if err != nil {
		a.log.Error("the tree stays as it was", "err", err)
		return
	}
	a.take(text)
}

// look lets the rows of another day come into force.
func (a *atlas) look() {
	if a.today() != a.day {
		a.take(a.text)
	}
}

// take makes a table the tree of today, or says why it is not.
func (a *atlas) take(text []byte) {
	day := a.today()
	next, err := tree.Read(text, day)
	if err == nil && next.Path(a.self) != a.path() {
		err = fmt.Errorf("%s, this node, stands at %s there, not at %s: start it again with node.parents for its new place",
			a.self, orNowhere(next.Path(a.self)), a.path())
	}
	if err != nil {
		a.day = day // it is said once a day
		a.log.Error("the tree stays as it was", "file", a.file, "day", day, "err", err)
		return
	}
	change := next.Since(a.tree())
	a.text, a.day = text, day
	a.current.Store(next)
	if change.Empty() {
		a.log.Info("the tree is as it was", "file", a.file, "day", day)
		return
	}
	a.log.Warn("the tree has changed", "file", a.file, "day", day,
		"added", change.Added, "removed", change.Removed, "moved", change.Moved, "altered", change.Altered)
}

func orNowhere(path meeting.NodePath) string {
	if path == "" {
		return "no place"
	}
	return string(path)
}

func (a *atlas) close() error {
	close(a.stop)
	<-a.done
	return nil
}
