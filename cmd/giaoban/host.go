package main

import (
	"net"
	"os"
	"slices"
	"strings"
)

// hostNames lists what this machine is called and every address others on its
// networks may reach it by, the host name first.
func hostNames() []string {
	var names []string
	if name, err := os.Hostname(); err == nil && name != "" {
		names = append(names, strings.ToLower(name))
	}
	names = append(names, "localhost", "127.0.0.1", "::1")
	return append(names, lanAddrs()...)
}

// lanAddrs lists the machine's addresses on its networks, IPv4 first. Link-local
// ones are left out: a browser cannot be given their zone.
func lanAddrs() []string {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	var v4, v6 []string
	for _, a := range addrs {
		block, ok := a.(*net.IPNet)
		switch {
		case !ok, block.IP.IsLoopback(), block.IP.IsLinkLocalUnicast():
		case block.IP.To4() != nil:
			v4 = append(v4, block.IP.String())
		default:
			v6 = append(v6, block.IP.String())
		}
	}
	return slices.Concat(v4, v6)
}
