package server

import (
	"strings"
	"unicode/utf8"

	"chartroom/internal/ui"
)

func (s *Server) zone() ui.Zone { return ui.Zone{Location: s.opt.Zone} }

// before is the end of the text that stands before a position, whole
// characters and from a word's beginning.
func before(text string, at int) string {
	from := max(0, at-around)
	for from > 0 && from < at && !utf8.RuneStart(text[from]) {
		from++
	}
	piece := text[from:at]
	if from > 0 {
		if i := strings.IndexAny(piece, " \n"); i >= 0 {
			piece = "…" + piece[i:]
		}
	}
	return piece
}

// after is the text that follows a position, whole characters up to a word's
// end.
func after(text string, at int) string {
	to := min(len(text), at+around)
	for to > at && to < len(text) && !utf8.RuneStart(text[to]) {
		to--
	}
	piece := text[at:to]
	if to < len(text) {
		if i := strings.LastIndexAny(piece, " \n"); i >= 0 {
			piece = piece[:i] + " …"
		}
	}
	return piece
}

// joined joins what is not empty.
func joined(sep string, parts ...string) string {
	kept := parts[:0:0]
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, sep)
}
