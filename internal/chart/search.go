package chart

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"chartroom/internal/gate"
	"chartroom/internal/seal"
)

// Query asks for patients. Every field given must match.
type Query struct {
	Name      string // words, each a whole name or its beginning (two letters or more)
	Sounds    bool   // names that sound like the words match too
	BirthDate string // YYYY-MM-DD
	Number    string // record number, or any other identifier
	Phone     string // any writing; its digits count, without the country's 1
	Limit     int    // 1 to 200; 0 takes 50
}

// Hit is one patient found.
type Hit struct {
	Patient Patient
	Sound   bool // found by the sound of a name only
}

// maxCandidates bounds how many registrations one search opens.
const maxCandidates = 500

// Search finds patients by keyed tokens, best first: whole names before
// beginnings before sounds, then by name. Nothing that was searched for is
// written down; the audit entry lists the records opened for it. What the policy
// refuses to the actor is left out.
func (s *Service) Search(ctx context.Context, actor gate.Actor, q Query) ([]Hit, error) {
	var hits []Hit
	err := s.gate.Read(ctx, actor, ActionSearch, gate.Department(), func(tx *gate.Tx) (err error) {
		hits, err = s.searchTx(ctx, tx, q)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	return hits, nil
}

func (s *Service) searchTx(ctx context.Context, tx *gate.Tx, q Query) ([]Hit, error) {
	if len(q.terms(wholeWords)) == 0 {
		return nil, fmt.Errorf("%w: give a name, a birth date, a number or a phone", ErrInvalid)
	}
	// Whole names first, so that a short name is found among the many that only
	// begin like it.
	ways := []matching{wholeWords, beginnings}
	if q.Sounds {
		ways = append(ways, sounds)
	}
	var records []string
	for _, how := range ways {
		found, err := candidates(ctx, tx, s.ring.Tokens(q.terms(how)))
		if err != nil {
			return nil, err
		}
		for _, r := range found {
			if len(records) < maxCandidates && !slices.Contains(records, r) {
				records = append(records, r)
			}
		}
	}
	words := seal.Words(q.Name)
	var found []scored
	withheld := 0
	for _, record := range records {
		open, err := tx.AboutIf(ctx, gate.Record(record))
		if err != nil {
			return nil, fmt.Errorf("search: %w", err)
		}
		if !open {
			withheld++
			continue
		}
		p, err := s.patientTx(ctx, tx, record)
		if err != nil {
			return nil, err
		}
		if score, sound, ok := q.matches(p, words); ok {
			found = append(found, scored{Hit{Patient: p, Sound: sound}, score})
		}
	}
	slices.SortStableFunc(found, func(a, b scored) int {
		if a.score != b.score {
			return b.score - a.score
		}
		return strings.Compare(sortName(a.hit.Patient), sortName(b.hit.Patient))
	})
	limit := q.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	found = found[:min(len(found), limit, 200)]
	hits := make([]Hit, 0, len(found))
	for _, f := range found {
		hits = append(hits, f.hit)
	}
	tellRows(tx, len(hits), len(hits)+withheld)
	return hits, nil
}

// tellRows says in the entry how many rows a list showed, and how many it left out
// because the policy refuses their records to the reader.
func tellRows(tx *gate.Tx, shown, found int) {
	tx.Detail("rows", strconv.Itoa(shown))
	if shown < found {
		tx.Detail("withheld", strconv.Itoa(found-shown))
	}
}

type scored struct {
	hit   Hit
	score int
}

func sortName(p Patient) string {
	return seal.Fold(p.Name.Family) + " " + seal.Fold(p.Name.Given) + " " + p.BirthDate + " " + p.Record
}

// candidates returns the records that have all the tokens.
func candidates(ctx context.Context, tx *gate.Tx, tokens [][]byte) ([]string, error) {
	args := make([]any, len(tokens))
	var query strings.Builder
	query.WriteString(sqlRecordsOfToken)
	for i, t := range tokens {
		args[i] = t
		if i > 0 {
			fmt.Fprintf(&query, " AND EXISTS (SELECT 1 FROM patient_token t%d WHERE t%d.token = $%d AND t%d.record = patient_token.record)", i, i, i+1, i)
		}
	}
	rows, err := tx.Query(ctx, query.String()+" ORDER BY record LIMIT "+strconv.Itoa(maxCandidates), args...)
	if err != nil {
		return nil, fmt.Errorf("search tokens: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var records []string
	for rows.Next() {
		var record string
		if err := rows.Scan(&record); err != nil {
			return nil, fmt.Errorf("search tokens: %w", err)
		}
		records = append(records, record)
	}
	return records, wrap(rows.Err(), "search tokens")
}

// matches checks a candidate against the query in the clear and scores it.
func (q Query) matches(p Patient, words []string) (score int, sound, ok bool) {
	if q.BirthDate != "" && p.BirthDate != q.BirthDate {
		return 0, false, false
	}
	if n := numberTerm(q.Number); n.Value != "" && !slices.ContainsFunc(p.Identifiers, func(id Identifier) bool { return numberTerm(id.Value) == n }) {
		return 0, false, false
	}
	if t := phoneTerm(q.Phone); t.Value != "" && !slices.ContainsFunc(p.Phones, func(n string) bool { return phoneTerm(n) == t }) {
		return 0, false, false
	}
	own := p.words()
	for _, w := range words {
		switch {
		case slices.Contains(own, w):
			score += 4
		case slices.ContainsFunc(own, func(o string) bool { return strings.HasPrefix(o, w) }):
			score += 2
		case q.Sounds && slices.ContainsFunc(own, func(o string) bool { return seal.Sound(o) == seal.Sound(w) }):
			sound = true
		default:
			return 0, false, false
		}
	}
	return score, sound, true
}
