package edits

import (
	"fmt"
	"strings"

	"chartroom/codes/codeset"
)

// sequence checks what may stand first and what must stand before what.
func (c *checker) sequence() {
	if len(c.dx) > 0 && c.dx[0].at == 0 {
		c.principal(c.dx[0].Code)
	}
	for i, d := range c.dx {
		c.etiologyFirst(i, d.Code)
	}
}

// principal checks the first diagnosis: no manifestation (I.A.13), no external
// cause (I.C.20.a.6), none that the Medicare Code Editor refuses.
func (c *checker) principal(code codeset.Code) {
	set := c.sets.CM
	switch {
	case strings.ContainsAny(code.Code[:1], "VWXY"):
		c.add(Finding{Rule: "external-cause-first", Severity: Error, Codes: []string{code.Code},
			Message: "An external cause code is never the principal or first-listed diagnosis.", Cite: "ICD-10-CM Guidelines I.C.20.a.6"})
	case set.Manifestation(code.Code):
		c.add(Finding{Rule: "manifestation-first", Severity: Error, Codes: []string{code.Code},
			Message: code.Code + " describes a manifestation; its underlying condition comes first.", Cite: "ICD-10-CM Guidelines I.A.13"})
	case strings.HasPrefix(code.Code, "R65.2"):
		c.add(Finding{Rule: "severe-sepsis-first", Severity: Error, Codes: []string{code.Code},
			Message: "Severe sepsis is never sequenced first; the systemic infection is.", Cite: "ICD-10-CM Guidelines I.C.1.d.1.b"})
	case c.inpatient() && set.UnacceptablePrincipal(code.Code):
		c.add(Finding{Rule: "unacceptable-principal", Severity: Error, Codes: []string{code.Code},
			Message: code.Code + " is not accepted as the principal diagnosis of an inpatient stay.", Cite: "Medicare Code Editor, unacceptable principal diagnosis"})
	}
}

// etiologyFirst checks that a manifestation has one of the codes its "code
// first" note names before it (I.A.13).
func (c *checker) etiologyFirst(i int, code codeset.Code) {
	if i == 0 || !c.sets.CM.Manifestation(code.Code) {
		return
	}
	for _, n := range c.sets.CM.Notes(code.Code) {
		if n.Kind != codeset.CodeFirst || len(n.Refs) == 0 {
			continue
		}
		for _, before := range c.dx[:i] {
			if names(n, before.Code.Code) {
				return
			}
		}
		c.add(Finding{Rule: "etiology-missing", Severity: Warning, Codes: []string{code.Code},
			Message: fmt.Sprintf("No underlying condition stands before %s. Code first: %s", code.Code, n.Text),
			Cite:    "ICD-10-CM Guidelines I.A.13; note of " + n.Edition})
		return
	}
}

// ValidPOA reports whether poa is an indicator: Y, N, U, W, 1 for an exempt
// code, or "" for not said (Guidelines, Appendix I).
func ValidPOA(poa string) bool {
	switch poa {
	case "", "Y", "N", "U", "W", "1":
		return true
	}
	return false
}

// presentOnAdmission checks the indicator of each diagnosis of an inpatient
// stay (Guidelines, Appendix I).
func (c *checker) presentOnAdmission() {
	for _, d := range c.dx {
		poa := strings.ToUpper(strings.TrimSpace(c.enc.Dx[d.at].POA))
		switch {
		case !ValidPOA(poa):
			c.poa(d.Code, "poa-value", Error, "Present on admission is Y, N, U, W, or 1 for an exempt code.")
		case c.inpatient():
			c.indicator(d.Code, poa)
		case poa != "":
			c.poa(d.Code, "poa-setting", Info, "Present on admission is reported for inpatient stays only.")
		}
	}
}

// indicator checks a well-formed indicator of an inpatient diagnosis. Without
// the list of exempt codes, a blank is let pass with a warning for the chapters
// that most of the list comes from.
func (c *checker) indicator(code codeset.Code, poa string) {
	exempt, known := c.sets.CM.POAExempt(code.Code)
	switch {
	case exempt && poa != "" && poa != "1":
		c.poa(code, "poa-exempt", Warning, code.Code+" is exempt from present-on-admission reporting; leave it blank.")
	case known && !exempt && poa == "1":
		c.poa(code, "poa-not-exempt", Error, code.Code+" is not exempt: Y, N, U or W is needed.")
	case exempt || poa != "":
	case !known && strings.ContainsAny(code.Code[:1], "VWXYZ"):
		c.poa(code, "poa-list", Warning, "Whether "+code.Code+" is exempt cannot be said: the list of exempt codes is not installed.")
	default:
		c.poa(code, "poa-missing", Error, "Say whether "+code.Code+" was present on admission.")
	}
}

func (c *checker) poa(code codeset.Code, rule string, severity Severity, message string) {
	c.add(Finding{Rule: rule, Severity: severity, Codes: []string{code.Code}, Message: message, Cite: "ICD-10-CM Guidelines, Appendix I"})
}

// person checks sex and age against what the Medicare Code Editor expects. A
// conflict may be a wrong registration, so it warns.
func (c *checker) person() {
	for _, d := range c.dx {
		code := d.Code.Code
		expected := c.sets.CM.Sex(code)
		female, male := isSex(c.enc.Sex, "f"), isSex(c.enc.Sex, "m")
		if (expected == codeset.FemaleOnly && male) || (expected == codeset.MaleOnly && female) {
			c.add(Finding{Rule: "sex-conflict", Severity: Warning, Codes: []string{code},
				Message: code + " is not expected for the registered sex; check the code and the registration.", Cite: "Medicare Code Editor, sex conflict"})
		}
		low, high, limited := c.sets.CM.AgeRange(code)
		if limited && c.enc.Age >= 0 && (c.enc.Age < low || c.enc.Age > high) {
			c.add(Finding{Rule: "age-conflict", Severity: Warning, Codes: []string{code},
				Message: fmt.Sprintf("%s is expected from age %d to %d; the patient is %d.", code, low, high, c.enc.Age), Cite: "Medicare Code Editor, age conflict"})
		}
	}
}

func isSex(sex, initial string) bool {
	return strings.HasPrefix(strings.ToLower(strings.TrimSpace(sex)), initial)
}
