package run

import "syscall"

// bound makes a process the head of a group of its own that dies with us.
func bound() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
