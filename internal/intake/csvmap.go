package intake

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/identity"
)

// csvMapping turns rows into facts.
type csvMapping struct {
	s       *Service
	part    *csvPart
	batch   chart.Batch
	done    chart.Stored
	inBatch map[string]bool   // records whose registration is in the batch
	known   map[string]string // record number -> record
	seen    map[string]int
}

// row maps one row. Its error is a *refusal whose path is the column, or a fault
// of the store.
func (m *csvMapping) row(ctx context.Context, tx *gate.Tx, row *csvRow) error {
	number := row.cells["record_number"]
	if number == "" {
		return &refusal{path: "record_number", why: whyEmpty}
	}
	key := identity.Key{Kind: "MR", Assigner: cmp.Or(row.cells["assigner"], m.part.source), Value: number}
	if m.part.list.kind.name == "patients" {
		return m.patient(ctx, tx, row, key)
	}
	name := key.Assigner + "\x00" + key.Value
	record := m.known[name]
	if record == "" {
		var err error
		if record, err = m.s.identity.RecordOf(ctx, tx, []identity.Key{key}); err != nil {
			return err
		}
		if record == "" {
			return &refusal{path: "record_number", why: "no record has this number by this assigner"}
		}
		m.known[name] = record
	}
	c := cells{row: row, zone: m.s.config.Zone}
	v := chart.Version{Record: record, Source: chart.Source{Message: m.part.id, Path: row.path}}
	switch m.part.list.kind.name {
	case "encounters":
		return m.encounter(ctx, tx, &c, v, key.Assigner)
	case "coverage":
		return m.coverage(&c, v)
	}
	if visit := c.text("encounter"); visit != "" {
		id, err := m.s.chart.EncounterByNumber(ctx, tx, record, visit)
		if errors.Is(err, chart.ErrNotFound) {
			return &refusal{path: "encounter", why: "the record has no encounter of this number"}
		}
		if err != nil {
			return err
		}
		v.Encounter = id
	}
	if m.part.list.kind.name == "documents" {
		return m.document(&c, v)
	}
	return m.fact(&c, v)
}

// id names a fact by the list's own id for it, or by what it says; what stands
// twice in one part is two facts.
func (m *csvMapping) id(c *cells, v chart.Version, parts ...string) string {
	name := append([]string{m.part.list.kind.name, v.Record, v.Encounter}, parts...)
	if own := c.text("id"); own != "" {
		name = []string{m.part.list.kind.name, v.Record, "id", own}
	}
	if m.seen == nil {
		m.seen = map[string]int{}
	}
	key := strings.Join(name, "\x00")
	m.seen[key]++
	if n := m.seen[key]; n > 1 {
		name = append(name, itoa(n))
	}
	return m.s.stableID("csv", name...)
}

func (m *csvMapping) patient(ctx context.Context, tx *gate.Tx, row *csvRow, key identity.Key) error {
	c := cells{row: row, zone: m.s.config.Zone}
	p := chart.Patient{
		Name: chart.Name{
			Family: c.text("family"), Given: c.text("given"), Middle: c.text("middle"), Prefix: c.text("prefix"), Suffix: c.text("suffix"),
		},
		BirthDate: c.partialDate("birth_date"), Sex: c.sex(), Deceased: c.partialDate("deceased"),
	}
	switch {
	case c.bad != nil:
		return c.bad
	case p.Name.Family == "":
		return &refusal{path: "family", why: whyEmpty}
	}
	before, err := m.s.identity.RecordOf(ctx, tx, []identity.Key{key})
	if err != nil {
		return err
	}
	if before != "" {
		if m.inBatch[before] {
			if err := m.flush(ctx, tx); err != nil {
				return err
			}
		}
		other, err := m.s.overlays(ctx, tx, before, incoming{name: p.Name, birth: p.BirthDate})
		if err != nil {
			return err
		}
		if other {
			return &refusal{path: "record_number", why: whyOtherPatient}
		}
	}
	record, known, err := m.s.recordFor(ctx, tx, []identity.Key{key}, m.part.id)
	if err != nil {
		return err
	}
	now := chart.Patient{}
	if known {
		if now, err = m.s.chart.KnownPatient(ctx, tx, record); err != nil {
			return err
		}
	}
	overlayRow(&now, p, &c, key)
	now.Version = chart.Version{Record: record, Source: chart.Source{Message: m.part.id, Path: row.path}}
	m.inBatch[record] = true
	m.batch.AddPatient(now)
	return nil
}

// overlayRow puts what a row says over what is known: an empty cell changes
// nothing.
func overlayRow(now *chart.Patient, row chart.Patient, c *cells, key identity.Key) {
	set := func(to *string, value string) {
		if value != "" {
			*to = value
		}
	}
	if row.Name != (chart.Name{}) {
		now.Name = row.Name
	}
	set(&now.BirthDate, row.BirthDate)
	set(&now.Sex, row.Sex)
	set(&now.Deceased, row.Deceased)
	set(&now.Email, c.text("email"))
	set(&now.Language, c.text("language"))
	set(&now.Race, c.text("race"))
	set(&now.Ethnicity, c.text("ethnicity"))
	set(&now.Marital, c.text("marital"))
	now.Sex = cmp.Or(now.Sex, "unknown")
	a := chart.Address{City: c.text("city"), State: c.text("state"), Postcode: c.text("postcode"), Country: c.text("country")}
	if street := c.text("street"); street != "" {
		a.Line = strings.Split(street, "\n")
	}
	if len(a.Line) > 0 || a.City != "" || a.Postcode != "" {
		now.Address = []chart.Address{a}
	}
	if phone := c.text("phone"); phone != "" {
		now.Phones = []string{phone}
	}
	for _, id := range []chart.Identifier{
		{Kind: key.Kind, Assigner: key.Assigner, Value: key.Value}, {Kind: "SS", Value: c.text("ssn")},
	} {
		have := false
		for _, n := range now.Identifiers {
			have = have || n == id
		}
		if id.Value != "" && !have {
			now.Identifiers = append(now.Identifiers, id)
		}
	}
}

func (m *csvMapping) encounter(ctx context.Context, tx *gate.Tx, c *cells, v chart.Version, assigner string) error {
	number := c.text("encounter")
	if number == "" {
		return &refusal{path: "encounter", why: whyEmpty}
	}
	e := chart.Encounter{
		Number: number, Setting: c.setting(), Status: c.oneOf("status", planned, inProgress, finished, cancelled),
		Unit: c.text("unit"), Service: c.text("service"), Start: c.time("start"), End: c.time("end"), Zone: m.s.config.Zone.String(),
		Disposition: c.disposition(), ReasonText: c.text("reason"),
	}
	if id, name := c.text("attending_id"), c.text("attending"); id != "" || name != "" {
		e.Attending = chart.Author{ID: id, Name: name, Role: "attending"}
	}
	switch {
	case c.bad != nil:
		return c.bad
	case e.Start.IsZero() && e.Status != planned:
		return &refusal{path: "start", why: whyEmpty}
	case !e.End.IsZero() && e.End.Before(e.Start):
		return &refusal{path: "end", why: "it lies before the start"}
	case e.Status == "" && !e.End.IsZero():
		e.Status = finished
	case e.Status == "":
		e.Status = inProgress
	}
	id, err := m.s.chart.EncounterByNumber(ctx, tx, v.Record, number)
	if errors.Is(err, chart.ErrNotFound) {
		id, err = m.s.stableID("visit", assigner, number), nil
		known, lookErr := m.s.chart.KnownEncounter(ctx, tx, id)
		if lookErr != nil {
			return lookErr
		}
		if known != nil { // another patient's
			id = m.s.stableID("visit", v.Record, assigner, number)
		}
	}
	if err != nil {
		return err
	}
	v.ID = id
	e.Version = v
	m.batch.AddEncounter(e)
	return nil
}

func (m *csvMapping) coverage(c *cells, v chart.Version) error {
	out := chart.Coverage{
		Payer: c.text("payer"), Plan: c.text("plan"), Member: c.text("member"), Group: c.text("group"),
		From: c.date("from"), To: c.date("to"), Relationship: c.text("relationship"),
	}
	if p := c.text("priority"); p != "" {
		n, err := strconv.Atoi(p)
		if err != nil || n < 1 || n > 9 {
			return &refusal{path: "priority", why: "it is not a number from 1 to 9"}
		}
		out.Priority = n
	}
	switch {
	case c.bad != nil:
		return c.bad
	case out.Payer == "":
		return &refusal{path: "payer", why: whyEmpty}
	case out.From != "" && out.To != "" && out.To < out.From:
		return &refusal{path: "to", why: "it lies before the first day"}
	}
	v.ID = m.id(c, v, out.Payer, out.Plan, out.Member, out.Group)
	out.Version = v
	m.batch.AddCoverage(out)
	return nil
}

func (m *csvMapping) document(c *cells, v chart.Version) error {
	kind := strings.ToLower(c.text("type"))
	d := chart.Document{
		Type: cmp.Or(documentType(kind), kind, "note"), Title: cmp.Or(c.text("title"), c.text("type"), "Note"),
		Author:    chart.Author{ID: c.text("author_id"), Name: c.text("author"), Role: strings.ToLower(c.text("author_role"))},
		WrittenAt: c.time("date"), Signed: c.yes("signed"), SignedAt: c.time("signed_at"), MediaType: plainText, Text: c.text("text") + "\n",
	}
	switch {
	case c.bad != nil:
		return c.bad
	case c.text("text") == "":
		return &refusal{path: "text", why: whyEmpty}
	case len(d.Text) > chart.MaxText:
		return &refusal{path: "text", why: "it is larger than a text may be"}
	}
	if !d.SignedAt.IsZero() {
		d.Signed = true
	}
	v.ID = m.id(c, v, d.Type, d.Title, d.Author.ID, d.Author.Name, c.text("date"))
	d.Version = v
	m.batch.AddDocument(d)
	return nil
}

// fact maps a row of one of the clinical lists.
func (m *csvMapping) fact(c *cells, v chart.Version) error {
	f := chart.Fact{
		System: c.text("system"), Status: c.text("status"), Note: c.text("note"), Effective: c.time("date"),
		Author: chart.Author{ID: c.text("author_id"), Name: c.text("author")},
	}
	what := ""
	switch m.part.list.kind.name {
	case "diagnoses":
		what, f.Kind, f.Flag, f.Ended = "diagnosis", chart.Diagnosis, strings.ToUpper(c.text("poa")), c.time("resolved")
		if f.System == "" && c.text("diagnosis_code") != "" {
			f.System = "I10"
		}
		if c.text("rank") == "1" {
			f.Value = "principal"
		}
	case "procedures":
		what, f.Kind = "procedure", chart.Procedure
		if c.text("rank") == "1" {
			f.Value = "principal"
		}
	case "medications":
		what, f.Kind = "medication", chart.Medication
		f.Value = strings.Join(strings.Fields(c.text("dose")+" "+c.text("route")+" "+c.text("frequency")), " ")
		if start := c.time("start"); !start.IsZero() {
			f.Effective = start
		}
		f.Ended = c.time("end")
	case "allergies":
		what, f.Kind, f.Value, f.Flag = "allergy", chart.Allergy, c.text("reaction"), c.text("severity")
	case "results":
		what, f.Kind, f.Range, f.Flag = "test", chart.Result, c.text("range"), c.text("flag")
		f.Value = strings.TrimSpace(c.text("value") + " " + c.text("unit"))
		f.Note = chart.WithOrder(f.Note, c.text("order_number"))
	}
	f.Code = c.text(what + "_code")
	f.Display = cmp.Or(c.text(what), f.Code)
	switch {
	case c.bad != nil:
		return c.bad
	case f.Display == "":
		return &refusal{path: what, why: whyEmpty}
	case f.Kind == chart.Result && c.text("value") == "":
		return &refusal{path: "value", why: whyEmpty}
	}
	v.ID = m.id(c, v, f.System, f.Code, f.Display, c.text("date"), c.text("start"))
	f.Version = v
	m.batch.AddFact(f)
	return nil
}

// cells reads the cells of a row; the first that cannot be read is bad.
type cells struct {
	row  *csvRow
	zone *time.Location
	bad  error
}

func (c *cells) text(column string) string { return c.row.cells[column] }

func (c *cells) refuse(column, why string) {
	if c.bad == nil {
		c.bad = &refusal{path: column, why: why}
	}
}

// whyEmpty is the reason of a cell that a row cannot do without.
const whyEmpty = "it is empty"

// whyDate is the reason of a cell that is no date.
const whyDate = "it is not a date that there is: YYYY-MM-DD, YYYYMMDD or MM/DD/YYYY, with a time HH:MM or HH:MM:SS where one is known"

var dayLayouts = []string{"2006-01-02", "20060102", "01/02/2006", "1/2/2006"}

// time reads a date with or without a time.
func (c *cells) time(column string) time.Time {
	value := c.text(column)
	if value == "" {
		return time.Time{}
	}
	if t, err := time.Parse(time.RFC3339, value); err == nil {
		return t
	}
	for _, day := range dayLayouts {
		for _, clock := range []string{"", " 15:04", " 15:04:05", "T15:04", "T15:04:05"} {
			if t, err := time.ParseInLocation(day+clock, value, c.zone); err == nil {
				return t
			}
		}
	}
	c.refuse(column, whyDate)
	return time.Time{}
}

// date reads a day.
func (c *cells) date(column string) string {
	if t := c.time(column); !t.IsZero() {
		return t.Format("2006-01-02")
	}
	return ""
}

// partialDate reads a day, or as much of it as is known.
func (c *cells) partialDate(column string) string {
	value := c.text(column)
	for _, layout := range []string{"2006", "2006-01"} {
		if _, err := time.Parse(layout, value); err == nil {
			return value
		}
	}
	return c.date(column)
}

func (c *cells) sex() string {
	switch v := strings.ToLower(c.text("sex")); v {
	case "":
		return ""
	case "f", "female", "w", "woman":
		return "female"
	case "m", "male", "man":
		return "male"
	case "o", "other", "x", "nonbinary":
		return "other"
	case "u", "unknown":
		return "unknown"
	}
	c.refuse("sex", "it is none of female, male, other, unknown")
	return ""
}

func (c *cells) setting() chart.Setting {
	v := strings.ReplaceAll(strings.ReplaceAll(strings.ToLower(c.text("setting")), " ", "_"), "-", "_")
	switch v {
	case "", "o", "outpatient", "ambulatory":
		return chart.Outpatient
	case "i", "inpatient":
		return chart.Inpatient
	case "e", "emergency", "ed":
		return chart.Emergency
	case "professional", "office":
		return chart.Professional
	case "nursing_facility", "snf":
		return chart.NursingFacility
	}
	c.refuse("setting", "it is none of inpatient, outpatient, emergency, professional, nursing_facility")
	return ""
}

func (c *cells) oneOf(column string, values ...string) string {
	v := strings.ReplaceAll(strings.ToLower(c.text(column)), " ", "-")
	if v == "" {
		return ""
	}
	if slices.Contains(values, v) {
		return v
	}
	c.refuse(column, "it is none of "+strings.Join(values, ", "))
	return ""
}

// disposition reads a patient discharge status (UB-04 FL 17): two digits.
func (c *cells) disposition() string {
	v := c.text("disposition")
	if v == "" {
		return ""
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > 99 {
		c.refuse("disposition", "it is not a patient discharge status of two digits (UB-04 FL 17)")
		return ""
	}
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

func (c *cells) yes(column string) bool {
	switch strings.ToLower(c.text(column)) {
	case "yes", "y", "true", "1":
		return true
	case "", "no", "n", "false", "0":
		return false
	}
	c.refuse(column, "it is neither yes nor no")
	return false
}
