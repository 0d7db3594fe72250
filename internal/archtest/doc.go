// Package archtest holds the house rules as checks over the source tree: who
// imports whom, how long a function grows, what a package must say about
// itself. Each rule reads a Tree and returns what breaks it, one line for each
// finding; the tests run every rule over the project, and over a small tree
// that breaks it.
//
// It starts no goroutine and takes no lock.
package archtest
