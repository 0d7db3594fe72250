package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// tcpListen is the state of a listening socket in /proc/net/tcp.
const tcpListen = "0A"

// holder names the process that holds a port of this machine, as "nginx
// (process 812)". Where the kernel does not say, or only to another user, it
// is "another process".
func holder(network string, port int) string {
	inodes := map[string]bool{}
	for _, table := range []string{network, network + "6"} {
		data, err := os.ReadFile("/proc/net/" + table)
		if err == nil {
			holding(inodes, data, port)
		}
	}
	sockets, _ := filepath.Glob("/proc/[0-9]*/fd/*") // the pattern is well formed
	for _, fd := range sockets {
		target, err := os.Readlink(fd)
		inode, ok := strings.CutPrefix(target, "socket:[")
		if err != nil || !ok || !inodes[strings.TrimSuffix(inode, "]")] {
			continue
		}
		process := filepath.Dir(filepath.Dir(fd))
		name, err := os.ReadFile(filepath.Join(process, "comm"))
		if err == nil {
			return fmt.Sprintf("%s (process %s)", bytes.TrimSpace(name), filepath.Base(process))
		}
	}
	return "another process"
}

// holding adds the inodes of the sockets bound to a port in a table of
// /proc/net; of TCP, those that listen.
func holding(inodes map[string]bool, table []byte, port int) {
	lines := bufio.NewScanner(bytes.NewReader(table))
	for lines.Scan() {
		// sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode
		f := strings.Fields(lines.Text())
		if len(f) < 10 {
			continue
		}
		_, hex, ok := strings.Cut(f[1], ":")
		local, err := strconv.ParseUint(hex, 16, 16)
		if !ok || err != nil || int(local) != port {
			continue
		}
		remote := f[2]
		if f[3] == tcpListen || strings.HasSuffix(remote, ":0000") {
			inodes[f[9]] = true
		}
	}
}
