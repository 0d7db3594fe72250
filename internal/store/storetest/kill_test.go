package storetest_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/internal/store/storetest"
)

// The size of the run: the full form is that of make prove-journal.
const (
	killsEnv    = "GIAOBAN_PROVE_KILLS"
	commandsEnv = "GIAOBAN_PROVE_COMMANDS"
	fewKills    = 5
	fewCommands = 1000
)

// killing is one run of commands with kills in it.
type killing struct {
	*testing.T
	task   task
	points []int // how many commands are answered when each kill comes
	acks   []ack
	done   int // kills so far
}

func newKilling(t *testing.T, at string) *killing {
	kills, commands := size(t, killsEnv, fewKills), size(t, commandsEnv, fewCommands)
	k := &killing{T: t, task: task{Store: at, Last: uint64(commands / sessions)}}
	for session := range sessions {
		k.task.From[session] = 1
	}
	for range kills { // the end is left out: a kill must find something to interrupt
		k.points = append(k.points, rand.IntN(commands*9/10))
	}
	slices.Sort(k.points)
	return k
}

func size(t *testing.T, env string, few int) int {
	t.Helper()
	text := os.Getenv(env)
	if text == "" {
		return few
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s is %q, want a number", env, text)
	}
	return n
}

// write runs the writer on what is left of the task. Whenever the next kill is
// due it calls kill. It reports whether the writer came to the end.
func (k *killing) write(kill func(writer *os.Process)) bool {
	k.Helper()
	order, err := json.Marshal(k.task)
	if err != nil {
		k.Fatal(err)
	}
	c := exec.CommandContext(k.Context(), os.Args[0])
	c.Env = append(os.Environ(), writerEnv+"="+string(order))
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		k.Fatal(err)
	}
	k.strike(c.Process, kill)
	for lines := bufio.NewScanner(out); lines.Scan(); k.strike(c.Process, kill) {
		var a ack
		if _, err := fmt.Sscan(lines.Text(), &a.Session, &a.ID, &a.Seq); err != nil {
			k.Fatalf("writer said %q: %v", lines.Text(), err)
		}
		k.acks = append(k.acks, a)
		k.task.From[a.Session] = a.ID + 1
	}
	if err := c.Wait(); err != nil && c.ProcessState.ExitCode() != -1 {
		k.Fatalf("writer ended by itself: %v", err)
	}
	return c.ProcessState.Success()
}

// strike kills if it is time to.
func (k *killing) strike(writer *os.Process, kill func(*os.Process)) {
	if k.done < len(k.points) && len(k.acks) >= k.points[k.done] {
		kill(writer)
		k.done++
	}
}

// killWriter is kill -9 of the process that writes.
func (k *killing) killWriter(writer *os.Process) {
	if err := writer.Kill(); err != nil {
		k.Fatalf("kill the writer: %v", err)
	}
}

// check compares the log with what was acknowledged, and folds it.
func (k *killing) check() {
	k.Helper()
	s, err := openStore(k.task.Store)
	if err != nil {
		k.Fatal(err)
	}
	defer s.Close()
	events := storetest.Log(k.T, s, theMeeting, 0)
	if want := int(k.task.Last) * sessions; len(k.acks) != want || k.done != len(k.points) {
		k.Errorf("%d of %d commands acknowledged, %d of %d kills", len(k.acks), want, k.done, len(k.points))
	}
	for _, wrong := range faults(k.acks, events) {
		k.Error(wrong)
	}
	machine := meeting.New(theMeeting)
	for _, e := range events {
		if err := machine.Apply(e); err != nil {
			k.Fatal(err)
		}
	}
	if !k.Failed() {
		k.Logf("%d kills, %d commands acknowledged, %d facts in the log: none lost, none twice, none out of order",
			k.done, len(k.acks), len(events))
	}
}

func TestKilledProcessOnBolt(t *testing.T) {
	t.Parallel()
	k := newKilling(t, filepath.Join(t.TempDir(), "giaoban.db"))
	for !k.write(k.killWriter) {
	}
	k.check()
}

func TestKilledProcessOnRedis(t *testing.T) {
	t.Parallel()
	k := newKilling(t, storetest.StartRedis(t).URL())
	for !k.write(k.killWriter) {
	}
	k.check()
}

// The writer lives on: it waits for Redis, and asks again for what was not answered.
func TestKilledRedis(t *testing.T) {
	t.Parallel()
	server := storetest.StartRedis(t)
	k := newKilling(t, server.URL())
	ended := k.write(func(*os.Process) {
		server.Kill()
		server.Start()
	})
	if !ended {
		t.Error("the writer did not come to the end")
	}
	k.check()
}
