package access

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Role is what somebody works as. The policy gives roles their rights.
type Role string

// The roles of the department.
const (
	Technician    Role = "technician"    // health information technician
	Coder         Role = "coder"         // clinical coder
	CDI           Role = "cdi"           // clinical documentation integrity specialist
	Biller        Role = "biller"        // patient financial services
	Registrar     Role = "registrar"     // cancer registrar
	Identity      Role = "identity"      // patient index
	Release       Role = "release"       // release of information
	Clinician     Role = "clinician"     // treats patients
	Supervisor    Role = "supervisor"    // leads the department's work
	Privacy       Role = "privacy"       // privacy officer
	Auditor       Role = "auditor"       // examines coding and access
	Researcher    Role = "researcher"    // works on de-identified data
	Administrator Role = "administrator" // people, settings, the system; no patient data

	// ProgramRole is what a program with an API token without a role acts as.
	ProgramRole Role = "program"
)

// Roles gives the roles a person may have, in the order the department lists them.
func Roles() []Role {
	return []Role{
		Technician, Coder, CDI, Biller, Registrar, Identity, Release, Clinician,
		Supervisor, Privacy, Auditor, Researcher, Administrator,
	}
}

// ParseRole reads the name of a role.
func ParseRole(name string) (Role, error) {
	if r := Role(name); slices.Contains(Roles(), r) {
		return r, nil
	}
	return "", fmt.Errorf("access: there is no role %q; the roles are %s", name, strings.Trim(fmt.Sprint(Roles()), "[]"))
}

// Privilege is a right that takes more than a role.
type Privilege string

// The privileges.
const (
	FinalCoding      Privilege = "final-coding"      // make codes final, reopen them
	ProvisionalFinal Privilege = "provisional-final" // make codes of another edition than the date's final
	Audit            Privilege = "audit"             // audit others' coding
	Merge            Privilege = "merge"             // link and unlink records
	Certify          Privilege = "certify"           // certify a copy of the record
	ReleasePart2     Privilege = "release-part2"     // release substance use disorder records
	RegistryAbstract Privilege = "registry-abstract" // complete cancer abstracts
	Part2            Privilege = "part2"             // work on substance use disorder records
	Psychotherapy    Privilege = "psychotherapy"     // work on psychotherapy notes
	VIP              Privilege = "vip"               // work on records under special protection
)

// Privileges gives all privileges.
func Privileges() []Privilege {
	return []Privilege{
		FinalCoding, ProvisionalFinal, Audit, Merge, Certify, ReleasePart2, RegistryAbstract, Part2, Psychotherapy, VIP,
	}
}

// NeedsCredential says whether the privilege rests on a professional credential.
// The others rest on the supervisor's word alone.
func (p Privilege) NeedsCredential() bool {
	switch p {
	case Part2, Psychotherapy, VIP:
		return false
	default:
		return true
	}
}

// Credential is a professional credential of a member of staff.
type Credential struct {
	ID      string
	Staff   string
	Kind    string // "RHIT", "RHIA", "CCS", "CPC", "ODS" …
	Number  string
	Issuer  string // "AHIMA", "AAPC", "NCRA" …
	Issued  string // YYYY-MM-DD, or ""
	Expires string // YYYY-MM-DD, the last day it counts; "" where it does not expire
	Hours   int    // continuing-education hours earned in the present cycle
	Needed  int    // hours the cycle asks for; 0 where it asks for none
}

// ValidOn says whether the credential counts on the given day (YYYY-MM-DD).
func (c Credential) ValidOn(day string) bool { return c.Expires == "" || day <= c.Expires }

// dayOf is the calendar day on which a privilege is judged: UTC, as the log keeps it.
func dayOf(t time.Time) string { return t.UTC().Format(time.DateOnly) }
