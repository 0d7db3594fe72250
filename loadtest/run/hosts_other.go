//go:build !linux

package run

import "errors"

func newHosts() (ground, error) { return nil, errors.New("--netns needs Linux") }
