package auth

import "golang.org/x/sys/unix"

// hashNice is the priority of a thread that hashes: enough to go after whatever
// carries pictures and sound, not so low that the collector of memory, which
// waits for every thread, would wait for it on a busy machine.
const hashNice = 5

// yieldToOthers lowers the priority of the thread it runs on. A system that does
// not let it hashes as before.
func yieldToOthers() { _ = unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), hashNice) }
