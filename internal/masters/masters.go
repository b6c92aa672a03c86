package masters

import (
	"errors"
	"maps"
	"strings"
	"time"

	"chartroom/internal/gate"
)

// The actions of this package, as the policy names them.
const (
	ActionRead    gate.Action = "masters.read"
	ActionChange  gate.Action = "masters.change"  // enter, correct, end, merge, import
	ActionPropose gate.Action = "masters.propose" // ask for one of these
)

// The errors callers look for.
var (
	ErrNotFound = errors.New("not in the masters")
	ErrStale    = errors.New("a newer version exists")
	ErrReason   = errors.New("a change of the masters needs a reason")
	ErrInvalid  = errors.New("not valid")
	ErrTaken    = errors.New("another entry has this number")
	ErrMerged   = errors.New("the entry is merged into another")
	ErrSettled  = errors.New("the proposal is settled already")
)

// Kind says what an entry is.
type Kind string

// The kinds of entry.
const (
	Provider Kind = "provider"
	Facility Kind = "facility"
	Unit     Kind = "unit"
	Payer    Kind = "payer"
	Plan     Kind = "plan"
)

// Kinds are all kinds, those that others refer to first.
func Kinds() []Kind { return []Kind{Provider, Facility, Unit, Payer, Plan} }

// Values is the content of an entry by the names of its Fields; an empty value
// is the same as none. Where a field takes several values they are divided by
// "; ".
type Values map[string]string

// List gives the values of a field that takes several.
func (v Values) List(field string) []string {
	var out []string
	for part := range strings.SplitSeq(v[field], ";") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// Entry is one version of one entry.
type Entry struct {
	ID         string
	Kind       Kind
	Number     int // 1, 2, …; the newest stands
	Values     Values
	MergedInto string // entry that stands for this one, "" where it stands itself
	Reason     string
	RecordedAt time.Time
	RecordedBy string
	AuditEntry string
}

// Title is what people call the entry.
func (e Entry) Title() string {
	v := e.Values
	if e.Kind != Provider {
		if v["name"] != "" {
			return v["name"]
		}
		return v["code"]
	}
	name := strings.Join(strings.Fields(strings.Join([]string{v["given"], v["middle"], v["family"], v["suffix"]}, " ")), " ")
	if cred := v.List("credentials"); len(cred) > 0 {
		name += ", " + strings.Join(cred, ", ")
	}
	return name
}

// Active reports whether the entry stands and may be used on a day (YYYY-MM-DD).
func (e Entry) Active(day string) bool {
	from, to := e.Values["from"], e.Values["to"]
	return e.MergedInto == "" && (from == "" || from <= day) && (to == "" || day <= to)
}

// same reports whether two contents say the same.
func same(a, b Values) bool { return maps.Equal(a.trimmed(), b.trimmed()) }

// trimmed is the content without space around values and without empty ones.
func (v Values) trimmed() Values {
	out := make(Values, len(v))
	for name, value := range v {
		if value = strings.Join(strings.Fields(value), " "); value != "" {
			out[name] = value
		}
	}
	return out
}
