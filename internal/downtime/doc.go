// Package downtime keeps the department able to work while it must not write: a
// read-only mode that a supervisor turns on, and emergency sets of charts that
// can be printed or kept offline.
package downtime
