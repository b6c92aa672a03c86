package words

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
)

// ErrQuery is returned for a search without a word to go by.
var ErrQuery = errors.New("give a word that does not stand in every text")

// Query asks for documents. All words must stand in the document or its title; what is
// in quotation marks stands there together, in that order.
type Query struct {
	Words    string
	Record   string    // documents of one record; "" of all
	Type     string    // of documents; "" any
	From, To time.Time // written within [From, To); zero: open
	Limit    int       // 1 to 100; 0 takes 20
	After    string    // cursor of the page before
}

// Hit is a document that has the words.
type Hit struct {
	Document chart.Document // with its text
	Patient  chart.Patient
	Marks    []Mark // where the words stand in the text, in order
}

// Mark is a stretch of a text: bytes, half open.
type Mark struct{ Start, End int }

// Page is one page of hits, the documents that came last first.
type Page struct {
	Hits   []Hit
	Next   string // cursor; "" after the last
	Behind int    // documents that are not indexed yet
}

// maxOpened bounds how many documents one page opens in looking for hits.
const maxOpened = 150

// Search finds documents by their words. What the policy refuses to the actor is
// left out. Errors: ErrQuery, chart.ErrInvalid for a cursor that is none.
func (s *Service) Search(ctx context.Context, actor gate.Actor, q Query) (Page, error) {
	phrases := phrasesOf(q.Words)
	wanted := wantedStems(phrases)
	if len(wanted) == 0 || len(wanted) > 32 {
		return Page{}, ErrQuery
	}
	below := int64(math.MaxInt64)
	if q.After != "" {
		n, _, err := chart.ReadCursor(q.After)
		if err != nil {
			return Page{}, fmt.Errorf("search documents: %w", err)
		}
		below = n
	}
	var page Page
	subject := gate.Department()
	if q.Record != "" {
		subject = gate.Record(q.Record)
	}
	err := s.gate.Read(ctx, actor, ActionSearch, subject, func(tx *gate.Tx) (err error) {
		page = Page{}
		numbers, err := s.proposed(ctx, tx, wanted, q.Record)
		if err != nil {
			return err
		}
		at, _ := slices.BinarySearch(numbers, below)
		f := finding{s: s, q: q, phrases: phrases, patients: map[string]chart.Patient{}}
		if err := f.walk(ctx, tx, numbers[:at]); err != nil {
			return err
		}
		page.Hits, page.Next = f.hits, f.next
		tx.Detail("rows", strconv.Itoa(len(f.hits)))
		if err := tx.QueryRow(ctx, sqlDueCount).Scan(&page.Behind); err != nil {
			return fmt.Errorf("count queue: %w", err)
		}
		return nil
	})
	if err != nil {
		return Page{}, fmt.Errorf("search documents: %w", err)
	}
	return page, nil
}

// proposed are the numbers of the documents that hold all words, rising.
func (s *Service) proposed(ctx context.Context, tx *gate.Tx, wanted []string, record string) ([]int64, error) {
	var lists [][]int64
	if record != "" {
		own, err := numbersOf(ctx, tx, record)
		if err != nil {
			return nil, err
		}
		lists = append(lists, own)
	}
	for _, token := range s.tokens(wanted) {
		packed, err := readPostings(ctx, tx, token)
		if err != nil {
			return nil, err
		}
		numbers, err := unpackAll(packed)
		if err != nil {
			return nil, err
		}
		lists = append(lists, numbers)
	}
	slices.SortFunc(lists, func(a, b []int64) int { return len(a) - len(b) })
	common := lists[0]
	for _, list := range lists[1:] {
		common = both(common, list)
	}
	return common, nil
}

func numbersOf(ctx context.Context, tx *gate.Tx, record string) ([]int64, error) {
	all, err := gate.Collect(ctx, tx, gate.Column[int64], sqlNumbersOf, record)
	if err != nil {
		return nil, fmt.Errorf("documents of the record: %w", err)
	}
	return all, nil
}

// finding is the state of one search.
type finding struct {
	s        *Service
	q        Query
	phrases  [][]string
	patients map[string]chart.Patient
	hits     []Hit
	opened   int
	next     string
}

// atOnce is how many numbers are looked up together.
const atOnce = 32

// walk opens the proposed documents, newest number first, until the page is full.
func (f *finding) walk(ctx context.Context, tx *gate.Tx, numbers []int64) error {
	limit := min(max(f.q.Limit, 0), 100)
	if limit == 0 {
		limit = 20
	}
	for len(numbers) > 0 {
		n := min(atOnce, len(numbers))
		group := numbers[len(numbers)-n:]
		numbers = numbers[:len(numbers)-n]
		found, err := numbered(ctx, tx, group)
		if err != nil {
			return err
		}
		for i, d := range found {
			if len(f.hits) == limit || f.opened == maxOpened {
				f.next = chart.Cursor(found[i].number+1, "words")
				return nil
			}
			if err := f.open(ctx, tx, d); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *finding) open(ctx context.Context, tx *gate.Tx, d numberedDocument) error {
	shown, err := tx.AboutIf(ctx, gate.Subject{Kind: "document", ID: d.document, Record: d.record})
	if err != nil || !shown {
		return err
	}
	if shown, err = tx.AboutIf(ctx, gate.Record(d.record)); err != nil || !shown {
		return err
	}
	f.opened++
	doc, err := f.s.chart.DocumentTx(ctx, tx, d.document, 0)
	if err != nil {
		return err
	}
	if doc.Withdrawn || !f.q.fits(doc) {
		return nil
	}
	marks, ok := match(doc.Title, doc.Text, f.phrases)
	if !ok {
		return nil
	}
	p, known := f.patients[d.record]
	if !known {
		if p, err = f.s.chart.PatientTx(ctx, tx, d.record); err != nil {
			return err
		}
		f.patients[d.record] = p
	}
	f.hits = append(f.hits, Hit{Document: doc, Patient: p, Marks: marks})
	return nil
}

func (q Query) fits(d chart.Document) bool {
	switch {
	case q.Type != "" && !strings.EqualFold(q.Type, d.Type):
		return false
	case !q.From.IsZero() && d.WrittenAt.Before(q.From):
		return false
	case !q.To.IsZero() && !d.WrittenAt.Before(q.To):
		return false
	}
	return true
}

type numberedDocument struct {
	number           int64
	document, record string
}

// numberedQuery is sqlNumbered for atOnce numbers.
var numberedQuery = func() string {
	places := make([]string, atOnce)
	for i := range places {
		places[i] = "$" + strconv.Itoa(i+1)
	}
	return strings.Replace(sqlNumbered, "$1", strings.Join(places, ", "), 1)
}()

// numbered looks documents up by their numbers, the highest first. A number that
// has no document any more belonged to a version that was superseded.
func numbered(ctx context.Context, tx *gate.Tx, numbers []int64) ([]numberedDocument, error) {
	args := make([]any, atOnce)
	for i := range args {
		args[i] = int64(0) // no document has it
		if i < len(numbers) {
			args[i] = numbers[i]
		}
	}
	all, err := gate.Collect(ctx, tx, func(r gate.Row, d *numberedDocument) error { return r.Scan(&d.number, &d.document, &d.record) }, numberedQuery, args...)
	if err != nil {
		return nil, fmt.Errorf("look up documents: %w", err)
	}
	return all, nil
}

// phrasesOf takes a search apart: each word for itself, words in quotation marks
// together. A mark without its pair is left out of account.
func phrasesOf(text string) [][]string {
	var phrases [][]string
	for i, part := range strings.Split(text, `"`) {
		var words []string
		split(part, func(w word) bool {
			words = append(words, w.stem)
			return true
		})
		quoted := i%2 == 1 && i < strings.Count(text, `"`)
		if quoted && len(words) > 0 {
			phrases = append(phrases, words)
			continue
		}
		for _, w := range words {
			phrases = append(phrases, []string{w})
		}
	}
	return phrases
}

// wantedStems are the words of a search that the index knows, each once.
func wantedStems(phrases [][]string) []string {
	var wanted []string
	for _, p := range phrases {
		for _, w := range p {
			if indexed(w) && !slices.Contains(wanted, w) {
				wanted = append(wanted, w)
			}
		}
	}
	return wanted
}

// match finds the phrases in a text; ok says that all of them stand there or in
// the title.
func match(title, text string, phrases [][]string) (marks []Mark, ok bool) {
	found := make([]bool, len(phrases))
	scan(title, phrases, func(i int, _ Mark) { found[i] = true })
	scan(text, phrases, func(i int, m Mark) {
		found[i] = true
		if len(marks) < 200 {
			marks = append(marks, m)
		}
	})
	return marks, !slices.Contains(found, false)
}

// Marks are the places in a text where the words of a search stand, in order.
func Marks(query, text string) []Mark {
	marks, _ := match("", text, phrasesOf(query))
	return marks
}

// scan calls fn for each place where a phrase ends in a text.
func scan(text string, phrases [][]string, fn func(phrase int, m Mark)) {
	longest := 1
	for _, p := range phrases {
		longest = max(longest, len(p))
	}
	recent := make([]word, 0, longest)
	split(text, func(w word) bool {
		if len(recent) == longest {
			recent = append(recent[:0], recent[1:]...)
		}
		recent = append(recent, w)
		for i, p := range phrases {
			if ends(recent, p) {
				fn(i, Mark{recent[len(recent)-len(p)].start, w.end})
			}
		}
		return true
	})
}

// ends reports whether the newest words are the phrase.
func ends(recent []word, phrase []string) bool {
	if len(recent) < len(phrase) {
		return false
	}
	for i, w := range recent[len(recent)-len(phrase):] {
		if w.stem != phrase[i] {
			return false
		}
	}
	return true
}

// Excerpt is the part of a text around its first mark, about size bytes, with the
// marks that fall within it moved accordingly.
func Excerpt(text string, marks []Mark, size int) (string, []Mark) {
	start := 0
	if len(marks) > 0 {
		start = max(0, marks[0].Start-size/3)
	}
	end := min(len(text), start+size)
	for start > 0 && start < len(text) && !utf8.RuneStart(text[start]) {
		start--
	}
	for end < len(text) && !utf8.RuneStart(text[end]) {
		end++
	}
	var within []Mark
	for _, m := range marks {
		if m.Start >= start && m.End <= end {
			within = append(within, Mark{m.Start - start, m.End - start})
		}
	}
	return text[start:end], within
}
