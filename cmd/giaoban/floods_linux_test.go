package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/giaoban/giaoban/internal/meeting"
	"github.com/giaoban/giaoban/loadtest"
)

// floods are what one neighbourhood can do, each by a goroutine again and again.
// n numbers the tries of all of them.
var floods = map[string]func(f *flood, n int){
	"silent sockets": func(f *flood, _ int) {
		if conn, _, err := f.dialer().Dial(f.socket, nil); err == nil {
			f.linger(conn)
		}
	},
	"trickled bodies": func(f *flood, n int) {
		conn, err := f.dial.Dial("tcp", strings.TrimPrefix(f.url, "http://"))
		if err != nil {
			return
		}
		path := []string{"/healthz", "/whip", "/nowhere", "/api/v1/session"}[n%4]
		fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nx", path)
		f.linger(conn)
	},
	"sign-ins": func(f *flood, n int) {
		f.post("/api/v1/session", "application/json", fmt.Sprintf(`{"name":"name-%d","password":"khong dung dau"}`, n), "")
	},
	"players": func(f *flood, _ int) {
		f.post("/whep", "application/sdp", "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\n", f.token)
	},
	"messages": func(f *flood, n int) {
		f.say(n, "message.send", meeting.SendMessage{Text: strings.Repeat("x", 200)})
	},
	"offers": func(f *flood, n int) {
		f.say(n, "media.offer", map[string]string{"sdp": fmt.Sprintf("v=0\r\no=- %d 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n", n)})
	},
}

// flood is one neighbourhood's, until its context ends.
type flood struct {
	ctx         context.Context
	url, socket string
	token       string // of a room the control does not play
	dial        net.Dialer
	client      http.Client
	each        sync.Map // the socket of each goroutine, by its number
	held        chan struct{}
}

// floodWidth is how many goroutines a flood has.
const floodWidth = 32

// floodHeld is how many connections a flood holds at once: several times what the
// server takes, and fewer than this process may have.
const floodHeld = 8000

func (f *flood) dialer() *websocket.Dialer {
	return &websocket.Dialer{NetDialContext: f.dial.DialContext, HandshakeTimeout: 10 * time.Second}
}

// linger holds something open for a while, as slow as it may be.
func (f *flood) linger(c io.Closer) {
	select {
	case f.held <- struct{}{}:
		time.AfterFunc(20*time.Second, func() { c.Close(); <-f.held })
	case <-f.ctx.Done():
		c.Close()
		return
	}
	select {
	case <-f.ctx.Done():
	case <-time.After(5 * time.Millisecond):
	}
}

func (f *flood) post(path, kind, body, token string) {
	req, err := http.NewRequestWithContext(f.ctx, http.MethodPost, f.url+path, strings.NewReader(body))
	if err != nil {
		return
	}
	req.Header.Set("Content-Type", kind)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if res, err := f.client.Do(req); err == nil {
		_, _ = io.Copy(io.Discard, res.Body)
		res.Body.Close()
	}
}

// say sends a frame on a socket of the goroutine's own, and reads nothing.
func (f *flood) say(n int, t string, d any) {
	who := n % floodWidth
	held, ok := f.each.Load(who)
	if !ok {
		conn, _, err := f.dialer().Dial(f.socket, nil)
		if err != nil {
			return
		}
		go func() {
			for {
				if _, _, err := conn.NextReader(); err != nil {
					f.each.Delete(who)
					return
				}
			}
		}()
		hello, _ := json.Marshal(map[string]any{"t": "hello", "id": 1, "d": map[string]string{"token": f.token, "device": fmt.Sprint("flood-", who)}})
		_ = conn.WriteMessage(websocket.TextMessage, hello)
		held = conn
		f.each.Store(who, conn)
	}
	frame, _ := json.Marshal(map[string]any{"t": t, "id": n + 2, "d": d})
	conn := held.(*websocket.Conn)
	_ = conn.SetWriteDeadline(time.Now().Add(time.Second))
	if conn.WriteMessage(websocket.TextMessage, frame) != nil {
		conn.Close()
		f.each.Delete(who)
	}
}

// run floods until the context ends.
func (f *flood) run(do func(*flood, int)) (tries int) {
	counts := make([]int, floodWidth)
	var wg sync.WaitGroup
	for i := range floodWidth {
		wg.Go(func() {
			for n := i; f.ctx.Err() == nil; n += floodWidth {
				do(f, n)
				counts[i]++
				<-time.After(time.Millisecond) // the flood shares the processors with who is measured
			}
		})
	}
	wg.Wait()
	f.each.Range(func(_, c any) bool { c.(io.Closer).Close(); return true })
	for _, n := range counts {
		tries += n
	}
	return tries
}

// control is what somebody else notices: a page that opens, a command that is
// answered, and both again, for a while.
func (p *program) control(t *testing.T, lasts time.Duration) (p95 time.Duration) {
	t.Helper()
	var took []time.Duration
	tick := time.NewTicker(600 * time.Millisecond) // within the rate of hellos of one link
	defer tick.Stop()
	for end := time.Now().Add(lasts); time.Now().Before(end); <-tick.C {
		began := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		b, err := loadtest.New(loadtest.Config{
			URL: "ws" + strings.TrimPrefix(p.url, "http") + "/api/v1/bridge", Token: p.console(), Device: "control", NoMedia: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = b.Wait(ctx, "the meeting", func(s loadtest.State) bool { return s.View.Meeting != nil })
		if err == nil {
			_, err = b.Do(ctx, meeting.TakeControl{})
		}
		if err != nil {
			t.Errorf("the control is refused: %v", err)
		}
		b.Close()
		cancel()
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	return took[len(took)*95/100]
}

// resident is the program's memory in bytes.
func (p *program) resident(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.Atoi(string(bytes.Fields(text)[1]))
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}

// Beside a meeting of 22 points one neighbourhood floods: nobody else is refused
// or delayed, and memory does not follow the flood.
func TestFloodsBesideAMeeting(t *testing.T) {
	seconds, held := 3, 500
	asked, err := strconv.Atoi(os.Getenv("GIAOBAN_PROVE_FLOODS"))
	measured := err == nil // else who is refused is all that counts: the suite runs beside, with the race detector
	if measured {
		seconds, held = asked, floodHeld
	}
	p := begin(t, "--data", t.TempDir(), "--demo-points", "21")
	lasts := time.Duration(seconds) * time.Second
	quiet := p.control(t, lasts)
	for name, do := range floods {
		before := p.resident(t)
		ctx, cancel := context.WithTimeout(t.Context(), lasts)
		f := &flood{ctx: ctx, url: p.url, socket: "ws" + strings.TrimPrefix(p.url, "http") + "/api/v1/bridge", token: p.token("hg-22"), held: make(chan struct{}, held)}
		f.dial.LocalAddr = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}
		f.client.Transport = &http.Transport{DialContext: f.dial.DialContext, MaxIdleConnsPerHost: floodWidth}
		tries := make(chan int, 1)
		go func() { tries <- f.run(do) }()
		beside := p.control(t, lasts/2)
		half := p.resident(t)
		beside = max(beside, p.control(t, lasts/2))
		later := (p.resident(t) - half) >> 20
		cancel()
		n := <-tries
		f.client.CloseIdleConnections()
		grown := (p.resident(t) - before) >> 20
		t.Logf("%-16s %8d tries: control p95 %v, alone %v; memory %+d MB, of which %+d in its second half", name, n, beside.Round(time.Millisecond), quiet.Round(time.Millisecond), grown, later)
		if n == 0 {
			t.Errorf("%s: no flood", name)
		}
		if measured && beside > max(2*quiet, floodNoise) {
			t.Errorf("%s: the control took %v, alone %v", name, beside, quiet)
		}
		if measured && (grown > floodMemory || seconds >= 30 && later > floodFlat) {
			t.Errorf("%s: %d MB more, %d of them in the second half", name, grown, later)
		}
	}
}

// What a machine of two processors, on which the flood runs too, adds by itself.
const (
	floodNoise  = 500 * time.Millisecond
	floodFlat   = 32  // MB that the second half of a long flood may add: its memory is flat
	floodMemory = 192 // MB: a heap that has met 19 MiB hashes and gives back what it can later
)
