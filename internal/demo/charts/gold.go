package charts

import (
	"slices"
	"strconv"
	"strings"
)

// gold reads the last section. Each entry is a verb and its object, then
// fields divided by " | ", each "name: value":
//
//	dx I50.23 POA Y | why: Failure, heart, … | words: doc 1 "acute on chronic …"
//	px 027034Z 2025-11-04 | why: table 027, … | words: doc 2 "…"; doc 3 "…"
//	may Z80.3 POA - | why: … | words: …   (right if reported, not required)
//	not J18.9 | why: … | words: doc 4 "…"
//	query Malnutrition | ask: … | words: doc 2 "…"
func (p *parser) gold(s section) {
	for _, e := range p.entries(s) {
		head, rest, _ := strings.Cut(e.text, " | ")
		verb, object, _ := strings.Cut(strings.TrimSpace(head), " ")
		f := p.goldFields(e.number, rest)
		if object == "" || f.why == "" || len(f.words) == 0 {
			p.failf(e.number, "an entry has an object, a why: or ask:, and words:")
			continue
		}
		g := &p.chart.Gold
		switch verb {
		case "dx":
			g.Diagnoses = append(g.Diagnoses, p.goldDiagnosis(e.number, object, f))
		case "may":
			g.May = append(g.May, p.goldDiagnosis(e.number, object, f))
		case "px":
			code, day, _ := strings.Cut(object, " ")
			g.Procedures = append(g.Procedures,
				GoldCode{Code: code, Date: p.time(e.number, dayLayout, day), Why: f.why, Words: f.words})
		case "not":
			g.Not = append(g.Not, GoldCode{Code: object, Why: f.why, Words: f.words})
		case "query":
			g.Queries = append(g.Queries, GoldQuery{About: object, Ask: f.why, Words: f.words})
		default:
			p.failf(e.number, "want dx, px, may, not or query")
		}
	}
}

type goldFields struct {
	why   string
	words []Quote
}

func (p *parser) goldFields(number int, rest string) goldFields {
	var f goldFields
	for rest != "" {
		var part string
		part, rest, _ = cutField(rest)
		name, value, _ := strings.Cut(part, ":")
		switch strings.TrimSpace(name) {
		case "why", "ask":
			f.why = strings.TrimSpace(value)
		case "words":
			f.words = p.quotes(number, value)
		default:
			p.failf(number, "unknown field %q", name)
		}
	}
	return f
}

// cutField cuts at the first " | " outside quotation marks: quoted words may
// hold one.
func cutField(text string) (field, rest string, found bool) {
	quoted := false
	for i := range len(text) {
		switch {
		case text[i] == '"':
			quoted = !quoted
		case !quoted && strings.HasPrefix(text[i:], " | "):
			return text[:i], text[i+3:], true
		}
	}
	return text, "", false
}

func (p *parser) goldDiagnosis(number int, object string, f goldFields) GoldCode {
	g := GoldCode{Why: f.why, Words: f.words}
	code, poa, marked := strings.Cut(object, " POA ")
	g.Code, g.POA = code, poa
	inpatient := p.chart.Category == Inpatient
	if marked != inpatient {
		p.failf(number, "POA is written for inpatient charts and for no others")
	}
	if marked && !slices.Contains([]string{"Y", "N", "U", "W", "-"}, poa) {
		p.failf(number, "POA is Y, N, U, W or - (exempt)")
	}
	return g
}

// quotes reads `doc 1 "words"; doc 2 "words"` and finds each in its document.
func (p *parser) quotes(number int, text string) []Quote {
	var out []Quote
	for text = strings.TrimSpace(text); text != ""; {
		head, rest, ok := strings.Cut(text, `"`)
		words, after, closed := strings.Cut(rest, `"`)
		if !ok || !closed {
			p.failf(number, "words: is doc N \"…\"; doc M \"…\"")
			return out
		}
		out = append(out, p.quote(number, strings.TrimSpace(head), words))
		text = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(after), ";"))
	}
	return out
}

func (p *parser) quote(number int, head, words string) Quote {
	q := Quote{Text: words}
	n, err := strconv.Atoi(strings.TrimPrefix(head, "doc "))
	if err != nil || n < 1 || n > len(p.chart.Documents) {
		p.failf(number, "no document %q in this chart", head)
		return q
	}
	q.Document = n - 1
	q.Start = strings.Index(p.chart.Documents[q.Document].Text, words)
	if q.Start < 0 || words == "" {
		p.failf(number, "document %d does not hold the words %q", n, words)
	}
	q.End = q.Start + len(words)
	return q
}
