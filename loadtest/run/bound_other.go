//go:build !linux

package run

import "syscall"

// bound makes a process the head of a group of its own.
func bound() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
