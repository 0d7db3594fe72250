// Package scenario owns the load scenarios: what the YAML files say, strictly
// read, and those that ship with the program. It has no goroutine and no lock.
package scenario
