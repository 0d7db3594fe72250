package cascade

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/giaoban/giaoban/internal/focus"
	"github.com/giaoban/giaoban/internal/store/memory"
	"github.com/giaoban/giaoban/internal/tree"
	"github.com/giaoban/giaoban/sfu"
)

// Of 250 children that come at once after a restart each of the first two
// hundred is let in when it is its turn, within what a dialler waits for; only
// the others are told to come back.
func TestAdmissionIsPaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var table strings.Builder
		table.WriteString("code,parent,tier,name,points\ntw,,Tỉnh,Tỉnh,p-0\n")
		for n := 1; n <= 250; n++ {
			fmt.Fprintf(&table, "x%d,tw,Xã,Xã %d,p-%d\n", n, n, n)
		}
		nodes, err := tree.Read([]byte(table.String()), tree.Date("2026-11-26"))
		if err != nil {
			t.Fatal(err)
		}
		meetings := focus.NewRegistry(focus.Config{Journal: memory.New()})
		defer meetings.Close()
		d, err := NewDownlinks(DownlinksConfig{
			Config: Config{Tree: func() *tree.Tree { return nodes }, Self: "tw", Meetings: meetings, Rooms: &gallery{}, Media: func(sfu.LinkConfig) (*sfu.Link, error) { return nil, http.ErrNotSupported }},
			Node:   func(c *x509.Certificate) (tree.Code, bool) { return tree.Code("x" + c.SerialNumber.String()), true },
		})
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		admitted, busy, last := 0, 0, time.Duration(0)
		for n := int64(1); n <= 250; n++ {
			r := &http.Request{TLS: &tls.ConnectionState{PeerCertificates: []*x509.Certificate{{SerialNumber: big.NewInt(n)}}}}
			_, _, wait, err := d.enter(r)
			switch {
			case err == nil:
				defer d.wait.Done()
				admitted++
				if wait < last || wait > helloWait {
					t.Errorf("number %d waits %v, the one before %v", n, wait, last)
				}
				last = wait
				began := time.Now()
				if n == 150 {
					if err := d.queue(r, wait); err != nil || time.Since(began) != wait {
						t.Errorf("its turn came after %v, want %v: %v", time.Since(began), wait, err)
					}
					d.filled = time.Now() // the others came with it
				}
			case codeOf(err) == CodeBusy:
				busy++
			default:
				t.Fatal(err)
			}
		}
		if admitted < 195 || admitted > 205 || busy != 250-admitted {
			t.Errorf("%d admitted, %d told to come back", admitted, busy)
		}
	})
}
