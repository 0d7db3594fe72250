package sfu

import (
	"errors"
	"strings"
	"testing"
)

const goodPwd = "abcdefghijklmnopqrstuv"

func TestAFragmentRestartsAnOfferOrIsRefused(t *testing.T) {
	offer := sdpOf(line("video", "0", "sendonly", "ice-ufrag:first", "ice-pwd:"+goodPwd+"1", "candidate:1 1 udp 1 127.0.0.1 9 typ host", "end-of-candidates"),
		line("audio", "1", "sendonly", "ice-ufrag:first", "ice-pwd:"+goodPwd+"1"))
	fresh, err := readFragment("a=ice-ufrag:second\r\na=ice-pwd:" + goodPwd + "2\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\n")
	if err != nil {
		t.Fatal(err)
	}
	got := restarted(offer, fresh)
	if strings.Count(got, "a=ice-ufrag:second\r\n") != 2 || strings.Count(got, goodPwd+"2\r\n") != 2 || strings.Contains(got, "candidate") {
		t.Errorf("restarted offer:\n%s", got)
	}
	if want := strings.Count(offer, "\r\n") - 2; strings.Count(got, "\r\n") != want {
		t.Errorf("%d lines, want %d", strings.Count(got, "\r\n"), want)
	}
	for name, text := range map[string]string{
		"nothing":          "",
		"no password":      "a=ice-ufrag:second\r\n",
		"a short one":      "a=ice-ufrag:second\r\na=ice-pwd:abc\r\n",
		"another alphabet": "a=ice-ufrag:sec ond\r\na=ice-pwd:" + goodPwd + "\r\n",
		"a long one":       "a=ice-ufrag:second\r\na=ice-pwd:" + strings.Repeat("a", 257) + "\r\n",
		"too much":         "a=ice-ufrag:second\r\na=ice-pwd:" + goodPwd + "\r\n" + strings.Repeat("a=x\r\n", 8000),
	} {
		if _, err := readFragment(text); !errors.Is(err, ErrOffer) {
			t.Errorf("%s: %v, want ErrOffer", name, err)
		}
	}
}

func TestTheAnswersFragmentHasCredentialsAndCandidatesOfTheBundle(t *testing.T) {
	answer := sdpOf(line("video", "0", "recvonly", "ice-ufrag:srv1", "ice-pwd:"+goodPwd, "candidate:1 1 udp 1 127.0.0.1 9 typ host"),
		line("audio", "1", "recvonly", "ice-ufrag:srv1", "ice-pwd:"+goodPwd, "candidate:2 1 udp 1 127.0.0.1 9 typ host"))
	got := toFragment(answer)
	for _, want := range []string{"a=ice-ufrag:srv1\r\n", "a=ice-pwd:" + goodPwd, "m=video ", "a=mid:0\r\n", "a=candidate:1 ", "a=end-of-candidates\r\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("fragment lacks %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "candidate:2") || strings.Contains(got, "v=0") {
		t.Errorf("fragment has too much:\n%s", got)
	}
}

// FuzzFragment checks that what is accepted cannot smuggle a line into an offer.
func FuzzFragment(f *testing.F) {
	f.Add("a=ice-ufrag:second\r\na=ice-pwd:" + goodPwd + "\r\na=candidate:1 1 udp 1 127.0.0.1 9 typ host\r\n")
	f.Add("a=ice-ufrag:\na=ice-pwd:\r\r\n")
	offer := sdpOf(line("video", "0", "sendonly", "ice-ufrag:first", "ice-pwd:"+goodPwd))
	lines := strings.Count(offer, "\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := readFragment(text)
		if err != nil {
			return
		}
		if got := restarted(offer, c); strings.Count(got, "\n") != lines || credentialsOf(got) != c {
			t.Fatalf("from %q:\n%s", text, got)
		}
	})
}
