package charts

import (
	"strconv"
	"strings"
	"time"

	"chartroom/internal/masters"
)

// name reads "Family, Given Middle".
func (p *parser) name(number int, value string) Name {
	family, given, ok := strings.Cut(value, ", ")
	if !ok {
		p.failf(number, "want \"Family, Given Middle\"")
	}
	n := Name{Family: family}
	n.Given, n.Middle, _ = strings.Cut(given, " ")
	return n
}

// coverage reads "priority | payer | plan | member", with "| from | to" where
// the dates are known; "-" stands for an open end.
func (p *parser) coverage(number int, value string) {
	f := split(value)
	if len(f) == 4 {
		f = append(f, "-", "-")
	}
	if len(f) != 6 {
		p.failf(number, "want 4 or 6 columns divided by |, got %d", len(f))
		return
	}
	last := 0
	if n := len(p.chart.Patient.Coverage); n > 0 {
		last = p.chart.Patient.Coverage[n-1].Priority
	}
	priority, err := strconv.Atoi(f[0])
	if err != nil || priority < 1 || priority != last && priority != last+1 {
		p.failf(number, "coverage begins with its priority, counted 1, 2, …")
	}
	c := Coverage{Priority: priority, Payer: f[1], Plan: f[2], Member: f[3]}
	c.From, c.To = p.openTime(number, f[4]), p.openTime(number, f[5])
	p.chart.Patient.Coverage = append(p.chart.Patient.Coverage, c)
}

// openTime reads a date, or "-" as the zero time.
func (p *parser) openTime(number int, text string) time.Time {
	if text == "-" {
		return time.Time{}
	}
	return p.time(number, dayLayout, text)
}

// begin opens the chart's first encounter, or a further one.
func (p *parser) begin() {
	if len(p.begun) > 0 {
		p.chart.More = append(p.chart.More, Encounter{})
	}
	p.begun = append(p.begun, 1)
}

// stay is the number of the encounter that is being described.
func (p *parser) stay() int { return len(p.chart.More) }

func (p *parser) current() *Encounter {
	if n := len(p.chart.More); n > 0 {
		return &p.chart.More[n-1]
	}
	return &p.chart.Encounter
}

func (p *parser) encounterField(number int, key, value string) bool {
	e := p.current()
	switch key {
	case "number":
		e.Number = value
	case "category":
		e.Category = Category(value)
	case "status":
		e.Status = value
	case "unit":
		e.Unit = value
	case "admit":
		e.Admit = p.time(number, minuteLayout, value)
	case "discharge":
		e.Discharge = p.time(number, minuteLayout, value)
	case "disposition":
		code, text, _ := strings.Cut(value, " ")
		e.Disposition = Disposition{code, text}
	case "attending":
		if f, ok := p.columns(number, value, 2); ok {
			e.Attending = Attending{f[0], f[1]}
			p.begun[len(p.begun)-1] = number
		}
	default:
		return false
	}
	return true
}

// document reads "== document TYPE | AUTHOR, ROLE | TIME | signed ==", where
// TIME may be "undated" and "signed" may be followed by the time of signing.
func (p *parser) document(s section) {
	f, ok := p.columns(s.line, s.args, 4)
	if !ok {
		return
	}
	d := Document{Stay: p.stay(), Type: f[0], Author: f[1]}
	if f[2] != "undated" {
		d.Time = p.time(s.line, minuteLayout, f[2])
	}
	p.signature(s.line, f[3], &d)
	if i := strings.LastIndex(f[1], ", "); i > 0 {
		d.Author, d.Role = f[1][:i], f[1][i+2:]
	} else {
		p.failf(s.line, "want \"Name, Credential, role\"")
	}
	lines := make([]string, len(s.body))
	for i, l := range s.body {
		lines[i] = l.text
	}
	d.Text = strings.Trim(strings.Join(lines, "\n"), "\n") + "\n"
	if d.Text == "\n" {
		p.failf(s.line, "an empty document")
	}
	p.chart.Documents = append(p.chart.Documents, d)
}

// signature reads "unsigned", "signed" or "signed 2026-01-31 14:05".
func (p *parser) signature(number int, text string, d *Document) {
	word, at, timed := strings.Cut(text, " ")
	switch {
	case word == "signed" && timed:
		d.Signed, d.SignedAt = true, p.time(number, minuteLayout, at)
	case word == "signed":
		d.Signed, d.SignedAt = true, d.Time
	case text != "unsigned":
		p.failf(number, "a document is signed or unsigned")
	}
}

// orders reads "time | what | by", and "| how" for one that was not entered by
// its author: "verbal" or "telephone", with "signed TIME" or "unsigned".
func (p *parser) orders(s section) {
	for _, e := range p.entries(s) {
		f := split(e.text)
		if len(f) == 3 {
			f = append(f, "-")
		}
		if len(f) != 4 {
			p.failf(e.number, "want 3 or 4 columns divided by |, got %d", len(f))
			continue
		}
		p.order(e.number, f)
	}
}

func (p *parser) order(number int, f []string) {
	o := Order{Stay: p.stay(), Time: p.time(number, minuteLayout, f[0]), What: f[1], By: f[2]}
	if f[3] != "-" {
		how, signed, _ := strings.Cut(f[3], " ")
		o.How = how
		if how != "verbal" && how != "telephone" {
			p.failf(number, "an order is - or verbal or telephone")
		}
		if at, ok := strings.CutPrefix(signed, "signed "); ok {
			o.SignedAt = p.time(number, minuteLayout, at)
		} else if signed != "unsigned" {
			p.failf(number, "a verbal order is \"signed TIME\" or unsigned")
		}
	}
	p.chart.Orders = append(p.chart.Orders, o)
}

// procedure reads "time | what | by".
func (p *parser) procedure(number int, f []string) {
	p.chart.Procedures = append(p.chart.Procedures,
		Procedure{p.stay(), p.time(number, minuteLayout, f[0]), f[1], f[2]})
}

// diagnosis reads "list | since | what": list is "problem" (the patient's, of no
// one stay) or "final" (of the encounter); since is a date or "-".
func (p *parser) diagnosis(number int, f []string) {
	if f[0] != "problem" && f[0] != "final" {
		p.failf(number, "a diagnosis is of the problem list or final")
	}
	p.chart.Diagnoses = append(p.chart.Diagnoses,
		Diagnosis{p.stay(), f[0], p.openTime(number, f[1]), f[2]})
}

// planted reads "RULE | what is wrong | words", the words as in gold or "-".
func (p *parser) planted(s section) {
	for _, e := range p.entries(s) {
		rule, rest, _ := cutField(e.text)
		what, words, ok := cutField(rest)
		if !ok || len(rule) != 3 || strings.TrimSpace(what) == "" {
			p.failf(e.number, "want \"RULE | what is wrong | doc N \"words\"\"")
			continue
		}
		planted := Planted{Rule: rule, What: strings.TrimSpace(what)}
		if words = strings.TrimSpace(words); words != "-" {
			planted.Words = p.quotes(e.number, words)
		}
		p.chart.Planted = append(p.chart.Planted, planted)
	}
}

// complete checks what no single line can show. A planted error may leave out
// what a sound chart must have.
func (p *parser) complete() {
	c := p.chart
	need := func(ok bool, what string) {
		if !ok {
			p.failf(1, "%s", what)
		}
	}
	need(c.Title != "" && c.Point != "", "title or point is missing")
	need(c.Category.Setting() != "" || c.Category == Registration, "category is missing or unknown")
	need(c.Patient.Family != "" && c.Patient.MRN != "" && !c.Patient.Born.IsZero(), "name, mrn or born is missing")
	need(c.Patient.Sex == "female" || c.Patient.Sex == "male", "sex is female or male")
	need(len(c.Patient.Coverage) > 0, "coverage is missing")
	need(len(c.Gold.Diagnoses) > 0 || len(c.Planted) > 0 || c.Category == Registration, "no gold diagnosis")
	if c.Category == Registration {
		return
	}
	for i, e := range c.Encounters() {
		need(e.Number != "" && !e.Admit.IsZero(), "encounter number or admit is missing")
		need(e.Category.Setting() != "", "category of an encounter is unknown")
		need(e.Attending.Name != "" || c.Has("A22"), "attending is missing")
		if e.Attending.Name != "" && !masters.ValidNPI(e.Attending.NPI) && !c.Has("A22") {
			p.failf(p.begun[i], "the attending clinician's NPI has a wrong check digit")
		}
	}
	need(len(c.Documents) > 0, "no document")
}
