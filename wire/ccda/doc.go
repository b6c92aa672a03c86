// Package ccda reads clinical documents: C-CDA, the consolidated templates of
// HL7's Clinical Document Architecture, Release 2.
//
// Bytes in, values out: [Parse] checks the whole document once and indexes it
// in flat slices; the header is read at once, sections and their entries as they
// are asked for. Narrative and entries refer to each other, so one document is
// held whole; nothing else is.
//
// What always holds:
//
//   - The XML is well formed, or nothing of it is used. A document type
//     declaration is refused: there are no entities but the five of XML, so
//     there is nothing to expand and nothing to fetch.
//   - Size, depth and number of elements are bounded.
//   - A value that cannot be read (a date like 20260230) is left empty and
//     listed in [Document.Faults] with its line and path; it never becomes
//     something else.
//   - nullFlavor, negation and the words that an entry refers to are kept.
//   - Errors hold no patient data.
//
// UTF-8, UTF-16, ISO-8859-1, windows-1252 and US-ASCII are read, by the byte
// order mark or the declaration.
package ccda
