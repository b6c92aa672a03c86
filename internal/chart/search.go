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
	Nicknames bool   // so do the names that somebody called so may be entered under: Bill finds William
	BirthDate string // YYYY-MM-DD
	Number    string // record number, or any other identifier
	Phone     string // any writing; its digits count, without the country's 1
	Limit     int    // 1 to 200; 0 takes 50
}

// Hit is one patient found.
type Hit struct {
	Patient Patient
	How     Match // of the words of the name, the loosest
}

// Match says how a word of a search met a name.
type Match int

// The ways a word meets a name, from the strictest.
const (
	Exactly     Match = iota // as a whole word, or by a number or date alone
	ByBeginning              // it begins a name
	ByNickname               // it is a familiar form of a name, or the name of one
	BySound                  // it sounds like a name
)

// String names the way, for people.
func (m Match) String() string { return [...]string{"exact", "beginning", "nickname", "sound"}[m] }

// maxCandidates bounds how many registrations one search opens.
const maxCandidates = 500

// enough is how many records found by whole words and beginnings make it needless
// to look for others by sound and nickname.
const enough = 200

// Search finds patients by keyed tokens, best first: whole names before
// beginnings before nicknames before sounds, then by name. Nothing that was searched for is
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
	records, err := s.worthALook(ctx, tx, q)
	if err != nil {
		return nil, err
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
		p, err := s.PatientTx(ctx, tx, record)
		if err != nil {
			return nil, err
		}
		if score, how, ok := q.matches(p, words); ok {
			found = append(found, scored{Hit{Patient: p, How: how}, score})
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

// worthALook gives the records that a query may mean, those found by whole names
// first, so that a short name is found among the many that only begin like it.
func (s *Service) worthALook(ctx context.Context, tx *gate.Tx, q Query) ([]string, error) {
	ways := []matching{wholeWords, beginnings}
	if q.Sounds || q.Nicknames {
		ways = append(ways, loosely)
	}
	var records []string
	met := map[string]bool{}
	for _, how := range ways {
		if how == loosely && len(records) >= enough {
			break // what is found loosely stands below all these
		}
		found, err := s.candidates(ctx, tx, q.terms(how))
		if err != nil {
			return nil, err
		}
		for _, r := range found {
			if len(records) < maxCandidates && !met[r] {
				met[r] = true
				records = append(records, r)
			}
		}
	}
	return records, nil
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

// candidates returns the records that have a token of each group.
func (s *Service) candidates(ctx context.Context, tx *gate.Tx, groups [][]seal.Term) ([]string, error) {
	var args []any
	list := func(terms []seal.Term) string {
		var in strings.Builder
		for i, t := range s.ring.Tokens(terms) {
			args = append(args, t)
			if i > 0 {
				in.WriteString(", ")
			}
			in.WriteString("$" + strconv.Itoa(len(args)))
		}
		return "IN (" + in.String() + ")"
	}
	var query strings.Builder
	for i, group := range groups {
		if i == 0 {
			query.WriteString(strings.Replace(sqlRecordsOfToken, "IN ($1)", list(group), 1))
			continue
		}
		fmt.Fprintf(&query, " AND EXISTS (SELECT 1 FROM patient_token t%d WHERE t%d.token %s AND t%d.record = patient_token.record)", i, i, list(group), i)
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
func (q Query) matches(p Patient, words []string) (score int, how Match, ok bool) {
	if q.BirthDate != "" && p.BirthDate != q.BirthDate {
		return 0, how, false
	}
	if n := numberTerm(q.Number); n.Value != "" && !slices.ContainsFunc(p.Identifiers, func(id Identifier) bool { return numberTerm(id.Value) == n }) {
		return 0, how, false
	}
	if t := phoneTerm(q.Phone); t.Value != "" && !slices.ContainsFunc(p.Phones, func(n string) bool { return phoneTerm(n) == t }) {
		return 0, how, false
	}
	own := p.words()
	for _, w := range words {
		met, ok := q.meets(own, w)
		if !ok {
			return 0, how, false
		}
		score += matchScores[met]
		how = max(how, met)
	}
	return score, how, true
}

// matchScores are what a word adds to the place of a hit in the list.
var matchScores = [...]int{Exactly: 8, ByBeginning: 4, ByNickname: 3, BySound: 1}

// meets says how a word of the query meets one of a patient's names.
func (q Query) meets(own []string, w string) (Match, bool) {
	switch {
	case slices.Contains(own, w):
		return Exactly, true
	case len([]rune(w)) >= shortestPrefix && slices.ContainsFunc(own, func(o string) bool { return strings.HasPrefix(o, w) }):
		return ByBeginning, true
	case q.Nicknames && slices.ContainsFunc(seal.Nicknames(w), func(n string) bool { return slices.Contains(own, n) }):
		return ByNickname, true
	case q.Sounds && seal.Sound(w) != "" && slices.ContainsFunc(own, func(o string) bool { return seal.Sound(o) == seal.Sound(w) }):
		return BySound, true
	}
	return Exactly, false
}
