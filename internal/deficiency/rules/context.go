package rules

import (
	"sort"
	"strings"
)

// How far before and behind a phrase the words stand that deny it.
const (
	denyBefore = 8
	denyBehind = 4
)

// deniers begin a denial of what follows in the sentence.
var deniers = map[string]bool{
	"no": true, "not": true, "denies": true, "denied": true, "without": true, "never": true, "neither": true, "nor": true, "negative": true,
	"none": true, "non": true, "denying": true, "absent": true, "cannot": true, "isn't": true, "wasn't": true, "doesn't": true, "didn't": true,
	"rule": true, "ruled": true, "excluded": true, "unlikely": true, "lacks": true, "free": true, "if": true, "nil": true, "against": true,
}

// turns end the reach of a denial.
var turns = map[string]bool{
	"but": true, "however": true, "except": true, "although": true, "though": true, "other": true, "besides": true, "apart": true, "yet": true,
	"because": true, "due": true, "since": true, "until": true, "which": true,
}

// denied says whether words from and up to stand under a denial.
func (t *text) denied(from, to int) bool {
	for i, n := from-1, 0; i >= 0 && n < denyBefore && t.tokens[i].sentence == t.tokens[from].sentence; i, n = i-1, n+1 {
		k := t.tokens[i]
		if turns[k.word] || k.after == ':' {
			break
		}
		if deniers[k.word] {
			return true
		}
	}
	for i, n := to, 0; i < len(t.tokens) && n < denyBehind && t.tokens[i].sentence == t.tokens[from].sentence; i, n = i+1, n+1 {
		switch w := t.tokens[i].word; {
		case t.tokens[i-1].after == ',' || turns[w]:
			return false
		case w == "excluded", w == "denied", w == "absent", w == "unlikely", w == "negative", w == "none", w == "no":
			return true
		case w == "ruled" && t.word(i+1) == "out":
			return true
		}
	}
	return false
}

// hitsIn gives the hits that begin in the words from and up to: they stand in order.
func (t *text) hitsIn(from, to int) []hit {
	first := sort.Search(len(t.hits), func(i int) bool { return t.hits[i].from >= from })
	last := first
	for last < len(t.hits) && t.hits[last].from < to {
		last++
	}
	return t.hits[first:last]
}

// of says whether a phrase of the group name stands in the words from and up to.
func (t *text) of(name string, from, to int) bool {
	for _, h := range t.hitsIn(from, to) {
		if h.group == groupPhrase && h.name == name && h.to <= to {
			return true
		}
	}
	return false
}

// kin says whether the sentence or section of word i is about somebody else.
func (t *text) kin(i int) bool {
	if s := t.sectionOf(i); strings.HasPrefix(s, "family") || s == "fh" || s == "fhx" || strings.HasPrefix(s, "mother") || strings.HasPrefix(s, "maternal") {
		return true
	}
	from, to := t.sentenceOf(i)
	return t.of("kin", from, to)
}

// past says whether the sentence before word i tells of earlier times.
func (t *text) past(i int) bool {
	from, to := t.sentenceOf(i)
	if t.of("past", from, to) {
		return true
	}
	for j := from; j < to; j++ {
		if w := t.tokens[j].word; len(w) == 4 && (w[:2] == "19" || w[:2] == "20") && digit(w[2]) && digit(w[3]) && t.word(j-1) != "/" && !t.dated(j) {
			return true
		}
	}
	return false
}

// dated says whether the number at j is the year of a whole date (02/03/2026).
func (t *text) dated(j int) bool {
	return j > 0 && t.tokens[j-1].after == '/'
}

// phrases gives the hits of a group of phrases that are not denied.
func (t *text) phrases(name string) []hit {
	var out []hit
	for _, h := range t.hits {
		if h.group == groupPhrase && h.name == name && !t.denied(h.from, h.to) {
			out = append(out, h)
		}
	}
	return out
}

// anyPhrase gives the first hit of a group of phrases, denied or not.
func (t *text) anyPhrase(name string) (hit, bool) {
	for _, h := range t.hits {
		if h.group == groupPhrase && h.name == name {
			return h, true
		}
	}
	return hit{}, false
}

// bytes gives the place of a hit in the text.
func (t *text) bytes(from, to int) (start, end int) {
	return int(t.tokens[from].start), int(t.tokens[to-1].end)
}

// quote gives the words of a hit as they stand.
func (t *text) quote(from, to int) string {
	start, end := t.bytes(from, to)
	return t.raw[start:end]
}
