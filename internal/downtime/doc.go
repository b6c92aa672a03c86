// Package downtime keeps the department able to work while it must not write: a
// read-only mode that a supervisor turns on, and emergency sets of chosen charts
// that can be printed or kept offline (45 CFR 164.308(a)(7)(ii)(C), emergency mode
// operation plan).
//
// What always holds:
//
//   - While the department is read-only no change is taken but signing in and out,
//     breaking the glass, the log's own upkeep, and the end of the downtime; reads
//     go on and are on the audit log.
//   - Every process on the same database follows within Poll, and a process that is
//     started meanwhile begins read-only.
//   - An emergency set lists every record in it on the audit log.
package downtime
