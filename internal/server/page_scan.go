package server

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"chartroom/internal/chart"
	"chartroom/internal/scan"
	"chartroom/internal/ui"
)

// scanImage draws a page of a scan: ?w= its width in pixels, ?turn= clockwise.
func scanImage(s *Server, w http.ResponseWriter, r *http.Request) {
	number, isPNG := strings.CutSuffix(r.PathValue("image"), ".png")
	page, err := pageNumber(number)
	if err == nil && !isPNG {
		err = scan.ErrNotFound
	}
	var width, turn int
	if err == nil {
		width, turn, err = sizeAsked(r)
	}
	var png []byte
	if err == nil {
		png, err = s.dept.Scan.Image(r.Context(), actorOf(r.Context()), r.PathValue("scan"), page, width, turn)
	}
	if err != nil {
		s.failScan(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Content-Length", strconv.Itoa(len(png)))
	_, _ = w.Write(png) //nolint:gosec // a picture that was drawn here, sent as one
}

// pageNumber reads the number of a page.
func pageNumber(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > scan.MaxPages {
		return 0, scan.ErrNotFound
	}
	return n, nil
}

func sizeAsked(r *http.Request) (width, turn int, err error) {
	for name, into := range map[string]*int{"w": &width, "turn": &turn} {
		text := r.URL.Query().Get(name)
		if text == "" {
			continue
		}
		if *into, err = strconv.Atoi(text); err != nil {
			return 0, 0, fmt.Errorf("%w: %s is a number", scan.ErrInvalid, name)
		}
	}
	return width, turn, nil
}

// scanWordsJSON is what is written on a page, with boxes in thousandths of the
// page after the turn asked for.
type scanWordsJSON struct {
	State string      `json:"state"`
	Turn  int         `json:"turn"` // proposed
	Text  string      `json:"text"`
	Words []scan.Word `json:"words"`
}

// scanWords gives the words of a page: ?turn= as for its image.
func scanWords(s *Server, w http.ResponseWriter, r *http.Request) {
	page, err := pageNumber(r.PathValue("page"))
	turn := 0
	if err == nil {
		_, turn, err = sizeAsked(r)
	}
	var words scan.PageText
	if err == nil {
		words, err = s.dept.Scan.Words(r.Context(), actorOf(r.Context()), r.PathValue("scan"), page)
	}
	if err != nil {
		s.failScan(w, r, err)
		return
	}
	out := scanWordsJSON{State: string(words.State), Turn: words.Turn, Text: words.Text, Words: []scan.Word{}}
	for _, word := range words.List {
		word.Box = word.Box.Turned(turn)
		out.Words = append(out.Words, word)
	}
	writeJSON(w, "application/json", http.StatusOK, out)
}

// scanFile gives the bytes of a scan exactly as they were received.
func scanFile(s *Server, w http.ResponseWriter, r *http.Request) {
	sc, raw, err := s.dept.Scan.Original(r.Context(), actorOf(r.Context()), r.PathValue("scan"))
	if err != nil {
		s.failScan(w, r, err)
		return
	}
	_, ending, _ := strings.Cut(sc.Media, "/")
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", `attachment; filename="scan.`+ending+`"`)
	_, _ = w.Write(raw) //nolint:gosec // a download of bytes as they came, never shown as a page
}

// failScan answers a request for a part of a page: what asks is a page of ours.
func (s *Server) failScan(w http.ResponseWriter, r *http.Request, err error) {
	f := s.faultOf(r.Context(), err)
	if no, ok := errors.AsType[*scan.RefusedError](err); ok {
		f = &fault{status: http.StatusUnprocessableEntity, text: no.Why}
	}
	f.writeProblem(w)
}

// sheetsOf are the pages that a scanned document shows, for its page. Sheets whose
// scan is not here are left out.
func (s *Server) sheetsOf(r *http.Request, doc chart.Document) []ui.SheetView {
	sizes := map[string]map[int]scan.Page{}
	var all []ui.SheetView
	for i, sheet := range doc.Sheets {
		pages, asked := sizes[sheet.Scan]
		if !asked {
			pages = map[int]scan.Page{}
			_, list, err := s.dept.Scan.Scan(r.Context(), actorOf(r.Context()), sheet.Scan)
			if err == nil { // else there is nothing to show of it but its text
				for _, p := range list {
					pages[p.Number] = p
				}
			}
			sizes[sheet.Scan] = pages
		}
		p, here := pages[sheet.Page]
		v := ui.SheetView{
			Number: i + 1, Of: len(doc.Sheets), Scan: sheet.Scan, Page: sheet.Page, Turn: sheet.Turn, State: string(p.State), Here: here,
			Width: int(p.Width), Height: int(p.Height),
		}
		if sheet.Turn%180 != 0 {
			v.Width, v.Height = v.Height, v.Width
		}
		if sheet.Start >= 0 && sheet.End >= sheet.Start && sheet.End <= len(doc.Text) {
			v.Text = doc.Text[sheet.Start:sheet.End]
		}
		all = append(all, v)
	}
	return all
}
