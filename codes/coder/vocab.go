package coder

import (
	"slices"
	"strings"
)

// stemID numbers a word form that takes part in matching. Zero is a word that
// no term uses.
type stemID uint32

// vocab turns words into the forms that terms and texts are compared by. It is
// built once and only read afterwards.
type vocab struct {
	forms   map[string]string // word -> canonical word(s): renal -> kidney
	phrases *phraseTree       // several words -> canonical words
	ids     map[string]stemID
	names   []string
}

func newVocab() *vocab {
	return &vocab{forms: map[string]string{}, phrases: &phraseTree{}, ids: map[string]stemID{}, names: []string{""}}
}

// intern gives a word its number, adding it if need be; only while building.
func (v *vocab) intern(word string) stemID {
	if id, ok := v.ids[word]; ok {
		return id
	}
	id := stemID(len(v.names)) //nolint:gosec // fewer than 2^32 words
	v.ids[word] = id
	v.names = append(v.names, word)
	return id
}

// word reduces one folded word to its canonical form.
func (v *vocab) word(low string) string {
	if form, ok := v.forms[low]; ok {
		return form
	}
	stem := stemOf(low)
	if form, ok := v.forms[stem]; ok {
		return form
	}
	return stem
}

// stemOf folds British spelling and the plural. The result need not be a word;
// it only has to be the same for the forms that mean the same.
func stemOf(w string) string {
	n := len(w)
	if n < 4 {
		return w
	}
	w = american(w)
	n = len(w)
	switch {
	case strings.HasSuffix(w, "sses"):
		return w[:n-2]
	case strings.HasSuffix(w, "ies") && n > 4:
		return w[:n-3] + "y"
	case strings.HasSuffix(w, "itides"):
		return w[:n-4] + "s"
	case strings.HasSuffix(w, "oses"), strings.HasSuffix(w, "yses"), strings.HasSuffix(w, "ases") && n > 7:
		return w[:n-2] + "is"
	case strings.HasSuffix(w, "ches"), strings.HasSuffix(w, "shes"), strings.HasSuffix(w, "xes"), strings.HasSuffix(w, "zes"):
		return w[:n-2]
	case strings.HasSuffix(w, "ss"), strings.HasSuffix(w, "us"), strings.HasSuffix(w, "is"):
		return w
	case strings.HasSuffix(w, "mata") && n > 6:
		return w[:n-2]
	case strings.HasSuffix(w, "s"):
		return w[:n-1]
	}
	return w
}

// american folds the British digraphs that matter in clinical words.
func american(w string) string {
	if !strings.Contains(w, "ae") && !strings.Contains(w, "oe") && !strings.Contains(w, "our") && !strings.Contains(w, "phth") {
		return w
	}
	for _, p := range britishPairs {
		w = strings.Replace(w, p[0], p[1], 1)
	}
	return w
}

var britishPairs = [][2]string{
	{"haem", "hem"}, {"aemi", "emi"}, {"oedem", "edem"}, {"oesoph", "esoph"}, {"tumour", "tumor"}, {"diarrhoe", "diarrhe"},
	{"paed", "ped"}, {"gynaec", "gynec"}, {"anaes", "anes"}, {"foet", "fet"}, {"caec", "cec"}, {"faec", "fec"}, {"aetiol", "etiol"},
	{"dyspnoe", "dyspne"}, {"apnoe", "apne"}, {"amenorrhoe", "amenorrhe"}, {"orrhoe", "orrhe"}, {"leukaem", "leukem"}, {"ischaem", "ischem"},
	{"odour", "odor"}, {"colour", "color"}, {"opthal", "ophthal"}, {"aesthes", "esthes"}, {"coeliac", "celiac"},
}

// phraseTree finds the longest known phrase that begins at a word.
type phraseTree struct {
	next  map[string]*phraseTree
	value []string // canonical words; nil where no phrase ends
	exact string   // capitals as they must stand; "" any
}

// addNew adds a phrase that is not known yet; a phrase of one word that means
// itself adds nothing.
func (p *phraseTree) addNew(words, value []string, exact string) {
	if len(words) == 0 || len(value) == 0 || slices.Equal(words, value) {
		return
	}
	if at := p.node(words); at.value == nil {
		at.value, at.exact = value, exact
	}
}

func (p *phraseTree) add(words, value []string, exact string) {
	at := p.node(words)
	at.value, at.exact = value, exact
}

// node returns the place of a phrase in the tree, made if need be.
func (p *phraseTree) node(words []string) *phraseTree {
	at := p
	for _, w := range words {
		if at.next == nil {
			at.next = map[string]*phraseTree{}
		}
		child, ok := at.next[w]
		if !ok {
			child = &phraseTree{}
			at.next[w] = child
		}
		at = child
	}
	return at
}

// functionWords carry no meaning of their own for a term.
var functionWords = setOf("the", "a", "an", "of", "in", "on", "at", "to", "for", "by", "as", "is", "was", "were", "are", "be", "been", "his", "her",
	"their", "this", "that", "these", "those", "it", "its", "any", "some", "there", "has", "have", "had", "from", "than", "into", "who", "which",
	"du", "de", "s", "level", "known", "along", "associated", "within", "including", "being", "also", "very", "quite")

// linkWords join the parts of a term ("with", "due to"); they separate
// nothing and match nothing.
var linkWords = setOf("with", "due", "secondary", "involving", "affecting", "complicated", "caused", "without")
