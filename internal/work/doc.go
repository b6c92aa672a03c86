// Package work is the list of what is to be done in the department: every queue
// of every room stands on it.
//
// An item says what is to be done about what, why, until when and by what rule,
// and who has it. Domains put items in and settle them in their own actions
// (PutTx, SettleTx), so an item is there exactly as long as its cause. People
// claim, release, assign, skip, extend and reorder items, one or many at a time,
// or have the next one handed to them.
//
// The package lies below the domains and knows nothing of charts: an item holds
// opaque identifiers, a reason from its domain's fixed list and the address of
// the page where it is done.
//
// What always holds:
//
//   - Among the open items of a queue no two have the same key, and an item has
//     one holder at most. A claim ends by itself (Lease) unless it is renewed.
//   - Every change of an item is an event, written once, with what the item was
//     before and what it was after, by whom and with which audit entry. Undo puts
//     back exactly what the action changed, and leaves alone what somebody has
//     changed since.
//   - Putting an item that is open brings its cause up to date and keeps what
//     people did with it: claims, skips, extensions, priorities.
//   - Who sees an item follows its record: the policy is asked about each row.
//   - A due date keeps its rule. It counts in the facility's time zone, and is
//     extended only as often and as far as the rule lets it.
//   - What is written into a hand-over note is sealed; it is signed once and not
//     changed afterwards; who has read it is kept.
package work
