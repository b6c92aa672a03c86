package server

import (
	"net/http"
	"slices"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/ui"
)

func (s *Server) encounterForm(r *http.Request) (f factForm, e chart.Encounter, err error) {
	record, fact := r.PathValue("record"), r.PathValue("fact")
	if r.Method == http.MethodPost {
		if err := s.permitted(r.Context(), chart.ActionCorrect, gate.Record(record)); err != nil {
			return f, e, err
		}
	}
	page, err := s.dept.Chart.Chart(r.Context(), actorOf(r.Context()), record)
	if err != nil {
		return f, e, err
	}
	f = factForm{
		page: page, fact: fact, title: "New encounter", address: "/registration/" + record + "/encounters", fields: encounterFields(), reasons: encounterReasons,
	}
	if fact == "" {
		return f, chart.Encounter{Status: "in-progress"}, nil
	}
	i := slices.IndexFunc(page.Encounters, func(e chart.Encounter) bool { return e.ID == fact && e.Record == record })
	if i < 0 {
		return f, e, chart.ErrNotFound
	}
	f.title, f.address = "Encounter", f.address+"/"+fact
	return f, page.Encounters[i], nil
}

// clockOf is the zone that an encounter's times are shown and typed in: its own,
// else that of its unit.
func (s *Server) clockOf(ctx context, e chart.Encounter, unit string) *time.Location {
	if zone, err := time.LoadLocation(e.Zone); err == nil && e.Zone != "" {
		return zone
	}
	return s.zoneOf(ctx, unit)
}

func encounterPage(s *Server, w http.ResponseWriter, r *http.Request) {
	f, e, err := s.encounterForm(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	v, view := s.restore(r.Context(), f, e.Version.Number, encounterValues(e, s.clockOf(r.Context(), e, e.Unit)))
	s.showFact(w, r, f, http.StatusOK, v, nil, nil, view)
}

func saveEncounter(s *Server, w http.ResponseWriter, r *http.Request) {
	f, now, err := s.encounterForm(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	ctx, record := r.Context(), r.PathValue("record")
	zone := s.clockOf(ctx, now, valuesOf(r.PostForm)["unit"])
	s.correct(w, r, correction{
		fact: f.fact, slot: f.slot(), reasons: encounterReasons, back: "/registration/" + record,
		read: func(rev chart.Revision) values { return encounterValues(*rev.Encounter, zone) },
		write: func(seen chart.Revision, v values) (any, []chart.Fault) {
			e := chart.Encounter{Zone: zone.String()}
			if seen.Encounter != nil {
				e = *seen.Encounter
			}
			e, faults := v.encounterOf(e, zone)
			e.Attending = s.mastersKnown(ctx).attending(e.Attending)
			return e, append(faults, chart.CheckEncounter(e)...)
		},
		add: func(what any) error {
			e, _ := what.(chart.Encounter)
			_, err := s.dept.Chart.AddEncounter(ctx, actorOf(ctx), record, e)
			return err
		},
		show: func(code int, v values, faults []chart.Fault, theirs map[string]string, view ui.Registration) {
			s.showFact(w, r, f, code, v, faults, theirs, view)
		},
	})
}
