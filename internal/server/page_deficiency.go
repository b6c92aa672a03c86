package server

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"chartroom/internal/chart"
	"chartroom/internal/deficiency"
	"chartroom/internal/deficiency/rules"
	"chartroom/internal/gate"
	"chartroom/internal/ui"
)

// findingsOf gathers the findings of a record for its page; nil where the reader may
// not see them.
func (s *Server) findingsOf(r *http.Request, record string) (*ui.Findings, []deficiency.Finding, error) {
	actor := actorOf(r.Context())
	all, err := s.dept.Deficiency.Findings(r.Context(), actor, record)
	if _, denied := errors.AsType[*gate.Denied](err); denied {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	waives, err := s.offers(r.Context(), deficiency.ActionWaive, record)
	if err != nil {
		return nil, nil, err
	}
	view := &ui.Findings{Path: "/chart/" + record, MayWaive: waives, MayAsk: mayAsk(actor)}
	for _, f := range all {
		row := s.findingRow(r.Context(), record, f)
		if f.State == deficiency.Waived {
			view.Waived = append(view.Waived, row)
		} else {
			view.Rows = append(view.Rows, row)
		}
	}
	return view, all, nil
}

func (s *Server) findingRow(ctx context, record string, f deficiency.Finding) ui.FindingRow {
	z := s.zone()
	row := ui.FindingRow{
		ID: f.ID, Rule: f.Rule.ID, Name: f.Rule.Title(), Severity: string(f.Severity), Says: f.Says, Absent: f.Absent,
		Citation: f.Rule.Citation, Who: f.Rule.Settles.Who, How: f.Rule.Settles.How, Since: z.Date(f.Since), Due: z.Date(f.Due),
		Overdue: !f.Due.IsZero() && f.Due.Before(s.opt.Now()), Asked: z.Date(f.AskedAt), Reason: f.Reason,
	}
	if w := row.Who; strings.Contains(w, "clinician") || strings.Contains(w, "attending") || strings.Contains(w, "author") {
		row.Clinician = f.Clinician.Name
	}
	if f.AskedBy != "" {
		row.AskedBy = s.nameOf(ctx, f.AskedBy)
	}
	if f.State == deficiency.Waived {
		row.WaivedBy = joined(", ", s.nameOf(ctx, f.RecordedBy), z.Date(f.RecordedAt))
	}
	row.Link = settlingPage(f)
	row.LinkText = row.How
	if row.Link == "" && f.Rule.Settles.Remedy == rules.Review {
		row.How = ""
	}
	for _, q := range f.Quotes {
		row.Quotes = append(row.Quotes, ui.FindingQuote{
			Words: q.Words, Title: joined(", ", ui.Upper1(q.Title), z.Date(q.Written)), Changed: q.Changed,
			Path: "/chart/" + record + "/documents/" + q.Evidence.Document + "#words-" + f.ID + "-" + strconv.Itoa(q.Evidence.Start),
		})
	}
	return row
}

// settlingPage is where a finding is settled by the department itself, "" where somebody
// has to be asked.
func settlingPage(f deficiency.Finding) string {
	switch f.Rule.Settles.Remedy {
	case rules.Move, rules.Withdraw:
		if len(f.Documents) > 0 {
			return "/incoming/documents/" + f.Documents[len(f.Documents)-1]
		}
	case rules.Registration:
		return "/registration/" + f.Record + fieldAtFault(f.Rule.Name)
	case rules.Coverage:
		for _, id := range f.Facts {
			if id != f.Encounter {
				return "/registration/" + f.Record + "/coverage/" + id
			}
		}
		return "/registration/" + f.Record + "/coverage"
	case rules.Encounter:
		if f.Encounter != "" {
			return "/registration/" + f.Record + "/encounters/" + f.Encounter + fieldAtFault(f.Rule.Name)
		}
	case rules.Sign, rules.Dictate, rules.Attest, rules.Amend, rules.Query, rules.Obtain, rules.Review:
	}
	return ""
}

// fieldAtFault is the fragment that puts the cursor into the field of the form
// that a rule is about, "" where no single field is.
func fieldAtFault(rule string) string {
	switch rule {
	case "disposition-missing", "disposition-contradicted":
		return "#f-disposition"
	case "attending-missing":
		return "#f-attending"
	case "discharge-before-admission", "stay-never-closed":
		return "#f-end"
	case "birth-date-conflict":
		return "#f-birth"
	case "sex-conflict":
		return "#f-sex"
	case "placeholder-name":
		return "#f-family"
	default:
		return ""
	}
}

// besideDocument narrows findings to those about one document, and marks its words.
func besideDocument(view *ui.Findings, all []deficiency.Finding, doc chart.Document) (*ui.Findings, []ui.TextMark) {
	if view == nil {
		return nil, nil
	}
	out := *view
	out.Back, out.Rows, out.Waived = doc.ID, nil, nil
	var marks []ui.TextMark
	about := map[string]bool{}
	for _, f := range all {
		about[f.ID] = slices.Contains(f.Documents, doc.ID)
		if f.State != deficiency.Open {
			continue
		}
		for _, q := range f.Quotes {
			if q.Evidence.Document == doc.ID && q.Evidence.Version == doc.Number && !q.Changed {
				marks = append(marks, ui.TextMark{
					Finding: f.ID, Severity: string(f.Severity), Title: ui.Upper1(f.Rule.Title()), Start: q.Evidence.Start, End: q.Evidence.End,
				})
			}
		}
	}
	keep := func(rows []ui.FindingRow) (kept []ui.FindingRow) {
		for _, r := range rows {
			if about[r.ID] {
				kept = append(kept, r)
			}
		}
		return kept
	}
	out.Rows, out.Waived = keep(view.Rows), keep(view.Waived)
	return &out, marks
}

// turnFinding does something to a finding by a form and goes back to the page it was
// done on.
func (s *Server) turnFinding(w http.ResponseWriter, r *http.Request, do func(record, finding string) error) {
	record := r.PathValue("record")
	if err := do(record, r.PathValue("finding")); err != nil {
		s.fail(w, r, err)
		return
	}
	to := "/chart/" + record
	if doc := r.PostFormValue("document"); doc != "" && identifier.MatchString(doc) {
		to += "/documents/" + doc
	}
	http.Redirect(w, r, to+"#findings", http.StatusSeeOther) //nolint:gosec // to is made of identifiers of this department
}

func waiveFinding(s *Server, w http.ResponseWriter, r *http.Request) {
	s.turnFinding(w, r, func(record, finding string) error {
		_, err := s.dept.Deficiency.Waive(r.Context(), actorOf(r.Context()), record, finding, r.PostFormValue("reason"))
		return err
	})
}

func restoreFinding(s *Server, w http.ResponseWriter, r *http.Request) {
	s.turnFinding(w, r, func(record, finding string) error {
		_, err := s.dept.Deficiency.Restore(r.Context(), actorOf(r.Context()), record, finding)
		return err
	})
}

func askFinding(s *Server, w http.ResponseWriter, r *http.Request) {
	s.turnFinding(w, r, func(record, finding string) error {
		_, err := s.dept.Deficiency.Ask(r.Context(), actorOf(r.Context()), record, finding)
		return err
	})
}
