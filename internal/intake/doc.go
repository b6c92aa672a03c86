// Package intake takes in what other systems send: FHIR R4 bundles and NDJSON,
// HL7 version 2 messages from files and over MLLP, C-CDA documents, lists in CSV,
// scans and plain text notes. docs/intake.md says what becomes of each.
//
// Its words: a message is what arrives as one piece, an HL7 v2 message, a FHIR
// bundle, a run of NDJSON lines or of a list's rows, a document. A run is one call of
// the import command over files that may refer to each other.
//
// What always holds:
//
//   - The bytes received are kept, sealed under a key of their own, and every
//     fact names the message and the place in it that brought it.
//   - received = accepted + rejected, and each rejection has a place and a
//     reason. Reasons hold no patient data.
//   - A message and all its facts are stored in one action, or nothing of it.
//   - What arrives again is recognised and processed once: an HL7 v2 message by
//     sender, control ID, type and content, FHIR by its bytes, and each resource
//     by its id.
//   - An acknowledgement AA is sent after the message is durable, never before.
//   - Facts stay with the record they arrived under. Merge messages change the
//     record-to-person map of package identity alone.
package intake
