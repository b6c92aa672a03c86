package edits

import (
	"slices"
	"strings"
)

// providers are the roles whose statement establishes a diagnosis: the patient's
// provider, meaning a physician or another practitioner legally accountable for
// the diagnosis (Guidelines, introduction). Interpretations of radiology and
// pathology without the treating provider's confirmation do not, for inpatients
// (III.B).
var providers = []string{
	"attending", "physician", "surgeon", "resident", "hospitalist", "consultant", "emergency physician", "anesthesiologist",
	"nurse practitioner", "physician assistant", "midwife", "psychiatrist", "dentist", "podiatrist", "clinician", "provider",
}

// interpreters are physicians who read images and specimens; their reports are
// coded for outpatients (IV.K), not for inpatients (III.B).
var interpreters = []string{"radiologist", "pathologist", "cardiologist interpreting", "interpreting physician"}

// others are the codes that may rest on other clinicians' notes once the
// provider has stated the diagnosis they belong to (I.B.14).
var others = []string{
	"Z68",            // body mass index
	"R40.2", "R29.7", // coma scale, NIH stroke scale
	"L89", "L97", "L98.4", // stage of a pressure ulcer, depth of another
	"Z55", "Z56", "Z57", "Z58", "Z59", "Z60", "Z61", "Z62", "Z63", "Z64", "Z65", // social determinants of health
	"Y90",   // blood alcohol level
	"Z28.3", // underimmunization status
}

// statements checks, for codes whose caller shows the record, that there are
// words at all and that their author may state a diagnosis (I.A.19, I.B.14).
func (c *checker) statements() {
	for _, d := range c.dx {
		given := c.enc.Dx[d.at].Statements
		if given == nil {
			continue
		}
		c.hasWords(d.Code.Code, given)
		if len(given) > 0 && !c.entitled(d.Code.Code, given) {
			c.add(Finding{Rule: "author-not-entitled", Severity: Error, Codes: []string{d.Code.Code},
				Message: "The words for " + d.Code.Code + " are not the treating provider's; ask the provider or cite their statement.",
				Cite:    "ICD-10-CM Guidelines I.A.19, I.B.14, III.B"})
		}
	}
	for _, p := range c.enc.Px {
		if p.Statements != nil {
			c.hasWords(p.Code, p.Statements)
		}
	}
}

func (c *checker) hasWords(code string, given []Statement) {
	switch {
	case len(given) == 0:
		c.add(Finding{Rule: "no-evidence", Severity: Error, Codes: []string{code},
			Message: "No words of the record are cited for " + code + ".", Cite: "ICD-10-CM Guidelines I.A.19"})
	case !slices.ContainsFunc(given, func(s Statement) bool { return s.Signed }):
		c.add(Finding{Rule: "unsigned", Severity: Warning, Codes: []string{code},
			Message: code + " rests on an unsigned document only.", Cite: "42 CFR 482.24(c)(1)"})
	}
}

func (c *checker) entitled(code string, given []Statement) bool {
	return slices.ContainsFunc(given, func(s Statement) bool { return Entitled(c.enc.Setting, code, s.AuthorRole) })
}

// Entitled reports whether a code may rest on the words of an author of that
// role in that setting. An unknown role ("") is not held against the code: the
// record did not say.
func Entitled(setting Setting, code, role string) bool {
	role = strings.ToLower(strings.TrimSpace(role))
	if role == "" || slices.ContainsFunc(providers, func(p string) bool { return strings.Contains(role, p) }) {
		return !strings.Contains(role, "interpreting")
	}
	if slices.Contains(interpreters, role) && (setting == Outpatient || setting == Professional) {
		return true
	}
	return slices.ContainsFunc(others, func(prefix string) bool { return strings.HasPrefix(code, prefix) })
}
