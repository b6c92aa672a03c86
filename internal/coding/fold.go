package coding

import (
	"slices"

	"chartroom/codes/codeset"
)

// fold works out the session that its events, oldest first, amount to. Findings
// are not part of it: they are worked out from the result (checks.go).
func fold(s Session, events []Event) Session {
	s.State = Open
	inForce := standing(events)
	for i, e := range events {
		s.Revision = e.Revision
		if inForce[i] {
			s.apply(e)
		}
	}
	_, s.CanUndo = lastStanding(events)
	_, s.CanRedo = lastUndone(events)
	if s.State != Open {
		s.CanUndo, s.CanRedo = false, false
	}
	return s
}

// undoable are the kinds of event that undo takes back.
func (k EventKind) undoable() bool {
	switch k {
	case AcceptedIt, RejectedIt, Added, Removed, Moved, POASet, DateSet, Waived:
		return true
	case Proposed, Undone, Redone, MadeFinal, Reopened:
		return false
	}
	return false
}

// standing says for each event whether it is in force, neither undone nor an
// undo itself.
func standing(events []Event) []bool {
	at := make(map[int]int, len(events))
	inForce := make([]bool, len(events))
	for i, e := range events {
		at[e.Revision] = i
		inForce[i] = true
		switch e.Kind {
		case Undone:
			inForce[i] = false
			if j, ok := at[e.Body.Revision]; ok {
				inForce[j] = false
			}
		case Redone:
			inForce[i] = false
			if j, ok := at[e.Body.Revision]; ok {
				inForce[j] = true
			}
		default:
		}
	}
	return inForce
}

// lastStanding returns the revision that undo would take back: the newest
// undoable event in force since the coding was last made final or reopened.
func lastStanding(events []Event) (revision int, ok bool) {
	inForce := standing(events)
	for i, e := range slices.Backward(events) {
		if e.Kind == MadeFinal || e.Kind == Reopened {
			return 0, false
		}
		if e.Kind.undoable() && inForce[i] {
			return e.Revision, true
		}
	}
	return 0, false
}

// lastUndone returns the revision that redo would restore. A new change after
// an undo ends the chance.
func lastUndone(events []Event) (revision int, ok bool) {
	inForce := standing(events)
	at := map[int]int{}
	for i, e := range events {
		at[e.Revision] = i
	}
	for _, e := range slices.Backward(events) {
		switch e.Kind {
		case Undone:
			if j, found := at[e.Body.Revision]; found && !inForce[j] {
				return e.Body.Revision, true
			}
		case Redone:
		default:
			return 0, false
		}
	}
	return 0, false
}

func (s *Session) apply(e Event) {
	switch e.Kind {
	case Proposed:
		s.propose(*e.Body.Proposal)
	case AcceptedIt:
		s.fate(e.Body.Suggestion, Accepted, "")
		s.insert(*e.Body.Code, e.Body.Position)
	case RejectedIt:
		s.fate(e.Body.Suggestion, Rejected, e.Body.Reason)
	case Added:
		s.insert(*e.Body.Code, e.Body.Position)
	case Removed:
		if code, ok := s.take(e.Body.Target); ok && code.Suggestion != "" {
			s.fate(code.Suggestion, Offered, "")
		}
	case Moved:
		if code, ok := s.take(e.Body.Target); ok {
			s.insert(code, e.Body.Position)
		}
	case POASet:
		s.change(e.Body.Target, func(c *Assigned) { c.POA = e.Body.POA })
	case DateSet:
		s.change(e.Body.Target, func(c *Assigned) { c.Date = e.Body.Date })
	case Waived:
		s.Findings = append(s.Findings, Finding{Key: e.Body.Finding, Waived: true, Reason: e.Body.Reason})
	case MadeFinal:
		s.State = e.Body.State
		s.Finalised = append(s.Finalised, Finalisation{
			Number: len(s.Finalised) + 1, At: e.At, By: e.By, Entry: e.Entry, State: e.Body.State,
		})
	case Reopened:
		s.State = Open
		s.Finalised[len(s.Finalised)-1].Superseded = true
	case Undone, Redone: // never in force themselves
	}
}

// propose replaces the suggestions by those of a newer reading; what a person
// decided about the same code before stays decided.
func (s *Session) propose(p Proposal) {
	decided := map[string]Suggestion{}
	for _, old := range s.Suggestions {
		if old.Fate != Offered {
			decided[key(old.System, old.Code)] = old
		}
	}
	s.Suggestions = slices.Clone(p.Suggestions)
	for i := range s.Suggestions {
		n := &s.Suggestions[i]
		n.Fate = Offered
		if old, ok := decided[key(n.System, n.Code)]; ok {
			n.Fate, n.Reason = old.Fate, old.Reason
			s.repoint(old.ID, n.ID)
		}
	}
	s.Questions, s.Documents, s.Editions, s.Provisional = p.Questions, p.Documents, p.Editions, p.Provisional
}

// repoint ties a code accepted from an earlier reading to the same suggestion
// of the newer one.
func (s *Session) repoint(old, renewed string) {
	for _, list := range s.lists() {
		for i := range *list {
			if (*list)[i].Suggestion == old {
				(*list)[i].Suggestion = renewed
			}
		}
	}
}

func key(system codeset.System, code string) string { return system.String() + " " + code }

func (s *Session) fate(id string, f Fate, reason string) {
	for i := range s.Suggestions {
		if s.Suggestions[i].ID == id {
			s.Suggestions[i].Fate, s.Suggestions[i].Reason = f, reason
		}
	}
}

func (s *Session) lists() [2]*[]Assigned { return [2]*[]Assigned{&s.Diagnoses, &s.Procedures} }

func (s *Session) list(system codeset.System) *[]Assigned {
	if system == codeset.ICD10CM {
		return &s.Diagnoses
	}
	return &s.Procedures
}

// insert puts a code at a position of its list; one beyond the end is the end.
func (s *Session) insert(c Assigned, position int) {
	list := s.list(c.System)
	*list = slices.Insert(slices.Clone(*list), min(max(position, 0), len(*list)), c)
}

// take removes a code from its list and returns it.
func (s *Session) take(id string) (Assigned, bool) {
	for _, list := range s.lists() {
		i := slices.IndexFunc(*list, func(c Assigned) bool { return c.ID == id })
		if i >= 0 {
			code := (*list)[i]
			*list = slices.Delete(slices.Clone(*list), i, i+1)
			return code, true
		}
	}
	return Assigned{}, false
}

func (s *Session) change(id string, f func(*Assigned)) {
	for _, list := range s.lists() {
		for i := range *list {
			if (*list)[i].ID == id {
				f(&(*list)[i])
			}
		}
	}
}

// find returns an assigned code by its id.
func (s *Session) find(id string) (Assigned, bool) {
	for _, list := range s.lists() {
		for _, c := range *list {
			if c.ID == id {
				return c, true
			}
		}
	}
	return Assigned{}, false
}

// suggestion returns a suggestion by its id.
func (s *Session) suggestion(id string) (Suggestion, bool) {
	i := slices.IndexFunc(s.Suggestions, func(x Suggestion) bool { return x.ID == id })
	if i < 0 {
		return Suggestion{}, false
	}
	return s.Suggestions[i], true
}
