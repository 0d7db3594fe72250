// Package netlab makes networks for tests: hosts, which are network namespaces
// of Linux, and lines between them with a delay, jitter, loss, rate and queue
// of each direction, which may change while they run. It needs root, but no
// module of the kernel beyond TUN.
//
// Beside them there is a network that is only simulated, in virtual time.
//
// A namespace has no name and belongs to the process: when that ends, however
// it ends, the hosts, their lines and the processes on them end too.
//
// Goroutines: per host one that stays on a thread of the namespace; per
// direction of a line a reader and a deliverer. Each is waited for by Close.
// Locks: Way.mu guards the pipe of one direction, Host.mu the processes
// started on a host.
package netlab
