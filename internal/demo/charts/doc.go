// Package charts holds the records of Marrow Bay Regional Medical Center, an
// invented hospital with an emergency department, inpatient units, a clinic and
// an attached nursing facility, each with gold codes worked out by hand.
//
// The records are plain text (data/*.chart, described in FORMAT.md) so that a
// coder can read and correct them without reading Go. Parsing is pure: text in,
// values or line-numbered errors out.
//
// What always holds for the charts that All returns: the words that justify a
// code occur in the document they are quoted from, and the quotation knows its
// byte span there; a document's author and the attending clinician are on the
// staff list; everybody and every number is invented.
package charts
