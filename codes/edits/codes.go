package edits

import (
	"fmt"
	"strings"

	"chartroom/codes/codeset"
)

// diagnoses checks that each code exists, is complete and stands once
// (Guidelines I.B.2, I.B.12).
func (c *checker) diagnoses() {
	edition := c.sets.CM.Edition().Name
	seen := map[string]bool{}
	for i, d := range c.enc.Dx {
		code, ok := c.sets.CM.Code(d.Code)
		switch {
		case !ok:
			c.add(Finding{Rule: "code-unknown", Severity: Error, Codes: []string{d.Code},
				Message: fmt.Sprintf("%s is not a code of ICD-10-CM %s.", d.Code, edition), Cite: "ICD-10-CM " + edition})
			continue
		case !code.Billable:
			c.add(Finding{Rule: "code-incomplete", Severity: Error, Codes: []string{code.Code},
				Message: fmt.Sprintf("%s needs more characters: %s.", code.Code, some(c.sets.CM.Children(code.Code))),
				Cite:    "ICD-10-CM Guidelines I.B.2"})
		case seen[code.Code]:
			c.add(Finding{Rule: "code-twice", Severity: Error, Codes: []string{code.Code},
				Message: code.Code + " stands twice; a code is reported once for an encounter.", Cite: "ICD-10-CM Guidelines I.B.12"})
		}
		seen[code.Code] = true
		c.dx = append(c.dx, known{Code: code, at: i})
	}
	if len(c.enc.Dx) == 0 {
		c.add(Finding{Rule: "no-diagnosis", Severity: Error, Codes: []string{},
			Message: "No diagnosis is assigned; every encounter needs a principal or first-listed one.", Cite: "ICD-10-CM Guidelines II, IV.A"})
	}
}

// procedures checks ICD-10-PCS codes: only for inpatient stays (45 CFR
// 162.1002), whole, and dated within the stay.
func (c *checker) procedures() {
	var hcpcs []string
	for _, p := range c.enc.Px {
		written := strings.ToUpper(strings.ReplaceAll(p.Code, ".", ""))
		if !c.inpatient() && len(written) == hcpcsLength {
			hcpcs = append(hcpcs, written)
			continue
		}
		if !c.inpatient() {
			c.add(Finding{Rule: "pcs-setting", Severity: Error, Codes: []string{written},
				Message: "ICD-10-PCS is reported for hospital inpatient procedures only.", Cite: "45 CFR 162.1002(c)(3)"})
		}
		if c.sets.PCS == nil {
			continue
		}
		edition := c.sets.PCS.Edition().Name
		code, ok := c.sets.PCS.Code(p.Code)
		switch {
		case !ok:
			c.add(Finding{Rule: "code-unknown", Severity: Error, Codes: []string{written},
				Message: fmt.Sprintf("%s is not a code of ICD-10-PCS %s.", written, edition), Cite: "ICD-10-PCS " + edition})
		case !code.Billable:
			c.add(Finding{Rule: "code-incomplete", Severity: Error, Codes: []string{code.Code},
				Message: code.Code + " needs all seven characters.", Cite: "ICD-10-PCS Guidelines A1"})
		}
		c.procedureDate(p, written)
	}
	if hcpcs != nil {
		c.add(Finding{Rule: "hcpcs-unchecked", Severity: Info, Codes: hcpcs,
			Message: "These have the form of HCPCS codes, as procedures of visits should; whether they exist is not checked.",
			Cite:    "45 CFR 162.1002(a)(5), (c)(1)"})
	}
}

// hcpcsLength is the length of every HCPCS code, level I (CPT) or II; no code of
// ICD-10-PCS is so short.
const hcpcsLength = 5

func (c *checker) procedureDate(p Procedure, written string) {
	if p.Date.IsZero() {
		return
	}
	// Tests and procedures of the three days before admission belong to the
	// stay's claim (42 CFR 412.2(c)(5)), so an earlier date only warns from there on.
	early := !c.enc.Admit.IsZero() && p.Date.Before(c.enc.Admit.AddDate(0, 0, -3))
	late := !c.enc.Discharge.IsZero() && p.Date.After(c.enc.Discharge)
	if early || late {
		c.add(Finding{Rule: "procedure-date", Severity: Error, Codes: []string{written},
			Message: fmt.Sprintf("%s is dated %s, outside the stay.", written, p.Date.Format("2006-01-02")), Cite: "42 CFR 412.2(c)(5)"})
	}
}

// excludes1 finds two codes that a note says never go together
// (Guidelines I.A.12.a). The guideline lets unrelated conditions stand, so the
// person may overrule it with that reason; a note of an older edition only warns.
func (c *checker) excludes1() {
	for i, a := range c.dx {
		for _, b := range c.dx[i+1:] {
			if a.Code.Code == b.Code.Code {
				continue
			}
			note, at, ok := c.excluding(a.Code, b.Code)
			if !ok {
				continue
			}
			severity := Error
			if note.Edition != "" && note.Edition != c.sets.CM.Edition().Name {
				severity = Warning
			}
			c.add(Finding{Rule: "excludes1", Severity: severity, Codes: []string{a.Code.Code, b.Code.Code},
				Message: fmt.Sprintf("Excludes1 at %s: %s. Keep one, or state that the two conditions are unrelated.", at, note.Text),
				Cite:    "ICD-10-CM Guidelines I.A.12.a; note of " + note.Edition})
		}
	}
}

// excluding returns the Excludes1 note of one of the codes that names the other.
func (c *checker) excluding(a, b codeset.Code) (codeset.Note, string, bool) {
	for _, pair := range [][2]codeset.Code{{a, b}, {b, a}} {
		for _, n := range c.sets.CM.Notes(pair[0].Code) {
			if n.Kind == codeset.Excludes1 && names(n, pair[1].Code) && !names(n, pair[0].Code) {
				return n, n.At, true
			}
		}
	}
	return codeset.Note{}, "", false
}

func names(n codeset.Note, code string) bool {
	for _, r := range n.Refs {
		if r.Contains(code) {
			return true
		}
	}
	return false
}

// some lists up to three codes for a message.
func some(codes []codeset.Code) string {
	const most = 3
	var parts []string
	for i, c := range codes {
		if i == most {
			parts = append(parts, "…")
			break
		}
		parts = append(parts, c.Code+" "+c.Title)
	}
	return strings.Join(parts, "; ")
}
