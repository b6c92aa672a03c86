package chart

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Fault is something wrong with what was typed at registration. A Warn can be
// stored all the same. Field is the name of the form's field, with the number of
// the row where there are several: "birth", "zip", "phone.1".
type Fault struct {
	Field string
	Text  string
	Warn  bool
}

// FaultsError is the error of a registration that cannot be stored. It stands for
// ErrInvalid.
type FaultsError struct{ Faults []Fault }

// Error names the fields, never what was typed.
func (e *FaultsError) Error() string {
	parts := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		parts[i] = f.Field + ": " + f.Text
	}
	return ErrInvalid.Error() + ": " + strings.Join(parts, " ")
}

// Unwrap makes errors.Is(err, ErrInvalid) true.
func (e *FaultsError) Unwrap() error { return ErrInvalid }

// errorsOf leaves out the warnings.
func errorsOf(faults []Fault) []Fault {
	return slices.DeleteFunc(faults, func(f Fault) bool { return f.Warn })
}

// ReadPartial reads a date as far as it is known and writes it as the chart keeps
// it: YYYY-MM-DD, YYYY-MM or YYYY. It takes 1943-02-11, 19430211, 2/11/1943,
// 1943-02, 2/1943 and 1943. ok is false for what is no date, such as 20260230.
func ReadPartial(typed string) (date string, ok bool) {
	typed = strings.TrimSpace(typed)
	for _, form := range []struct{ in, out string }{
		{time.DateOnly, time.DateOnly}, {"20060102", time.DateOnly}, {"1/2/2006", time.DateOnly}, {"2006-01", "2006-01"}, {"1/2006", "2006-01"}, {"2006", "2006"},
	} {
		at, err := time.Parse(form.in, typed)
		if err == nil && at.Year() >= 1 {
			return at.Format(form.out), true
		}
	}
	return "", false
}

// DiedUnknown is Patient.Deceased where a message said that the patient has died,
// and not when.
const DiedUnknown = "yes"

// oldest is the age above which a birth date is asked about.
const oldest = 120

// checks gathers faults.
type checks []Fault

func (c *checks) fault(field, text string) { *c = append(*c, Fault{Field: field, Text: text}) }
func (c *checks) warn(field, text string) {
	*c = append(*c, Fault{Field: field, Text: text, Warn: true})
}

// CheckPatient says what is wrong with a registration, in the order of the form.
// today is the day at the facility, YYYY-MM-DD.
func CheckPatient(p Patient, today string) []Fault {
	var c checks
	if strings.TrimSpace(p.Name.Family) == "" {
		c.fault("family", "The family name is missing.")
	}
	if strings.TrimSpace(p.Name.Given) == "" {
		c.warn("given", "There is no given name.")
	}
	c.birth(p, today)
	if p.Sex != "" && !slices.Contains(Sexes(), p.Sex) {
		c.fault("sex", "Sex is female, male, other or unknown.")
	}
	for _, id := range p.Identifiers {
		if id.Kind == "SS" {
			c.ssn(id.Value)
		}
	}
	for i, a := range p.Address {
		if why := faultOfPostcode(a); why != "" {
			c.fault(numbered("zip", i), why)
		}
	}
	for i, phone := range p.Phones {
		if why := faultOfPhone(phone); why != "" {
			c.fault(numbered("phone", i), why)
		}
	}
	if p.Email != "" && !looksLikeMail(p.Email) {
		c.fault("email", "A mail address is written name@place.")
	}
	for i, alias := range p.Aliases {
		if alias.Family == "" && alias.Given == "" {
			c.fault(numbered("alias", i), "The other name is missing.")
		}
	}
	c.texts(p)
	return c
}

func looksLikeMail(s string) bool {
	before, after, _ := strings.Cut(s, "@")
	return before != "" && after != "" && !strings.ContainsAny(before, " ,;") && !strings.ContainsAny(after, "@ ,;")
}

// Sexes are the values of Patient.Sex.
func Sexes() []string { return []string{"female", "male", "other", "unknown"} }

func numbered(field string, i int) string { return fmt.Sprintf("%s.%d", field, i) }

func (c *checks) birth(p Patient, today string) {
	born, known := ReadPartial(p.BirthDate)
	switch {
	case p.BirthDate == "":
		c.warn("birth", "The birth date is missing.")
	case !known || born != p.BirthDate:
		c.fault("birth", "There is no such day. A birth date is written YYYY-MM-DD, or YYYY-MM or YYYY as far as it is known.")
	case len(today) >= len(born) && born > today[:len(born)]:
		c.fault("birth", "The birth date lies after today.")
	case years(born, today) > oldest:
		c.warn("birth", fmt.Sprintf("That is more than %d years ago.", oldest))
	case len(born) < len(time.DateOnly):
		c.warn("birth", "Only a part of the birth date is known.")
	}
	if p.Deceased == "" {
		return
	}
	died, ok := ReadPartial(p.Deceased)
	switch {
	case p.Deceased == DiedUnknown:
		c.warn("deceased", "The day of death is not known.")
	case !ok || died != p.Deceased:
		c.fault("deceased", "There is no such day. A day of death is written YYYY-MM-DD, or YYYY-MM or YYYY.")
	case len(today) >= len(died) && died > today[:len(died)]:
		c.fault("deceased", "The day of death lies after today.")
	case known && died[:min(len(died), len(born))] < born[:min(len(died), len(born))]:
		c.fault("deceased", "The day of death lies before the birth date.")
	}
}

// years is how many calendar years lie between two dates; 0 where either is none.
func years(from, to string) int {
	a, errA := time.Parse("2006", from[:min(4, len(from))])
	b, errB := time.Parse("2006", to[:min(4, len(to))])
	if errA != nil || errB != nil {
		return 0
	}
	return b.Year() - a.Year()
}

// ssn looks at a social security number. The areas 000, 666 and 900 to 999, the
// group 00 and the serial 0000 are never assigned (Social Security
// Administration, randomization of 25 June 2011); they come up as placeholders
// and as taxpayer numbers, so they warn.
func (c *checks) ssn(number string) {
	d := digitsOf(number)
	switch {
	case len(d) != 9 || strings.Trim(number, "0123456789- ") != "":
		c.fault("ssn", "A social security number has nine digits.")
	case d[:3] == "000" || d[:3] == "666" || d[0] == '9':
		c.warn("ssn", "No social security number begins with "+d[:1]+"…: this area is never assigned.")
	case d[3:5] == "00" || d[5:] == "0000":
		c.warn("ssn", "No social security number has zeros in this place.")
	case strings.Count(d, d[:1]) == 9 || d == "123456789" || d == "078051120":
		c.warn("ssn", "This number is a known placeholder.")
	}
}

func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

func faultOfPostcode(a Address) string {
	home := a.Country == "" || slices.Contains([]string{"us", "usa", "united states"}, strings.ToLower(strings.TrimSpace(a.Country)))
	if !home || a.Postcode == "" {
		return ""
	}
	d := digitsOf(a.Postcode)
	if len(d) == 5 && a.Postcode == d || len(d) == 9 && (a.Postcode == d || a.Postcode == d[:5]+"-"+d[5:]) {
		return ""
	}
	return "A ZIP code has five digits, or five and four: 04998-1122."
}

func faultOfPhone(phone string) string {
	number, _, _ := strings.Cut(strings.ToLower(phone), "x") // an extension is no part of it
	number = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(number), "ext."))
	d := digitsOf(number)
	switch {
	case strings.Trim(number, "0123456789+-.() /") != "":
		return "A phone number has digits, spaces, brackets and hyphens."
	case strings.HasPrefix(number, "+") && len(d) >= 7 && len(d) <= 15:
		return ""
	case len(d) == 10, len(d) == 11 && d[0] == '1', len(d) == 7:
		return ""
	}
	return fmt.Sprintf("A phone number has ten digits; this one has %d.", len(d))
}

// maxTyped bounds one field, in bytes.
const maxTyped = 300

// texts looks for what is no text, in any part.
func (c *checks) texts(p Patient) {
	bad := func(values ...string) bool {
		return slices.ContainsFunc(values, func(v string) bool {
			return len(v) > maxTyped || !utf8.ValidString(v) || strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r == 0x7f })
		})
	}
	const text = "It is too long, or holds characters that are no text."
	if bad(p.Name.Family, p.Name.Given, p.Name.Middle, p.Name.Prefix, p.Name.Suffix) {
		c.fault("family", text)
	}
	if bad(p.Email, p.Language, p.Marital, p.Race, p.Ethnicity) || bad(p.Phones...) {
		c.fault("email", text)
	}
	for i, a := range p.Address {
		if bad(a.City, a.State, a.Postcode, a.Country) || bad(a.Line...) {
			c.fault(numbered("street", i), text)
		}
	}
	for i, id := range p.Identifiers {
		if bad(id.Kind, id.Assigner, id.Value) || id.Value == "" {
			c.fault(numbered("identifier", i), "A number is missing, too long or no text.")
		}
	}
	for i, n := range p.Aliases {
		if bad(n.Family, n.Given, n.Middle, n.Prefix, n.Suffix, n.Use) {
			c.fault(numbered("alias", i), text)
		}
	}
}

// CheckCoverage says what is wrong with one insurance.
func CheckCoverage(v Coverage) []Fault {
	var c checks
	if strings.TrimSpace(v.Payer) == "" {
		c.fault("payer", "The payer is missing.")
	}
	if v.Priority < 0 || v.Priority > 9 {
		c.fault("priority", "A priority is 1 for the primary coverage, 2 for the next, up to 9.")
	} else if v.Priority == 0 {
		c.warn("priority", "The priority is not known.")
	}
	if strings.TrimSpace(v.Member) == "" && !strings.EqualFold(v.Payer, "self-pay") {
		c.warn("member", "The member number is missing.")
	}
	from, to := isDay(v.From), isDay(v.To)
	if v.From != "" && !from {
		c.fault("from", "There is no such day; it is written YYYY-MM-DD.")
	}
	if v.To != "" && !to {
		c.fault("to", "There is no such day; it is written YYYY-MM-DD.")
	}
	if from && to && v.To < v.From {
		c.fault("to", "The coverage ends before it begins.")
	}
	return c
}

func isDay(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// Statuses are the values of Encounter.Status.
func Statuses() []string { return []string{"planned", "in-progress", "finished", "cancelled"} }

// Settings are the values of Encounter.Setting.
func Settings() []Setting {
	return []Setting{Inpatient, Outpatient, Emergency, Professional, NursingFacility}
}

// CheckEncounter says what is wrong with one encounter.
func CheckEncounter(e Encounter) []Fault {
	var c checks
	if !slices.Contains(Settings(), e.Setting) {
		c.fault("setting", "Choose the setting: it decides how the encounter is coded and paid.")
	}
	if !slices.Contains(Statuses(), e.Status) {
		c.fault("status", "Choose where the encounter stands.")
	}
	if e.Start.IsZero() && e.Status != "cancelled" {
		c.fault("start", "The admission or visit needs its day and hour.")
	}
	switch {
	case !e.End.IsZero() && e.End.Before(e.Start):
		c.fault("end", "The discharge lies before the admission.")
	case e.Status == "finished" && e.End.IsZero() && (e.Setting == Inpatient || e.Setting == NursingFacility):
		c.fault("end", "A stay that is finished has a discharge.")
	case (e.Status == "in-progress" || e.Status == "planned") && !e.End.IsZero():
		c.fault("end", "A stay that is not finished has no discharge yet.")
	}
	if e.Status == "finished" && e.Setting == Inpatient && e.Disposition == "" {
		c.warn("disposition", "The discharge status is missing: the claim asks for it.")
	}
	if e.Unit == "" {
		c.warn("unit", "The unit is missing.")
	}
	return c
}
