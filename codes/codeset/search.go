package codeset

import (
	"sort"
	"strings"
)

// Hit is one answer of a search, best first.
type Hit struct {
	System System   `json:"system"`
	Code   string   `json:"code"`
	Title  string   `json:"title"`
	Score  float64  `json:"score"` // 0 to 1; comparable within one search only
	Why    []string `json:"why"`   // the words as read, then where they matched: index path, inclusion term, title
}

const (
	maxQueryWords = 24
	maxHits       = 1000
	maxQueryBytes = 1000
	maxReadings   = 8
	leastCoverage = 0.35 // of the weight of the query's words
)

// Search finds codes as a person types, best first, at most limit (10 if it is
// not positive, never more than 1,000). Words may come in any order, be begun only (the last one),
// misspelled, plural, British, abbreviated or lay. A query that looks like a
// code lists the codes that begin so. Titles, inclusion terms and the Index are
// searched; Why says which matched.
func (s *Set) Search(query string, limit int) []Hit {
	if limit <= 0 {
		limit = 10
	}
	limit = min(limit, maxHits)
	if len(query) > maxQueryBytes {
		query = query[:maxQueryBytes]
	}
	if hits := s.searchCode(query, limit); hits != nil {
		return hits
	}
	x := s.search.get(func() *searcher { return newSearcher(s) })
	return x.search(query, limit)
}

// searchCode lists codes that begin with the query, if it looks like one.
func (s *Set) searchCode(query string, limit int) []Hit {
	name := undot(query)
	hasDigit := strings.ContainsAny(name, "0123456789")
	if len(name) < 2 || len(name) > 7 || !hasDigit || strings.ContainsAny(strings.TrimSpace(query), " ") {
		return nil
	}
	from, to := s.below(name)
	var hits []Hit
	for i := from; i < to && len(hits) < limit; i++ {
		c := s.At(i)
		hits = append(hits, Hit{s.edition.System, c.Code, c.Title, 1, []string{query, c.Code}})
	}
	return hits
}

// reading is one way to read the query: its folded words, and how sure it is.
type reading struct {
	words []string
	shown string // what was put in place of what, "" if nothing
	trust float32
}

// found is a document with its score.
type found struct {
	doc     int32
	score   float32
	reading int
}

// scratch is what one search needs; it is reused.
type scratch struct {
	query, doc []float32
	mark       []int32
	touched    []int32
}

func (x *searcher) search(query string, limit int) []Hit {
	words := meaningful(Words(query))
	if len(words) == 0 {
		return nil
	}
	if len(words) > maxQueryWords {
		words = words[:maxQueryWords]
	}
	open := !strings.HasSuffix(query, " ")
	sc := x.scratch()
	defer x.pool.Put(sc)
	readings := x.readings(words)
	keep := limit*8 + 40
	var all []found
	for r, reading := range readings {
		all = x.run(sc, reading, r, open && r == 0, keep, all)
	}
	return x.hits(query, readings, all, limit)
}

func meaningful(words []string) []string {
	out := words[:0]
	for _, w := range words {
		if !stopWords[w] {
			out = append(out, w)
		}
	}
	return out
}

func (x *searcher) scratch() *scratch {
	if sc, ok := x.pool.Get().(*scratch); ok {
		return sc
	}
	n := len(x.docs)
	return &scratch{query: make([]float32, n), doc: make([]float32, n), mark: make([]int32, n)}
}

// run scores every document that has a word of the reading and appends the best
// keep of them to all.
func (x *searcher) run(sc *scratch, rd reading, number int, open bool, keep int, all []found) []found {
	var total float32
	for i, word := range rd.words {
		ex := x.expand(word, open && i == len(rd.words)-1)
		weight := float32(8) // of a word that nothing has
		if len(ex) > 0 {
			weight = x.idf[ex[0].term]
		}
		total += weight
		for _, e := range ex {
			value, own := weight*e.quality, x.idf[e.term]
			for _, d := range x.posts[x.first[e.term]:x.first[e.term+1]] {
				switch sc.mark[d] {
				case 0:
					sc.touched = append(sc.touched, d)
					sc.query[d], sc.doc[d] = 0, 0
				case int32(i + 1):
					continue // the word matched already, and better
				}
				sc.mark[d] = int32(i + 1)
				sc.query[d] += value
				sc.doc[d] += own
			}
		}
	}
	start := len(all)
	floor := float32(0)
	for _, d := range sc.touched {
		sc.mark[d] = 0
		covered := sc.query[d] / total
		if covered < leastCoverage {
			continue
		}
		score := x.score(d, covered, sc.doc[d]) * rd.trust
		if score <= floor {
			continue
		}
		all = append(all, found{d, score, number})
		if len(all)-start >= 4*keep {
			all, floor = x.best(all, start, keep)
		}
	}
	sc.touched = sc.touched[:0]
	all, _ = x.best(all, start, keep)
	return all
}

// best keeps the best of all[start:] and returns the lowest score kept.
func (x *searcher) best(all []found, start, keep int) ([]found, float32) {
	part := all[start:]
	sort.Slice(part, func(i, j int) bool {
		if part[i].score != part[j].score {
			return part[i].score > part[j].score
		}
		return part[i].doc < part[j].doc
	})
	if len(part) <= keep {
		return all, 0
	}
	return all[:start+keep], part[keep-1].score
}

// score is how well a document answers: how much of the query it has, and how
// little it has beyond. Complete codes come before headers, the initial
// encounter before the others.
func (x *searcher) score(d int32, covered, own float32) float32 {
	doc := &x.docs[d]
	fit := own / doc.weight
	if fit > 1 || doc.weight == 0 {
		fit = 1
	}
	score := covered * covered * (0.5 + 0.5*fit)
	switch doc.source {
	case sourceTitle:
	case sourceProcedure:
		score *= 0.95
	case sourceOldIndex:
		score *= 0.92
	default:
		score *= 0.99
	}
	if x.set.edition.System == ICD10PCS && x.set.keys[int(doc.code)]>>56 > '1' {
		score *= 0.93 // operations and obstetrics come before the other sections
	}
	if doc.column > 0 {
		score *= 0.92
	}
	if !x.set.billable(int(doc.code)) {
		score *= 0.97
	}
	if c := x.set.seventh(int(doc.code)); c != 0 && c != 'A' && c >= 'A' {
		score *= 0.97
	}
	return score
}

// hits turns documents into codes, each once, with its reason.
func (x *searcher) hits(query string, readings []reading, all []found, limit int) []Hit {
	sort.SliceStable(all, func(i, j int) bool { return all[i].score > all[j].score })
	seen := map[int32]bool{}
	var hits []Hit
	for _, f := range all {
		doc := x.docs[f.doc]
		if seen[doc.code] {
			continue
		}
		seen[doc.code] = true
		c := x.set.At(int(doc.code))
		hits = append(hits, Hit{
			System: x.set.edition.System, Code: c.Code, Title: c.Title,
			Score: float64(f.score), Why: x.why(query, readings[f.reading], doc),
		})
		if len(hits) == limit {
			break
		}
	}
	return hits
}

// why says how the query was read and where it matched.
func (x *searcher) why(query string, rd reading, doc document) []string {
	why := []string{strings.TrimSpace(query)}
	if rd.shown != "" {
		why = append(why, rd.shown)
	}
	switch doc.source {
	case sourceInclusion:
		return append(why, x.set.list().texts.Text(doc.ref))
	case sourceIndex, sourceOldIndex, sourceProcedure:
		return append(why, x.index.Path(NodeID(doc.ref))...)
	}
	return append(why, x.set.texts.Text(doc.ref))
}

// readings returns the ways to read the query: as it stands, and with
// abbreviations, lay words and names of operations replaced.
func (x *searcher) readings(words []string) []reading {
	out := []reading{{words: words, trust: 1}}
	lex := Lexicon()
	for at := 0; at < len(out) && len(out) < maxReadings; at++ {
		base := out[at]
		for i := range base.words {
			for n := min(4, len(base.words)-i); n >= 1 && len(out) < maxReadings; n-- {
				phrase := joinWords(base.words[i : i+n])
				for _, s := range x.substitutes(lex, phrase) {
					if at > 0 && strings.Contains(base.shown, s) || len(out) >= maxReadings {
						continue
					}
					next := append(append(append([]string(nil), base.words[:i]...), meaningful(Words(s))...), base.words[i+n:]...)
					if len(next) <= maxQueryWords && !known(out, next) {
						out = append(out, reading{next, strings.TrimSpace(joinWords(next)), base.trust * 0.97})
					}
				}
			}
		}
	}
	return out
}

func known(list []reading, words []string) bool {
	for _, r := range list {
		if joinWords(r.words) == joinWords(words) {
			return true
		}
	}
	return false
}

// substitutes returns what may stand for a folded phrase.
func (x *searcher) substitutes(lex *Lex, phrase string) []string {
	out := append([]string(nil), lex.Abbreviation(phrase)...)
	out = append(out, lex.Synonyms(phrase)...)
	return append(out, x.see[phrase]...)
}
