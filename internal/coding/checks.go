package coding

import (
	"slices"
	"strings"
	"time"

	"chartroom/codes/edits"
	"chartroom/internal/chart"
)

// check works out the findings of the session as it stands. Those that a person
// overruled stay in sight, marked.
func (w *work) check() {
	waived := w.session.Findings // fold leaves those of the Waived events here
	enc := edits.Encounter{
		Setting: edits.Setting(coderSetting(w.encounter.Setting)),
		Admit:   dayOf(w.encounter.Start), Discharge: dayOf(w.encounter.End),
		Age: w.age(), Sex: w.patient.Sex, DischargeStatus: w.encounter.Disposition,
	}
	for _, c := range w.session.Diagnoses {
		enc.Dx = append(enc.Dx, edits.Diagnosis{Code: c.Code, POA: c.POA, Statements: w.statements(c.Evidence)})
	}
	for _, c := range w.session.Procedures {
		performed, _ := time.Parse(time.DateOnly, c.Date) // "" is the zero time: not said
		enc.Px = append(enc.Px, edits.Procedure{Code: c.Code, Date: performed, Statements: w.statements(c.Evidence)})
	}
	w.session.Findings = nil
	for _, f := range edits.Check(edits.Sets{CM: w.sets.cm, PCS: w.sets.pcs}, enc) {
		finding := Finding{
			Finding: f, Key: f.Rule + " " + strings.Join(f.Codes, " "),
			Waivable: f.Rule == "excludes1" && f.Severity == edits.Error, // I.A.12.a: unless the two are unrelated
		}
		i := slices.IndexFunc(waived, func(x Finding) bool { return x.Key == finding.Key })
		if i >= 0 && finding.Waivable {
			finding.Waived, finding.Reason = true, waived[i].Reason
		}
		w.session.Findings = append(w.session.Findings, finding)
	}
}

// statements says who wrote the words of each piece of evidence.
func (w *work) statements(evidence []chart.Evidence) []edits.Statement {
	given := []edits.Statement{}
	for _, ev := range evidence {
		i := slices.IndexFunc(w.documents, func(d chart.Document) bool { return d.ID == ev.Document })
		if i < 0 {
			continue // withdrawn since: it supports nothing any more
		}
		d := w.documents[i]
		given = append(given, edits.Statement{AuthorRole: d.Author.Role, DocumentType: d.Type, Signed: d.Signed})
	}
	return given
}

// blocked reports whether a finding stands in the way of making final.
func (s *Session) blocked() bool {
	return slices.ContainsFunc(s.Findings, func(f Finding) bool { return f.Severity == edits.Error && !f.Waived })
}

func dayOf(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}
