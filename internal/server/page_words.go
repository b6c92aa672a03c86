package server

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"chartroom/internal/gate"
	"chartroom/internal/ui"
	"chartroom/internal/words"
)

// excerptBytes is how much of a document stands around the words found.
const excerptBytes = 320

// findWords takes a search by POST and leads to its opaque address.
func findWords(s *Server, w http.ResponseWriter, r *http.Request) {
	s.keepSearch(w, r, words.ActionSearch, "/find/documents")
}

// findWordsPage shows the form, and the documents that the search behind the
// address finds.
func findWordsPage(s *Server, w http.ResponseWriter, r *http.Request) {
	actor := actorOf(r.Context())
	if err := s.permitted(r.Context(), words.ActionSearch, gate.Department()); err != nil {
		s.fail(w, r, err)
		return
	}
	id := r.URL.Query().Get("f")
	query, known := s.filters.find(actor.ID, id)
	view := ui.FoundDocuments{Query: query, Searched: known && query != ""}
	if view.Searched {
		page, err := s.dept.Words.Search(r.Context(), actor, words.Query{Words: query, After: r.URL.Query().Get("after")})
		switch {
		case errors.Is(err, words.ErrQuery):
			view.Trouble = ui.Upper1(words.ErrQuery.Error()) + "."
		case err != nil:
			s.fail(w, r, err)
			return
		}
		for _, h := range page.Hits {
			view.Rows = append(view.Rows, s.foundDocument(h, id))
		}
		view.Behind = page.Behind
		if page.Next != "" {
			view.Next = "/find/documents?" + url.Values{"f": {id}, "after": {page.Next}}.Encode()
		}
	}
	s.show(w, r, http.StatusOK, ui.FindDocumentsPage(s.frame(r, "Documents", "/find"), view))
}

func (s *Server) foundDocument(h words.Hit, filter string) ui.FoundDocument {
	line := s.documentLine(h.Document)
	text, marks := words.Excerpt(h.Document.Text, h.Marks, excerptBytes)
	path := "/chart/" + line.Record + "/documents/" + line.ID + "?f=" + filter
	if len(h.Marks) > 0 {
		path += "#words-" + searched + "-" + strconv.Itoa(h.Marks[0].Start)
	}
	return ui.FoundDocument{
		Path:  path,
		Title: line.Title, Written: line.Written, Author: joined(", ", line.Author, line.Role),
		Patient: fullName(h.Patient.Name), MRN: h.Patient.RecordNumber(), BirthDate: h.Patient.BirthDate,
		Excerpt: text, Marks: textMarks("", marks),
	}
}

// searched is what marks of a search are called beside those of findings.
const searched = "search"

func textMarks(name string, marks []words.Mark) []ui.TextMark {
	out := make([]ui.TextMark, len(marks))
	for i, m := range marks {
		out[i] = ui.TextMark{Finding: name, Severity: "info", Title: "searched for", Start: m.Start, End: m.End}
	}
	return out
}

// wordMarks are the places in a text that the search behind an address is about;
// none where there is no search.
func (s *Server) wordMarks(r *http.Request, text string) []ui.TextMark {
	query, known := s.filters.find(actorOf(r.Context()).ID, r.URL.Query().Get("f"))
	if !known {
		return nil
	}
	return textMarks(searched, words.Marks(query, text))
}
