package codeset

import (
	"sort"
	"strings"
)

// expansion is a term that a word of the query may stand for.
type expansion struct {
	term    int32
	quality float32 // 1 for the word itself
}

const maxExpansions = 48

// expand returns the terms that a folded word may stand for, best first. open
// says that the word may be only the beginning of one.
func (x *searcher) expand(word string, open bool) []expansion {
	var out []expansion
	if t, ok := x.terms[word]; ok {
		out = append(out, expansion{t, 1})
	}
	exact := len(out) > 0
	for _, other := range Lexicon().pair(word) {
		if t, ok := x.terms[other]; ok {
			out = append(out, expansion{t, 0.93})
		}
	}
	if open || !exact && len(word) >= 4 {
		out = x.beginnings(out, word, exact)
	}
	if len(out) == 0 && len(word) >= 4 {
		out = x.misspelled(out, word)
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].quality > out[j].quality })
	return out
}

// beginnings adds the terms that begin with word; of many, the most frequent.
func (x *searcher) beginnings(out []expansion, word string, exact bool) []expansion {
	from := sort.Search(len(x.order), func(i int) bool { return x.names[x.order[i]] >= word })
	var found []int32
	for i := from; i < len(x.order) && strings.HasPrefix(x.names[x.order[i]], word); i++ {
		if t := x.order[i]; x.names[t] != word {
			found = append(found, t)
		}
	}
	if len(found) > maxExpansions {
		sort.SliceStable(found, func(i, j int) bool {
			return x.first[found[i]+1]-x.first[found[i]] > x.first[found[j]+1]-x.first[found[j]]
		})
		found = found[:maxExpansions]
	}
	scale := float32(0.95)
	if exact {
		scale = 0.9 // the word itself is there: longer ones are less likely meant
	}
	for _, t := range found {
		share := float32(len(word)) / float32(len(x.names[t]))
		out = append(out, expansion{t, scale * (0.7 + 0.3*share)})
	}
	return out
}

// misspelled adds the terms within one edit of a word, two of a long one.
func (x *searcher) misspelled(out []expansion, word string) []expansion {
	limit := 1
	if len(word) >= 8 {
		limit = 2
	}
	mask := letterMask(word)
	for t, name := range x.names {
		if len(name) < len(word)-limit || len(name) > len(word)+limit || lettersApart(mask, x.masks[t]) > limit {
			continue
		}
		if d := distance(word, name, limit); d <= limit {
			quality := 0.88 - 0.13*float32(d)
			if name[0] != word[0] {
				quality -= 0.1
			}
			out = append(out, expansion{int32(t), quality})
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].quality > out[j].quality })
	if len(out) > 12 {
		out = out[:12]
	}
	return out
}

// distance counts the edits between two words (Damerau-Levenshtein, neighbours
// swapped count one); anything above limit is limit+1.
func distance(a, b string, limit int) int {
	const longest = 40
	if len(a) > longest || len(b) > longest {
		return limit + 1
	}
	var rows [3][longest + 1]int
	for j := 0; j <= len(b); j++ {
		rows[1][j] = j
	}
	before, last, this := &rows[0], &rows[1], &rows[2]
	for i := 1; i <= len(a); i++ {
		this[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d := min(last[j-1]+cost, last[j]+1, this[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, before[j-2]+1)
			}
			this[j] = d
			least = min(least, d)
		}
		if least > limit {
			return limit + 1
		}
		before, last, this = last, this, before
	}
	return last[len(b)]
}
