package ui

import (
	"cmp"
	"context"
	"html"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
)

// Findings are the faults of a record as its pages show them. Path is the chart's
// address; Back is the document's id where they stand beside a document, "" in the
// chart.
type Findings struct {
	Path, Back string
	Rows       []FindingRow
	Waived     []FindingRow
	MayWaive   bool
	MayAsk     bool
}

// FindingRow is one finding.
type FindingRow struct {
	ID, Rule, Name, Severity string
	Says, Absent, Citation   string
	Who, How                 string // who settles it, and how
	Link, LinkText           string // page where it is settled, "" where somebody is asked
	Clinician                string
	Since, Due               string
	Overdue                  bool
	Asked, AskedBy           string
	Reason, WaivedBy         string
	Quotes                   []FindingQuote
}

// FindingQuote is words a finding rests on, with the page that shows them.
type FindingQuote struct {
	Words, Title, Path string
	Changed            bool
}

// Count says how many there are, in words.
func (f Findings) Count() string {
	text := Plural(len(f.Rows), "open finding")
	if len(f.Rows) == 0 {
		text = "none open"
	}
	if len(f.Waived) > 0 {
		text += ", " + strconv.Itoa(len(f.Waived)) + " waived"
	}
	return text
}

// SeverityBadge is the class of a severity's badge.
func SeverityBadge(severity string) string {
	switch severity {
	case "error":
		return "bad"
	case "warning":
		return "warn"
	}
	return "accent"
}

// TextMark is a span of a document's text that a finding rests on, or that was
// searched for: half-open bytes. Finding "" gives it no id to lead to.
type TextMark struct {
	Finding, Severity, Title string
	Start, End               int
}

// MarkedText writes a text with the words of findings marked, each with the id that
// links lead to. It is no template because white space counts in the text.
func MarkedText(text string, marks []TextMark) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var b strings.Builder
		at := 0
		for _, m := range disjoint(text, marks) {
			b.WriteString(html.EscapeString(text[at:m.Start]))
			b.WriteString(m.open())
			b.WriteString(html.EscapeString(text[m.Start:m.End]))
			b.WriteString(`</mark>`)
			at = m.End
		}
		b.WriteString(html.EscapeString(text[at:]))
		_, err := io.WriteString(w, b.String())
		return err //nolint:wrapcheck // the page's own writer
	})
}

// open is the tag that a mark begins with.
func (m TextMark) open() string {
	if m.Finding == "" {
		return "<mark>"
	}
	return `<mark class="finding-mark ` + SeverityBadge(m.Severity) + `" id="words-` + html.EscapeString(m.Finding) + `-` + strconv.Itoa(m.Start) +
		`" title="` + html.EscapeString(m.Title) + `" tabindex="-1">`
}

// disjoint brings marks into order and lets none overlap: what begins within another
// goes on behind it.
func disjoint(text string, marks []TextMark) []TextMark {
	sorted := slices.Clone(marks)
	slices.SortStableFunc(sorted, func(a, b TextMark) int { return cmp.Or(a.Start-b.Start, b.End-a.End) })
	out := make([]TextMark, 0, len(sorted))
	at := 0
	for _, m := range sorted {
		m.Start = max(m.Start, at)
		if m.End = min(m.End, len(text)); m.Start >= m.End {
			continue
		}
		out = append(out, m)
		at = m.End
	}
	return out
}
