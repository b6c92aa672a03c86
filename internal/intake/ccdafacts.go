package intake

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"chartroom/internal/chart"
	"chartroom/wire/ccda"
)

// The code systems of C-CDA, and the names that the chart has for them.
const (
	oidLOINC = "2.16.840.1.113883.6.1"
	oidCPT   = "2.16.840.1.113883.6.12"
)

var systemNames = map[string]string{
	oidLOINC: "http://loinc.org", oidCPT: "http://www.ama-assn.org/go/cpt",
	"2.16.840.1.113883.6.96":   "http://snomed.info/sct",
	"2.16.840.1.113883.6.88":   "http://www.nlm.nih.gov/research/umls/rxnorm",
	"2.16.840.1.113883.6.90":   "http://hl7.org/fhir/sid/icd-10-cm",
	"2.16.840.1.113883.6.3":    "http://hl7.org/fhir/sid/icd-10-cm",
	"2.16.840.1.113883.6.4":    "http://www.cms.gov/Medicare/Coding/ICD10",
	"2.16.840.1.113883.6.103":  "http://hl7.org/fhir/sid/icd-9-cm",
	"2.16.840.1.113883.6.104":  "http://hl7.org/fhir/sid/icd-9-cm-procedure",
	"2.16.840.1.113883.6.285":  "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
	"2.16.840.1.113883.6.69":   "http://hl7.org/fhir/sid/ndc",
	"2.16.840.1.113883.12.292": "http://hl7.org/fhir/sid/cvx",
	"2.16.840.1.113883.4.9":    "http://fdasis.nlm.nih.gov",
}

func systemName(oid string) string {
	if n := systemNames[oid]; n != "" || oid == "" {
		return n
	}
	return "urn:oid:" + oid
}

// ccdaCode picks the code a fact is known by: one of a system that claims are
// coded in before others, else the first.
func ccdaCode(c ccda.CD) (system, code, display string) {
	pick := c
	for _, t := range c.Translations {
		if t.Code != "" && (pick.Code == "" || claimSystem(systemName(t.System)) && !claimSystem(systemName(pick.System))) {
			pick = t
		}
	}
	if pick.Code != "" {
		system = systemName(pick.System)
	}
	return system, pick.Code, cmp.Or(c.Words(), pick.Words())
}

// entry maps one clinical statement.
func (m *ccdaMapping) entry(e *ccda.Entry) {
	if e.Kind == ccda.Payer {
		m.coverage(e)
		return
	}
	f := chart.Fact{Kind: chart.Other, Status: e.Status, Note: e.Note, Flag: e.Flag, Range: e.Range, Value: e.Value}
	f.System, f.Code, f.Display = ccdaCode(e.Code)
	f.Effective, f.Ended = m.at(e.Time.Start()), m.at(e.Time.High)
	f.Author = m.author(e.Performer, "")
	if f.Author == (chart.Author{}) {
		f.Author = m.author(e.Author, "")
	}
	factKind(&f, e)
	if f.Display == "" && f.Code == "" && f.Value == "" {
		return // nothing was said: "no information"
	}
	f.Version = m.version(e, string(f.Kind), f.System, f.Code, f.Display, f.Value, e.Time.Start().String())
	if m.within(e, f) {
		f.Encounter = m.visit.ID
	}
	f.Withdrawn = f.Status == "nullified"
	m.batch.AddFact(f)
}

// factKind says what kind of fact a statement is. What is denied, planned or of a
// relative is none of the patient's facts: it is kept as what it says.
func factKind(f *chart.Fact, e *ccda.Entry) {
	what := f.Display
	switch e.Kind {
	case ccda.Problem:
		f.Kind = chart.Diagnosis
		f.Status = cmp.Or(e.Context, f.Status)
		if e.Context != "" && e.Status != "" {
			f.Status = e.Context + ", " + e.Status
		}
	case ccda.Allergy:
		f.Kind, f.Value = chart.Allergy, strings.Join(e.Reactions, "; ")
	case ccda.Medication:
		f.Kind, f.Value = chart.Medication, e.Dose
	case ccda.Immunization:
		f.Kind, f.Value = chart.Immunization, e.Dose
	case ccda.Result, ccda.VitalSign:
		f.Kind = chart.Result
		if f.Value == "" && e.Null != "" {
			f.Value = "absent: " + e.Null
		}
	case ccda.Procedure:
		f.Kind = chart.Procedure
	case ccda.Planned:
		f.Kind, f.Value = chart.Order, cmp.Or(f.Value, e.Dose)
		if e.Mood != "RQO" {
			f.Kind, f.Display = chart.Other, plannedWord(e.Mood)+": "+what
		}
	case ccda.Visit:
		f.Display = "Encounter: " + what
	case ccda.SocialHistory:
		f.Display = "Social history: " + what
	case ccda.FamilyHistory:
		f.Display = "Family history, " + cmp.Or(e.Subject, "relative") + ": " + what
		return
	case ccda.Payer, ccda.Other:
		f.Display = strings.TrimLeft(sectionName(e.Section)+": "+what, ": ")
	}
	notOfPatient(f, e, what)
}

// notOfPatient keeps what is of another person, not done or denied as what it says.
func notOfPatient(f *chart.Fact, e *ccda.Entry, what string) {
	done := f.Kind == chart.Procedure || f.Kind == chart.Immunization || f.Kind == chart.Medication || f.Kind == chart.Order
	switch {
	case e.Subject != "":
		f.Kind, f.Display = chart.Other, "Of "+e.Subject+": "+what
	case e.Negated && done:
		f.Kind, f.Display = chart.Other, "Not done: "+what
	case e.Negated:
		f.Kind, f.Display = chart.Other, "Denied: "+strings.TrimLeft(sectionName(e.Section)+": "+what, ": ")
	}
}

func plannedWord(mood string) string {
	if mood == "GOL" {
		return "Goal"
	}
	return "Planned"
}

func sectionName(s *ccda.Section) string {
	if s == nil {
		return ""
	}
	return cmp.Or(s.Title, s.Code.Words())
}

// within reports whether a fact belongs to the document's encounter: what it
// names as a diagnosis of it, and what was done or measured while it lasted.
func (m *ccdaMapping) within(e *ccda.Entry, f chart.Fact) bool {
	if m.visit == nil {
		return false
	}
	switch e.Context {
	case "discharge diagnosis", "admission diagnosis", "preoperative diagnosis", "postprocedure diagnosis":
		return true
	}
	switch f.Kind {
	case chart.Procedure, chart.Result, chart.Order:
	default:
		return false
	}
	if f.Effective.IsZero() || m.visit.Start.IsZero() {
		return false
	}
	end := m.visit.End
	if end.IsZero() {
		end = m.visit.Start.Add(24 * time.Hour)
	}
	from := m.visit.Start.Truncate(24 * time.Hour)
	return !f.Effective.Before(from) && f.Effective.Before(end.Add(24*time.Hour))
}

// version heads a fact. Its id is the entry's own; entries of one document that
// carry the same id, as senders do, stay apart.
func (m *ccdaMapping) version(e *ccda.Entry, parts ...string) chart.Version {
	name := append([]string{m.record, m.docID}, parts...)
	if len(e.IDs) > 0 {
		name = []string{m.record, string(e.Kind), e.IDs[0].Root, e.IDs[0].Extension}
	}
	if m.seen == nil {
		m.seen = map[string]int{}
	}
	key := strings.Join(name, "\x00")
	m.seen[key]++
	if n := m.seen[key]; n > 1 {
		name = append(name, strconv.Itoa(n))
	}
	return chart.Version{
		ID: m.s.stableID("entry", name...), Record: m.record,
		Source: chart.Source{Message: m.x.id, Path: entryPath(e)},
	}
}

// entryPath is where an entry stands: its path, and which bytes of the message it
// has where these are of the document's own character set.
func entryPath(e *ccda.Entry) string {
	path := e.Path()
	if start, length, ok := e.Span(); ok {
		path += "#" + strconv.Itoa(start) + "+" + strconv.Itoa(length)
	}
	return path
}

func (m *ccdaMapping) coverage(e *ccda.Entry) {
	payer := cmp.Or(e.Code.Original, e.Code.Words())
	if payer == "" && e.Member == "" {
		return
	}
	c := chart.Coverage{
		Version: m.version(e, "coverage", payer, e.Member, e.Group), Payer: payer, Plan: cmp.Or(e.Plan, e.Code.Display),
		Member: e.Member, Group: e.Group, From: dateOf(e.Time.Low), To: dateOf(e.Time.High), Relationship: e.Relationship,
	}
	if n, err := strconv.Atoi(e.Priority); err == nil && n > 0 && n < 10 {
		c.Priority = n
	}
	m.batch.AddCoverage(c)
}
