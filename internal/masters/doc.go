// Package masters keeps what records refer to and no patient owns: providers and
// their credentials, facilities and units with their time zones, payers and
// plans.
//
// What always holds: an entry is never changed in place or deleted; a new version
// supersedes it, with who, when and why, and what is no longer used has an end
// date. An edit names the version it was made on, and a stale one is refused. No
// two entries of a kind that stand have the same number. Merging two entries
// states that one stands for the other and changes neither, so undoing it is
// exact.
//
// Entries are no patient data and stand in the clear; every change goes through
// the gate all the same. What is only proposed (by a technician, or because a
// message named a provider nobody has entered) is sealed until somebody who may
// change the masters has looked at it: a message may hold anything.
package masters
