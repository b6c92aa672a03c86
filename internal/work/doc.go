// Package work is the list of what is to be done in the department: every queue
// of every room stands on it.
//
// An item says what is to be done about what, why, until when and by what rule,
// and who has it. Domains put items in and settle them in their own actions, so
// an item is there exactly as long as its cause.
package work
