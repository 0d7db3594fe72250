package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/giaoban/giaoban/internal/config"
	"github.com/giaoban/giaoban/internal/wire"
)

// site is which installation a command is for: the directory its server uses.
// The server is reached through its socket file, so a technician on the
// machine needs no token; where no server runs, the command opens the bolt
// file itself.
type site struct {
	Data   string `placeholder:"DIR" help:"Data directory of the server (./data)."`
	Config string `placeholder:"FILE" help:"Configuration file of the server, if it has one."`
	Lang   string `enum:"vi,en," default:"" help:"Language of messages: vi or en (from LANG)."`
}

// vietnamese reports whether messages are in Vietnamese.
func (s *site) vietnamese() bool {
	return s.Lang == "vi" || s.Lang == "" && strings.HasPrefix(os.Getenv("LANG"), "vi")
}

// client speaks to the operator's interface.
type client struct {
	http  http.Client
	vi    bool
	close func() error
}

// reach connects to the running server, or opens the store if there is none.
func (s *site) reach() (*client, error) {
	cfg := config.Default()
	if s.Config != "" {
		var err error
		if cfg, err = config.Load(s.Config); err != nil {
			return nil, err
		}
	}
	if s.Data != "" {
		cfg.Data = s.Data
	}
	path := filepath.Join(cfg.Data, socketName)
	c := dial(cfg.Data)
	if c != nil {
		c.vi = s.vietnamese()
		return c, nil
	}
	if _, err := os.Stat(cfg.Data); err != nil {
		return nil, fmt.Errorf("no data directory %s; --data names another: %w", cfg.Data, err)
	}
	if cfg.Store != "bolt" {
		// Another machine's server may lead the meetings of the store; opening
		// them here would take them over.
		return nil, fmt.Errorf("no server answers at %s; start it, or run this where it runs", path)
	}
	n := &node{cfg: cfg, log: newLog(cfg.Log, io.Discard), broken: make(chan error, 8), entrance: &entrance{}}
	if err := n.openAlone(); err != nil {
		return nil, errors.Join(err, n.close())
	}
	if c = dial(cfg.Data); c == nil {
		return nil, errors.Join(fmt.Errorf("%s does not answer", path), n.close())
	}
	c.vi, c.close = s.vietnamese(), n.close
	return c, nil
}

// dial connects to the server that runs on a data directory, nil if none does.
func dial(data string) *client {
	path := filepath.Join(data, socketName)
	conn, err := net.Dial("unix", path)
	if err != nil {
		return nil
	}
	conn.Close()
	c := &client{close: func() error { return nil }}
	c.http.Transport = &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", path)
	}}
	return c
}

// openAlone opens what the operator's commands need, without rooms.
func (n *node) openAlone() error {
	ctx, cancel := context.WithTimeout(context.Background(), drain)
	defer cancel()
	if err := n.openStore(ctx); err != nil {
		return err
	}
	if err := n.openMeetings(ctx, silent{}); err != nil {
		return err
	}
	o, err := n.openOffice(ctx)
	if err != nil {
		return err
	}
	return n.openSocket(o)
}

// answered is an answer of the interface.
type answered struct {
	body []byte
	c    *client
}

// ask sends a request; body is bytes, or is encoded as JSON. A refusal is an
// error with the server's sentence.
func (c *client) ask(method, path string, body any) (answered, error) {
	var data []byte
	switch b := body.(type) {
	case nil:
	case []byte:
		data = b
	default:
		var err error
		if data, err = json.Marshal(b); err != nil {
			return answered{}, err
		}
	}
	req, err := http.NewRequest(method, "http://giaoban/api/v1/"+path, bytes.NewReader(data))
	if err != nil {
		return answered{}, err
	}
	res, err := c.http.Do(req)
	if err != nil {
		return answered{}, fmt.Errorf("reach the server: %w", err)
	}
	text, err := io.ReadAll(res.Body)
	if err = errors.Join(err, res.Body.Close()); err != nil {
		return answered{}, fmt.Errorf("read the answer: %w", err)
	}
	if res.StatusCode >= http.StatusBadRequest {
		var p wire.Problem
		if json.Unmarshal(text, &p) != nil || p.En == "" {
			return answered{}, fmt.Errorf("the server answered %s", res.Status)
		}
		return answered{}, errors.New(c.say(p.Vi, p.En) + " [" + string(p.Code) + "]")
	}
	return answered{text, c}, nil
}

func (c *client) say(vi, en string) string {
	if c.vi {
		return vi
	}
	return en
}

// get asks for something and decodes it.
func get[T any](c *client, method, path string, body any) (T, error) {
	var v T
	a, err := c.ask(method, path, body)
	if err == nil && len(a.body) > 0 {
		err = json.Unmarshal(a.body, &v)
	}
	return v, err
}

// with runs a command against the site.
func (s *site) with(do func(*client) error) error {
	c, err := s.reach()
	if err != nil {
		return err
	}
	return errors.Join(do(c), c.close())
}
