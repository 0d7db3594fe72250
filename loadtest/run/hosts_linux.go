package run

import (
	"os/exec"

	"github.com/giaoban/giaoban/internal/netlab"
	"github.com/giaoban/giaoban/internal/tree"
)

// hosts is the ground of a run in which every node is on a host of its own,
// with a line to the one above and one to its points. The bots stay outside.
type hosts struct {
	lab   *netlab.Lab
	here  *netlab.Host
	all   map[tree.Code]*netlab.Host
	lines map[tree.Code]*netlab.Line
	doors map[tree.Code]*netlab.Line
}

func newHosts() (ground, error) {
	if err := netlab.Ready(); err != nil {
		return nil, err
	}
	h := &hosts{
		lab: &netlab.Lab{}, all: map[tree.Code]*netlab.Host{},
		lines: map[tree.Code]*netlab.Line{}, doors: map[tree.Code]*netlab.Line{},
	}
	var err error
	if h.here, err = h.lab.Here(); err != nil {
		h.lab.Close()
		return nil, err
	}
	return h, nil
}

func (h *hosts) place(n tree.Node, s *Server) error {
	host, err := h.lab.Host("node " + string(n.Code))
	if err != nil {
		return err
	}
	h.all[n.Code] = host
	door, err := h.lab.Line(h.here, host, netlab.Shape{})
	if err != nil {
		return err
	}
	h.doors[n.Code] = door
	s.address, s.http, s.door, s.dial = door.Addr(host), "127.0.0.1:8080", "0.0.0.0:8444", host.DialContext
	s.launch = func(cmd *exec.Cmd) error { return host.Start(cmd) }
	if up := h.all[n.Parent]; up != nil && n.Parent != n.Code {
		line, err := h.lab.Line(up, host, netlab.Shape{})
		if err != nil {
			return err
		}
		h.lines[n.Code] = line
		s.up = line.Addr(up)
	}
	return nil
}

func (h *hosts) line(c tree.Code) cable   { return h.wired(h.lines[c], c) }
func (h *hosts) access(c tree.Code) cable { return h.wired(h.doors[c], c) }
func (h *hosts) close()                   { h.lab.Close() }

func (h *hosts) wired(l *netlab.Line, c tree.Code) cable {
	if l == nil {
		return nil
	}
	return laid{l, h.all[c]}
}

// laid is a line as a fault sees it.
type laid struct {
	*netlab.Line
	end *netlab.Host
}

// Lose loses a share of the packets towards the node's side from now on.
func (l laid) Lose(share float64) error { return l.To(l.end).Set(netlab.Shape{Loss: share}) }

// Lost is how many packets Lose has lost so far.
func (l laid) Lost() int { return l.To(l.end).Counts().Lost }
