package server

import (
	"time"

	"chartroom/internal/chart"
)

type factJSON struct {
	ID        string     `json:"id"`
	Version   int        `json:"version"`
	Record    string     `json:"record"`
	Encounter string     `json:"encounter,omitempty"`
	Kind      string     `json:"kind"`
	System    string     `json:"system,omitempty"`
	Code      string     `json:"code,omitempty"`
	Display   string     `json:"display"`
	Value     string     `json:"value,omitempty"`
	Range     string     `json:"range,omitempty"`
	Flag      string     `json:"flag,omitempty"`
	Status    string     `json:"status,omitempty"`
	Effective *time.Time `json:"effective,omitempty"`
	Ended     *time.Time `json:"ended,omitempty"`
	Withdrawn bool       `json:"withdrawn,omitempty"`
	Message   string     `json:"message,omitempty" doc:"message that brought it"`
	Place     string     `json:"place,omitempty"`
	Entry     string     `json:"entry" doc:"audit entry that stored it"`
}

type coverageJSON struct {
	Payer    string `json:"payer"`
	Plan     string `json:"plan,omitempty"`
	Member   string `json:"member,omitempty"`
	Priority int    `json:"priority"`
	From     string `json:"from,omitempty"`
	To       string `json:"to,omitempty"`
}

type chartOut struct {
	Body struct {
		Patient   patientJSON    `json:"patient"`
		Person    string         `json:"person" doc:"all records of one person share it"`
		Records   []string       `json:"records"`
		Encounter encounterJSON  `json:"encounter"`
		Coverages []coverageJSON `json:"coverages"`
		Allergies []factJSON     `json:"allergies"`
		Facts     []factJSON     `json:"facts"`
		Documents []documentJSON `json:"documents" doc:"without their text"`
	}
}

// apiEncounterChart reads the chart of one encounter.
func apiEncounterChart(s *Server, ctx context, in *ByEncounter) (*chartOut, error) {
	page, err := s.dept.Chart.EncounterChart(ctx, actorOf(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	out := &chartOut{}
	b := &out.Body
	p := page.Banner.Patient
	b.Patient = patientJSON{Record: p.Record, Name: fullName(p.Name), BirthDate: p.BirthDate, Sex: p.Sex, MRN: p.RecordNumber()}
	b.Person, b.Records, b.Encounter = page.Banner.Person, append([]string{}, page.Banner.Records...), encounterView(page.Encounter)
	b.Encounter.Texts = len(page.Documents)
	b.Coverages = make([]coverageJSON, 0, len(page.Banner.Coverages))
	for _, c := range page.Banner.Coverages {
		if c.Withdrawn {
			continue
		}
		b.Coverages = append(b.Coverages, coverageJSON{Payer: c.Payer, Plan: c.Plan, Member: c.Member, Priority: c.Priority, From: c.From, To: c.To})
	}
	b.Allergies, b.Facts = factViews(page.Banner.Allergies), factViews(page.Facts)
	b.Documents = make([]documentJSON, 0, len(page.Documents))
	for _, d := range page.Documents {
		b.Documents = append(b.Documents, s.documentView(d))
	}
	return out, nil
}

func factViews(facts []chart.Fact) []factJSON {
	views := make([]factJSON, 0, len(facts))
	for _, f := range facts {
		views = append(views, factJSON{
			ID: f.ID, Version: f.Number, Record: f.Record, Encounter: f.Encounter, Kind: string(f.Kind), System: f.System, Code: f.Code,
			Display: f.Display, Value: f.Value, Range: f.Range, Flag: f.Flag, Status: f.Status, Effective: moment(f.Effective), Ended: moment(f.Ended),
			Withdrawn: f.Withdrawn, Message: f.Source.Message, Place: f.Source.Path, Entry: f.Source.Entry,
		})
	}
	return views
}
