// Package limit gives everybody a fair share of what is bounded: places that
// are held for a while (Places), acts at a rate (Rates), and bytes.
//
// Every bound is a row of one table, and only a row makes a limiter, so
// docs/limits.md, which is written from the table, is whole. A share belongs to
// a neighbourhood (an IPv4 address, an IPv6 /64) before it is known who
// somebody is, and to a principal (whose token or name it is) after that.
//
// All tables are bounded themselves, in a way that forgets nobody's debt: what
// is forgotten is as good as new, and when nothing is, newcomers share.
//
// No goroutine of its own. Each Rates and Places has one lock, held over no IO
// and no call into another package of ours.
package limit
