package server

import (
	"net/http"

	"chartroom/internal/coding"
	"chartroom/internal/ui"
)

// codingPage is the desk: the server draws who the patient is, the module of
// the page the rest.
func codingPage(s *Server, w http.ResponseWriter, r *http.Request) {
	actor := actorOf(r.Context())
	id := r.PathValue("encounter")
	page, err := s.dept.Chart.EncounterChart(r.Context(), actor, id)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	b := s.bannerOf(page.Banner, page.Encounter)
	b.Links = append(b.Links, ui.Link{Label: "Chart", Path: "/chart/" + page.Encounter.Record})
	f := s.frame(r, "Coding", "/work")
	f.Script, f.Wide = "js/coding/desk.js", true
	s.show(w, r, http.StatusOK, ui.CodingPage(f, ui.Desk{
		Encounter: id, Next: s.nextDue(r, id), Setting: string(page.Encounter.Setting), ReadOnly: !mayCode(actor), Banner: b,
	}))
}

// nextDue is the encounter that is due first beside this one. Its absence, or
// that the list may not be seen, only means that there is no "next".
func (s *Server) nextDue(r *http.Request, but string) string {
	list, err := s.dept.Coding.Worklist(r.Context(), actorOf(r.Context()), coding.WorkFilter{Limit: 2})
	if err != nil {
		return ""
	}
	for _, item := range list.Items {
		if item.Encounter.ID != but {
			return item.Encounter.ID
		}
	}
	return ""
}
