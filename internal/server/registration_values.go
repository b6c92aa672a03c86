package server

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/ui"
)

// values are the fields of a form by name, as they are typed.
type values map[string]string

// valuesOf reads a posted form. Space around what was typed is nobody's wish.
func valuesOf(form url.Values) values {
	v := values{}
	for name := range form {
		v[name] = strings.Join(strings.Fields(form.Get(name)), " ")
	}
	return v
}

func row(name string, i int) string { return name + "." + strconv.Itoa(i) }

// patientValues are the fields of a registration.
func patientValues(p chart.Patient) values {
	v := values{
		"family": p.Name.Family, "given": p.Name.Given, "middle": p.Name.Middle, "prefix": p.Name.Prefix, "suffix": p.Name.Suffix,
		"birth": p.BirthDate, "sex": p.Sex, "deceased": p.Deceased, "email": p.Email, "language": p.Language,
		"marital": p.Marital, "race": p.Race, "ethnicity": p.Ethnicity,
	}
	if len(p.Address) > 0 {
		a := p.Address[0]
		v["city"], v["state"], v["zip"], v["country"] = a.City, a.State, a.Postcode, a.Country
		if len(a.Line) > 0 {
			v["street"], v["street2"] = a.Line[0], strings.Join(a.Line[1:], ", ")
		}
	}
	for i, phone := range p.Phones {
		v[row("phone", i)] = phone
	}
	for i, n := range p.Aliases {
		v[row("alias-family", i)], v[row("alias-given", i)], v[row("alias-use", i)] = n.Family, n.Given, n.Use
	}
	i := 0
	for _, id := range p.Identifiers {
		if id.Kind == "SS" && v["ssn"] == "" {
			v["ssn"] = id.Value
			continue
		}
		v[row("id-kind", i)], v[row("id-value", i)], v[row("id-assigner", i)] = id.Kind, id.Value, id.Assigner
		i++
	}
	return v
}

// rows counts the rows of a group of fields: those with something in them.
func (v values) rows(names ...string) int {
	n := 0
	for field, value := range v {
		name, number, ok := strings.Cut(field, ".")
		if i, err := strconv.Atoi(number); ok && err == nil && value != "" && i < 50 && slices.Contains(names, name) {
			n = max(n, i+1)
		}
	}
	return n
}

// patientOf puts the fields in the place of those of a registration. What the
// form does not show (further addresses, the middle of a former name) stays.
func (v values) patientOf(p chart.Patient) chart.Patient {
	p.Name = chart.Name{Family: v["family"], Given: v["given"], Middle: v["middle"], Prefix: v["prefix"], Suffix: v["suffix"], Use: p.Name.Use}
	p.BirthDate, p.Deceased, p.Sex = asDate(v["birth"]), asDate(v["deceased"]), v["sex"]
	p.Email, p.Language, p.Marital, p.Race, p.Ethnicity = v["email"], v["language"], v["marital"], v["race"], v["ethnicity"]
	address := chart.Address{City: v["city"], State: v["state"], Postcode: v["zip"], Country: v["country"]}
	for _, line := range []string{v["street"], v["street2"]} {
		if line != "" {
			address.Line = append(address.Line, line)
		}
	}
	further := p.Address[min(1, len(p.Address)):]
	p.Address = nil
	if address.Line != nil || joined("", address.City, address.State, address.Postcode, address.Country) != "" {
		p.Address = append(p.Address, address)
	}
	p.Address = append(p.Address, further...)
	p.Phones = nil
	for i := range v.rows("phone") {
		if phone := v[row("phone", i)]; phone != "" {
			p.Phones = append(p.Phones, phone)
		}
	}
	before := p.Aliases
	p.Aliases = nil
	for i := range v.rows("alias-family", "alias-given") {
		n := chart.Name{Family: v[row("alias-family", i)], Given: v[row("alias-given", i)], Use: v[row("alias-use", i)]}
		if i < len(before) {
			n.Middle, n.Prefix, n.Suffix = before[i].Middle, before[i].Prefix, before[i].Suffix
		}
		if n.Family != "" || n.Given != "" {
			p.Aliases = append(p.Aliases, n)
		}
	}
	p.Identifiers = v.identifiers(p.Identifiers)
	return p
}

// identifiers keeps the order in which the numbers stood.
func (v values) identifiers(before []chart.Identifier) []chart.Identifier {
	out := []chart.Identifier{}
	for i := range v.rows("id-value") {
		if value := v[row("id-value", i)]; value != "" {
			out = append(out, chart.Identifier{Kind: cmp.Or(v[row("id-kind", i)], "MR"), Assigner: v[row("id-assigner", i)], Value: value})
		}
	}
	if ssn := v["ssn"]; ssn != "" {
		id := chart.Identifier{Kind: "SS", Value: ssn}
		at := slices.IndexFunc(before, func(b chart.Identifier) bool { return b.Kind == "SS" })
		if at >= 0 {
			id.Assigner = before[at].Assigner
		}
		if at < 0 || at > len(out) {
			at = len(out)
		}
		out = slices.Insert(out, at, id)
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// asDate writes a date as the chart keeps it; what is none stays as typed, for
// the checks to say so.
func asDate(typed string) string {
	if date, ok := chart.ReadPartial(typed); ok {
		return date
	}
	return typed
}

// coverageValues are the fields of an insurance.
func coverageValues(c chart.Coverage) values {
	v := values{"payer": c.Payer, "plan": c.Plan, "member": c.Member, "group": c.Group, "from": c.From, "to": c.To, "relationship": c.Relationship}
	if c.Priority > 0 {
		v["priority"] = strconv.Itoa(c.Priority)
	}
	return v
}

func (v values) coverageOf(c chart.Coverage) chart.Coverage {
	c.Payer, c.Plan, c.Member, c.Group, c.Relationship = v["payer"], v["plan"], v["member"], v["group"], v["relationship"]
	c.From, c.To = asDate(v["from"]), asDate(v["to"])
	c.Priority = 0
	if v["priority"] != "" {
		n, err := strconv.Atoi(v["priority"])
		if err != nil {
			n = -1
		}
		c.Priority = n
	}
	return c
}

const minute = "2006-01-02 15:04"

// encounterValues are the fields of an encounter; its times as clocks of the
// facility show them.
func encounterValues(e chart.Encounter, zone *time.Location) values {
	clock := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(zone).Format(minute)
	}
	return values{
		"account": e.Number, "setting": string(e.Setting), statusField: e.Status, "unit": e.Unit, "service": e.Service, "start": clock(e.Start),
		"end": clock(e.End), "disposition": e.Disposition, "attending": e.Attending.Name, "complaint": e.ReasonText,
	}
}

// encounterOf reads an encounter. Faults are of times that are none, such as an
// hour that the clocks skip in spring.
func (v values) encounterOf(e chart.Encounter, zone *time.Location) (chart.Encounter, []chart.Fault) {
	var faults []chart.Fault
	clock := func(field string, before time.Time) time.Time {
		typed := strings.Replace(v[field], "T", " ", 1)
		switch {
		case typed == "":
			return time.Time{}
		case !before.IsZero() && before.In(zone).Format(minute) == typed:
			return before // with its seconds
		}
		at, err := time.ParseInLocation(minute, typed, zone)
		if err != nil {
			if day, ok := chart.ReadPartial(typed); ok && len(day) == len(time.DateOnly) {
				at, err = time.ParseInLocation(time.DateOnly, day, zone)
				typed = day + " 00:00"
			}
		}
		switch {
		case err != nil:
			faults = append(faults, chart.Fault{Field: field, Text: "There is no such moment; it is written YYYY-MM-DD HH:MM."})
		case at.Format(minute) != typed:
			faults = append(faults, chart.Fault{Field: field, Text: "There is no such hour on that day: the clocks are put forward."})
		}
		return at
	}
	e.Number, e.Setting, e.Status, e.Unit, e.Service = v["account"], chart.Setting(v["setting"]), v[statusField], v["unit"], v["service"]
	e.Start, e.End = clock("start", e.Start), clock("end", e.End)
	e.Disposition, e.ReasonText = v["disposition"], v["complaint"]
	if e.Attending.Name != v["attending"] {
		e.Attending = chart.Author{Name: v["attending"], Role: "attending"}
	}
	return e, faults
}

// reconcile brings together what was typed on an older version with the newest:
// fields that were not touched take the new values; where both sides changed a
// field, what was typed stands and theirs is told.
func (v values) reconcile(seen, newest values) (merged values, theirs map[string]string) {
	merged, theirs = maps.Clone(v), map[string]string{}
	for field := range union(seen, newest) {
		switch {
		case newest[field] == seen[field] || newest[field] == v[field]:
		case v[field] == seen[field]:
			merged[field] = newest[field]
		default:
			theirs[field] = cmp.Or(newest[field], "nothing")
		}
	}
	return merged, theirs
}

func union(a, b values) values {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}

// options makes the choices of a select, the first of them for none.
func options(none string, list ...string) []ui.Option {
	out := []ui.Option{{Value: "", Label: none}}
	for _, o := range list {
		out = append(out, ui.Option{Value: o, Label: ui.Upper1(o)})
	}
	return out
}
