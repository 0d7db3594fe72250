package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/giaoban/giaoban/internal/auth"
	"github.com/giaoban/giaoban/internal/catalog"
	"github.com/giaoban/giaoban/internal/tree"
)

// nodeCommand is "giaoban node": who this node is and whom it trusts. Its
// commands work on the data directory, whether or not the node runs.
type nodeCommand struct {
	Key    nodeKeyCommand    `cmd:"" help:"Print this node's public key, making the key if there is none."`
	Trust  nodeTrustCommand  `cmd:"" help:"Trust the key of a node next to this one in the tree."`
	Revoke nodeRevokeCommand `cmd:"" help:"End the trust in every key of a node; its link ends within seconds."`
	List   nodeListCommand   `cmd:"" help:"List the nodes this one trusts or has revoked."`
}

// dataFlag is the data directory of a command.
type dataFlag struct {
	Data string `placeholder:"DIR" default:"./data" help:"Data directory of the node (./data)."`
}

func (d dataFlag) pins() (*auth.Pins, error) {
	if err := os.MkdirAll(d.Data, 0o700); err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	return auth.OpenPins(d.Data)
}

type nodeKeyCommand struct{ dataFlag }

// Run prints the key alone on a line, to be copied.
func (c nodeKeyCommand) Run(t terminal) error {
	if _, err := c.pins(); err != nil {
		return err
	}
	key, err := auth.OpenNodeKey(c.Data)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(t.out, key.Public())
	return err
}

type nodeTrustCommand struct {
	dataFlag
	Node string `arg:"" help:"Code of the node in the tree."`
	Key  string `arg:"" name:"public-key" help:"What \"giaoban node key\" prints there."`
}

// Run pins the key.
func (c nodeTrustCommand) Run(t terminal) error {
	pins, err := c.pins()
	if err != nil {
		return err
	}
	if err := pins.Trust(c.Node, c.Key); err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.out, "%s is trusted.\n", c.Node)
	return err
}

type nodeRevokeCommand struct {
	dataFlag
	Node string `arg:"" help:"Code of the node in the tree."`
}

// Run ends the trust.
func (c nodeRevokeCommand) Run(t terminal) error {
	pins, err := c.pins()
	if err != nil {
		return err
	}
	if err := pins.Revoke(c.Node); err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.out, "%s is trusted no more.\n", c.Node)
	return err
}

type nodeListCommand struct{ dataFlag }

// Run prints one node a line.
func (c nodeListCommand) Run(t terminal) error {
	pins, err := c.pins()
	if err != nil {
		return err
	}
	list, err := pins.List()
	if err != nil {
		return err
	}
	for _, p := range list {
		state := "trusted"
		if p.Revoked != "" {
			state = "revoked " + p.Revoked
		}
		if _, err := fmt.Fprintf(t.out, "%-12s %s %s\n", p.Node, p.Key, state); err != nil {
			return err
		}
	}
	return nil
}

// treeCommand is "giaoban tree": the file that says which node stands where.
type treeCommand struct {
	Check treeCheckCommand `cmd:"" help:"Check a tree's file and say, with its line, what is wrong."`
	Print treePrintCommand `cmd:"" help:"Print the file of a province, to begin from."`
}

type treeCheckCommand struct {
	File string `arg:"" help:"The file, a CSV table."`
	On   string `placeholder:"DATE" help:"The day it is to be in force, like 2025-07-01 (today)."`
}

// Run prints the tree as it stands on a day, or its faults.
func (c treeCheckCommand) Run(t terminal) error {
	text, err := os.ReadFile(c.File)
	if err != nil {
		return fmt.Errorf("read the tree: %w", err)
	}
	on := today()
	if c.On != "" {
		on = tree.Date(c.On)
	}
	nodes, err := tree.Read(text, on)
	if err != nil {
		return fmt.Errorf("%s is no tree:\n%w", filepath.Base(c.File), err)
	}
	for _, n := range nodes.Nodes() {
		if _, err := fmt.Fprintf(t.out, "%-30s %-12s %s, %d points\n", nodes.Path(n.Code), n.Tier, n.Name, len(n.Points)); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(t.out, "%d nodes in %d tiers on %s.\n", len(nodes.Nodes()), nodes.Depth(), on)
	return err
}

type treePrintCommand struct {
	Province string `arg:"" enum:"ha-giang,tuyen-quang" help:"ha-giang or tuyen-quang."`
	Communes bool   `help:"A node for every commune too, not for districts alone."`
}

// Run prints the table.
func (c treePrintCommand) Run(t terminal) error {
	province, err := catalog.LoadTree(c.Province)
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(t.out, tree.Province(province, c.Communes))
	return err
}
