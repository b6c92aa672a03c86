// Package identity says which records are of one person.
//
// A record is one registration of a patient, known to the outside by record
// numbers. What always holds: facts stay under the record they arrived under;
// merging two records states a link, undoing it closes the link, and the map
// from record to person is worked out from the links that stand. So undo is
// exact, also after later merges, and no version of the map is ever lost.
package identity

import (
	"errors"
	"time"

	"chartroom/internal/gate"
	"chartroom/internal/seal"
)

// The actions of this package, as the policy names them.
const (
	ActionRead   gate.Action = "chart.read" // the history of the map of one record
	ActionLink   gate.Action = "identity.link"
	ActionUnlink gate.Action = "identity.unlink"
)

// The errors callers look for. Their text names no patient.
var (
	ErrNotFound = errors.New("no such record")
	ErrSelf     = errors.New("a record cannot be linked to itself")
	ErrLinked   = errors.New("the records are of one person already")
	ErrUndone   = errors.New("the link is undone already")
	ErrReason   = errors.New("a link needs a reason")
)

// Service is the door of the map. It is safe for concurrent use.
type Service struct {
	gate     *gate.Gate
	ring     *seal.Ring
	watchers []Watcher
}

// New makes the door from the gate and the keys.
func New(g *gate.Gate, r *seal.Ring) *Service { return &Service{gate: g, ring: r} }

// Link states that two records are of one person.
type Link struct {
	ID           string
	Survivor     string // record whose person both then have
	Subsumed     string // record that was joined to it
	MadeAt       time.Time
	MadeBy       string
	MadeEntry    string // audit entry
	Message      string // message that asked for it, "" where a person did
	Cause        string // "person", or the event: "ADT^A40"
	Reason       string
	Undone       bool
	UndoneAt     time.Time
	UndoneBy     string
	UndoneEntry  string
	UndoneReason string
}

// Interval is one version of the map for one record.
type Interval struct {
	Record, Person string
	Number         int
	Since, Until   time.Time // Until is zero while it stands
	Actor, Entry   string
	Link           string // link whose making or undoing opened it; "" for the first
}
