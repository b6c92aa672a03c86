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

var (
	clinicianRoles = []string{"nurse", "nursing", "rn", "lpn", "dietit", "nutrition", "therapist", "social work", "case manag", "wound", "pharmac", "technician", "aide", "emt", "paramedic", "medic "}
	clinicianTypes = []string{"nurs", "dietit", "nutrition", "therapy note", "social work", "case manag", "wound care"}
	reportRoles    = []string{"radiolog", "patholog", "laborator"}
	reportTypes    = []string{"radiolog", "imaging", "patholog", "cytolog", "laborator"}
)
