package coder

import (
	"cmp"
	"slices"
)

// match is a term found in a sentence.
type match struct {
	term   *term
	atoms  []int // indices into the sentence's atoms, ascending
	width  int   // places from first to last, inclusive
	shared bool  // some of its words also serve a longer match
}

// matcher holds the buffers of one run; it is not safe for concurrent use.
type matcher struct {
	table *termTable
	sites *siteTable
	stamp []uint32 // stemID -> sentence in which it was last seen
	at    []int32  // stemID -> first atom of that stem in the sentence
	next  []int32  // atom -> next atom of the same stem, -1 at the end
	turn  uint32
	found []match
	taken []bool
	means []assertion // of the tokens of the sentence; nil if all alike
}

func newMatcher(t *termTable, sites *siteTable) *matcher {
	// sites.metastasis and sites.cancer are 0 for a table without neoplasms.
	return &matcher{table: t, sites: sites, stamp: make([]uint32, len(t.byAnchor)), at: make([]int32, len(t.byAnchor))}
}

// find returns the matches in a sentence, the deepest first, with every match
// left out whose words all belong to an earlier one.
func (m *matcher) find(atoms []atom) []match {
	m.index(atoms)
	m.found = m.found[:0]
	for i := range atoms {
		if atoms[i].stem == 0 {
			continue
		}
		for _, ti := range m.table.byAnchor[atoms[i].stem] {
			t := &m.table.terms[ti]
			if hit, ok := m.try(atoms, i, t); ok {
				m.found = append(m.found, hit)
			}
		}
	}
	slices.SortStableFunc(m.found, func(x, y match) int {
		return cmp.Or(cmp.Compare(y.term.depth(), x.term.depth()),
			cmp.Compare(y.term.source, x.term.source),
			cmp.Compare(x.width, y.width),
			cmp.Compare(x.atoms[0], y.atoms[0]),
			cmp.Compare(x.term.code, y.term.code))
	})
	return m.choose(atoms)
}

// depth is how far a term leads: its words. A path of the Alphabetic Index
// counts one less, so that it gives way to a term of the lexicon or a title
// that says nearly as much: measured, such paths are right one time in three.
func (t *term) depth() int {
	if t.source == fromIndex {
		return len(t.stems) - 1
	}
	return len(t.stems)
}

func (m *matcher) index(atoms []atom) {
	m.turn++
	m.next = append(m.next[:0], make([]int32, len(atoms))...)
	for i := len(atoms) - 1; i >= 0; i-- {
		s := atoms[i].stem
		m.next[i] = -1
		if m.stamp[s] == m.turn {
			m.next[i] = m.at[s]
		}
		m.stamp[s], m.at[s] = m.turn, int32(i) //nolint:gosec // sentences are short
	}
}

// try looks for the other words of a term around its anchor.
func (m *matcher) try(atoms []atom, anchor int, t *term) (match, bool) {
	for _, s := range t.stems[1:] {
		if m.stamp[s] != m.turn {
			return match{}, false
		}
	}
	at := make([]int, 1, len(t.stems))
	at[0] = anchor
	lo, hi := atoms[anchor].place, atoms[anchor].place
	for _, s := range t.stems[1:] {
		best, bestCost := -1, 1<<30
		for i := m.at[s]; i >= 0; i = m.next[i] {
			a := atoms[i]
			if a.clause != atoms[anchor].clause {
				continue
			}
			cost := max(hi, a.place) - min(lo, a.place)
			if a.segment != atoms[anchor].segment {
				cost += 2
			}
			if cost < bestCost {
				best, bestCost = int(i), cost
			}
		}
		if best < 0 {
			return match{}, false
		}
		at = append(at, best)
		lo, hi = min(lo, atoms[best].place), max(hi, atoms[best].place)
	}
	hit := match{term: t, atoms: at, width: hi - lo + 1}
	if m.mixed(atoms, at) || !m.fits(atoms, hit) {
		return match{}, false
	}
	slices.Sort(hit.atoms)
	return hit, !m.sites.misread(atoms, hit)
}

// mixed reports whether a match joins words that are denied with words that are
// not: "laceration, no foreign body".
func (m *matcher) mixed(atoms []atom, hit []int) bool {
	if m.means == nil {
		return false
	}
	denied := isDenied(m.means[atoms[hit[0]].last])
	for _, i := range hit[1:] {
		if isDenied(m.means[atoms[i].last]) != denied {
			return true
		}
	}
	return false
}

func isDenied(a assertion) bool { return a == negated || a == ruledOut }

// fits checks that the words stand close enough and that nothing else in the
// sentence has a better claim on those beyond a comma or an "and".
func (m *matcher) fits(atoms []atom, hit match) bool {
	t := hit.term
	places := map[int]bool{}
	for _, i := range hit.atoms {
		places[atoms[i].place] = true
	}
	slack := 3
	switch n := len(places); {
	case n >= 6:
		slack = 6
	case n >= 4:
		slack = 5
	case n == 3:
		slack = 4
	}
	if t.flags&flagExact != 0 {
		slack = 0
	}
	if hit.width-len(places) > slack {
		return false
	}
	home := m.homeSegment(atoms, hit)
	for _, i := range hit.atoms {
		if atoms[i].segment == home {
			continue
		}
		if t.flags&flagExact != 0 || !m.mayCross(atoms, hit, i, home) {
			return false
		}
	}
	return true
}

// homeSegment is where the term's condition word stands.
func (m *matcher) homeSegment(atoms []atom, hit match) int {
	for k, i := range hit.atoms {
		if hit.term.heads&(1<<k) != 0 {
			return atoms[i].segment
		}
	}
	return atoms[hit.atoms[0]].segment
}

// mayCross decides whether a word beyond a comma or conjunction belongs to a
// term: "abdominal and chest pain" yes, "edema and left leg pain" no.
func (m *matcher) mayCross(atoms []atom, hit match, word, home int) bool {
	segment := atoms[word].segment
	gap := segment - home
	if gap < -2 || gap > 3 {
		return false
	}
	for j := range atoms {
		a := atoms[j]
		if a.segment != segment || a.stem == 0 || !m.table.isHead[a.stem] {
			continue
		}
		if !slices.Contains(hit.atoms, j) {
			return false
		}
	}
	return true
}

// choose keeps the matches that add a word no better match has used.
func (m *matcher) choose(atoms []atom) []match {
	m.taken = append(m.taken[:0], make([]bool, len(atoms))...)
	var out []match
	for _, hit := range m.found {
		fresh, used := false, false
		for _, i := range hit.atoms {
			if m.taken[i] {
				used = true
			} else {
				fresh = true
			}
		}
		if !fresh || used && !m.freshHead(hit) {
			continue
		}
		hit.shared = used
		for _, i := range hit.atoms {
			m.taken[i] = true
		}
		out = append(out, hit)
	}
	return out
}

// freshHead reports whether a match that shares words with a deeper one still
// stands for something of its own: a modifier before a shared condition word
// ("kidney and liver failure"), or another condition.
func (m *matcher) freshHead(hit match) bool {
	return len(hit.term.stems) > 1 || !m.taken[hit.atoms[0]]
}
