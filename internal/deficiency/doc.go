// Package deficiency finds what is missing from a record and what in it cannot be
// right: quantitative and qualitative analysis, rule by rule, each with its
// citation, its evidence and the action that settles it.
package deficiency
