package ui

// Audit is a page of the audit log.
type Audit struct {
	Rows    []AuditRow
	Filter  AuditFilter
	Staff   []Option
	Actions []string
	Next    string
	CSV     string
}

// AuditFilter is what the list is narrowed to; each field is the value of its
// control.
type AuditFilter struct{ Subject, Actor, Action, Outcome, From, To string }

// AuditRow is one entry in words.
type AuditRow struct {
	ID, Position, At, Actor, Roles, Action, Outcome, Reason string
	Subjects, Detail                                        []string
}

// AuditProof is one entry with what proves it.
type AuditProof struct {
	Row       AuditRow
	Subjects  []AuditSubject
	Session   string
	Leaf      string // base64
	Path      []string
	Size      int64
	Index     int64
	Root      string
	Note      string
	PublicKey string
	Number    int64 // of the checkpoint
	Signed    string
}

// AuditSubject is what an entry is about, with the page that shows it, if one
// does.
type AuditSubject struct{ Kind, ID, Path string }

// AuditReport is the outcome of proving the whole log.
type AuditReport struct {
	Whole bool
	Lines []Field
	Fault string
}
