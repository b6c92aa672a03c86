// Package gate is the one way to patient data.
//
// Every read and every change of the department's records is an action that an
// actor takes on a subject. The gate asks the policy, runs the action, writes
// the audit entry in the same transaction and commits. If the policy says no,
// or the entry cannot be written, nothing happened.
//
// The database lies in gate/internal/store, so the compiler sees to it that no
// other package opens it: domains only ever hold a *Tx.
package gate

import (
	"context"
	"time"
)

// ActorKind says what kind of party acts.
type ActorKind string

// The kinds of actor.
const (
	Person  ActorKind = "person"  // a member of staff who signed in
	Program ActorKind = "program" // a script or system with an API token
	System  ActorKind = "system"  // Chartroom itself: set-up, listeners, jobs
)

// Actor is who acts. The policy decides by its roles; the audit entry keeps its
// ID, kind, roles and session.
type Actor struct {
	ID      string // opaque; of a member of staff, a token or a listener
	Kind    ActorKind
	Name    string   // shown to people; not kept in audit leaves
	Roles   []string // names of access.Role
	Session string   // sign-in session or connection; "" where there is none
}

// Action names what is done, as "domain.verb": "chart.read", "coding.finalise".
// Each domain declares its own; the policy file lists them all.
type Action string

// Subject is what an action is about. Record ties it to the record (and so the
// patient) it belongs to, "" where it belongs to none. A Subject holds opaque
// identifiers only, never a name or a record number.
type Subject struct {
	Kind   string // "record", "encounter", "document", "message", "staff", "department" …
	ID     string
	Record string
}

// Department is the subject of actions about no record: lists, settings, set-up.
func Department() Subject { return Subject{Kind: "department", ID: "department"} }

// Record is the subject of actions on one patient record.
func Record(id string) Subject { return Subject{Kind: "record", ID: id, Record: id} }

// Encounter is the subject of actions on one encounter of a record.
func Encounter(record, id string) Subject {
	return Subject{Kind: "encounter", ID: id, Record: record}
}

// Request is what the policy is asked: may this actor take this action on this
// subject? It is asked once for the action's own subject and once for each that
// Tx.About adds.
type Request struct {
	Actor   Actor
	Action  Action
	Subject Subject
	At      time.Time
}

// Policy decides. It returns nil to permit and a *Denied to refuse; any other
// error fails the action. tx lets it read its labels in the same transaction.
type Policy interface {
	Decide(ctx context.Context, tx *Tx, req Request) error
}

// Recorder writes the audit entry of an action into its transaction.
type Recorder interface {
	Record(ctx context.Context, tx *Tx, e Entry) error
}

// Outcome says how an action ended.
type Outcome string

// The outcomes. A refused action is recorded too, in a transaction of its own.
const (
	Done    Outcome = "done"
	Refused Outcome = "refused"
)

// Entry is what the audit log keeps of an action: who did what to which
// subjects, when, how it ended. It holds no patient data.
type Entry struct {
	ID       string // the entry's own identifier; facts store it
	At       time.Time
	Actor    Actor
	Action   Action
	Subjects []Subject
	Outcome  Outcome
	Reason   string            // why, where the action asks for it (reopen, break-glass); chosen from a list or free text kept sealed by the domain
	Detail   map[string]string // small facts without patient data: counts, code sets, versions
}
