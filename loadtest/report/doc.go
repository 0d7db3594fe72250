// Package report owns what a load run leaves behind: its figures and findings,
// the verdict, JSON in a stable form (docs/loadtest.md), one HTML page that
// needs nothing from elsewhere, and the comparison of two runs. It has no
// goroutine and no lock.
package report
