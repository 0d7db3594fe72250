// Package wire is bridge.v1, the protocol between browser and node: its
// messages, their strict decoding, the table of error codes with their
// sentences, and the TypeScript made from them. It has no goroutine and no lock.
package wire
