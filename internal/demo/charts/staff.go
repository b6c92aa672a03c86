package charts

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"chartroom/internal/masters"
)

// Member is somebody who works at the invented hospital. The department's
// people (technicians, coders, …) have a Login; clinicians who only write in
// charts may have none.
type Member struct {
	Login       string // "" if the person does not sign in to Chartroom
	Name        string
	Credentials []Credential
	Roles       []string // technician, coder, …, or a clinician's role in documents
	Specialty   string   // clinicians: specialty; others: desk
	NPI         string   // clinicians who may bill
	Privileges  []string // what a supervisor has granted beyond the role
}

// Credential is a certification with the day it lapses; Expires is zero for a
// licence whose renewal is kept by the medical staff office.
type Credential struct {
	Name    string // RHIT, CCS, ODS-C, …
	Number  string
	Expires time.Time
}

// DepartmentRoles are the roles of people who sign in, one at least of each.
func DepartmentRoles() []string {
	return []string{
		"technician", "coder", "cdi", "biller", "registrar", "identity", "release",
		"clinician", "supervisor", "privacy", "auditor", "researcher", "administrator",
	}
}

// Staff returns the people of the hospital in the order of the file.
func Staff() ([]Member, error) {
	text, err := data.ReadFile("data/staff.txt")
	if err != nil {
		return nil, fmt.Errorf("charts: %w", err)
	}
	return ParseStaff("staff.txt", string(text))
}

// ParseStaff reads a staff list: one person a line, seven columns divided by
// "|" (login, name, roles, desk or specialty, NPI, credentials, privileges),
// "-" for none, comma between several.
func ParseStaff(name, text string) ([]Member, error) {
	p := &parser{file: name}
	var out []Member
	for i, l := range strings.Split(text, "\n") {
		l = strings.TrimSpace(l)
		if l == "" || l[0] == '#' {
			continue
		}
		if f, ok := p.columns(i+1, l, 7); ok {
			out = append(out, p.member(i+1, f))
		}
	}
	if len(p.errs) > 0 {
		return nil, errors.Join(p.errs...)
	}
	return out, nil
}

func (p *parser) member(number int, f []string) Member {
	for i := range f {
		if f[i] == "-" {
			f[i] = ""
		}
	}
	m := Member{Login: f[0], Name: f[1], Roles: list(f[2]), Specialty: f[3], NPI: f[4], Privileges: list(f[6])}
	if m.Name == "" || len(m.Roles) == 0 {
		p.failf(number, "name or role is missing")
	}
	if m.NPI != "" && !masters.ValidNPI(m.NPI) {
		p.failf(number, "the NPI has a wrong check digit")
	}
	for _, c := range list(f[5]) {
		m.Credentials = append(m.Credentials, p.credential(number, c))
	}
	return m
}

// credential reads "RHIT 555-0101 2027-03-31" or "MD".
func (p *parser) credential(number int, text string) Credential {
	w := strings.Fields(text)
	switch len(w) {
	case 1:
		return Credential{Name: w[0]}
	case 3:
		return Credential{Name: w[0], Number: w[1], Expires: p.time(number, dayLayout, w[2])}
	}
	p.failf(number, "a credential is NAME or NAME NUMBER EXPIRY")
	return Credential{}
}

func list(text string) []string {
	if text == "" {
		return nil
	}
	parts := strings.Split(text, ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}
