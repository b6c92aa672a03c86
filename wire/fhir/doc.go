// Package fhir reads and writes FHIR R4 (4.0.1) in JSON.
//
// A [Resource] keeps its bytes exactly as they were received, with a flat index
// over them. Of the 146 resource types only what a health record is made of is
// typed ([Resource.Patient], [Resource.Encounter], ...); any other type can be
// read through [Resource.Generic], and nothing of it is lost since the bytes are
// kept.
//
// What always holds:
//
//   - A document is checked whole when it is indexed: JSON grammar, UTF-8, no
//     NUL, no key twice in one object, nesting at most [MaxDepth], size within
//     [Options]. Typed reading checks the types of what it reads.
//   - Every error is an [*Error] that names the JSON path, line and byte offset
//     in the file or stream, and never quotes the document.
//   - Input never causes a panic.
//   - Decimals keep the digits they came with, dates their precision and offset.
//
// [Reader] streams the entries of Bundles of any size, [NDJSONReader] the lines
// of bulk data; both hold one entry at a time. The types that this package
// writes ([Encounter], [Condition], [Provenance], ...) marshal by encoding/json.
package fhir
