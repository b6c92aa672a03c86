// Package coding is the desk where an encounter's diagnoses and procedures are
// coded: suggestions with their evidence, accepting, rejecting, adding by
// search, sequence, present on admission, checks, making final, reopening.
//
// What always holds:
//
//   - A session is its events. Each is stored once, sealed, with who, when and
//     the audit entry; the state that a person sees is worked out from them, so
//     history and undo are exact.
//   - Every assigned code keeps the words it rests on (chart.Evidence) and the
//     path by which it was reached.
//   - Two people cannot overwrite each other: a change names the revision it
//     was made on, and a stale one is refused with ErrStale.
//   - Only a session without blocking findings is made final, and only by an
//     actor with that privilege. Where no edition covers the date, it is made
//     final provisionally, by a supervisor, and nothing may be claimed from it.
//   - Final codes are written once per finalisation and never changed;
//     reopening supersedes them.
package coding

import (
	"errors"
	"time"

	"chartroom/codes/codeset"
	"chartroom/codes/edits"
	"chartroom/internal/chart"
	"chartroom/internal/gate"
)

// The actions of this domain, as the policy names them.
const (
	ActionRead                gate.Action = "coding.read"
	ActionCode                gate.Action = "coding.code"
	ActionFinalise            gate.Action = "coding.finalise"
	ActionFinaliseProvisional gate.Action = "coding.finalise-provisional"
	ActionReopen              gate.Action = "coding.reopen"
	ActionTrace               gate.Action = "trace.read"
)

// The errors a caller looks for.
var (
	ErrStale     = errors.New("the coding was changed by somebody else since this page was read")
	ErrNotOpen   = errors.New("the coding is final; reopen it first")
	ErrNotFinal  = errors.New("the coding is not final")
	ErrBlocked   = errors.New("findings must be settled first")
	ErrNoEdition = errors.New("no edition of the code set covers this date; a supervisor may finalise provisionally")
	ErrNothing   = errors.New("there is nothing to undo")
	ErrNotFound  = errors.New("there is no such thing in this coding")
	ErrBadInput  = errors.New("the request is not usable")
)

// State says how far a coding is.
type State string

// The states.
const (
	Open        State = "open"
	Final       State = "final"
	Provisional State = "provisional" // final with the newest edition, where none covers the date
)

// Session is the coding of one encounter as it stands at a revision.
type Session struct {
	ID          string         `json:"id"`
	Encounter   string         `json:"encounter"`
	Record      string         `json:"record"`
	Revision    int            `json:"revision"`
	State       State          `json:"state"`
	Setting     chart.Setting  `json:"setting"`
	Date        string         `json:"date"` // the day that chooses the edition, YYYY-MM-DD
	Editions    []Edition      `json:"editions"`
	Provisional bool           `json:"provisional"` // no edition covers the date; the newest one is used
	Diagnoses   []Assigned     `json:"diagnoses"`   // in sequence, the first is principal or first-listed
	Procedures  []Assigned     `json:"procedures"`
	Suggestions []Suggestion   `json:"suggestions"` // all, with what became of each
	Questions   []Question     `json:"questions"`
	Findings    []Finding      `json:"findings"`
	Documents   []DocumentRead `json:"documents"` // the versions that the suggestions were read from
	CanUndo     bool           `json:"can_undo"`
	CanRedo     bool           `json:"can_redo"`
	Finalised   []Finalisation `json:"finalised"` // oldest first
}

// Edition names the edition of a code set that a session uses.
type Edition struct {
	System  codeset.System `json:"system"`
	Name    string         `json:"name"`
	Release string         `json:"release"`
}

// DocumentRead is a version of a document that suggestions were drawn from.
type DocumentRead struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
}

// Origin says how a code came into the session.
type Origin string

// The origins.
const (
	FromSuggestion Origin = "suggestion"
	FromSearch     Origin = "search"
)

// Assigned is a code of the session.
type Assigned struct {
	ID         string           `json:"id"`
	System     codeset.System   `json:"system"`
	Code       string           `json:"code"`
	Title      string           `json:"title"`
	POA        string           `json:"poa"`
	POAExempt  bool             `json:"poa_exempt"`
	Date       string           `json:"date,omitempty"` // procedures: day performed
	Evidence   []chart.Evidence `json:"evidence"`
	Why        []string         `json:"why"`
	Origin     Origin           `json:"origin"`
	Suggestion string           `json:"suggestion,omitempty"`
	By         string           `json:"by"`
	At         time.Time        `json:"at"`
	Entry      string           `json:"entry"` // audit entry of the assignment
}

// Suggestion is a code that the coder engine offers, with its evidence.
type Suggestion struct {
	ID       string           `json:"id"`
	System   codeset.System   `json:"system"`
	Code     string           `json:"code"`
	Title    string           `json:"title"`
	Score    float64          `json:"score"`
	POA      string           `json:"poa,omitempty"` // proposed
	Evidence []chart.Evidence `json:"evidence"`
	Why      []string         `json:"why"`
	Notes    []codeset.Note   `json:"notes,omitempty"`
	Fate     Fate             `json:"fate"`
	Reason   string           `json:"reason,omitempty"` // why it was rejected
}

// Fate says what became of a suggestion.
type Fate string

// The fates.
const (
	Offered  Fate = "offered"
	Accepted Fate = "accepted"
	Rejected Fate = "rejected"
)

// Question asks for what the record does not say.
type Question struct {
	About    string           `json:"about"` // "E11.-"
	Ask      string           `json:"ask"`
	Evidence []chart.Evidence `json:"evidence"`
	Choices  []codeset.Code   `json:"choices"`
}

// Finding is a finding of the checks, with what settles it.
type Finding struct {
	edits.Finding

	Key      string `json:"key"`              // stable within the session
	Waived   bool   `json:"waived"`           // overruled by a person where the rule allows it
	Reason   string `json:"reason,omitempty"` // theirs
	Waivable bool   `json:"waivable"`
}

// Finalisation is one time that the coding was made final.
type Finalisation struct {
	Number     int       `json:"number"`
	At         time.Time `json:"at"`
	By         string    `json:"by"`
	Entry      string    `json:"entry"`
	State      State     `json:"state"`
	Superseded bool      `json:"superseded"` // reopened since
}

// EventKind says what an event did.
type EventKind string

// The kinds of event.
const (
	Proposed   EventKind = "proposed" // suggestions drawn from the documents
	AcceptedIt EventKind = "accepted"
	RejectedIt EventKind = "rejected"
	Added      EventKind = "added"
	Removed    EventKind = "removed"
	Moved      EventKind = "moved"
	POASet     EventKind = "poa"
	DateSet    EventKind = "date"
	Waived     EventKind = "waived"
	Undone     EventKind = "undone"
	Redone     EventKind = "redone"
	MadeFinal  EventKind = "final"
	Reopened   EventKind = "reopened"
)

// Event is one step of a session's history.
type Event struct {
	Revision int       `json:"revision"`
	Kind     EventKind `json:"kind"`
	At       time.Time `json:"at"`
	By       string    `json:"by"`
	Entry    string    `json:"entry"`
	Body     Body      `json:"body"`
}

// Body holds what an event's kind needs; the rest is zero. It is stored sealed.
type Body struct {
	Proposal   *Proposal `json:"proposal,omitempty"`
	Suggestion string    `json:"suggestion,omitempty"` // accepted, rejected
	Code       *Assigned `json:"code,omitempty"`       // accepted, added
	Target     string    `json:"target,omitempty"`     // id of an assigned code
	Position   int       `json:"position,omitempty"`   // from 0, in its list
	POA        string    `json:"poa,omitempty"`
	Date       string    `json:"date,omitempty"`
	Finding    string    `json:"finding,omitempty"` // key of a waived finding
	Reason     string    `json:"reason,omitempty"`
	Revision   int       `json:"of,omitempty"` // undone, redone: the revision it is about
	State      State     `json:"state,omitempty"`
}

// Proposal is what the coder engine answered for the documents as they were.
type Proposal struct {
	Suggestions []Suggestion   `json:"suggestions"`
	Questions   []Question     `json:"questions"`
	Documents   []DocumentRead `json:"documents"`
	Editions    []Edition      `json:"editions"`
	Provisional bool           `json:"provisional"`
}
