// Package config reads the one configuration file of a node, giaoban.yaml.
//
// Every key is one row of the table in keys.go: where it is kept, what it must
// be, and the words that say so. Reading is strict: an unknown key, a key given
// twice or a value of the wrong kind is an error that names file, line, key and
// what was expected. No goroutine, no lock.
package config

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// Config is what an operator can choose. Default gives the values of a node
// that nobody configured.
type Config struct {
	Data  string // directory of everything the node keeps
	Store string // where meetings are kept: bolt, a file of Data, or redis
	Redis Redis
	HTTP  string   // address of plain http, "" for none
	HTTPS string   // address of https, "" for none
	Names []string // more names and addresses for the certificate
	Media Media
	Lobby int // how many minutes before a meeting its lobby opens
	Node  Node
	Demo  Demo
	Log   Log
	Tiles Tiles
	Pin   string // opens the settings of rooms' pages; "" leaves them open
}

// Redis is the server that keeps the meetings of several nodes.
type Redis struct {
	Address string // redis://user:password@host:6379/0, rediss:// for TLS, unix:///path
	Prefix  string // of every key
	// Sentinels, host:port each, say which server is the master now; then Address
	// gives user, password, number of the database and TLS only.
	Sentinels        []string
	Master           string // what the Sentinels call it
	SentinelPassword string // of the Sentinels themselves, "" for none
}

// Media is where pictures and sound go through.
type Media struct {
	Port      int      // UDP and TCP; 0 takes a free one
	Addresses []string // IP addresses announced to the rooms; empty means all of the host's
}

// Node is this server's place in a tree of several. A node without an ID is alone.
type Node struct {
	ID      string   // its code in the tree
	File    string   // of the tree, the same on every node
	Listen  string   // address of the door for the nodes below, "" for none
	Parents []string // addresses of the node above, host:port, tried in turn
	Cap     int      // of the media of each line, kbit/s; 0 is none
}

// Demo is the meeting a first start opens.
type Demo struct {
	Enabled bool
	Tree    string // a tree of internal/catalog
	Points  int    // how many absent points are played by the program itself
	Feed    string // the point that is a relay source and no room; "" is none
}

// Log is what the node tells its operator, and how.
type Log struct {
	Level  string // debug, info, warn or error
	Format string // text or json
}

// Tiles is how many pictures one page receives at most.
type Tiles struct {
	Room    int
	Console int
}

// Default is the configuration of a node without a file.
func Default() Config {
	return Config{
		Data:  "./data",
		Store: "bolt",
		Redis: Redis{Address: "redis://localhost:6379/0", Prefix: "giaoban:", Master: "mymaster"},
		HTTP:  ":8080",
		HTTPS: ":8443",
		Media: Media{Port: 10000},
		Lobby: 90,
		Demo:  Demo{Enabled: true, Tree: "ha-giang", Points: 19},
		Log:   Log{Level: "warn", Format: "text"},
		Tiles: Tiles{Room: 9, Console: 25},
	}
}

//go:embed example.yaml
var example string

// Example is a configuration file with every key at its default, each with a
// comment in Vietnamese and English.
func Example() string { return example }

// Error is a wrong key or value. File and Line are where it stands, if it came
// from a file.
type Error struct {
	File string
	Line int
	Key  string // "media.port"; "" for an error of the file as a whole
	Want string // what was expected
	Got  string // what is there, "" if there is nothing to show
}

// Error reads "giaoban.yaml:12: media.port: want a number from 0 to 65535, got 70000".
func (e *Error) Error() string {
	var b strings.Builder
	if e.File != "" {
		fmt.Fprintf(&b, "%s:%d: ", e.File, e.Line)
	}
	if e.Key != "" {
		b.WriteString(e.Key + ": ")
	}
	b.WriteString("want " + e.Want)
	if e.Got != "" {
		b.WriteString(", got " + e.Got)
	}
	return b.String()
}

// maxFile bounds the size of a configuration file, in bytes.
const maxFile = 64 << 10

// Load reads a file over the defaults. A key that is not there keeps its
// default. A wrong key or value is an *Error.
func Load(path string) (Config, error) {
	f, err := os.Open(path)
	if err != nil {
		return Config{}, fmt.Errorf("read configuration: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return Config{}, fmt.Errorf("read configuration: %w", err)
	}
	return parse(path, text)
}

// Validate checks every value, wherever it is from. A wrong one is an *Error.
func (c *Config) Validate() error {
	for _, k := range keys {
		if !k.ok(c) {
			return &Error{Key: k.name, Want: k.want, Got: show(k.field(c))}
		}
	}
	return nil
}

// show writes a value as a file would have it.
func show(field any) string {
	switch v := field.(type) {
	case *string:
		return fmt.Sprintf("%.60q", *v)
	case *[]string:
		return fmt.Sprintf("%.60q", *v)
	case *int:
		return fmt.Sprint(*v)
	case *bool:
		return fmt.Sprint(*v)
	}
	return ""
}
