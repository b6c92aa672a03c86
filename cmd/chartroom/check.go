package main

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"chartroom/codes/codeset"
	"chartroom/codes/edits"
	"chartroom/internal/batch"
)

// checkCmd checks coded encounters against the rules of the classification.
type checkCmd struct {
	codesetFlags
	lineFlags
}

// Help says what stands in a line and in its answer.
func (checkCmd) Help() string {
	return `A line holds a coded encounter; all but id may be left out, and the first diagnosis is the principal one:

    {"id":1,"setting":"inpatient","admit_date":"2026-03-01","discharge_date":"2026-03-05","age":67,"sex":"female",
     "discharge_status":"01","dx":[{"code":"I50.23","poa":"Y"}],"px":[{"code":"02703DZ","date":"2026-03-02"}]}

Its answer has the same id, in the same order; findings is [] where there is nothing to say:

    {"id":1,"edition":{…},"findings":[{"rule","severity":"error"|"warning"|"info","codes":[…],"message","cite"}]}

setting is inpatient (the default), outpatient, professional or nursing_facility. The edition is that of the discharge
date, for outpatient and professional that of admit_date; without that date the other one counts, without either the
newest edition. A line whose date no edition covers is refused.

` + exitHelp + ` Status 3: all
lines answered, and an encounter has a finding of severity error.`
}

// Run reads one coded encounter a line and writes its findings. An encounter
// with an error makes the run end with batch.ErrInvalid; a line that could not
// be checked at all weighs more, and makes it end with batch.ErrRefused.
func (c checkCmd) Run(e *env) error {
	library, err := c.library()
	if err != nil {
		return err
	}
	return c.run(e, func(_ context.Context, line []byte) (any, error) { return checkLine(library, line) })
}

// checkInput is one line of code check.
type checkInput struct {
	ID              json.RawMessage `json:"id"`
	Setting         string          `json:"setting"`
	AdmitDate       string          `json:"admit_date"`
	DischargeDate   string          `json:"discharge_date"`
	Age             *float64        `json:"age"`
	Sex             string          `json:"sex"`
	DischargeStatus string          `json:"discharge_status"`
	Dx              []checkDx       `json:"dx"`
	Px              []checkPx       `json:"px"`
}

type checkDx struct {
	Code string `json:"code"`
	POA  string `json:"poa"`
}

type checkPx struct {
	Code string `json:"code"`
	Date string `json:"date"`
}

// checkOutput is its answer.
type checkOutput struct {
	ID       json.RawMessage   `json:"id"`
	Edition  map[string]string `json:"edition"`
	Findings []edits.Finding   `json:"findings"`
}

// Invalid says that a rule is broken, for the exit status.
func (o checkOutput) Invalid() bool { return edits.Blocking(o.Findings) }

func checkLine(library *codeset.Library, line []byte) (any, error) {
	var in checkInput
	if err := batch.Decode(line, &in); err != nil {
		return nil, err
	}
	enc, err := in.encounter()
	if err != nil {
		return nil, err
	}
	day := codingDate(enc)
	out := checkOutput{ID: in.ID, Edition: map[string]string{}, Findings: []edits.Finding{}}
	cm, err := editionOn(library, codeset.ICD10CM, day)
	if err != nil {
		return nil, codeRefusal(err)
	}
	out.Edition[codeset.ICD10CM.String()] = editionName(cm)
	pcs, err := editionOn(library, codeset.ICD10PCS, day)
	switch {
	case err == nil:
		out.Edition[codeset.ICD10PCS.String()] = editionName(pcs)
	case len(enc.Px) > 0:
		return nil, codeRefusal(err)
	}
	out.Findings = append(out.Findings, edits.Check(edits.Sets{CM: cm, PCS: pcs}, enc)...)
	return out, nil
}

// encounter turns a line into what the checks take.
func (in checkInput) encounter() (edits.Encounter, error) {
	enc := edits.Encounter{Sex: in.Sex, DischargeStatus: in.DischargeStatus}
	var err error
	if err = knownSetting(in.Setting); err != nil {
		return enc, err
	}
	enc.Setting = edits.Setting(in.Setting)
	if enc.Age, err = lineAge(in.Age); err != nil {
		return enc, err
	}
	if enc.Admit, err = lineDate("admit_date", in.AdmitDate); err != nil {
		return enc, err
	}
	if enc.Discharge, err = lineDate("discharge_date", in.DischargeDate); err != nil {
		return enc, err
	}
	if !enc.Admit.IsZero() && !enc.Discharge.IsZero() && enc.Discharge.Before(enc.Admit) {
		return enc, batch.Refuse("bad-date", "discharge_date is before admit_date")
	}
	for i, dx := range in.Dx {
		if strings.TrimSpace(dx.Code) == "" {
			return enc, batch.Refuse("no-code", "dx %d has no code (the first is 0)", i)
		}
		enc.Dx = append(enc.Dx, edits.Diagnosis{Code: strings.TrimSpace(dx.Code), POA: dx.POA})
	}
	for i, px := range in.Px {
		if strings.TrimSpace(px.Code) == "" {
			return enc, batch.Refuse("no-code", "px %d has no code (the first is 0)", i)
		}
		day, err := lineDate("date of px", px.Date)
		if err != nil {
			return enc, err
		}
		enc.Px = append(enc.Px, edits.Procedure{Code: strings.TrimSpace(px.Code), Date: day})
	}
	return enc, nil
}

// codingDate is the day whose edition an encounter is coded in: of discharge
// for stays, of service for visits; zero if neither is known.
func codingDate(enc edits.Encounter) time.Time {
	first, second := enc.Discharge, enc.Admit
	if enc.Setting == edits.Outpatient || enc.Setting == edits.Professional {
		first, second = second, first
	}
	if first.IsZero() {
		return second
	}
	return first
}
