// Command lab is netlab for programs that are not Go: it reads commands as
// lines of JSON on standard input, answers each with one line, and ends its
// hosts and lines when the input ends. A process is put on a host with
// nsenter --net=PATH.
//
//	{"do":"host","name":"room"}                          {"path":"/proc/12/fd/7"}
//	{"do":"here","name":"centre"}                        {"path":"…"}
//	{"do":"line","name":"l","between":["centre","room"],"shape":{"delayMs":40,"rate":1000000}}
//	                                                     {"addrs":["198.18.0.1","198.18.0.2"]}
//	{"do":"set","name":"l","to":"room","shape":{"loss":0.05}}   {}
//	{"do":"route","name":"l","to":"room"}                {}: what the room has for elsewhere goes over the line
//	{"do":"cut","name":"l"}                              {}, and "heal"
//	{"do":"counts","name":"l","to":"room"}               {"counts":{…}}
//
// A command that fails answers {"error":"…"} and changes nothing.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"time"

	"github.com/giaoban/giaoban/internal/netlab"
)

// shape is a netlab.Shape as it is written.
type shape struct {
	DelayMs  float64 `json:"delayMs"`
	JitterMs float64 `json:"jitterMs"`
	QueueMs  float64 `json:"queueMs"`
	Loss     float64 `json:"loss"`
	Rate     int     `json:"rate"`
	Reorder  bool    `json:"reorder"`
}

func (s shape) shape() netlab.Shape {
	ms := func(n float64) time.Duration { return time.Duration(n * float64(time.Millisecond)) }
	return netlab.Shape{
		Delay: ms(s.DelayMs), Jitter: ms(s.JitterMs), Queue: ms(s.QueueMs), Loss: s.Loss, Rate: s.Rate, Reorder: s.Reorder,
	}
}

type command struct {
	Do      string    `json:"do"`
	Name    string    `json:"name"`
	Between [2]string `json:"between"`
	To      string    `json:"to"`
	Shape   shape     `json:"shape"`
}

type answer struct {
	Path   string         `json:"path,omitempty"`
	Addrs  []string       `json:"addrs,omitempty"`
	Counts *netlab.Counts `json:"counts,omitempty"`
	Error  string         `json:"error,omitempty"`
}

// table is a lab whose hosts and lines have names.
type table struct {
	lab   netlab.Lab
	hosts map[string]*netlab.Host
	lines map[string]*netlab.Line
}

func main() {
	if err := serve(os.Stdin, os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func serve(in io.Reader, out io.Writer) error {
	if err := netlab.Ready(); err != nil {
		return err
	}
	t := &table{hosts: map[string]*netlab.Host{}, lines: map[string]*netlab.Line{}}
	defer t.lab.Close()
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		reply, err := t.do(lines.Bytes())
		if err != nil {
			reply = answer{Error: err.Error()}
		}
		if err := json.NewEncoder(out).Encode(reply); err != nil {
			return fmt.Errorf("answer: %w", err)
		}
	}
	return lines.Err()
}

func (t *table) do(text []byte) (answer, error) {
	var c command
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&c); err != nil {
		return answer{}, fmt.Errorf("read command: %w", err)
	}
	switch c.Do {
	case "host", "here":
		return t.host(c)
	case "line":
		return t.line(c)
	}
	line, to := t.lines[c.Name], t.hosts[c.To]
	if line == nil {
		return answer{}, fmt.Errorf("%s: no line %q", c.Do, c.Name)
	}
	switch c.Do {
	case "cut":
		line.Cut()
		return answer{}, nil
	case "heal":
		line.Heal()
		return answer{}, nil
	}
	if to == nil {
		return answer{}, fmt.Errorf("%s: no host %q", c.Do, c.To)
	}
	switch c.Do {
	case "set":
		return answer{}, line.To(to).Set(c.Shape.shape())
	case "route":
		return answer{}, line.Route(to)
	case "counts":
		counts := line.To(to).Counts()
		return answer{Counts: &counts}, nil
	}
	return answer{}, fmt.Errorf("no command %q", c.Do)
}

func (t *table) host(c command) (answer, error) {
	if c.Name == "" || t.hosts[c.Name] != nil {
		return answer{}, fmt.Errorf("host %q: the name is missing or taken", c.Name)
	}
	start := t.lab.Host
	if c.Do == "here" {
		start = func(string) (*netlab.Host, error) { return t.lab.Here() }
	}
	h, err := start(c.Name)
	if err != nil {
		return answer{}, err
	}
	t.hosts[c.Name] = h
	return answer{Path: h.Path()}, nil
}

func (t *table) line(c command) (answer, error) {
	a, b := t.hosts[c.Between[0]], t.hosts[c.Between[1]]
	if c.Name == "" || t.lines[c.Name] != nil || a == nil || b == nil || a == b {
		return answer{}, fmt.Errorf("line %q between %q: the name is missing or taken, or there are no such two hosts", c.Name, c.Between)
	}
	line, err := t.lab.Line(a, b, c.Shape.shape())
	if err != nil {
		return answer{}, err
	}
	t.lines[c.Name] = line
	return answer{Addrs: []string{line.Addr(a).String(), line.Addr(b).String()}}, nil
}
