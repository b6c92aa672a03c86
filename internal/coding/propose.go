package coding

import (
	"context"
	"time"

	"chartroom/codes/coder"
	"chartroom/codes/codeset"
	"chartroom/internal/chart"
	"chartroom/internal/gate"
)

// encounterText is the encounter as the engine reads it: all documents, each
// with its author's role.
func (w *work) encounterText() coder.Encounter {
	e := coder.Encounter{
		ID: w.encounter.ID, Setting: coderSetting(w.encounter.Setting), Date: w.day(),
		Age: w.age(), Sex: w.patient.Sex,
	}
	if w.sets.provisional {
		e.Date = time.Time{} // the newest edition
	}
	for _, d := range w.documents {
		e.Documents = append(e.Documents, coder.Document{
			Type: d.Type, AuthorRole: d.Author.Role, DateTime: d.WrittenAt, Signed: d.Signed, Text: d.Text,
		})
	}
	return e
}

func coderSetting(s chart.Setting) coder.Setting {
	if s == chart.Emergency { // coded by the outpatient rules (Section IV)
		s = chart.Outpatient
	}
	return coder.Setting(s)
}

// age is in completed years at the start of the encounter, -1 if unknown.
func (w *work) age() int {
	born, err := time.Parse(time.DateOnly, w.patient.BirthDate)
	at := w.encounter.Start
	if at.IsZero() {
		at = w.day()
	}
	if err != nil || born.After(at) {
		return -1
	}
	return chart.YearsOld(born, at)
}

// proposal turns the engine's answer into suggestions whose evidence points
// into versions of documents.
func (s *Service) proposal(ctx context.Context, tx *gate.Tx, w *work, read coder.Result) (Proposal, error) {
	p := Proposal{
		Documents: w.versions(), Editions: w.sets.editions(), Provisional: w.sets.provisional,
		Suggestions: []Suggestion{}, Questions: []Question{},
	}
	for _, c := range read.Codes {
		evidence, err := s.cite(ctx, tx, w, c.Evidence)
		if err != nil {
			return Proposal{}, err
		}
		p.Suggestions = append(p.Suggestions, Suggestion{
			ID: gate.NewID(), System: c.System, Code: c.Code, Title: c.Title, Score: c.Score,
			POA: w.proposePOA(c), Evidence: evidence, Why: c.Why, Notes: c.Notes, Fate: Offered,
		})
	}
	for _, q := range read.Questions {
		evidence, err := s.cite(ctx, tx, w, q.Evidence)
		if err != nil {
			return Proposal{}, err
		}
		p.Questions = append(p.Questions, Question{About: q.About, Ask: q.Ask, Evidence: evidence, Choices: q.Choices})
	}
	return p, nil
}

// cite makes evidence of the engine's spans.
func (s *Service) cite(ctx context.Context, tx *gate.Tx, w *work, spans []coder.Span) ([]chart.Evidence, error) {
	evidence := make([]chart.Evidence, 0, len(spans))
	for _, span := range spans {
		d := w.documents[span.Document]
		ev, err := s.chart.CiteTx(ctx, tx, d.ID, d.Number, span.Start, span.End)
		if err != nil {
			return nil, err
		}
		evidence = append(evidence, ev)
	}
	return evidence, nil
}

// proposePOA proposes the indicator only where the record decides it: words of
// the history and physical or of the emergency department were written at
// admission (Appendix I). Anything else is for the coder to say.
func (w *work) proposePOA(c coder.Suggestion) string {
	if c.System != codeset.ICD10CM || w.encounter.Setting != chart.Inpatient || w.exempt(c.Code) {
		return ""
	}
	for _, span := range c.Evidence {
		switch w.documents[span.Document].Type {
		case "history and physical", "H&P", "emergency department note", "ED note", "admission note":
			return "Y"
		}
	}
	return ""
}
