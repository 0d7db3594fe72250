package limit

import (
	"fmt"
	"strings"
	"time"
)

// Markdown is docs/limits.md. status gives the HTTP status of a code.
func Markdown(status func(code string) int) string {
	var b strings.Builder
	b.WriteString(preface)
	b.WriteString("| bound | what | of each | of all together | told | Retry-After | |\n|---|---|---|---|---|---|---|\n")
	for _, row := range standard {
		told, after := "–", "–"
		if row.Code != "" {
			told = fmt.Sprintf("`%s`, %d", row.Code, status(row.Code))
			after = row.retry()
		}
		all := "–"
		if row.All > 0 {
			all = fmt.Sprint(row.All)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s, per %s | %s | %s | %s | %s |\n", row.ID, row.What, row.figure(), row.Per, all, told, after, row.Note)
	}
	return b.String()
}

const preface = `# Limits

Whoever may come in may not take what others need. Each bounded thing has a share for each neighbourhood (an IPv4 address, an IPv6 /64; behind a proxy on this machine the last address of its X-Forwarded-For) as long as nobody knows who it is, and a share for each principal (a link, a person) from then on. Who goes over a share is refused alone: the others' shares are theirs.

Over HTTP a refusal is a problem with a code, and with a Retry-After in whole seconds; over bridge.v1 it is an ` + "`error`" + ` with the code and, in its arguments, ` + "`afterMs`" + `. Nothing was done, and the same may be sent again.

**Closing is never refused for its rate.** ` + "`floor.revoke`, `floor.release`, `floor.closeAll`, `floor.mode` to `chair-only`, `mic.off`, `content.sound` off, `feed.close` and `meeting.end`" + ` count towards no rate, neither of frames nor of commands; over fifty at once they wait for each other.

This page is written from the table the limiters are made of (` + "`go test ./internal/wire -run LimitsPage -write`" + `). A table of rates knows 4096 sharers one by one. It forgets only those who could do everything at once again; while there are none of these, newcomers go by 64 buckets that they share.

`

// figure says how much one sharer has.
func (r Row) figure() string {
	switch {
	case r.Bytes > 0:
		return fmt.Sprintf("%d kB", r.Bytes>>10)
	case r.isRate():
		return fmt.Sprintf("%d at once, then %s", r.Burst, pace(r.Every))
	default:
		return fmt.Sprintf("%d at a time", r.Each)
	}
}

func pace(every time.Duration) string {
	if every <= time.Second {
		return fmt.Sprintf("%d a second", time.Second/every)
	}
	return fmt.Sprintf("1 in %d s", every/time.Second)
}

// retry says when it is worth trying again.
func (r Row) retry() string {
	switch {
	case r.isRate():
		return "when the next is due"
	case r.After > 0:
		return fmt.Sprintf("%d s", r.After/time.Second)
	default:
		return "–"
	}
}
