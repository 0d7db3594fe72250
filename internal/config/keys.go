package config

import (
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// key is one key of the file. field points to where its value is kept, a
// *string, *int, *bool or *[]string; ok judges the value; want says in words
// what ok accepts.
type key struct {
	name  string
	want  string
	field func(*Config) any
	ok    func(*Config) bool
}

// Bounds of values.
const (
	maxText      = 1000 // bytes of a text
	maxList      = 64   // members of a list
	maxSimulated = 250
	maxPointID   = 64 // bytes
	maxRoom      = 9
	maxConsole   = 25
	maxLobby     = 7 * 24 * 60
)

var keys = []key{
	{
		"data", "a directory",
		func(c *Config) any { return &c.Data },
		func(c *Config) bool { return c.Data != "" && isText(c.Data) },
	},
	{
		"store", "bolt or redis",
		func(c *Config) any { return &c.Store },
		func(c *Config) bool { return oneOf(c.Store, "bolt", "redis") },
	},
	{
		"redis.address", `an address like "redis://user:password@host:6379/0", with rediss:// for TLS, or "unix:///path"`,
		func(c *Config) any { return &c.Redis.Address },
		func(c *Config) bool { return isRedis(c.Redis.Address) },
	},
	{
		"redis.prefix", `a text of letters, digits and "-_.:"`,
		func(c *Config) any { return &c.Redis.Prefix },
		func(c *Config) bool { return len(c.Redis.Prefix) <= maxText && isPlain(c.Redis.Prefix, "-_.:") },
	},
	{
		"redis.sentinels", `a list of addresses like ["10.1.2.3:26379"], or [] for none; with redis:// or rediss:// in redis.address`,
		func(c *Config) any { return &c.Redis.Sentinels },
		func(c *Config) bool {
			return len(c.Redis.Sentinels) == 0 || all(c.Redis.Sentinels, isPeer) && !strings.HasPrefix(c.Redis.Address, "unix:")
		},
	},
	{
		"redis.master", `the name the Sentinels know the master by, of letters, digits and "-_."`,
		func(c *Config) any { return &c.Redis.Master },
		func(c *Config) bool {
			return c.Redis.Master != "" && len(c.Redis.Master) <= maxText && isPlain(c.Redis.Master, "-_.")
		},
	},
	{
		"redis.sentinel_password", `a text, "" for none`,
		func(c *Config) any { return &c.Redis.SentinelPassword },
		func(c *Config) bool { return isText(c.Redis.SentinelPassword) },
	},
	{
		"http", `an address like "localhost:8080" or ":8080", or "" for none`,
		func(c *Config) any { return &c.HTTP },
		func(c *Config) bool { return isAddress(c.HTTP) },
	},
	{
		"https", `an address like ":8443", or "" for none`,
		func(c *Config) any { return &c.HTTPS },
		func(c *Config) bool { return isAddress(c.HTTPS) },
	},
	{
		"names", `a list of host names and IP addresses like ["cau.example.vn", "10.1.2.3"]`,
		func(c *Config) any { return &c.Names },
		func(c *Config) bool { return all(c.Names, isName) },
	},
	{
		"media.port", "a number from 0 to 65535; 0 takes a free port",
		func(c *Config) any { return &c.Media.Port },
		func(c *Config) bool { return between(c.Media.Port, 0, 65535) },
	},
	{
		"media.addresses", `a list of IP addresses like ["10.1.2.3"], or ["203.0.113.7:20000"] where the outer port differs`,
		func(c *Config) any { return &c.Media.Addresses },
		func(c *Config) bool { return all(c.Media.Addresses, isAnnounced) },
	},
	{
		"node.id", `the code of a row of the tree, like "024", or "" for a server that is alone`,
		func(c *Config) any { return &c.Node.ID },
		func(c *Config) bool { return len(c.Node.ID) <= 40 && isPlain(c.Node.ID, "-_") },
	},
	{
		"node.file", "a file",
		func(c *Config) any { return &c.Node.File },
		func(c *Config) bool { return isText(c.Node.File) },
	},
	{
		"node.listen", `an address like ":8444", or "" for none`,
		func(c *Config) any { return &c.Node.Listen },
		func(c *Config) bool { return isAddress(c.Node.Listen) },
	},
	{
		"node.parents", `a list of addresses like ["tinh.example.vn:8444"], or [] for none`,
		func(c *Config) any { return &c.Node.Parents },
		func(c *Config) bool {
			return all(c.Node.Parents, isPeer)
		},
	},
	{
		"node.cap", "a number of kbit/s from 0, which is no limit, to 1000000",
		func(c *Config) any { return &c.Node.Cap },
		func(c *Config) bool { return between(c.Node.Cap, 0, 1_000_000) },
	},
	{
		"lobby", "a number of minutes from 1 to 10080",
		func(c *Config) any { return &c.Lobby },
		func(c *Config) bool { return between(c.Lobby, 1, maxLobby) },
	},
	{
		"demo.enabled", "true or false",
		func(c *Config) any { return &c.Demo.Enabled },
		func(*Config) bool { return true },
	},
	{
		"demo.tree", "ha-giang or tuyen-quang",
		func(c *Config) any { return &c.Demo.Tree },
		func(c *Config) bool { return oneOf(c.Demo.Tree, "ha-giang", "tuyen-quang") },
	},
	{
		"demo.points", "a number from 0 to 250",
		func(c *Config) any { return &c.Demo.Points },
		func(c *Config) bool { return between(c.Demo.Points, 0, maxSimulated) },
	},
	{
		"demo.feed", `the id of a point, at most 64 bytes, or "" for none`,
		func(c *Config) any { return &c.Demo.Feed },
		func(c *Config) bool { return len(c.Demo.Feed) <= maxPointID },
	},
	{
		"pin", `4 to 32 digits in quotes, or "" for none`,
		func(c *Config) any { return &c.Pin },
		func(c *Config) bool { return c.Pin == "" || isPin(c.Pin) },
	},
	{
		"log.level", "debug, info, warn or error",
		func(c *Config) any { return &c.Log.Level },
		func(c *Config) bool { return oneOf(c.Log.Level, "debug", "info", "warn", "error") },
	},
	{
		"log.format", "text or json",
		func(c *Config) any { return &c.Log.Format },
		func(c *Config) bool { return oneOf(c.Log.Format, "text", "json") },
	},
	{
		"tiles.room", "a number from 1 to 9",
		func(c *Config) any { return &c.Tiles.Room },
		func(c *Config) bool { return between(c.Tiles.Room, 1, maxRoom) },
	},
	{
		"tiles.console", "a number from 1 to 25",
		func(c *Config) any { return &c.Tiles.Console },
		func(c *Config) bool { return between(c.Tiles.Console, 1, maxConsole) },
	},
}

// Keys lists the name of every key, in the order of the example.
func Keys() []string {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.name
	}
	return names
}

func between(n, low, high int) bool { return n >= low && n <= high }

func oneOf(s string, known ...string) bool { return slices.Contains(known, s) }

func all(list []string, ok func(string) bool) bool {
	return len(list) <= maxList && !slices.ContainsFunc(list, func(s string) bool { return !ok(s) })
}

func isText(s string) bool {
	return len(s) <= maxText && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' })
}

// isAddress accepts what net.Listen takes for tcp with a port number.
func isAddress(s string) bool {
	if s == "" {
		return true
	}
	host, port, err := net.SplitHostPort(s)
	if err != nil || host != "" && !isName(host) {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}

// isPeer accepts the address of a server to call: a host and a port.
func isPeer(s string) bool { return s != "" && s[0] != ':' && isAddress(s) }

func isIP(s string) bool {
	a, err := netip.ParseAddr(s)
	return err == nil && a.Zone() == ""
}

// isAnnounced accepts an IP address of one host, with or without a port.
func isAnnounced(s string) bool {
	at, err := netip.ParseAddrPort(s)
	if err != nil {
		addr, err := netip.ParseAddr(s)
		if err != nil {
			return false
		}
		at = netip.AddrPortFrom(addr, 1)
	}
	a := at.Addr().Unmap()
	return at.Port() != 0 && a.Zone() == "" && !a.IsUnspecified() && !a.IsMulticast() && a != netip.AddrFrom4([4]byte{255, 255, 255, 255}) && (a.Is4() || !a.IsLinkLocalUnicast())
}

// isName accepts an IP address or a host name of letters, digits, "-", "_" and
// ".", at most 253 bytes (RFC 1123 §2.1, and the "_" that some networks use).
func isName(s string) bool {
	if isIP(s) {
		return true
	}
	return s != "" && len(s) <= 253 && isPlain(s, "-_.")
}

// isPlain accepts ASCII letters, digits and the given signs.
func isPlain(s, signs string) bool {
	return strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789"+signs) == ""
}

// isRedis accepts the URL of a server or of its socket.
func isRedis(s string) bool {
	u, err := url.Parse(s)
	if err != nil || !isText(s) {
		return false
	}
	if u.Scheme == "unix" {
		return u.Path != ""
	}
	return oneOf(u.Scheme, "redis", "rediss") && isName(u.Hostname())
}

// isPin reports whether a remote control can type s: digits, and enough of them.
func isPin(s string) bool {
	return len(s) >= 4 && len(s) <= 32 && strings.Trim(s, "0123456789") == ""
}
