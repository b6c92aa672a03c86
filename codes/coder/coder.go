package coder

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
	"unicode/utf8"

	"chartroom/codes/codeset"
)

// Setting is the kind of encounter; it decides how uncertain diagnoses and
// procedures are treated.
type Setting string

// The settings. The empty setting is read as inpatient.
const (
	Inpatient       Setting = "inpatient"
	Outpatient      Setting = "outpatient"
	Professional    Setting = "professional"
	NursingFacility Setting = "nursing_facility"
)

// Document is one document of an encounter.
type Document struct {
	Type       string // "discharge summary", "operative note", "radiology"; free words
	AuthorRole string // "physician", "nurse"; empty is read as a provider
	DateTime   time.Time
	Signed     bool
	Text       string // UTF-8
}

// Encounter is what is coded as one.
type Encounter struct {
	ID        string
	Setting   Setting
	Date      time.Time // discharge or service; zero: the newest edition
	Age       int       // years; -1 if unknown
	Sex       string    // "male", "female", "M", "F" or empty
	Documents []Document
}

// Options change what is returned.
type Options struct {
	// All returns every candidate; without it only the codes that a screen
	// offers for acceptance.
	All bool
}

// Result is the answer for one encounter.
type Result struct {
	Editions  map[codeset.System]codeset.Edition
	Codes     []Suggestion // best first
	Questions []Question
}

// Suggestion is one code with what it rests on.
type Suggestion struct {
	System   codeset.System
	Code     string
	Title    string
	Score    float64 // 0 to 1, roughly the chance that a coder accepts it
	Evidence []Span
	Why      []string // the words as read, then index path or rule, in order
	Notes    []codeset.Note
}

// Span is a stretch of a document: byte offsets, half open, on rune boundaries.
type Span struct{ Document, Start, End int }

// Question asks for what the record does not say and a code needs.
type Question struct {
	About    string // "E11.-"
	Ask      string
	Evidence []Span
	Choices  []codeset.Code
}

// TextError says that a document is not valid UTF-8.
type TextError struct{ Document, Offset int }

func (e *TextError) Error() string {
	return fmt.Sprintf("coder: document %d is not valid UTF-8 at byte %d", e.Document, e.Offset)
}

// Engine suggests codes. It is safe for concurrent use.
type Engine struct {
	lib *codeset.Library

	mu  sync.Mutex
	cms map[string]*onceKnowledge
	pcs map[string]*onceProcedures
}

type onceKnowledge struct {
	once sync.Once
	k    *knowledge
	err  error
}

type onceProcedures struct {
	once sync.Once
	p    *procedures
	err  error
}

// New returns an engine over the editions of lib. The tables of an edition are
// built when it is first needed and kept.
func New(lib *codeset.Library) *Engine {
	return &Engine{lib: lib, cms: map[string]*onceKnowledge{}, pcs: map[string]*onceProcedures{}}
}

// Suggest codes an encounter. The error is a *TextError, a
// *codeset.NoEditionError, or that of ctx.
func (e *Engine) Suggest(ctx context.Context, enc Encounter, opt Options) (Result, error) {
	for i, d := range enc.Documents {
		if at := invalidAt(d.Text); at >= 0 {
			return Result{}, &TextError{Document: i, Offset: at}
		}
	}
	k, err := e.knowledge(enc.Date)
	if err != nil {
		return Result{}, err
	}
	out := Result{Editions: map[codeset.System]codeset.Edition{codeset.ICD10CM: k.set.Edition()}}
	r := newRun(k, enc)
	var px *procedureRun
	if takesPCS(enc.Setting) {
		p, perr := e.procedures(enc.Date)
		var none *codeset.NoEditionError
		switch {
		case errors.As(perr, &none): // diagnoses can still be coded
		case perr != nil:
			return Result{}, perr
		default:
			px = newProcedureRun(p)
			out.Editions[codeset.ICD10PCS] = p.set.Edition()
		}
	}
	for i := range enc.Documents {
		if err := ctx.Err(); err != nil {
			return Result{}, fmt.Errorf("coder: stopped at document %d: %w", i, err)
		}
		r.readDocument(i, px)
	}
	codes := r.finish()
	if px != nil {
		px.newborn = enc.Age == 0
		codes = append(codes, px.finish()...)
		r.questions = append(r.questions, px.questions...)
	}
	out.Codes = ordered(codes, opt.All)
	out.Questions = r.questions
	return out, nil
}

// invalidAt returns the offset of the first byte that is not UTF-8, or -1.
func invalidAt(text string) int {
	if utf8.ValidString(text) {
		return -1
	}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && size <= 1 {
			return i
		}
		i += size
	}
	return -1
}

// takesPCS: ICD-10-PCS is for hospital inpatient procedures only.
func takesPCS(s Setting) bool { return s == "" || s == Inpatient }

func (e *Engine) on(sys codeset.System, day time.Time) (*codeset.Set, error) {
	var set *codeset.Set
	var err error
	if day.IsZero() {
		set, err = e.lib.Newest(sys)
	} else {
		set, err = e.lib.On(sys, day)
	}
	if err != nil {
		return nil, fmt.Errorf("coder: %w", err)
	}
	return set, nil
}

func (e *Engine) knowledge(day time.Time) (*knowledge, error) {
	set, err := e.on(codeset.ICD10CM, day)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	slot, ok := e.cms[editionKey(set)]
	if !ok {
		slot = &onceKnowledge{}
		e.cms[editionKey(set)] = slot
	}
	e.mu.Unlock()
	slot.once.Do(func() { slot.k, slot.err = compileCM(set) })
	return slot.k, slot.err
}

func (e *Engine) procedures(day time.Time) (*procedures, error) {
	set, err := e.on(codeset.ICD10PCS, day)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	slot, ok := e.pcs[editionKey(set)]
	if !ok {
		slot = &onceProcedures{}
		e.pcs[editionKey(set)] = slot
	}
	e.mu.Unlock()
	slot.once.Do(func() { slot.p, slot.err = compilePCS(set) })
	return slot.p, slot.err
}

func editionKey(set *codeset.Set) string {
	ed := set.Edition()
	return ed.Name + "/" + ed.Release
}
