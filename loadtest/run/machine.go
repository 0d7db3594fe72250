package run

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"time"
)

// usage is what a process, or all of them, have used: CPU seconds since the
// beginning and MB now. It is zero where there is no /proc.
type usage struct{ cpu, memory float64 }

const clockTicks = 100 // USER_HZ, fixed in the interface of Linux

// process reads /proc/PID/stat (proc(5)): fields 14 and 15 are user and system
// time, 24 resident pages.
func process(pid int) usage {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return usage{}
	}
	_, rest, ok := bytes.Cut(text, []byte(") ")) // a name may have spaces
	f := bytes.Fields(rest)
	if !ok || len(f) < 22 {
		return usage{}
	}
	return usage{
		cpu:    (number(f[11]) + number(f[12])) / clockTicks,
		memory: number(f[21]) * float64(os.Getpagesize()) / (1 << 20),
	}
}

// odometer adds up what processes have used, each of which may be replaced by
// another that counts from nothing.
type odometer struct {
	cpu  float64
	last map[string]float64
}

// read takes what the process of a name has used so far.
func (o *odometer) read(name string, cpu float64) {
	if o.last == nil {
		o.last = map[string]float64{}
	}
	before, known := o.last[name]
	o.last[name] = cpu
	switch {
	case !known, cpu < before:
		o.cpu += cpu
	default:
		o.cpu += cpu - before
	}
}

// everything reads the first line of /proc/stat: user, nice, system, idle,
// iowait, irq, softirq, steal.
func everything() usage {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return usage{}
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	var u usage
	for i, f := range bytes.Fields(line) {
		if i >= 1 && i <= 8 && i != 4 && i != 5 { // idle and waiting for disks are no use of a processor
			u.cpu += number(f) / clockTicks
		}
	}
	return u
}

func number(text []byte) float64 {
	n, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return 0
	}
	return n
}

// heartbeat sleeps for 10 ms again and again and measures how late it wakes:
// what a bot's packet waits for a processor.
type heartbeat struct {
	mu    sync.Mutex
	late  histogram // since the last harvest
	whole histogram
}

const (
	beat = 10 * time.Millisecond
	// tooLate is the heartbeat's p99 from which the bots cannot be trusted with
	// times: a fifth of the strictest limit we ship.
	tooLate = 60 * time.Millisecond
)

func (h *heartbeat) run(ctx context.Context) {
	due := time.Now().Add(beat)
	timer := time.NewTimer(beat)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
		case <-ctx.Done():
			return
		}
		now := time.Now()
		h.mu.Lock()
		h.late.add(now.Sub(due))
		h.whole.add(now.Sub(due))
		h.mu.Unlock()
		due = now.Add(beat)
		timer.Reset(beat)
	}
}

// harvest takes what was measured since the last time.
func (h *heartbeat) harvest() histogram {
	h.mu.Lock()
	defer h.mu.Unlock()
	late := h.late
	h.late = histogram{}
	return late
}

func (h *heartbeat) all() histogram {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.whole
}

func cores() int { return runtime.NumCPU() }
