package masters

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"chartroom/internal/seal"
)

// Shape says what a field takes.
type Shape string

// The shapes of a field.
const (
	Text    Shape = "text"
	Day     Shape = "date"   // YYYY-MM-DD
	Whole   Shape = "number" // a whole number, 0 or more
	One     Shape = "one"    // one of Choices
	Several Shape = "several"
	Zone    Shape = "zone" // IANA time zone
	NPI     Shape = "npi"
	Refers  Shape = "refers" // to an entry of the kind Of: its ID
)

// Field is one column of a kind: of its form, its table and its CSV.
type Field struct {
	Name     string // as in CSV
	Label    string
	Hint     string
	Shape    Shape
	Required bool
	Choices  []string // One, Several: what may be chosen; nil of Several is free text
	Of       Kind     // Refers
}

// Settings are the kinds of care a facility or unit gives, as package chart
// writes the setting of an encounter.
func Settings() []string {
	return []string{"inpatient", "outpatient", "emergency", "professional", "nursing_facility"}
}

// PayerTypes are the types of payer.
func PayerTypes() []string {
	return []string{"Medicare", "Medicare Advantage", "Medicaid", "commercial", "TRICARE", "Veterans Affairs", "workers' compensation", "auto", "charity", "self-pay", "other"}
}

var (
	fromTo = []Field{
		{Name: "from", Label: "Used from", Shape: Day},
		{Name: "to", Label: "Used until", Shape: Day, Hint: "Last day. Entries are ended, never deleted."},
	}
	postal = []Field{
		{Name: "street", Label: "Street", Shape: Text},
		{Name: "city", Label: "City", Shape: Text},
		{Name: "state", Label: "State", Shape: Text},
		{Name: "zip", Label: "ZIP", Shape: Text},
		{Name: "phone", Label: "Phone", Shape: Text},
	}
	fields = map[Kind][]Field{
		Provider: slices.Concat([]Field{
			{Name: "npi", Label: "NPI", Shape: NPI, Hint: "Ten digits; empty for those who have none."},
			{Name: "family", Label: "Family name", Shape: Text, Required: true},
			{Name: "given", Label: "Given name", Shape: Text},
			{Name: "middle", Label: "Middle name", Shape: Text},
			{Name: "suffix", Label: "Suffix", Shape: Text},
			{Name: "credentials", Label: "Credentials", Shape: Several, Hint: "MD; FACS"},
			{Name: "specialty", Label: "Specialty", Shape: Text},
			{Name: "taxonomy", Label: "Taxonomy code", Shape: Text, Hint: "NUCC, ten characters"},
			{Name: "roles", Label: "Documents as", Shape: Several, Hint: "attending; surgeon"},
			{Name: "local", Label: "Other numbers", Shape: Several, Hint: "As other systems send this provider"},
		}, fromTo),
		Facility: slices.Concat([]Field{
			{Name: "code", Label: "Code", Shape: Text, Required: true},
			{Name: "name", Label: "Name", Shape: Text, Required: true},
			{Name: "zone", Label: "Time zone", Shape: Zone, Required: true, Hint: "America/New_York: every clock of its records runs by it"},
			{Name: "npi", Label: "NPI", Shape: NPI},
			{Name: "ccn", Label: "CCN", Shape: Text, Hint: "CMS certification number, six characters"},
			{Name: "settings", Label: "Settings", Shape: Several, Choices: Settings()},
		}, postal, fromTo),
		Unit: slices.Concat([]Field{
			{Name: "facility", Label: "Facility", Shape: Refers, Of: Facility, Required: true},
			{Name: "code", Label: "Code", Shape: Text, Required: true},
			{Name: "name", Label: "Name", Shape: Text, Required: true, Hint: "As it stands in messages"},
			{Name: "settings", Label: "Settings", Shape: Several, Choices: Settings()},
			{Name: "beds", Label: "Beds", Shape: Whole},
			{Name: "zone", Label: "Time zone", Shape: Zone, Hint: "Only where it is not the facility's"},
		}, fromTo),
		Payer: slices.Concat([]Field{
			{Name: "code", Label: "Payer id", Shape: Text, Required: true},
			{Name: "name", Label: "Name", Shape: Text, Required: true},
			{Name: "type", Label: "Type", Shape: One, Choices: PayerTypes(), Required: true},
			{Name: "filing_days", Label: "Timely filing, days", Shape: Whole, Hint: "From the date of service"},
		}, postal, fromTo),
		Plan: slices.Concat([]Field{
			{Name: "payer", Label: "Payer", Shape: Refers, Of: Payer, Required: true},
			{Name: "code", Label: "Plan code", Shape: Text, Required: true},
			{Name: "name", Label: "Name", Shape: Text, Required: true},
			{Name: "filing_days", Label: "Timely filing, days", Shape: Whole, Hint: "Only where it is not the payer's"},
		}, fromTo),
	}
)

// Fields are the fields of a kind in the order of its form and CSV; nil for what
// is no kind.
func Fields(k Kind) []Field { return slices.Clone(fields[k]) }

// Fault is one value that cannot be kept.
type Fault struct {
	Field string // name of the field
	Why   string // a sentence for people
}

// FaultsError is the error of an entry with values that cannot be kept. It
// stands for ErrInvalid.
type FaultsError struct{ Faults []Fault }

// Error names the fields.
func (e *FaultsError) Error() string {
	parts := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		parts[i] = f.Field + ": " + f.Why
	}
	return ErrInvalid.Error() + ": " + strings.Join(parts, "; ")
}

// Unwrap makes errors.Is(err, ErrInvalid) true.
func (e *FaultsError) Unwrap() error { return ErrInvalid }

// maxValue bounds one value, in bytes.
const maxValue = 500

// Check says what is wrong with the content of an entry, field by field, in
// their order. It does not look at other entries.
func Check(k Kind, v Values) []Fault {
	var faults []Fault
	known := map[string]bool{}
	for _, f := range fields[k] {
		known[f.Name] = true
		if why := f.check(strings.TrimSpace(v[f.Name])); why != "" {
			faults = append(faults, Fault{f.Name, why})
		}
	}
	if from, to := v["from"], v["to"]; from != "" && to != "" && to < from {
		faults = append(faults, Fault{"to", "It ends before it begins."})
	}
	for name := range v {
		if !known[name] {
			faults = append(faults, Fault{name, "There is no such field."})
		}
	}
	return faults
}

func (f Field) check(value string) string {
	switch {
	case value == "" && f.Required:
		return f.Label + " is missing."
	case value == "":
		return ""
	case !utf8.ValidString(value) || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return "It holds characters that are no text."
	case len(value) > maxValue:
		return fmt.Sprintf("It is longer than %d characters.", maxValue)
	}
	return f.checkShape(value)
}

// checkShape looks at a value that is text.
func (f Field) checkShape(value string) string {
	switch f.Shape {
	case Day:
		if _, err := time.Parse(time.DateOnly, value); err != nil {
			return "A day is written YYYY-MM-DD, and must be one."
		}
	case Whole:
		if n, err := strconv.Atoi(value); err != nil || n < 0 || n > 100_000 {
			return "It is a whole number, 0 or more."
		}
	case One:
		if !slices.Contains(f.Choices, value) {
			return "It is one of: " + strings.Join(f.Choices, ", ") + "."
		}
	case Several:
		for _, one := range (Values{f.Name: value}).List(f.Name) {
			if f.Choices != nil && !slices.Contains(f.Choices, one) {
				return "Each is one of: " + strings.Join(f.Choices, ", ") + "."
			}
		}
	case Zone:
		if _, err := time.LoadLocation(value); err != nil || value == "Local" {
			return "There is no such time zone; they are written America/New_York."
		}
	case NPI:
		return faultOfNPI(value)
	case Text, Refers:
		return f.checkText(value)
	}
	return ""
}

// checkText looks at the texts that have a form.
func (f Field) checkText(value string) string {
	switch f.Name {
	case "taxonomy":
		if len(value) != 10 || !alphanumeric(value) {
			return "A taxonomy code has ten letters and digits."
		}
	case "ccn":
		if len(value) != 6 || !alphanumeric(value) {
			return "A CMS certification number has six characters."
		}
	case "zip":
		digits := strings.Replace(value, "-", "", 1)
		if _, err := strconv.Atoi(digits); err != nil || len(digits) != 5 && len(digits) != 9 {
			return "A ZIP code has five digits, or nine."
		}
	}
	return ""
}

func alphanumeric(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// faultOfNPI says what is wrong with a National Provider Identifier, "" where
// nothing is.
func faultOfNPI(npi string) string {
	switch {
	case len(npi) != 10 || strings.Trim(npi, "0123456789") != "":
		return "An NPI has ten digits."
	case npi[0] != '1' && npi[0] != '2':
		return "An NPI begins with 1 or 2."
	case !ValidNPI(npi):
		return "The check digit does not fit: a digit is wrong, or two are swapped."
	}
	return ""
}

// ValidNPI reports whether a National Provider Identifier has ten digits, a first
// digit of 1 or 2 and the right check digit: the Luhn formula over the identifier
// with the prefix 80840 of the health card issuer, United States (45 CFR 162.406;
// ISO/IEC 7812).
func ValidNPI(npi string) bool {
	if len(npi) != 10 || npi[0] != '1' && npi[0] != '2' {
		return false
	}
	sum := 24 // what the prefix 80840 adds to the sum
	for i := range len(npi) {
		d := int(npi[i]) - '0'
		if d < 0 || d > 9 {
			return false
		}
		if i%2 == 0 { // every second digit from the check digit leftwards is doubled
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// keyOf is the number by which the outside knows an entry, "" where it has none.
// No two standing entries of a kind share it.
func keyOf(k Kind, v Values) string {
	fold := func(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }
	switch k {
	case Provider:
		return v["npi"]
	case Unit:
		return v["facility"] + "/" + fold(v["code"])
	case Plan:
		return v["payer"] + "/" + fold(v["code"])
	case Facility, Payer:
		return fold(v["code"])
	}
	return ""
}

// parentOf is the entry that an entry belongs to.
func parentOf(k Kind, v Values) string {
	switch k {
	case Unit:
		return v["facility"]
	case Plan:
		return v["payer"]
	case Provider, Facility, Payer:
	}
	return ""
}

// nameOf is what lists sort and search by.
func nameOf(k Kind, v Values) string {
	if k == Provider {
		return seal.Fold(strings.TrimSpace(v["family"] + " " + v["given"]))
	}
	return seal.Fold(strings.Join(strings.Fields(v["name"]), " "))
}
