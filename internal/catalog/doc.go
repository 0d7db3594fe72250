// Package catalog is what an installation knows of its world: systems of
// bridge points, their officers, the templates of meetings, the consents that
// let a point be borrowed. A Book holds all of it, and the rules: what a row
// of a table must be, who may be called to a meeting. The administrative trees
// of two provinces ship with it, and a first start seeds a Book from them.
//
// It is pure: its data is embedded, and it has no goroutine, lock or clock.
// Who keeps a Book is internal/store.
package catalog
