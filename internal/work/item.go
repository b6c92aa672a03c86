package work

import (
	"errors"
	"time"

	"chartroom/internal/gate"
)

// The actions of this package, as the policy names them. Putting and settling
// are part of the action of the domain that does it.
const (
	ActionList     gate.Action = "work.list"     // see a queue and its items
	ActionClaim    gate.Action = "work.claim"    // take, have handed out, release, skip
	ActionExtend   gate.Action = "work.extend"   // move a due date on as its rule allows
	ActionAssign   gate.Action = "work.assign"   // give work to somebody, set priorities
	ActionHandOver gate.Action = "work.handover" // write, sign and read the hand-over note
	ActionToday    gate.Action = "work.today"    // what one touched oneself today
	ActionFilter   gate.Action = "work.filter"   // keep one's filters
)

// The errors a caller looks for.
var (
	ErrBadInput  = errors.New("the request is not usable")
	ErrNotFound  = errors.New("there is no such item of work")
	ErrHeld      = errors.New("somebody else has this item")
	ErrSettled   = errors.New("this item is settled")
	ErrExtension = errors.New("the rule of this due date does not let it be extended so")
	ErrUnskilled = errors.New("this item asks for a privilege or role that the person does not hold")
	ErrNothing   = errors.New("there is nothing to undo")
	ErrNoWork    = errors.New("there is nothing to hand out in these queues")
	ErrSigned    = errors.New("the note is signed and no longer changed")
)

// Lease is how long a claim lasts unless it is renewed: an item whose holder has
// gone home is free again by itself.
const Lease = 30 * time.Minute

// The bounds of a priority, 1 the most pressing.
const (
	MostPressing  = 1
	LeastPressing = 5
)

// State says where an item stands.
type State string

// The states.
const (
	Open    State = "open"    // free to be taken
	Given   State = "given"   // assigned to somebody who does not work on it now
	Claimed State = "claimed" // somebody works on it
	Skipped State = "skipped" // put off until a time, with a reason
	Settled State = "settled"
)

// Item is one thing to be done.
type Item struct {
	ID        string `json:"id"`
	Queue     Queue  `json:"queue"`
	Key       string `json:"key"`       // what it is about, unique among the open items of its queue
	Record    string `json:"record"`    // "" where it belongs to none
	Encounter string `json:"encounter"` // "" where it belongs to none
	Kind      string `json:"kind"`      // a word of the domain to narrow lists by: the setting, the type of deficiency
	Unit      string `json:"unit"`
	Reason    string `json:"reason"` // from the domain's list
	Priority  int    `json:"priority"`
	Rule      string `json:"rule"`  // citation, "" for a target of the department
	Skill     string `json:"skill"` // privilege asked of whoever takes it, "" for none
	Open      string `json:"open"`  // address of the page where it is done

	Since      time.Time `json:"since"`
	Due        time.Time `json:"due"`
	FirstDue   time.Time `json:"first_due"` // before extensions
	Extensions int       `json:"extensions"`

	Assignee     string    `json:"assignee"` // actor it was given to, "" for nobody
	Holder       string    `json:"holder"`   // actor who has it now, "" for nobody
	HeldUntil    time.Time `json:"held_until"`
	SkippedUntil time.Time `json:"skipped_until"` // zero where it is not put off
	SkipReason   string    `json:"skip_reason"`
	State        State     `json:"state"`
	Overdue      bool      `json:"overdue"`

	SettledAt time.Time `json:"settled_at"`
	SettledBy string    `json:"settled_by"`
	How       string    `json:"how"` // how it was settled, from the domain's list
	Version   int       `json:"version"`
}

// Who is whose the item is: who works on it, else who it was given to.
func (it Item) Who() string {
	if it.Holder != "" {
		return it.Holder
	}
	return it.Assignee
}

// Clock is the rule that the item's due date runs by.
func (it Item) Clock() Rule { return ruleOf(it.Queue, it.Rule) }

// row is an item as the store has it; times are microseconds, 0 for none.
type row struct { //nolint:recvcheck // what fills a row needs its address; what works one out gives another
	id, queue, key                     string
	record, encounter, kind, unit      string
	reason, rule, skill, address, zone string
	since, plainDue                    int64
	plainPriority                      int
	due                                int64
	priority, extensions               int
	assignee, holder                   string
	heldUntil, skippedUntil            int64
	skipReason                         string
	version                            int
	putAt                              int64
	putBy, putEntry                    string
	settledAt                          int64
	settledBy, how                     string
}

// fields are the places that a row of itemColumns is read into.
func (r *row) fields() []any {
	return []any{
		&r.id, &r.queue, &r.key, &r.record, &r.encounter, &r.kind, &r.unit, &r.reason, &r.rule, &r.skill, &r.address, &r.zone,
		&r.since, &r.plainDue, &r.plainPriority, &r.due, &r.priority, &r.extensions, &r.assignee, &r.holder, &r.heldUntil,
		&r.skippedUntil, &r.skipReason, &r.version, &r.putAt, &r.putBy, &r.putEntry, &r.settledAt, &r.settledBy, &r.how,
	}
}

// free ends what has run out: a claim past its lease, a skip past its time. The
// store is not touched: what has run out counts for nothing wherever it is read.
func (r row) free(now int64) row {
	if r.holder != "" && r.heldUntil <= now {
		r.holder, r.heldUntil = "", 0
	}
	if r.skippedUntil > 0 && r.skippedUntil <= now {
		r.skippedUntil, r.skipReason = 0, ""
	}
	return r
}

// item is the row as it stands at a moment.
func (r row) item(at time.Time) Item {
	now := at.UnixMicro()
	r = r.free(now)
	it := Item{
		ID: r.id, Queue: Queue(r.queue), Key: r.key, Record: r.record, Encounter: r.encounter, Kind: r.kind, Unit: r.unit,
		Reason: r.reason, Priority: r.priority, Rule: r.rule, Skill: r.skill, Open: r.address,
		Since: gate.Moment(r.since), Due: gate.Moment(r.due), FirstDue: gate.Moment(r.plainDue), Extensions: r.extensions,
		Assignee: r.assignee, Holder: r.holder, HeldUntil: gate.Moment(r.heldUntil),
		SkippedUntil: gate.Moment(r.skippedUntil), SkipReason: r.skipReason,
		SettledAt: gate.Moment(r.settledAt), SettledBy: r.settledBy, How: r.how, Version: r.version,
	}
	switch {
	case r.settledAt > 0:
		it.State = Settled
	case r.skippedUntil > 0:
		it.State = Skipped
	case r.holder != "":
		it.State = Claimed
	case r.assignee != "":
		it.State = Given
	default:
		it.State = Open
	}
	it.Overdue = it.State != Settled && r.due < now
	return it
}
