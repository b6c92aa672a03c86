package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"

	"chartroom/codes/coder"
	"chartroom/codes/codeset"
	"chartroom/internal/batch"
)

// codeCmd groups the commands that find and check codes.
type codeCmd struct {
	Suggest suggestCmd `cmd:"" help:"Suggest codes for clinical text, with the words that justify each (JSON Lines)."`
	Lookup  lookupCmd  `cmd:"" help:"Find the codes for a term (JSON Lines)."`
	Check   checkCmd   `cmd:"" help:"Check coded encounters against the rules of the classification (JSON Lines)."`
}

// suggestCmd suggests codes for text.
type suggestCmd struct {
	codesetFlags
	lineFlags

	All bool `help:"Every candidate, best first, not only those to accept."`
}

// Help says what stands in a line and in its answer.
func (suggestCmd) Help() string {
	return `A line holds a text, or the documents of a whole record instead; only id and text are needed:

    {"id":1,"text":"HTN, well controlled.","setting":"outpatient","date":"2026-03-01","age":67,"sex":"female"}
    {"id":2,"documents":[{"type":"progress note","author_role":"attending","datetime":"2026-03-01T09:30:00Z","signed":true,"text":"…"}]}

Its answer has the same id, in the same order:

    {"id":1,"edition":{…},"codes":[{"system","code","title","score","evidence":[{"start","end"}],"why":[…]}],
     "questions":[{"about","ask","evidence":[…]}]}

setting is inpatient (the default), outpatient, professional or nursing_facility. evidence counts bytes of the UTF-8
text, [start,end); for documents it also says which one, from 0. The edition is that of date; without a date the newest.

` + exitHelp
}

// Run reads one record a line and writes its suggestions.
func (c suggestCmd) Run(e *env) error {
	library, err := c.library()
	if err != nil {
		return err
	}
	engine := coder.New(library)
	return c.run(e, func(ctx context.Context, line []byte) (any, error) {
		return suggestLine(ctx, engine, c.All, line)
	})
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
		return nil, err
	}
	enc, err := in.encounter()
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

// encounter turns a line into an encounter.
func (in suggestInput) encounter() (coder.Encounter, error) {
	enc := coder.Encounter{ID: strings.Trim(string(in.ID), `"`), Setting: coder.Setting(in.Setting), Sex: in.Sex}
	var err error
	if err = knownSetting(in.Setting); err != nil {
		return enc, err
	}
	if enc.Age, err = lineAge(in.Age); err != nil {
		return enc, err
	}
	if enc.Date, err = lineDate("date", in.Date); err != nil {
		return enc, err
	}
	switch {
	case in.Text != nil:
		enc.Documents = []coder.Document{{Text: *in.Text, Signed: true}}
	case len(in.Documents) == 0:
		return enc, batch.Refuse("no-text", "neither text nor documents")
	}
	for i, d := range in.Documents {
		if in.Text != nil {
			break
		}
		doc := coder.Document{Type: d.Type, AuthorRole: d.AuthorRole, Signed: d.Signed == nil || *d.Signed, Text: d.Text}
		if doc.DateTime, err = lineMoment(d.DateTime); err != nil {
			return enc, batch.Refuse("bad-date", "datetime of document %d is neither RFC 3339 nor a day", i)
		}
		enc.Documents = append(enc.Documents, doc)
	}
	return enc, nil
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

// lookupCmd searches the code sets for terms.
type lookupCmd struct {
	codesetFlags
	lineFlags

	Limit int `help:"Most hits a term." default:"10"`
}

// Validate refuses flags that make no sense; the command line's parser calls it.
func (c lookupCmd) Validate() error {
	if c.Limit < 1 {
		return errors.New("--limit is 1 or more")
	}
	return c.lineFlags.Validate()
}

// Help says what stands in a line and in its answer.
func (lookupCmd) Help() string {
	return `A line holds a term, in words or as a code, with or without its dot:

    {"id":1,"term":"high blood pressure","date":"2026-03-01"}

Its answer has the same id, in the same order, and the best hit first:

    {"id":1,"edition":{…},"hits":[{"system","code","title","score","why":[…]}]}

The edition is that of date; without a date the newest.

` + exitHelp
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
	return c.run(e, func(_ context.Context, line []byte) (any, error) {
		return lookupLine(library, c.Limit, line)
	})
}

// lookupLine searches the editions of the date in every system.
func lookupLine(library *codeset.Library, limit int, line []byte) (any, error) {
	var in lookupInput
	if err := batch.Decode(line, &in); err != nil {
		return nil, err
	}
	if in.Term == nil {
		return nil, batch.Refuse("no-term", "no term")
	}
	day, err := lineDate("date", in.Date)
	if err != nil {
		return nil, err
	}
	out := lookupOutput{ID: in.ID, Edition: map[string]string{}, Hits: []codeset.Hit{}}
	var first error
	for _, system := range []codeset.System{codeset.ICD10CM, codeset.ICD10PCS, codeset.HCPCS} {
		set, err := editionOn(library, system, day)
		if err != nil {
			if first == nil {
				first = err
			}
			continue
		}
		out.Edition[system.String()] = editionName(set)
		out.Hits = append(out.Hits, set.Search(*in.Term, limit)...)
	}
	if len(out.Edition) == 0 {
		return nil, codeRefusal(first)
	}
	sortHits(out.Hits)
	if len(out.Hits) > limit {
		out.Hits = out.Hits[:limit]
	}
	return out, nil
}

// sortHits puts the hits of several systems in one order: best first, diagnoses
// before procedures where the scores are equal. Scores are told to four places,
// more than they mean.
func sortHits(hits []codeset.Hit) {
	slices.SortStableFunc(hits, func(a, b codeset.Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.System, b.System))
	})
	for i := range hits {
		hits[i].Score = math.Round(hits[i].Score*1e4) / 1e4
	}
}
