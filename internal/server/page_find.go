package server

import (
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/ui"
)

// queryOf reads what a person typed: words are names, what has digits is a
// birth date if it is one, else a number.
func queryOf(typed string) chart.Query {
	var q chart.Query
	names := []string{}
	for word := range strings.FieldsSeq(typed) {
		// Eight digits alone are a number, not a date.
		day, ok := chart.ReadPartial(word)
		switch {
		case ok && len(day) == len(time.DateOnly) && strings.ContainsAny(word, "-/"):
			q.BirthDate = day
		case strings.ContainsFunc(word, unicode.IsDigit):
			q.Number = word
		default:
			names = append(names, strings.Trim(word, ",;"))
		}
	}
	q.Name = strings.Join(names, " ")
	q.Limit = 50
	q.Sounds, q.Nicknames = true, true
	return q
}

// findPeople takes a search by POST and leads to its opaque address.
func findPeople(s *Server, w http.ResponseWriter, r *http.Request) {
	s.keepSearch(w, r, chart.ActionSearch, "/find")
}

// keepSearch keeps what is searched for and leads to the page that finds it.
func (s *Server) keepSearch(w http.ResponseWriter, r *http.Request, action gate.Action, page string) {
	if err := s.permitted(r.Context(), action, gate.Department()); err != nil {
		s.fail(w, r, err)
		return
	}
	query := strings.TrimSpace(r.PostFormValue("query"))
	if utf8.RuneCountInString(query) > maxQuery {
		s.fail(w, r, unusable("A search has at most "+strconv.Itoa(maxQuery)+" characters."))
		return
	}
	id := s.filters.keep(actorOf(r.Context()).ID, query)
	http.Redirect(w, r, page+"?f="+id, http.StatusSeeOther)
}

// maxQuery is the longest search, in characters.
const maxQuery = 200

// findPage shows the form, and what the search behind the address finds.
func findPage(s *Server, w http.ResponseWriter, r *http.Request) {
	actor := actorOf(r.Context())
	if err := s.permitted(r.Context(), chart.ActionSearch, gate.Department()); err != nil {
		s.fail(w, r, err)
		return
	}
	query, known := s.filters.find(actor.ID, r.URL.Query().Get("f"))
	rows := []ui.PersonLine{}
	if known && query != "" {
		hits, err := s.dept.Chart.Search(r.Context(), actor, queryOf(query))
		if err != nil && s.faultOf(r.Context(), err).status != http.StatusUnprocessableEntity {
			s.fail(w, r, err)
			return
		}
		for _, h := range hits {
			line := personLine(h.Patient)
			line.How = matchNames[h.How]
			rows = append(rows, line)
		}
	}
	s.show(w, r, http.StatusOK, ui.FindPage(s.frame(r, "Patients", "/find"), query, known, rows))
}

// matchNames say how a row was found, where it is not by whole names.
var matchNames = map[chart.Match]string{chart.ByBeginning: "begins so", chart.ByNickname: "by nickname", chart.BySound: "sounds alike"}

func personLine(p chart.Patient) ui.PersonLine {
	line := ui.PersonLine{Record: p.Record, Name: fullName(p.Name), BirthDate: p.BirthDate, Sex: p.Sex, MRN: p.RecordNumber()}
	for _, n := range p.Aliases {
		line.Also = append(line.Also, fullName(n))
	}
	if len(p.Address) > 0 {
		a := p.Address[0]
		line.Address = joined(", ", strings.Join(a.Line, " "), joined(" ", a.City, a.State, a.Postcode))
	}
	return line
}

type findIn struct {
	Body struct {
		Query string `json:"query" minLength:"2" maxLength:"200" doc:"name, birth date or number"`
	}
}

type foundJSON struct {
	Label  string `json:"label"`
	Hint   string `json:"hint"`
	Href   string `json:"href"`
	Record string `json:"record"`
}

type findOut struct {
	Body struct {
		Items []foundJSON `json:"items"`
	}
}

// apiFind finds patients for the palette.
func apiFind(s *Server, ctx context, in *findIn) (*findOut, error) {
	q := queryOf(in.Body.Query)
	q.Limit = 8
	hits, err := s.dept.Chart.Search(ctx, actorOf(ctx), q)
	out := &findOut{}
	out.Body.Items = []foundJSON{}
	if err != nil {
		if s.faultOf(ctx, err).status == http.StatusUnprocessableEntity {
			return out, nil
		}
		return nil, err
	}
	for _, h := range hits {
		p := h.Patient
		out.Body.Items = append(out.Body.Items, foundJSON{
			Label: fullName(p.Name), Hint: joined(" · ", p.BirthDate, p.RecordNumber()), Href: "/chart/" + p.Record, Record: p.Record,
		})
	}
	return out, nil
}
