// Package demo makes the demo department: an invented hospital with its staff,
// hand-written charts, and as large a crowd of further patients as is asked for.
//
// What always holds: everything comes in by the doors that real data use (the
// charts through intake, as FHIR bundles; the staff through access; codes
// through coding), so every fact of the demo can be traced. Nobody in it is
// real. The gold codes of the charts never enter the department, but for the
// few charts that the demo's own coders have finished.
package demo
