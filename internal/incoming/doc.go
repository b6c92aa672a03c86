// Package incoming is the desk where what came in is put in its place: scans are
// indexed to patient, encounter and type, misfiled documents moved, discharges
// held against the records received, and paper volumes tracked.
//
// What always holds:
//
//   - The bytes of a scan never change. A document made of a scan is a list of
//     sheets (chart.Sheet): which pages it shows, in which order, how turned.
//   - Every page of a scan is in one place: it waits, or it is set aside (blank,
//     or refused with a reason), or exactly one document that stands shows it.
//     The table incoming_page says where, and its key keeps a page from being
//     shown twice.
//   - A fact never moves from its record. A misfiled document is withdrawn where
//     it lay, with the reason, and stored anew where it belongs, in one action
//     that is about both records; a row in misfile ties the two together.
//   - Where the words of a page name another patient than the one chosen, nothing
//     is stored until a person confirms it with a reason, which is kept.
//   - A reconciliation adds up: the lines of a discharge list are those with a
//     record, those with documents missing, those without an encounter and those
//     listed twice; the encounters of its days are those on it and those not.
//   - In the clear lie opaque ids, states and times. What tells of a patient is
//     sealed: under the record's key where there is a record, else under the
//     desk's own.
package incoming

import (
	"errors"

	"chartroom/internal/gate"
)

// The actions of this desk, as the policy names them.
const (
	ActionRead      gate.Action = "incoming.read"      // what waits, the desk of one scan, misfiles
	ActionIndex     gate.Action = "incoming.index"     // make documents of scans, arrange, split and join them
	ActionMove      gate.Action = "incoming.move"      // move a misfiled document, and undo it
	ActionReconcile gate.Action = "incoming.reconcile" // discharge lists
	ActionPaper     gate.Action = "paper.read"         // volumes, where they are, what is overdue
	ActionPaperKeep gate.Action = "paper.manage"       // register, sign out, return
	ActionPaperAsk  gate.Action = "paper.request"      // ask for a volume
)

// The errors callers look for. Their texts name no patient.
var (
	ErrNotFound     = errors.New("not at the desk")
	ErrBadInput     = errors.New("not usable")
	ErrStale        = errors.New("it was changed meanwhile")
	ErrTaken        = errors.New("a page is in a document already")
	ErrOtherPatient = errors.New("the words of the pages name another patient; confirm with a reason")
	ErrReason       = errors.New("give a reason")
)

// deskOwner is whose key seals what belongs to no record: drafts for scans nobody
// has indexed, the lines of discharge lists.
const deskOwner = "incoming"
