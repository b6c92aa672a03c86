// Package codeset holds dated editions of the code sets of US health care:
// ICD-10-CM, ICD-10-PCS and HCPCS level II, with their hierarchy, their
// instructional notes, their Alphabetic Index and the facts a coder checks.
//
// What always holds:
//
//   - An edition never changes. It is read from a pack, a checksummed file that
//     says what it was compiled from (FORMAT.md), and is safe for any number of
//     goroutines at once.
//   - The edition is chosen by a day that the caller gives; the package reads no
//     clock. A day without an edition gives a *NoEditionError that names the
//     newest one, so that the caller can decide, and say so.
//   - Codes are accepted with or without the dot, in either case, and are always
//     written the way the field writes them: E11.65, 02703DZ.
//   - A note carries its own edition, which may be older than the codes it
//     stands beside.
//   - Nothing here knows a patient.
package codeset
