// Package report folds the journals of a meeting into its minutes (biên bản):
// who attended from when to when, who spoke for how long, the roll call, the
// incidents, every act of the chair's side; and writes them as CSV, XLSX and a
// page for the printer.
//
// The fold is pure and knows no store: it is handed events. No goroutine, no
// lock.
package report
