package coding

// Inside the package: the fold from events to a session is its core and not
// part of the door.

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"chartroom/codes/codeset"
)

// script builds events from words a coder would use.
type script struct{ events []Event }

func (s *script) add(kind EventKind, b Body) *script {
	s.events = append(s.events, Event{Revision: len(s.events) + 1, Kind: kind, Body: b})
	return s
}

func (s *script) propose(codes ...string) *script {
	p := &Proposal{}
	for _, c := range codes {
		p.Suggestions = append(p.Suggestions, Suggestion{ID: fmt.Sprintf("s%d-%s", len(s.events), c), System: codeset.ICD10CM, Code: c})
	}
	return s.add(Proposed, Body{Proposal: p})
}

func (s *script) accept(suggestion string, position int) *script {
	_, code, _ := strings.Cut(suggestion, "-")
	return s.add(AcceptedIt, Body{Suggestion: suggestion, Position: position, Code: &Assigned{
		ID: "c" + code, System: codeset.ICD10CM, Code: code, Suggestion: suggestion,
	}})
}

func (s *script) addCode(system codeset.System, code string, position int) *script {
	return s.add(Added, Body{Position: position, Code: &Assigned{ID: "c" + code, System: system, Code: code}})
}

func (s *script) undo() *script {
	of, _ := lastStanding(s.events)
	return s.add(Undone, Body{Revision: of})
}

func (s *script) redo() *script {
	of, _ := lastUndone(s.events)
	return s.add(Redone, Body{Revision: of})
}

func codes(list []Assigned) string {
	var out []string
	for _, c := range list {
		out = append(out, c.Code+c.POA)
	}
	return strings.Join(out, " ")
}

func fates(s Session) string {
	var out []string
	for _, g := range s.Suggestions {
		out = append(out, g.Code+":"+string(g.Fate))
	}
	return strings.Join(out, " ")
}

func TestFold(t *testing.T) {
	cases := []struct {
		name         string
		script       *script
		dx, px, fate string
		undo, redo   bool
	}{
		{"nothing yet", &script{}, "", "", "", false, false},
		{"accepted in order", new(script).propose("A", "B").accept("s0-A", End).accept("s0-B", End), "A B", "", "A:accepted B:accepted", true, false},
		{"the later one first", new(script).propose("A", "B").accept("s0-A", End).accept("s0-B", 0), "B A", "", "A:accepted B:accepted", true, false},
		{"procedures have a list of their own", new(script).addCode(codeset.ICD10CM, "A", End).addCode(codeset.ICD10PCS, "P", 0), "A", "P", "", true, false},
		{"removed is offered again", new(script).propose("A").accept("s0-A", End).add(Removed, Body{Target: "cA"}), "", "", "A:offered", true, false},
		{"moved", new(script).addCode(codeset.ICD10CM, "A", End).addCode(codeset.ICD10CM, "B", End).addCode(codeset.ICD10CM, "C", End).
			add(Moved, Body{Target: "cC", Position: 0}), "C A B", "", "", true, false},
		{"present on admission", new(script).addCode(codeset.ICD10CM, "A", End).add(POASet, Body{Target: "cA", POA: "N"}), "AN", "", "", true, false},
		{"undo", new(script).addCode(codeset.ICD10CM, "A", End).addCode(codeset.ICD10CM, "B", End).undo(), "A", "", "", true, true},
		{"undo twice", new(script).addCode(codeset.ICD10CM, "A", End).addCode(codeset.ICD10CM, "B", End).undo().undo(), "", "", "", false, true},
		{"redo", new(script).addCode(codeset.ICD10CM, "A", End).addCode(codeset.ICD10CM, "B", End).undo().undo().redo(), "A", "", "", true, true},
		{"redo twice", new(script).addCode(codeset.ICD10CM, "A", End).addCode(codeset.ICD10CM, "B", End).undo().undo().redo().redo(), "A B", "", "", true, false},
		{"a change after undo ends redo", new(script).addCode(codeset.ICD10CM, "A", End).undo().addCode(codeset.ICD10CM, "B", End), "B", "", "", true, false},
		{"a new reading keeps what was decided", new(script).propose("A", "B").accept("s0-A", End).
			add(RejectedIt, Body{Suggestion: "s0-B", Reason: "no"}).propose("B", "A", "C"), "A", "", "B:rejected A:accepted C:offered", true, false},
		{"undo reaches through a new reading", new(script).propose("A").accept("s0-A", End).propose("A").undo(), "", "", "A:offered", false, true},
		{"final closes undo", new(script).addCode(codeset.ICD10CM, "A", End).add(MadeFinal, Body{State: Final}), "A", "", "", false, false},
		{"undo does not reach behind reopening", new(script).addCode(codeset.ICD10CM, "A", End).add(MadeFinal, Body{State: Final}).
			add(Reopened, Body{Reason: "late report"}), "A", "", "", false, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := fold(Session{}, c.script.events)
			if got := codes(s.Diagnoses); got != c.dx {
				t.Errorf("diagnoses %q, want %q", got, c.dx)
			}
			if got := codes(s.Procedures); got != c.px {
				t.Errorf("procedures %q, want %q", got, c.px)
			}
			if got := fates(s); got != c.fate {
				t.Errorf("suggestions %q, want %q", got, c.fate)
			}
			if s.CanUndo != c.undo || s.CanRedo != c.redo {
				t.Errorf("undo %v redo %v, want %v %v", s.CanUndo, s.CanRedo, c.undo, c.redo)
			}
		})
	}
}

func TestFoldKeepsEveryFinalisation(t *testing.T) {
	s := fold(Session{}, new(script).addCode(codeset.ICD10CM, "A", End).add(MadeFinal, Body{State: Final}).
		add(Reopened, Body{Reason: "query answered"}).addCode(codeset.ICD10CM, "B", End).add(MadeFinal, Body{State: Final}).events)
	if s.State != Final || len(s.Finalised) != 2 || !s.Finalised[0].Superseded || s.Finalised[1].Superseded {
		t.Errorf("state %s, finalisations %+v", s.State, s.Finalised)
	}
}

// TestUndoIsExact plays any series of changes and takes all of it back, and
// forth again: each step leads to exactly the session that was there before.
func TestUndoIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s script
		s.propose("A", "B", "C", "D")
		var states []string
		snapshot := func() string {
			x := fold(Session{}, s.events)
			return codes(x.Diagnoses) + " | " + fates(x)
		}
		states = append(states, snapshot())
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			x := fold(Session{}, s.events)
			switch rapid.IntRange(0, 3).Draw(t, "kind") {
			case 0:
				i := slices.IndexFunc(x.Suggestions, func(g Suggestion) bool { return g.Fate == Offered })
				if i < 0 {
					continue
				}
				s.accept(x.Suggestions[i].ID, rapid.IntRange(0, 5).Draw(t, "at"))
			case 1:
				if len(x.Diagnoses) == 0 {
					continue
				}
				s.add(Removed, Body{Target: rapid.SampledFrom(x.Diagnoses).Draw(t, "code").ID})
			case 2:
				if len(x.Diagnoses) == 0 {
					continue
				}
				s.add(Moved, Body{Target: rapid.SampledFrom(x.Diagnoses).Draw(t, "code").ID, Position: rapid.IntRange(0, 5).Draw(t, "at")})
			case 3:
				if len(x.Diagnoses) == 0 {
					continue
				}
				s.add(POASet, Body{Target: rapid.SampledFrom(x.Diagnoses).Draw(t, "code").ID, POA: rapid.SampledFrom([]string{"Y", "N", ""}).Draw(t, "poa")})
			}
			states = append(states, snapshot())
		}
		for i := len(states) - 2; i >= 0; i-- {
			s.undo()
			if got := snapshot(); got != states[i] {
				t.Fatalf("undo to step %d gives %q, want %q", i, got, states[i])
			}
		}
		for i := 1; i < len(states); i++ {
			s.redo()
			if got := snapshot(); got != states[i] {
				t.Fatalf("redo to step %d gives %q, want %q", i, got, states[i])
			}
		}
	})
}
