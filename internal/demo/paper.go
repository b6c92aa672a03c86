package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"chartroom/internal/chart"
	"chartroom/internal/demo/charts"
	"chartroom/internal/gate"
	"chartroom/internal/incoming"
)

// Who indexes scans in the demo, and who finds in the evening what was misfiled.
const (
	indexer = "tpelletier"
	evening = "dwinslade"
)

// slip is one invented scan: who it is of, and what stands on its pages.
type slip struct {
	name  string // of the file; it names nobody
	pages []sheet
	image string // "png" or "tiff": a picture of the first page, without a text layer
}

// sheet is one page of invented paper.
type sheet struct {
	chart   string // whose: the beginning of a chart's id; "" a page that names nobody
	number  string // chart whose record number stands on it instead
	head    string // what the paper is
	on      int    // day of the stay that is written on it, 1 the first; 0 none
	author  string
	lines   []string
	upside  bool // it went into the scanner upside down
	unnamed bool // neither number nor birth date is on it: the name alone
}

// slips are the scans that wait at the incoming desk of the demo.
func slips() []slip {
	return []slip{
		{name: "scanner-2 0001.pdf", pages: []sheet{
			{chart: "c06", head: "Informed consent to operation", on: 2, author: "Marguerite Tolland, MD", lines: []string{
				"I consent to cemented hemiarthroplasty of the right hip under spinal anesthesia.",
				"Risks explained: bleeding, infection, dislocation, clot. Questions answered.", "Signed by patient and by witness."}},
			{},
		}},
		{name: "scanner-2 0002.pdf", pages: []sheet{
			{chart: "c07", head: "Anesthesia record", on: 2, author: "Quentin Abara, MD", lines: []string{
				"General anesthesia, endotracheal. ASA 2. Induction 09:05, emergence 10:40.", "No events. Awake and comfortable in recovery."}},
			{head: "continued", lines: []string{"Vital signs every five minutes: see grid.", "Total fluids 1,400 mL. Blood loss minimal."}},
		}},
		{name: "scanner-2 0003.pdf", pages: []sheet{
			{chart: "c02", head: "Progress note", on: 4, author: "Emeka Vandermolen, MD", upside: true, lines: []string{
				"Breathing easier, weight down two kilograms since admission.", "Continue furosemide by vein, potassium tomorrow."}},
		}},
		{name: "fax 1 of 2.pdf", pages: []sheet{
			{chart: "c09", head: "Consultation", on: 3, author: "Lin Sorrento, MD", lines: []string{
				"Asked to see for speech and right arm. Recommend swallow study before any food."}},
			{head: "continued", lines: []string{"Plan discussed with the family at the bedside."}},
			{chart: "c13", head: "Pathology report", on: 4, author: "Delphine Marchetti, MD", lines: []string{
				"Segment of colon, received in formalin. See synoptic table.", "Margins free."}},
		}},
		{name: "fax 2 of 2.pdf", pages: []sheet{
			{chart: "c05", number: "c03", head: "Radiology report", on: 2, author: "Rowan Teague, MD", lines: []string{
				"Chest, one view. Heart size at the upper limit. No effusion.", "The number on this sheet was stamped by hand."}},
		}},
		{name: "registration desk card.png", image: "png", pages: []sheet{
			{chart: "k01", head: "Insurance card", on: 1, lines: []string{"Harborlight Mutual", "Member ID 9XX6 ZZ0", "RxBIN 555010"}},
		}},
		{name: "mail room.tif", image: "tiff", pages: []sheet{
			{chart: "n01", head: "Correspondence", on: 3, unnamed: true, lines: []string{
				"Dear Medical Records,", "please add the enclosed advance directive to the chart.", "With thanks, the family"}},
		}},
		{name: "outside hospital.pdf", pages: []sheet{
			{chart: "c08", head: "Laboratory report", on: 2, author: "Delphine Marchetti, MD", lines: []string{
				"White cells 14.2, hemoglobin 13.6, platelets 244.", "Sodium 138, potassium 4.1, creatinine 0.9."}},
			{head: "continued", lines: []string{"Reference values overleaf."}},
		}},
	}
}

// misfiled are scans that were indexed to the wrong patient: of is whose they are,
// under whose chart they were filed. The second was found and moved.
var misfiled = []struct {
	of, under string
	moved     bool
	scan      slip
}{
	{"p05", "p13", false, slip{name: "scanner-1 0118.pdf", pages: []sheet{{chart: "p05", head: "Authorization to release information", on: 3,
		lines: []string{"I authorize release of my record to my family physician.", "Signed by the patient."}}}}},
	{"p10", "p04", true, slip{name: "scanner-1 0121.pdf", pages: []sheet{{chart: "p10", head: "Authorization to release information", on: 4,
		lines: []string{"I authorize release of my record to the occupational health service.", "Signed by the patient."}}}}},
}

// paper fills the incoming desk: scans to index, misfiles, volumes of paper, a
// discharge list held against the records.
func (l *loader) paper(ctx context.Context, all []charts.Chart) error {
	for _, s := range slips() {
		if err := l.scanIn(ctx, s, all); err != nil {
			return err
		}
	}
	for i := range misfiled {
		if err := l.misfile(ctx, i, all); err != nil {
			return fmt.Errorf("demo: misfile: %w", err)
		}
	}
	if err := l.volumes(ctx, all); err != nil {
		return fmt.Errorf("demo: paper volumes: %w", err)
	}
	if err := l.discharges(ctx, all); err != nil {
		return fmt.Errorf("demo: discharge list: %w", err)
	}
	return nil
}

// scanIn sends a scan the way the scanners do.
func (l *loader) scanIn(ctx context.Context, s slip, all []charts.Chart) error {
	raw, err := s.draw(all)
	if err != nil {
		return fmt.Errorf("demo: %s: %w", s.name, err)
	}
	result, err := l.doors.Intake.Receive(ctx, sender(), s.name, bytes.NewReader(raw))
	if err != nil {
		return fmt.Errorf("demo: %s: %w", s.name, err)
	}
	if result.Rejected > 0 {
		return fmt.Errorf("demo: %s: %s", s.name, result.Rejections[0].Reason)
	}
	return nil
}

func chartOf(all []charts.Chart, short string) (charts.Chart, error) {
	i := slices.IndexFunc(all, func(c charts.Chart) bool { return strings.HasPrefix(c.ID, short) })
	if i < 0 {
		return charts.Chart{}, fmt.Errorf("there is no chart %s", short)
	}
	return all[i], nil
}

// visitOf finds the encounter of a chart as it arrived.
func (l *loader) visitOf(ctx context.Context, actor gate.Actor, all []charts.Chart, short string) (chart.Encounter, error) {
	c, err := chartOf(all, short)
	if err != nil {
		return chart.Encounter{}, err
	}
	return l.stay(ctx, actor, c.Encounter.Number)
}

// misfile indexes a scan under the wrong chart, as somebody in a hurry does, and
// moves it where that was found.
func (l *loader) misfile(ctx context.Context, i int, all []charts.Chart) error {
	m := misfiled[i]
	if err := l.scanIn(ctx, m.scan, all); err != nil {
		return err
	}
	clerk, finder := l.staff[indexer].Actor(), l.staff[evening].Actor()
	waiting, err := l.doors.Incoming.Waiting(ctx, clerk, "")
	if err != nil {
		return err
	}
	at := slices.IndexFunc(waiting.Rows, func(w incoming.Waiting) bool { return w.Scan.Name == m.scan.name })
	if at < 0 {
		return errors.New("the scan did not arrive")
	}
	under, err := l.visitOf(ctx, clerk, all, m.under)
	if err != nil {
		return err
	}
	whose, err := chartOf(all, m.of)
	if err != nil {
		return err
	}
	done, err := l.doors.Incoming.Index(ctx, clerk, incoming.Indexing{
		Pages: []incoming.PageRef{{Scan: waiting.Rows[at].Scan.ID, Page: 1}}, Record: under.Record, Encounter: under.ID, Type: "authorization",
		Date: m.scan.pages[0].dayOf(whose).Format("2006-01-02"), Signed: true, Confirm: "Read from the cover sheet",
	})
	if err != nil || !m.moved {
		return err
	}
	of, err := l.visitOf(ctx, finder, all, m.of)
	if err != nil {
		return err
	}
	_, err = l.doors.Incoming.Move(ctx, finder, incoming.Moving{
		Document: done.Document, Number: done.Version, Record: of.Record, Encounter: of.ID, Reason: incoming.MoveReasons()[0],
		Note: "The cover sheet of the next batch lay on it",
	})
	return err
}

// volumes registers paper: two volumes are out, one of them since too long.
func (l *loader) volumes(ctx context.Context, all []charts.Chart) error {
	clerk := l.staff[indexer].Actor()
	for _, v := range []struct{ chart, contents, place, to, what, due string }{
		{"c06", "2009 to 2014, inpatient", "Basement, shelf 12 B", "Marguerite Tolland, MD", "orthopedic clinic", "2026-09-25"},
		{"c02", "2011 to 2015, inpatient and clinic", "Basement, shelf 3 A", "Coding audit", "re-abstraction", "2027-01-29"},
		{"c13", "1998 to 2014", "Basement, shelf 7 C", "", "", ""},
	} {
		visit, err := l.visitOf(ctx, clerk, all, v.chart)
		if err != nil {
			return err
		}
		made, err := l.doors.Incoming.AddVolume(ctx, clerk, visit.Record, v.contents, v.place)
		if err != nil {
			return err
		}
		if v.to == "" {
			if _, err = l.doors.Incoming.Ask(ctx, clerk, made.ID, made.Version, "Cancer registry", "casefinding before 2015"); err != nil {
				return err
			}
			continue
		}
		if _, err := l.doors.Incoming.SignOut(ctx, clerk, made.ID, made.Version, v.to, v.what, v.due); err != nil {
			return err
		}
	}
	return nil
}

// The days of the discharge list that the demo holds against its records.
const (
	listFrom = "2026-09-09"
	listTo   = "2026-09-17"
)

// discharges brings a discharge list that differs from the records: one line of
// somebody who was never registered, one with another day, and one stay that the
// list leaves out.
func (l *loader) discharges(ctx context.Context, all []charts.Chart) error {
	var lines []incoming.Discharge
	for _, c := range all {
		for _, e := range c.Encounters() {
			day := e.Discharge.Format("2006-01-02")
			if e.Category != charts.Inpatient || day < listFrom || day > listTo {
				continue
			}
			lines = append(lines, incoming.Discharge{
				Account: e.Number, MRN: c.Patient.MRN, Name: c.Patient.Family + ", " + c.Patient.Given, Day: day, Unit: e.Unit,
			})
		}
	}
	if len(lines) < 4 {
		return fmt.Errorf("only %d stays ended on the days of the list", len(lines))
	}
	slices.SortFunc(lines, func(a, b incoming.Discharge) int { return strings.Compare(a.Day+a.Account, b.Day+b.Account) })
	lines = slices.Delete(lines, 1, 2)
	lines[1].Day = listTo
	lines = append(lines, incoming.Discharge{Account: "E26-099999", MRN: "MB0099990", Name: "Nightingale, Orson", Day: listTo, Unit: "4 West Medicine"})
	_, err := l.doors.Incoming.Reconcile(ctx, l.staff[indexer].Actor(), lines, 0)
	return err
}
