package netlab

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
)

// Labs that stand side by side, of one process or of several, share the host
// they were made on, so their lines must not share addresses. Those for trials
// of networks (RFC 2544 §C.2.2), 198.18.0.0/15, are cut into blocks.
const (
	blocks     = 256
	blockLines = 128 // each a /30
)

// block is one lab's share of the addresses. A name that only one socket of the
// host can have (unix(7), abstract) says that it is taken, until the lab is
// closed or the process ends, however it does.
type block struct {
	number int
	claim  *net.UnixListener
}

// claimBlock takes the lowest that is free.
func claimBlock() (*block, error) {
	for n := range blocks {
		claim, err := net.ListenUnix("unix", &net.UnixAddr{Net: "unix", Name: fmt.Sprintf("@giaoban-netlab-%d", n)})
		switch {
		case err == nil:
			return &block{number: n, claim: claim}, nil
		case !errors.Is(err, syscall.EADDRINUSE):
			return nil, fmt.Errorf("claim addresses: %w", err)
		}
	}
	return nil, fmt.Errorf("%d labs have all addresses", blocks)
}

func (b *block) release() { _ = b.claim.Close() } // there is no file to remove

// network is the block's /30 for a line.
func (b *block) network(line int) netip.Addr {
	n := 4 * (b.number*blockLines + line)
	return netip.AddrFrom4([4]byte{198, byte(18 + n>>16), byte(n >> 8), byte(n)})
}

// network is a /30 for the lab's next line.
func (l *Lab) network() (first netip.Addr, err error) {
	if len(l.lines) >= blockLines {
		return first, fmt.Errorf("a lab has at most %d lines", blockLines)
	}
	if l.block == nil {
		if l.block, err = claimBlock(); err != nil {
			return first, err
		}
	}
	return l.block.network(len(l.lines)), nil
}
