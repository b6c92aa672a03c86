package charts

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Error says what is wrong with a data file, and on which line.
type Error struct {
	File string
	Line int // from 1
	Msg  string
}

func (e *Error) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Msg) }

const (
	dayLayout    = "2006-01-02"
	minuteLayout = "2006-01-02 15:04"
)

// Parse reads one chart file. name is used in errors, and the chart's id is
// name without ".chart". All errors of the file come at once, joined; each is
// an *Error.
func Parse(name, text string) (Chart, error) {
	p := &parser{file: name}
	p.chart.ID = strings.TrimSuffix(name, ".chart")
	for _, s := range p.sections(text) {
		p.section(s)
	}
	p.complete()
	if len(p.errs) > 0 {
		return Chart{}, errors.Join(p.errs...)
	}
	return p.chart, nil
}

type parser struct {
	file  string
	chart Chart
	begun []int // lines of the attending clinicians of the encounters begun
	errs  []error
}

// section is what stands between two "== … ==" lines.
type section struct {
	name string // first word, or two for "document"
	args string
	line int // of the heading
	body []line
}

type line struct {
	number int
	text   string
}

func (p *parser) failf(number int, format string, args ...any) {
	p.errs = append(p.errs, &Error{File: p.file, Line: number, Msg: fmt.Sprintf(format, args...)})
}

func (p *parser) sections(text string) []section {
	var out []section
	for i, l := range strings.Split(text, "\n") {
		l = strings.TrimRight(l, " \t\r")
		number := i + 1
		if inner, ok := heading(l); ok {
			name, args, _ := strings.Cut(inner, " ")
			out = append(out, section{name: name, args: strings.TrimSpace(args), line: number})
			continue
		}
		if len(out) == 0 {
			if l != "" && !strings.HasPrefix(l, "#") {
				p.failf(number, "text before the first == section ==")
			}
			continue
		}
		s := &out[len(out)-1]
		s.body = append(s.body, line{number, l})
	}
	return out
}

func heading(l string) (string, bool) {
	rest, ok := strings.CutPrefix(l, "== ")
	if !ok {
		return "", false
	}
	return strings.CutSuffix(rest, " ==")
}

func (p *parser) section(s section) {
	switch s.name {
	case "chart":
		p.fields(s, p.chartField)
	case "patient":
		p.fields(s, p.patientField)
	case "encounter":
		p.begin()
		p.fields(s, p.encounterField)
	case "document":
		p.document(s)
	case "allergies":
		p.rows(s, 2, func(_ int, f []string) {
			p.chart.Allergies = append(p.chart.Allergies, Allergy{f[0], f[1]})
		})
	case "medications":
		p.rows(s, 3, p.medication)
	case "results":
		p.rows(s, 6, p.result)
	case "orders":
		p.orders(s)
	case "procedures":
		p.rows(s, 3, p.procedure)
	case "diagnoses":
		p.rows(s, 3, p.diagnosis)
	case "planted":
		p.planted(s)
	case "gold":
		p.gold(s)
	default:
		p.failf(s.line, "unknown section %q", s.name)
	}
}

// entries joins continuation lines (they begin with a blank) to the line
// before, and drops empty lines and comments.
func (p *parser) entries(s section) []line {
	var out []line
	for _, l := range s.body {
		switch {
		case l.text == "" || strings.HasPrefix(l.text, "#"):
		case l.text[0] == ' ' || l.text[0] == '\t':
			if len(out) == 0 {
				p.failf(l.number, "continuation of nothing")
				continue
			}
			out[len(out)-1].text += " " + strings.TrimSpace(l.text)
		default:
			out = append(out, l)
		}
	}
	return out
}

func (p *parser) fields(s section, set func(number int, key, value string) bool) {
	for _, e := range p.entries(s) {
		key, value, ok := strings.Cut(e.text, ":")
		value = strings.TrimSpace(value)
		if !ok || value == "" {
			p.failf(e.number, "want \"key: value\"")
			continue
		}
		if !set(e.number, key, value) {
			p.failf(e.number, "unknown key %q in section %s", key, s.name)
		}
	}
}

// split cuts at " | " and trims; a final empty column may leave out its blank.
func split(text string) []string {
	parts := strings.Split(text, "|")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

func (p *parser) columns(number int, text string, n int) ([]string, bool) {
	f := split(text)
	if len(f) != n {
		p.failf(number, "want %d columns divided by |, got %d", n, len(f))
		return nil, false
	}
	return f, true
}

func (p *parser) rows(s section, n int, add func(number int, f []string)) {
	for _, e := range p.entries(s) {
		if f, ok := p.columns(e.number, e.text, n); ok {
			add(e.number, f)
		}
	}
}

func (p *parser) time(number int, layout, text string) time.Time {
	t, err := time.Parse(layout, text)
	if err != nil {
		p.failf(number, "want a time written %s", layout)
	}
	return t
}

func (p *parser) chartField(_ int, key, value string) bool {
	c := &p.chart
	switch key {
	case "title":
		c.Title = value
	case "category":
		c.Category = Category(value)
	case "point":
		c.Point = value
	default:
		return false
	}
	return true
}

func (p *parser) patientField(number int, key, value string) bool {
	t := &p.chart.Patient
	switch key {
	case "name":
		t.Name = p.name(number, value)
	case "also":
		t.Also = append(t.Also, p.name(number, value))
	case "died":
		t.Died = p.time(number, dayLayout, value)
	case "sex":
		t.Sex = value
	case "born":
		t.Born = p.time(number, dayLayout, value)
	case "mrn":
		t.MRN = value
	case "ssn":
		t.SSN = value
	case "phone":
		t.Phone = value
	case "address":
		if f, ok := p.columns(number, value, 4); ok {
			t.Address = Address{f[0], f[1], f[2], f[3]}
		}
	case "coverage":
		p.coverage(number, value)
	default:
		return false
	}
	return true
}

func (p *parser) medication(number int, f []string) {
	if f[0] != "home" && f[0] != "inpatient" && f[0] != "discharge" {
		p.failf(number, "a medication list is home, inpatient or discharge")
	}
	p.chart.Medications = append(p.chart.Medications, Medication{p.stay(), f[0], f[1], f[2]})
}

func (p *parser) result(number int, f []string) {
	p.chart.Results = append(p.chart.Results,
		Result{p.stay(), p.time(number, minuteLayout, f[0]), f[1], f[2], f[3], f[4], f[5]})
}
