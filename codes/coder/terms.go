package coder

import (
	"sort"
	"strings"
)

// source says where a term comes from; a higher one wins over a lower one that
// has the same words.
type source uint8

const (
	fromOther   source = iota + 1 // a title of an "other specified" code
	fromRelaxed                   // a title less the words that are not essential
	fromTerm                      // an inclusion term
	fromTitle                     // a title, or an inclusion term with NOS
	fromIndex                     // a path of the Alphabetic Index
	fromSite                      // the neoplasm table and a histology
	fromLexicon                   // a fact of the lexicon
)

// term is a set of canonical words that leads to a code.
type term struct {
	stems  []stemID // the rarest first
	heads  uint32   // bit i set: stems[i] is a word for a condition
	code   string   // written form; may be a header
	also   []string // further codes that always go with it
	source source
	text   string // title, index path or lexicon entry, for Why
	flags  termFlag
}

type termFlag uint8

const (
	flagWeak    termFlag = 1 << iota // offered only with --all
	flagAcute                        // in a past history it is over
	flagChronic                      // in a past history it still counts
	flagSymptom                      // a symptom or sign
	flagFinding                      // a statement about a test result
	flagExact                        // every word must stand within three places
	flagPast                         // an operation: a status only once it is past
)

// termTable finds terms by their rarest word.
type termTable struct {
	terms    []term
	byAnchor [][]int32 // stemID -> terms
	isHead   []bool    // stemID -> names a condition by itself
}

// termBuilder collects terms and keeps the best for each set of words.
type termBuilder struct {
	v    *vocab
	sets map[string]int
	list []builtTerm
}

type builtTerm struct {
	words []string
	term  term
}

func newTermBuilder(v *vocab) *termBuilder {
	return &termBuilder{v: v, sets: map[string]int{}}
}

// add enters a term. words need not be sorted or unique.
func (b *termBuilder) add(words []string, t term) {
	if len(words) == 0 || len(words) > 12 {
		return
	}
	sorted := append([]string(nil), words...)
	sort.Strings(sorted)
	unique := sorted[:0]
	for i, w := range sorted {
		if i == 0 || w != sorted[i-1] {
			unique = append(unique, w)
		}
	}
	key := strings.Join(unique, " ")
	if at, ok := b.sets[key]; ok {
		if better(t, b.list[at].term) {
			b.list[at].term = t
		}
		return
	}
	b.sets[key] = len(b.list)
	b.list = append(b.list, builtTerm{unique, t})
}

// better decides between two codes for one set of words.
func better(x, y term) bool {
	if x.source != y.source {
		return x.source > y.source
	}
	if xo, yo := saysOther(x.text), saysOther(y.text); xo != yo {
		return yo
	}
	if len(x.code) != len(y.code) {
		return len(x.code) < len(y.code)
	}
	return x.code < y.code
}

// saysOther: the text of a code for what has no code of its own.
func saysOther(text string) bool {
	return strings.Contains(text, "Other ") || strings.Contains(text, "other ")
}

// build numbers the words and orders each term's words by rarity.
func (b *termBuilder) build(heads func(string) bool) *termTable {
	count := map[string]int{}
	for _, e := range b.list {
		for _, w := range e.words {
			count[w]++
		}
	}
	single := map[string]bool{}
	for _, e := range b.list {
		if len(e.words) == 1 && e.term.flags&flagWeak == 0 {
			single[e.words[0]] = true
		}
	}
	table := &termTable{terms: make([]term, 0, len(b.list))}
	for _, e := range b.list {
		sort.SliceStable(e.words, func(i, j int) bool {
			if count[e.words[i]] != count[e.words[j]] {
				return count[e.words[i]] < count[e.words[j]]
			}
			return e.words[i] < e.words[j]
		})
		t := e.term
		t.stems = make([]stemID, len(e.words))
		for i, w := range e.words {
			t.stems[i] = b.v.intern(w)
			if single[w] || heads(w) {
				t.heads |= 1 << i
			}
		}
		table.terms = append(table.terms, t)
	}
	table.byAnchor = make([][]int32, len(b.v.names))
	table.isHead = make([]bool, len(b.v.names))
	for id, name := range b.v.names {
		table.isHead[id] = single[name] || heads(name)
	}
	for i, t := range table.terms {
		table.byAnchor[t.stems[0]] = append(table.byAnchor[t.stems[0]], int32(i))
	}
	return table
}
