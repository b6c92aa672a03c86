// Package gate is the one way to patient data.
//
// Every read and every change of the department's records is an action that an
// actor takes on a subject. The gate asks the policy, runs the action, writes
// the audit entry in the same transaction and commits:
//
//	err := g.Change(ctx, actor, "coding.accept", gate.Encounter(record, id), func(tx *gate.Tx) error {
//		_, err := tx.Exec(ctx, sqlInsertCode, tx.NewID(), id, code, tx.EntryID(), tx.Now().UnixMicro())
//		return err
//	})
//
// # What always holds
//
//   - When Change returns nil, all that its function wrote and the audit entry
//     are on the disk. When it returns an error, none of it happened. (After an
//     error of the disk itself it may turn out to have happened as a whole.)
//   - When Read returns nil, its function saw one snapshot, nothing half done,
//     and the audit entry is on the disk.
//   - Changes are serial: each sees all that was answered before it began, and
//     what it read is still so when it commits.
//   - If the policy refuses, nothing happened but an entry that says so. If the
//     entry cannot be written, nothing happened. A gate without a policy or a
//     recorder refuses everything.
//   - The first statement that fails ends its action, whatever its function
//     returns. A panic is the error of its own action alone.
//   - Both engines, SQLite and PostgreSQL, do all of this alike.
//
// # The way of a change
//
// On SQLite a change waits in one queue. A single goroutine takes what waits,
// runs each change in a savepoint of its own inside one transaction, commits once
// and answers all: a hundred clients cost one flush of the disk. On PostgreSQL
// changes are serializable transactions side by side, and those that collide run
// again. docs/decisions/0010 and 0011 say why.
//
// So the function of a change holds up others. It computes beforehand what can
// be, touches only its Tx and values it sets afresh, and waits for nothing.
//
// # Where the database is
//
// It lies in gate/internal/store, so the compiler sees to it that no other
// package opens it: domains only ever hold a *Tx. Their queries are string
// constants named sql… in files named store….go, where a test finds them and
// prepares them on both engines; their tables are migrations in
// gate/internal/store/migrations, one file a domain.
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
