package incoming

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/seal"
)

// Mention is where the words of a page name somebody or say something the desk
// proposes: half-open byte offsets into the text of the page.
type Mention struct {
	Page  int    `json:"page"`
	Start int    `json:"start"`
	End   int    `json:"end"`
	What  string `json:"what"` // "number", "birth date", "name", "type", "date", "author", "signed"

	value    string // number as written, date as YYYY-MM-DD, name as written
	labelled bool   // the page says what it is: "MRN:", "DOB:", "Patient:"
}

var (
	numberShape = regexp.MustCompile(`[A-Za-z]{0,4}-?\d[\dA-Za-z]*(?:-\d+)*`)
	numberLabel = regexp.MustCompile(`(?i)(?:\bMRN?|\bmed(?:ical)?\.? ?rec(?:ord)?|\brecord|\bhistory|\bunit|\bacc(?:oun)?t|\bvisit|\bencounter)\b[ .]*(?:no\.?|number|num\.?|#)?\s*[:#]?\s*$`)

	dateNumeric = regexp.MustCompile(`\b(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})\b`)
	dateISO     = regexp.MustCompile(`\b(\d{4})-(\d{2})-(\d{2})\b`)
	dateMonth   = regexp.MustCompile(`(?i)\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? (\d{1,2}),? (\d{4})\b`)
	dateDay     = regexp.MustCompile(`(?i)\b(\d{1,2}) (jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?,? (\d{4})\b`)
	birthLabel  = regexp.MustCompile(`(?i)(?:\bD\.?O\.?B\.?|\bbirth ?date|\bdate of birth|\bborn(?: on)?|\bbirth)\s*[:#]?\s*$`)
	dayLabel    = regexp.MustCompile(`(?i)(?:\bdate(?: of (?:service|visit|procedure|operation|surgery|admission|discharge|report))?|\bdictated|\bperformed|\bcollected|\bserved|\bsigned(?: on)?)\s*[:#]?\s*$`)

	nameLabel = regexp.MustCompile(`(?im)\b(?:patient(?:'s)?(?: name)?|name(?: of patient)?)\s*[:#][ \t]*([\p{L}][\p{L}'’., -]{2,60})`)
	nameEnd   = regexp.MustCompile(`(?i) {2,}|\t|\b(?:MRN?|DOB|D\.O\.B|sex|age|date|birth|born|account|acct|visit|room|unit)\b`)
)

// numbersOf are the words of a page that could be a record or account number,
// labelled ones first.
func numbersOf(page int, text string) []Mention {
	var out []Mention
	for _, at := range numberShape.FindAllStringIndex(text, -1) {
		word := strings.TrimRight(text[at[0]:at[1]], "-")
		if digits(word) < 4 || len(word) > 20 || isDate(word) {
			continue
		}
		out = append(out, Mention{
			Page: page, Start: at[0], End: at[0] + len(word), What: "number", value: word,
			labelled: numberLabel.MatchString(tail(text, at[0])),
		})
	}
	slices.SortStableFunc(out, func(a, b Mention) int { return -cmp.Compare(gate.Flag(a.labelled), gate.Flag(b.labelled)) })
	return out
}

// datesOf are the dates on a page. A two-digit year is read as the latest year
// that is not after now.
func datesOf(page int, text string, now time.Time) []Mention {
	var out []Mention
	add := func(from, to int, year, month, day string) {
		at, ok := dayOf(year, month, day, now)
		if !ok {
			return
		}
		before := tail(text, from)
		m := Mention{Page: page, Start: from, End: to, What: "date", value: at, labelled: dayLabel.MatchString(before)}
		if birthLabel.MatchString(before) {
			m.What, m.labelled = "birth date", true
		}
		out = append(out, m)
	}
	for _, g := range dateISO.FindAllStringSubmatchIndex(text, -1) {
		add(g[0], g[1], text[g[2]:g[3]], text[g[4]:g[5]], text[g[6]:g[7]])
	}
	for _, g := range dateNumeric.FindAllStringSubmatchIndex(text, -1) {
		add(g[0], g[1], text[g[6]:g[7]], text[g[2]:g[3]], text[g[4]:g[5]])
	}
	for _, g := range dateMonth.FindAllStringSubmatchIndex(text, -1) {
		add(g[0], g[1], text[g[6]:g[7]], text[g[2]:g[3]], text[g[4]:g[5]])
	}
	for _, g := range dateDay.FindAllStringSubmatchIndex(text, -1) {
		add(g[0], g[1], text[g[6]:g[7]], text[g[4]:g[5]], text[g[2]:g[3]])
	}
	slices.SortFunc(out, func(a, b Mention) int { return cmp.Compare(a.Start, b.Start) })
	return out
}

// namesOf are the names that a page gives as the patient's.
func namesOf(page int, text string) []Mention {
	var out []Mention
	for _, g := range nameLabel.FindAllStringSubmatchIndex(text, -1) {
		name := text[g[2]:g[3]]
		if end := nameEnd.FindStringIndex(name); end != nil {
			name = name[:end[0]]
		}
		name = strings.TrimRight(name, " .,-")
		if len(seal.Words(name)) < 2 {
			continue
		}
		out = append(out, Mention{Page: page, Start: g[2], End: g[2] + len(name), What: "name", value: name, labelled: true})
	}
	return out
}

// strength says how surely a page means a patient.
type strength int

const (
	notNamed strength = iota
	perhaps           // a name alone, or a birth date with one of the names
	surely            // a labelled number, or both names with the birth date
	wholly            // a number and the family name
)

// names says how surely a page means p, and where its words say so.
func (pg pageWords) names(p chart.Patient) (strength, []Mention) {
	where, labelled := pg.numbered(p)
	number := len(where) > 0
	birth := false
	for _, m := range pg.dates {
		if p.BirthDate != "" && m.value == p.BirthDate {
			birth = true
			m.What = "birth date"
			where = append(where, m)
		}
	}
	family, given := pg.wordOf(p.Name.Family), pg.wordOf(p.Name.Given)
	for _, m := range []*Mention{family, given} {
		if m != nil {
			where = append(where, *m)
		}
	}
	called := pg.called(p)
	switch {
	case number && family != nil:
		return wholly, where
	case number && labelled, birth && family != nil && given != nil:
		return surely, where
	case birth && (family != nil || given != nil), called:
		return perhaps, where
	}
	return notNamed, nil
}

// numbered finds p's numbers on the page, and says whether one of them is labelled
// as such. A social security number identifies no record.
func (pg pageWords) numbered(p chart.Patient) (where []Mention, labelled bool) {
	for _, m := range pg.numbers {
		if slices.ContainsFunc(p.Identifiers, func(id chart.Identifier) bool { return id.Kind != "SS" && sameNumber(id.Value, m.value) }) {
			labelled, where = labelled || m.labelled, append(where, m)
		}
	}
	return where, labelled
}

// pageWords is what the words of one page could say of whom it is about.
type pageWords struct {
	page                  int
	text                  string
	words                 map[string][2]int // folded word -> where it first stands
	numbers, dates, given []Mention         // given: the names it gives as the patient's
}

var wordShape = regexp.MustCompile(`[\p{L}\p{N}][\p{L}\p{N}'’-]*`)

func readPage(page int, text string, now time.Time) pageWords {
	pg := pageWords{
		page: page, text: text, words: map[string][2]int{},
		numbers: numbersOf(page, text), dates: datesOf(page, text, now), given: namesOf(page, text),
	}
	for _, at := range wordShape.FindAllStringIndex(text, -1) {
		for _, w := range seal.Words(text[at[0]:at[1]]) {
			if _, seen := pg.words[w]; !seen {
				pg.words[w] = [2]int{at[0], at[1]}
			}
		}
	}
	return pg
}

// wordOf finds a name's first word of two letters or more on the page.
func (pg pageWords) wordOf(name string) *Mention {
	for _, w := range seal.Words(name) {
		if at, ok := pg.words[w]; ok && len(w) > 1 {
			return &Mention{Page: pg.page, Start: at[0], End: at[1], What: "name"}
		}
	}
	return nil
}

// called says whether a name that the page gives as the patient's is p's.
func (pg pageWords) called(p chart.Patient) bool {
	family, given := seal.Words(p.Name.Family), seal.Words(p.Name.Given)
	for _, m := range pg.given {
		words := seal.Words(m.value)
		if overlap(words, family) && overlap(words, given) {
			return true
		}
	}
	return false
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(w string) bool { return slices.Contains(b, w) })
}

func sameNumber(a, b string) bool {
	x, y := seal.RecordNumberTerms(a), seal.RecordNumberTerms(b)
	return len(x) > 0 && len(y) > 0 && x[len(x)-1].Value != "" && x[len(x)-1].Value == y[len(y)-1].Value
}

func digits(s string) int {
	n := 0
	for _, c := range s {
		if c >= '0' && c <= '9' {
			n++
		}
	}
	return n
}

func isDate(word string) bool {
	return dateISO.FindString(word) == word || dateNumeric.FindString(word) == word
}

// tail is the end of the line before a place, where a label would stand.
func tail(text string, at int) string {
	from := max(0, at-40)
	line := text[from:at]
	if i := strings.LastIndexByte(line, '\n'); i >= 0 {
		line = line[i+1:]
	}
	return line
}

// dayOf reads a day; false for what is none, like February 30.
func dayOf(year, month, day string, now time.Time) (string, bool) {
	if len(month) > 2 {
		t, err := time.Parse("Jan", strings.ToUpper(month[:1])+strings.ToLower(month[1:3]))
		if err != nil {
			return "", false
		}
		month = t.Format("01")
	}
	if len(year) == 2 {
		full := now.Format("2006")[:2] + year
		if full > now.Format("2006") {
			full = now.AddDate(-100, 0, 0).Format("2006")[:2] + year
		}
		year = full
	}
	t, err := time.Parse("2006-1-2", year+"-"+month+"-"+day)
	if err != nil || t.Year() < 1850 || t.After(now.AddDate(2, 0, 0)) {
		return "", false
	}
	return t.Format(time.DateOnly), true
}
