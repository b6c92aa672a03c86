package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"chartroom/codes/coder"
	"chartroom/codes/codeset"
	"chartroom/internal/batch"
)

// codeCmd groups the commands that find codes.
type codeCmd struct {
	Suggest suggestCmd `cmd:"" help:"Suggest codes for clinical text, with the words that justify each (JSON Lines)."`
	Lookup  lookupCmd  `cmd:"" help:"Find the codes for a term (JSON Lines)."`
}

type suggestCmd struct {
	codesetFlags

	All  bool   `help:"Every candidate, best first, not only those to accept."`
	Jobs int    `help:"Workers; 0 is one a core." default:"0"`
	File string `arg:"" help:"JSON Lines, or - for standard input." default:"-" optional:""`
}

// Run reads one record a line and writes its suggestions.
func (c suggestCmd) Run(e *env) error {
	library, err := c.library()
	if err != nil {
		return err
	}
	engine := coder.New(library)
	return runBatch(e, c.File, c.Jobs, func(ctx context.Context, line []byte) (any, error) {
		return suggestLine(ctx, engine, c.All, line)
	})
}

// runBatch opens FILE and runs fn over its lines.
func runBatch(e *env, file string, jobs int, fn batch.Func) error {
	in, err := batch.Open(file, e.stdin)
	if err != nil {
		return fmt.Errorf("code: %w", err)
	}
	defer func() { _ = in.Close() }() // read only
	_, err = batch.Run(e.ctx, in, e.stdout, batch.Options{Jobs: jobs, Stderr: e.stderr}, fn)
	return err //nolint:wrapcheck // the runner's errors decide the exit status
}

// suggestInput is one line of code suggest.
type suggestInput struct {
	ID        json.RawMessage `json:"id"`
	Text      *string         `json:"text"`
	Setting   string          `json:"setting"`
	Date      string          `json:"date"`
	Age       *float64        `json:"age"`
	Sex       string          `json:"sex"`
	Documents []struct {
		Type       string `json:"type"`
		AuthorRole string `json:"author_role"`
		DateTime   string `json:"datetime"`
		Signed     *bool  `json:"signed"`
		Text       string `json:"text"`
	} `json:"documents"`
}

// suggestOutput is its answer.
type suggestOutput struct {
	ID        json.RawMessage   `json:"id"`
	Edition   map[string]string `json:"edition"`
	Codes     []suggestedCode   `json:"codes"`
	Questions []suggestQuestion `json:"questions"`
}

type suggestedCode struct {
	System   codeset.System `json:"system"`
	Code     string         `json:"code"`
	Title    string         `json:"title"`
	Score    float64        `json:"score"`
	Evidence []evidence     `json:"evidence"`
	Why      []string       `json:"why"`
}

type evidence struct {
	Document *int `json:"document,omitempty"` // only for a record of several documents
	Start    int  `json:"start"`
	End      int  `json:"end"`
}

type suggestQuestion struct {
	About    string         `json:"about"`
	Ask      string         `json:"ask"`
	Evidence []evidence     `json:"evidence"`
	Choices  []codeset.Code `json:"choices,omitempty"`
}

func suggestLine(ctx context.Context, engine *coder.Engine, all bool, line []byte) (any, error) {
	var in suggestInput
	if err := batch.Decode(line, &in); err != nil {
		return nil, err //nolint:wrapcheck // already a refusal with its place
	}
	enc, err := in.encounter(line)
	if err != nil {
		return nil, err
	}
	result, err := engine.Suggest(ctx, enc, coder.Options{All: all})
	if err != nil {
		return nil, codeRefusal(err)
	}
	out := suggestOutput{ID: in.ID, Edition: map[string]string{}, Codes: []suggestedCode{}, Questions: []suggestQuestion{}}
	for system, edition := range result.Editions {
		out.Edition[system.String()] = edition.Name + " " + edition.Release
	}
	whole := in.Text == nil
	for _, s := range result.Codes {
		out.Codes = append(out.Codes, suggestedCode{s.System, s.Code, s.Title, s.Score, evidenceOf(s.Evidence, whole), s.Why})
	}
	for _, q := range result.Questions {
		out.Questions = append(out.Questions, suggestQuestion{q.About, q.Ask, evidenceOf(q.Evidence, whole), q.Choices})
	}
	return out, nil
}

// encounter turns a line into an encounter. encoding/json replaces bytes that
// are not UTF-8; so the line itself is looked at.
func (in suggestInput) encounter(line []byte) (coder.Encounter, error) {
	enc := coder.Encounter{ID: strings.Trim(string(in.ID), `"`), Setting: coder.Setting(in.Setting), Age: -1, Sex: in.Sex}
	if at := firstInvalid(line); at >= 0 {
		return enc, batch.Refuse("bad-text", "not UTF-8 at byte %d of the line", at)
	}
	switch enc.Setting {
	case "", coder.Inpatient, coder.Outpatient, coder.Professional, coder.NursingFacility:
	default:
		return enc, batch.Refuse("bad-setting", "setting is none of inpatient, outpatient, professional, nursing_facility")
	}
	if in.Age != nil {
		enc.Age = int(*in.Age)
	}
	var err error
	if enc.Date, err = lineDate(in.Date); err != nil {
		return enc, err
	}
	switch {
	case in.Text != nil:
		enc.Documents = []coder.Document{{Text: *in.Text, Signed: true}}
	case len(in.Documents) == 0:
		return enc, batch.Refuse("no-text", "neither text nor documents")
	}
	for _, d := range in.Documents {
		if in.Text != nil {
			break
		}
		doc := coder.Document{Type: d.Type, AuthorRole: d.AuthorRole, Signed: d.Signed == nil || *d.Signed, Text: d.Text}
		if at, derr := time.Parse(time.RFC3339, d.DateTime); derr == nil {
			doc.DateTime = at
		}
		enc.Documents = append(enc.Documents, doc)
	}
	return enc, nil
}

// firstInvalid returns the offset of the first byte of the line that is not
// UTF-8, or -1.
func firstInvalid(line []byte) int {
	rest := string(line)
	clean := strings.ToValidUTF8(rest, "")
	if clean == rest {
		return -1
	}
	for i := range clean {
		if rest[i] != clean[i] {
			return i
		}
	}
	return len(clean)
}

// lineDate reads YYYY-MM-DD or YYYYMMDD; empty is the zero time.
func lineDate(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateOnly, "20060102"} {
		if day, err := time.Parse(layout, s); err == nil {
			return day, nil
		}
	}
	return time.Time{}, batch.Refuse("bad-date", "date is not YYYY-MM-DD")
}

// codeRefusal names what the coder or the code sets refused.
func codeRefusal(err error) error {
	var text *coder.TextError
	var edition *codeset.NoEditionError
	switch {
	case errors.As(err, &text):
		return batch.Refuse("bad-text", "document %d is not UTF-8 at byte %d", text.Document, text.Offset)
	case errors.As(err, &edition):
		return batch.Refuse("no-edition", "%s", edition.Error())
	}
	return err
}

func evidenceOf(spans []coder.Span, whole bool) []evidence {
	out := make([]evidence, len(spans))
	for i, s := range spans {
		out[i] = evidence{Start: s.Start, End: s.End}
		if whole {
			out[i].Document = &spans[i].Document
		}
	}
	return out
}

type lookupCmd struct {
	codesetFlags

	Limit int    `help:"Most hits a term." default:"10"`
	Jobs  int    `help:"Workers; 0 is one a core." default:"0"`
	File  string `arg:"" help:"JSON Lines, or - for standard input." default:"-" optional:""`
}

type lookupInput struct {
	ID   json.RawMessage `json:"id"`
	Term *string         `json:"term"`
	Date string          `json:"date"`
}

type lookupOutput struct {
	ID      json.RawMessage   `json:"id"`
	Edition map[string]string `json:"edition"`
	Hits    []codeset.Hit     `json:"hits"`
}

// Run looks one term a line up.
func (c lookupCmd) Run(e *env) error {
	library, err := c.library()
	if err != nil {
		return err
	}
	return runBatch(e, c.File, c.Jobs, func(_ context.Context, line []byte) (any, error) {
		return lookupLine(library, c.Limit, line)
	})
}

// lookupLine searches the editions of the date in every system.
func lookupLine(library *codeset.Library, limit int, line []byte) (any, error) {
	var in lookupInput
	if err := batch.Decode(line, &in); err != nil {
		return nil, err //nolint:wrapcheck // already a refusal with its place
	}
	if in.Term == nil {
		return nil, batch.Refuse("no-term", "no term")
	}
	day, err := lineDate(in.Date)
	if err != nil {
		return nil, err
	}
	out := lookupOutput{ID: in.ID, Edition: map[string]string{}, Hits: []codeset.Hit{}}
	var last error
	for _, system := range []codeset.System{codeset.ICD10CM, codeset.ICD10PCS, codeset.HCPCS} {
		set, err := editionOn(library, system, day)
		if err != nil {
			last = err
			continue
		}
		out.Edition[system.String()] = set.Edition().Name + " " + set.Edition().Release
		out.Hits = append(out.Hits, set.Search(*in.Term, limit)...)
	}
	if len(out.Edition) == 0 {
		return nil, codeRefusal(last)
	}
	sortHits(out.Hits)
	if len(out.Hits) > limit {
		out.Hits = out.Hits[:limit]
	}
	return out, nil
}

func editionOn(library *codeset.Library, system codeset.System, day time.Time) (*codeset.Set, error) {
	if day.IsZero() {
		return library.Newest(system) //nolint:wrapcheck // named by codeRefusal
	}
	return library.On(system, day) //nolint:wrapcheck // named by codeRefusal
}

// sortHits puts the hits of several systems in one order: best first, diagnoses
// before procedures where the scores are equal.
func sortHits(hits []codeset.Hit) {
	slices.SortStableFunc(hits, func(a, b codeset.Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.System, b.System))
	})
}
