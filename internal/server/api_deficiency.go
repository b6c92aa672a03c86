package server

import (
	"net/url"
	"strconv"
	"time"

	"chartroom/internal/deficiency"
	"chartroom/internal/deficiency/rules"
)

type evidenceJSON struct {
	Document string `json:"document"`
	Version  int    `json:"version"`
	Start    int    `json:"start" doc:"byte offset into the text, half open"`
	End      int    `json:"end"`
	Words    string `json:"words"`
	Changed  bool   `json:"changed,omitempty" doc:"the words are not those that were cited"`
}

type findingJSON struct {
	ID        string         `json:"id"`
	Version   int            `json:"version"`
	Record    string         `json:"record"`
	Encounter string         `json:"encounter,omitempty"`
	Rule      string         `json:"rule"`
	Name      string         `json:"name"`
	Severity  string         `json:"severity" enum:"error,warning,info"`
	State     string         `json:"state" enum:"open,settled,waived"`
	Says      string         `json:"says"`
	Citation  string         `json:"citation"`
	Evidence  []evidenceJSON `json:"evidence"`
	Facts     []string       `json:"facts"`
	Documents []string       `json:"documents"`
	Absent    string         `json:"absent,omitempty" doc:"what was looked for and is not there"`
	Action    string         `json:"action" doc:"what settles it"`
	Who       string         `json:"who" doc:"who settles it"`
	How       string         `json:"how"`
	Clinician string         `json:"clinician,omitempty"`
	Since     *time.Time     `json:"since,omitempty"`
	Due       *time.Time     `json:"due,omitempty"`
	Asked     *time.Time     `json:"asked,omitempty"`
	Reason    string         `json:"reason,omitempty" doc:"of a waiver"`
}

func findingView(f deficiency.Finding) findingJSON {
	view := findingJSON{
		ID: f.ID, Version: f.Number, Record: f.Record, Encounter: f.Encounter, Rule: f.Rule.ID, Name: f.Rule.Name, Severity: string(f.Severity), State: string(f.State),
		Says: f.Says, Citation: f.Rule.Citation, Evidence: []evidenceJSON{}, Facts: append([]string{}, f.Facts...), Documents: append([]string{}, f.Documents...),
		Absent: f.Absent, Action: string(f.Rule.Settles.Remedy), Who: f.Rule.Settles.Who, How: f.Rule.Settles.How, Clinician: f.Clinician.Name,
		Since: moment(f.Since), Due: moment(f.Due), Asked: moment(f.AskedAt), Reason: f.Reason,
	}
	for _, q := range f.Quotes {
		e := q.Evidence
		view.Evidence = append(view.Evidence, evidenceJSON{e.Document, e.Version, e.Start, e.End, q.Words, q.Changed})
	}
	return view
}

// OfRecord names a record in the path.
type OfRecord struct {
	Record string `path:"record"`
}

// OfFinding names a finding of a record in the path.
type OfFinding struct {
	OfRecord
	Finding string `path:"finding"`
}

type findingsOut struct {
	Body struct {
		Items []findingJSON `json:"items"`
		Next  *string       `json:"next" doc:"all findings come at once"`
	}
}

func apiFindings(s *Server, ctx context, in *OfRecord) (*findingsOut, error) {
	all, err := s.dept.Deficiency.Findings(ctx, actorOf(ctx), in.Record)
	if err != nil {
		return nil, err
	}
	out := &findingsOut{}
	out.Body.Items = make([]findingJSON, 0, len(all))
	for _, f := range all {
		out.Body.Items = append(out.Body.Items, findingView(f))
	}
	return out, nil
}

type findingOut struct{ Body findingJSON }

func oneFinding(f deficiency.Finding, err error) (*findingOut, error) {
	if err != nil {
		return nil, err
	}
	return &findingOut{findingView(f)}, nil
}

type waiveFindingIn struct {
	OfFinding
	Body struct {
		Reason string `json:"reason" minLength:"1" maxLength:"500"`
	}
}

func apiWaiveFinding(s *Server, ctx context, in *waiveFindingIn) (*findingOut, error) {
	return oneFinding(s.dept.Deficiency.Waive(ctx, actorOf(ctx), in.Record, in.Finding, in.Body.Reason))
}

func apiRestoreFinding(s *Server, ctx context, in *OfFinding) (*findingOut, error) {
	return oneFinding(s.dept.Deficiency.Restore(ctx, actorOf(ctx), in.Record, in.Finding))
}

func apiAskFinding(s *Server, ctx context, in *OfFinding) (*findingOut, error) {
	return oneFinding(s.dept.Deficiency.Ask(ctx, actorOf(ctx), in.Record, in.Finding))
}

type standingIn struct {
	Unit string `query:"unit" maxLength:"80"`
}

type standingOut struct{ Body deficiency.Standing }

func apiStanding(s *Server, ctx context, in *standingIn) (*standingOut, error) {
	standing, err := s.dept.Deficiency.Summary(ctx, actorOf(ctx), deficiency.Filter{Unit: in.Unit})
	if err != nil {
		return nil, err
	}
	return &standingOut{standing}, nil
}

type openIn struct {
	Unit      string `query:"unit" maxLength:"80"`
	Rule      string `query:"rule" maxLength:"8"`
	Severity  string `query:"severity" enum:"error,warning,info"`
	Clinician string `query:"clinician" maxLength:"80" doc:"as the figures give it"`
	After     string `query:"after" maxLength:"80"`
	Limit     int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

type openOut struct {
	Body struct {
		Items    []findingJSON `json:"items"`
		Withheld int           `json:"withheld" doc:"findings on records closed to the reader"`
		Next     *string       `json:"next"`
	}
}

func apiOpenFindings(s *Server, ctx context, in *openIn) (*openOut, error) {
	page, err := s.dept.Deficiency.List(ctx, actorOf(ctx), deficiency.Filter{
		Unit: in.Unit, Rule: in.Rule, Severity: rules.Severity(in.Severity), Clinician: in.Clinician, After: in.After, Limit: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	out := &openOut{}
	out.Body.Items, out.Body.Withheld = make([]findingJSON, 0, len(page.Rows)), page.Withheld
	for _, r := range page.Rows {
		out.Body.Items = append(out.Body.Items, findingView(r.Finding))
	}
	if page.Next != "" {
		query := url.Values{"after": {page.Next}}
		for name, value := range map[string]string{"unit": in.Unit, "rule": in.Rule, "severity": in.Severity, "clinician": in.Clinician, "limit": strconv.Itoa(in.Limit)} {
			if value != "" {
				query.Set(name, value)
			}
		}
		next := "/api/v1/order/findings?" + query.Encode()
		out.Body.Next = &next
	}
	return out, nil
}
