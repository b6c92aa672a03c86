package server

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"chartroom/internal/access"
	"chartroom/internal/chart"
	"chartroom/internal/downtime"
	"chartroom/internal/ui"
)

// leastPassphrase is how many characters the passphrase of an emergency file has
// at least.
const leastPassphrase = 12

// downtimePage shows the mode, and who is in house for an emergency set.
func downtimePage(s *Server, w http.ResponseWriter, r *http.Request) {
	s.showDowntime(w, r, http.StatusOK, "")
}

func (s *Server) showDowntime(w http.ResponseWriter, r *http.Request, status int, trouble string) {
	actor := actorOf(r.Context())
	past, err := s.dept.Downtime.List(r.Context(), actor)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	z, mode := s.zone(), s.dept.Downtime.Now()
	view := ui.Downtime{On: mode.On, Unit: r.URL.Query().Get("unit"), Trouble: trouble, May: holds(actor, access.Supervisor)}
	if mode.On {
		view.Since, view.By = z.Minute(mode.Since), s.nameOf(r.Context(), mode.By)
	}
	for _, p := range past {
		line := ui.DowntimeLine{From: z.Minute(p.Since), To: z.Minute(p.Ended), By: s.nameOf(r.Context(), p.By), Reason: p.Reason}
		view.Past = append(view.Past, line)
	}
	if view.May {
		page, err := s.dept.Chart.Encounters(r.Context(), actor, chart.EncounterFilter{Status: "in-progress", Open: true, Limit: downtime.MaxCharts})
		if err != nil {
			s.fail(w, r, err)
			return
		}
		view.InHouse, view.Units = s.inHouse(page.Rows, view.Unit)
	}
	s.show(w, r, status, ui.DowntimePage(s.frame(r, "Downtime", "/downtime"), view))
}

// inHouse lists who is here now in a unit ("" all), and the units there are.
func (s *Server) inHouse(rows []chart.EncounterRow, unit string) (here []ui.InHouse, units []string) {
	for _, e := range rows {
		if !slices.Contains(units, e.Encounter.Unit) {
			units = append(units, e.Encounter.Unit)
		}
		if unit == "" || e.Encounter.Unit == unit {
			here = append(here, ui.InHouse{
				Record: e.Encounter.Record, Name: fullName(e.PatientName), MRN: e.MRN, BirthDate: e.BirthDate, Unit: e.Encounter.Unit,
				Since: s.zone().Minute(e.Encounter.Start),
			})
		}
	}
	slices.Sort(units)
	slices.SortStableFunc(here, func(a, b ui.InHouse) int { return strings.Compare(a.Unit+a.Name, b.Unit+b.Name) })
	return here, units
}

func beginDowntime(s *Server, w http.ResponseWriter, r *http.Request) {
	if err := s.dept.Downtime.Begin(r.Context(), actorOf(r.Context()), r.PostFormValue("reason")); err != nil {
		s.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/downtime", http.StatusSeeOther)
}

func endDowntime(s *Server, w http.ResponseWriter, r *http.Request) {
	if err := s.dept.Downtime.End(r.Context(), actorOf(r.Context())); err != nil {
		s.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/downtime", http.StatusSeeOther)
}

// emergencySet shows a set to print, or sends it as a file that opens offline.
func emergencySet(s *Server, w http.ResponseWriter, r *http.Request) {
	file := r.PostForm.Get("as") == "file"
	passphrase := r.PostForm.Get("passphrase")
	if file && utf8.RuneCountInString(passphrase) < leastPassphrase {
		s.showDowntime(w, r, http.StatusUnprocessableEntity, "The passphrase of a file has "+strconv.Itoa(leastPassphrase)+" characters or more.")
		return
	}
	set, err := s.dept.Downtime.Set(r.Context(), actorOf(r.Context()), r.PostForm["record"])
	if err != nil {
		s.fail(w, r, err)
		return
	}
	view := s.emergencyView(r.Context(), set)
	if !file {
		s.show(w, r, http.StatusOK, ui.EmergencyPage(s.frame(r, "Emergency set", "/downtime"), view))
		return
	}
	var body bytes.Buffer
	if err := ui.EmergencyFile(r.Context(), &body, view, passphrase); err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="emergency-set.html"`)
	_, _ = w.Write(body.Bytes()) // the client went away: nothing is left to do
}

func (s *Server) emergencyView(ctx context, set downtime.Set) ui.EmergencySet {
	z := s.zone()
	view := ui.EmergencySet{At: z.Minute(set.At), By: actorOf(ctx).Name, Withheld: set.Withheld}
	for _, x := range set.Charts {
		c := ui.EmergencyChart{Banner: s.bannerOf(x.Banner, chart.Encounter{})}
		c.Allergies, c.Coverage = c.Banner.Alerts, c.Banner.Coverage
		if e := x.Encounter; e.ID != "" {
			c.Stay = joined(" · ", e.Number, ui.SettingName(string(e.Setting)), e.Unit, "since "+z.Minute(e.Start), e.Attending.Name, e.ReasonText)
		}
		for _, f := range x.Diagnoses {
			c.Diagnoses = append(c.Diagnoses, []string{f.Display, f.Code, z.Date(f.Effective)})
		}
		for _, f := range x.Medications {
			c.Medications = append(c.Medications, []string{f.Display, f.Value, f.Status, z.Date(f.Effective)})
		}
		for _, f := range x.Results {
			c.Results = append(c.Results, []string{z.Minute(f.Effective), f.Display, joined(" ", f.Value, f.Flag), f.Range})
		}
		for _, d := range x.Documents {
			line := s.documentLine(d)
			c.Documents = append(c.Documents, ui.EmergencyDocument{Title: line.Title, Written: line.Written, Author: joined(", ", line.Author, line.Role), Text: d.Text})
		}
		view.Charts = append(view.Charts, c)
	}
	return view
}
