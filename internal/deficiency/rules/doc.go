// Package rules holds the rules by which a record is found complete and accurate:
// what each looks for, how grave it is, where it is written, what settles it and
// who does that, and the function that finds it.
//
// A Case is one person's record as the chart keeps it, with the instant it is
// looked at. Analyse tries every rule on it and gives findings, each with what it
// rests on: spans of documents, facts, or what was looked for and is not there;
// and the instant at which a clock runs out, so that the record is looked at again.
//
// What always holds: the same case gives the same findings in the same order; no
// database is opened and no clock is read; a finding's Key is the same for as long
// as its cause is; what could be right is not reported. The words, drug classes,
// indications, sites and limits it knows are small tables of its own in data/.
package rules
