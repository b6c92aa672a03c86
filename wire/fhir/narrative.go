package fhir

import (
	"html"
	"strings"
)

// Narrative is the text of a resource for people, in XHTML.
type Narrative struct {
	Status string `json:"status,omitempty"`
	Div    string `json:"div,omitempty"`
}

// IsZero reports whether there is none.
func (n Narrative) IsZero() bool { return n.Div == "" }

// Plain returns the words of the narrative without markup: paragraphs, rows and
// list items on lines of their own, table cells separated by tabs.
func (n Narrative) Plain() string {
	var b strings.Builder
	rest := n.Div
	for rest != "" {
		i := strings.IndexByte(rest, '<')
		if i < 0 {
			writeWords(&b, rest)
			break
		}
		writeWords(&b, rest[:i])
		rest = rest[i:]
		if strings.HasPrefix(rest, "<!--") {
			_, rest, _ = strings.Cut(rest, "-->")
			continue
		}
		var tag string
		tag, rest, _ = strings.Cut(rest[1:], ">")
		breakFor(&b, tag)
	}
	return strings.Trim(b.String(), "\n\t ")
}

// writeWords appends text with its white space as one blank each.
func writeWords(b *strings.Builder, s string) {
	s = html.UnescapeString(s)
	words := strings.Fields(s)
	if len(words) == 0 {
		if s != "" {
			blank(b)
		}
		return
	}
	if strings.ContainsAny(s[:1], " \n\r\t") {
		blank(b)
	}
	b.WriteString(strings.Join(words, " "))
	if strings.ContainsAny(s[len(s)-1:], " \n\r\t") {
		blank(b)
	}
}

func blank(b *strings.Builder) {
	if s := b.String(); s != "" && !strings.HasSuffix(s, " ") && !strings.HasSuffix(s, "\n") && !strings.HasSuffix(s, "\t") {
		b.WriteByte(' ')
	}
}

// breakFor appends the line break or tab that a tag stands for.
func breakFor(b *strings.Builder, tag string) {
	closing := strings.HasPrefix(tag, "/")
	name := strings.ToLower(strings.Trim(tag, "/"))
	if i := strings.IndexAny(name, " \t\r\n/"); i >= 0 {
		name = name[:i]
	}
	switch name {
	case "br", "p", "div", "tr", "li", "ul", "ol", "dl", "dt", "dd", "table", "caption", "h1", "h2", "h3", "h4", "h5", "h6",
		"pre", "hr", "blockquote", "thead", "tbody":
		if s := b.String(); s != "" && !strings.HasSuffix(s, "\n") {
			b.WriteByte('\n')
		}
	case "td", "th":
		if s := b.String(); closing && s != "" && !strings.HasSuffix(s, "\n") {
			b.WriteByte('\t')
		}
	}
}

func (r *reading) narrative(c cursor) Narrative {
	if !r.want(c, object) {
		return Narrative{}
	}
	return Narrative{Status: r.str(c.get("status")), Div: r.str(c.get("div"))}
}
