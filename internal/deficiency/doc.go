// Package deficiency finds what is missing from records and what in them cannot be
// right, and keeps it until it is settled: quantitative and qualitative analysis.
// The rules themselves are in deficiency/rules.
//
// A finding is open, settled (no longer found) or waived by a person, with a reason;
// each change is a version. It rests on words of documents (chart.Evidence), on
// facts, or on what was looked for and is not there. An open finding is an item of
// work of the queue "deficiency".
//
// What always holds:
//
//   - A record is marked in the transaction that changes it, and the mark goes only
//     in the transaction that stores what the analysis found: none is forgotten. A
//     change that comes in between leaves the record marked.
//   - A record is looked at again when a clock of its findings runs out.
//   - The analysis goes by person: all records that are linked now.
//   - A finding keeps its id for as long as its cause is the same. A waived one comes
//     back when what it rests on changes, and only then.
//   - What tells of a patient is sealed; the counters of Summary are changed in the
//     transaction that changes what they count.
package deficiency
