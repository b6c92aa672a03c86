package coder

import "strings"

// author is what the writer of a document may state.
type author struct {
	diagnoses bool // a provider: physician, nurse practitioner, physician assistant …
	clinician bool // nurse, dietitian, therapist: the exceptions of I.B.14 only
}

// authorOf reads role and type. An unnamed author is taken for a provider. The
// reports of radiology and pathology state findings; inpatient they are not the
// attending's diagnosis (Guidelines III.B), outpatient they may be coded (IV.K).
func authorOf(d Document) author {
	role := strings.ToLower(d.AuthorRole)
	kind := strings.ToLower(d.Type)
	for _, r := range clinicianRoles {
		if strings.Contains(role, r) && !strings.Contains(role, "practitioner") {
			return author{clinician: true}
		}
	}
	if role == "" {
		for _, r := range clinicianTypes {
			if strings.Contains(kind, r) && !strings.Contains(kind, "home") && !strings.Contains(kind, "facility") {
				return author{clinician: true}
			}
		}
	}
	for _, r := range reportRoles {
		if strings.Contains(role, r) {
			return author{}
		}
	}
	if role == "" || strings.Contains(role, "physician") || strings.Contains(role, "provider") {
		for _, r := range reportTypes {
			if strings.Contains(kind, r) {
				return author{}
			}
		}
	}
	return author{diagnoses: true, clinician: true}
}

// states reports whether a document says what the patient has or had done. A
// consent says what may come to pass: a risk explained is no condition, and an
// operation agreed to is not one performed.
func states(d Document) bool {
	kind := strings.ToLower(d.Type)
	return !strings.Contains(kind, "consent") && !strings.Contains(kind, "authorization")
}

var (
	clinicianRoles = []string{"nurse", "nursing", "rn", "lpn", "dietit", "nutrition", "therapist", "social work", "case manag", "wound", "pharmac", "technician", "aide", "emt", "paramedic", "medic "}
	clinicianTypes = []string{"nurs", "dietit", "nutrition", "therapy note", "social work", "case manag", "wound care"}
	reportRoles    = []string{"radiolog", "patholog", "laborator"}
	reportTypes    = []string{"radiolog", "imaging", "patholog", "cytolog", "laborator"}
)
