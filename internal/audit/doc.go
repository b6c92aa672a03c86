// Package audit keeps the log that proves itself: who did what to which subjects,
// when, and how it ended.
//
// An action's entry is written by the [Recorder] in the action's own transaction,
// into the tail. A sequencer ([Log.Run]), one at a time by a lease in the
// database, gives the entries of the tail their positions in a Merkle tree (RFC
// 6962) and signs the tree now and then. No commit waits for it.
//
// What always holds:
//
//   - An action whose entry cannot be written did not happen.
//   - An entry holds no patient data: opaque identifiers, names of actions and
//     roles, counts.
//   - An entry is never changed and never deleted. [Log.Verify] finds every
//     changed, missing, inserted and reordered entry, hash and checkpoint, and
//     names the first.
//   - No process remembers the size of the tree; each step reads it anew.
//   - The sequencer puts no entry into the tree that was tampered with in the
//     tail. It leaves it there and says so.
//
// # How entries hang together
//
// The leaf of an entry is a byte 1 and then its fields in the order of the
// columns of audit_entry from tick to counter: a text is its length (unsigned
// varint) and its bytes, a number 8 bytes, big endian.
//
// Until the tree holds it, an entry is protected by an HMAC-SHA256 (first 16
// bytes) under a key that lies outside the database, over the MAC of the entry
// before in its lane and its leaf. A lane is a row of entries that one writer (a
// run of a program) wrote one after another: concurrent actions take different
// lanes, so that none waits for another, and a lane is free again once its last
// entry is committed. Counters in a lane go up by one, so that an entry taken out
// of the middle leaves a gap.
//
// What this cannot show: that the very last entries of the lanes were deleted
// before the sequencer came to them (about a second), if the writer was killed
// too; the running writer notices. And that the whole database was put
// back to an earlier state: for that, checkpoints are also written to a file
// beside the data ([Options.Witness]), and can be kept elsewhere.
//
// # Checkpoints
//
// A checkpoint is a signed note (golang.org/x/mod/sumdb/note, Ed25519) of six
// lines:
//
//	chartroom audit log
//	<number of entries>
//	<root hash, base64>
//	checkpoint <number>
//	at <RFC 3339 time>
//	before <SHA-256 of the note before, base64>
package audit
