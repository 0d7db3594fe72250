package sfu

import (
	"fmt"
	"strings"
)

const (
	fragmentMax = 16 << 10 // bytes
	credMax     = 256      // characters of an ice-ufrag or ice-pwd (RFC 8839 §5.4)
)

// credentials are those of one ICE session (RFC 8839 §5.4).
type credentials struct{ ufrag, pwd string }

// Restart takes a fragment of SDP as WHIP and WHEP send it (RFC 8840 §4.4, RFC
// 9725 §4.3). One with other credentials than the newest offer's restarts ICE
// and is answered with a fragment. Any other holds candidates, which a lite
// agent learns from the checks themselves (RFC 8445 §7.3.1.3); it is answered
// with nothing. Errors are those of Offer.
func (p *Peer) Restart(fragment string) (answer string, err error) {
	fresh, err := readFragment(fragment)
	if err != nil {
		return "", err
	}
	text := p.offered.Load()
	if text == nil {
		return "", fmt.Errorf("%w: nothing was offered yet", ErrOffer)
	}
	if fresh == credentialsOf(*text) {
		return "", nil
	}
	full, err := p.Offer(restarted(*text, fresh))
	if err != nil {
		return "", err
	}
	return toFragment(full), nil
}

// readFragment checks a fragment and gives the credentials in it.
func readFragment(text string) (credentials, error) {
	if len(text) > fragmentMax {
		return credentials{}, fmt.Errorf("%w: fragment of %d bytes, at most %d", ErrOffer, len(text), fragmentMax)
	}
	c := credentialsOf(text)
	if !c.valid() {
		return credentials{}, fmt.Errorf("%w: fragment without a good ice-ufrag and ice-pwd", ErrOffer)
	}
	return c, nil
}

// valid holds credentials to their length and alphabet (RFC 8839 §5.4).
func (c credentials) valid() bool {
	wrong := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '+' || r == '/')
	}
	return len(c.ufrag) >= 4 && len(c.ufrag) <= credMax && len(c.pwd) >= 22 && len(c.pwd) <= credMax &&
		!strings.ContainsFunc(c.ufrag+c.pwd, wrong)
}

// credentialsOf finds the first credentials of an SDP or a fragment.
func credentialsOf(text string) (c credentials) {
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if v, ok := strings.CutPrefix(line, "a=ice-ufrag:"); ok && c.ufrag == "" {
			c.ufrag = v
		}
		if v, ok := strings.CutPrefix(line, "a=ice-pwd:"); ok && c.pwd == "" {
			c.pwd = v
		}
	}
	return c
}

// restarted is the offer with other credentials and without candidates.
func restarted(offer string, c credentials) string {
	var b strings.Builder
	for line := range strings.Lines(offer) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case strings.HasPrefix(line, "a=ice-ufrag:"):
			line = "a=ice-ufrag:" + c.ufrag
		case strings.HasPrefix(line, "a=ice-pwd:"):
			line = "a=ice-pwd:" + c.pwd
		case strings.HasPrefix(line, "a=candidate:"), line == "a=end-of-candidates":
			continue
		}
		b.WriteString(line + "\r\n")
	}
	return b.String()
}

// toFragment gives what of an answer a restart must know: the credentials, and
// the candidates of the first m-line, which carries the bundle.
func toFragment(answer string) string {
	c := credentialsOf(answer)
	var b strings.Builder
	fmt.Fprintf(&b, "a=ice-lite\r\na=ice-ufrag:%s\r\na=ice-pwd:%s\r\n", c.ufrag, c.pwd)
	lines := 0
	for line := range strings.Lines(answer) {
		line = strings.TrimRight(line, "\r\n")
		if strings.HasPrefix(line, "m=") {
			lines++
		}
		if lines == 1 && (strings.HasPrefix(line, "m=") || strings.HasPrefix(line, "a=mid:") || strings.HasPrefix(line, "a=candidate:")) {
			b.WriteString(line + "\r\n")
		}
	}
	b.WriteString("a=end-of-candidates\r\n")
	return b.String()
}
