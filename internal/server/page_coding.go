package server

import (
	"net/http"

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
		Encounter: id, Next: s.nextCoding(r, id), Setting: string(page.Encounter.Setting), ReadOnly: !mayCode(actor), Banner: b,
	}))
}
