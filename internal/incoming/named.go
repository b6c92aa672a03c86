package incoming

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
)

// Named is a patient that the words of pages name.
type Named struct {
	Patient  chart.Patient
	Surely   bool // by a labelled number, a number with the name, or birth date and both names
	Pages    []int
	Wholly   []int     // pages with both a number and the name: those a chosen patient need not be confirmed for
	Mentions []Mention // the words that say so
}

// The most that is looked for among the words of one scan: a long one is mostly
// of one patient, and each search opens records.
const (
	maxNumbers = 16
	maxBirths  = 8
	maxNames   = 6
	maxHits    = 40
)

// namedTx finds whom pages name: patients found by the numbers, birth dates and
// names on them, each then held against every page. What the policy closes to the
// actor is left out. The surest and most frequent come first.
func (s *Service) namedTx(ctx context.Context, tx *gate.Tx, pages []pageWords) ([]Named, error) {
	found := map[string]chart.Patient{}
	for _, q := range questions(pages) {
		hits, err := s.chart.SearchTx(ctx, tx, q)
		if errors.Is(err, chart.ErrInvalid) { // nothing of it can be searched for: "0000"
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, h := range hits {
			found[h.Patient.Record] = h.Patient
		}
	}
	var all []Named
	for _, p := range found {
		n := Named{Patient: p}
		for _, pg := range pages {
			sure, where := pg.names(p)
			if sure == notNamed {
				continue
			}
			n.Surely = n.Surely || sure >= surely
			if sure == wholly {
				n.Wholly = append(n.Wholly, pg.page)
			}
			n.Pages = append(n.Pages, pg.page)
			n.Mentions = append(n.Mentions, where...)
		}
		if len(n.Pages) > 0 {
			all = append(all, n)
		}
	}
	slices.SortFunc(all, func(a, b Named) int {
		return cmp.Or(-cmp.Compare(gate.Flag(a.Surely), gate.Flag(b.Surely)), -cmp.Compare(len(a.Pages), len(b.Pages)),
			cmp.Compare(a.Pages[0], b.Pages[0]), cmp.Compare(a.Patient.Record, b.Patient.Record))
	})
	return all, nil
}

// questions are the searches that the words of pages give rise to, each once.
func questions(pages []pageWords) []chart.Query {
	var out []chart.Query
	seen := map[chart.Query]bool{}
	left := map[string]int{"number": maxNumbers, "birth": maxBirths, "name": maxNames}
	ask := func(what string, q chart.Query) {
		q.Limit = maxHits
		if left[what] > 0 && !seen[q] {
			seen[q] = true
			left[what]--
			out = append(out, q)
		}
	}
	for _, labelled := range []bool{true, false} {
		for _, pg := range pages {
			for _, m := range pg.numbers {
				if m.labelled == labelled {
					ask("number", chart.Query{Number: m.value})
				}
			}
			for _, m := range pg.dates {
				if (m.What == "birth date") == labelled {
					ask("birth", chart.Query{BirthDate: m.value})
				}
			}
			for _, m := range pg.given {
				ask("name", chart.Query{Name: m.value})
			}
		}
	}
	return out
}

// otherPages are the pages that surely name somebody who is not person. A page
// that names person by number and name as well is no such page: a newborn's names
// the mother. One with the name of the one and the number of the other is.
func otherPages(named []Named, person string, pages []pageWords) []int {
	var out []int
	for _, pg := range pages {
		mine, other := false, false
		for _, n := range named {
			sure, _ := pg.names(n.Patient)
			if n.Patient.Person == person {
				mine = mine || sure == wholly
			} else {
				other = other || sure >= surely
			}
		}
		if other && !mine {
			out = append(out, pg.page)
		}
	}
	return out
}

// marksOf are the pages at which another patient begins: where one is surely named
// who is not the one before. A page that names nobody goes with those before it.
func marksOf(named []Named, pages []pageWords) []int {
	var marks []int
	person := ""
	for _, pg := range pages {
		here := map[string]bool{}
		first := ""
		for _, n := range named {
			if sure, _ := pg.names(n.Patient); sure >= surely {
				here[n.Patient.Person] = true
				first = cmp.Or(first, n.Patient.Person)
			}
		}
		if len(here) == 0 || here[person] {
			continue
		}
		if person != "" {
			marks = append(marks, pg.page)
		}
		person = first
	}
	return marks
}
