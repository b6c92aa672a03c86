// Package seal keeps what is written about a patient unreadable on disk, and
// findable all the same.
//
// Every record (and every message received) has a data key of its own. The data
// key is wrapped by the department's master key and kept in the table
// sealed_key; the master keys lie outside the database. Documents and direct
// identifiers are sealed with the record's [Key] before they are written, and
// found again by keyed search tokens ([Ring.Token]): an equal value gives an
// equal token, and without the master keys a token says nothing.
//
// What always holds:
//
//   - A sealed value opens only under the key of the record it was sealed for
//     and at the place (table, column, row, version) it was sealed for; moved or
//     changed by one bit it does not open.
//   - A data key is never stored unwrapped, and the master keys never in the
//     database.
//   - After [Ring.Rotate] the former master key opens nothing that is in the
//     database; everything stays readable.
//
// The form of a sealed value:
//
//	1 byte   format, now 1
//	n bytes  version of the record's key, unsigned varint
//	12 bytes nonce, random
//	rest     AES-256-GCM of the plain bytes, 16 bytes tag at the end
//
// with the first two fields and the context as associated data. The data key
// (32 bytes) is never used itself: HKDF-SHA256 (RFC 5869) derives one sub-key for
// sealing and one for keyed hashes.
package seal
