package codeset

import (
	"bufio"
	"embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"chartroom/codes/codeset/internal/fold"
)

//go:embed lexicon/*.txt
var lexiconFiles embed.FS

// Fold reduces a word to the form under which it is looked up: lower case, no
// diacritics, no possessive, American spelling, singular.
func Fold(word string) string { return fold.Word(word) }

// Words splits a text into words and folds each.
func Words(text string) []string { return fold.Words(text) }

// EachWord calls do for every word of text with its folded form and the bytes
// [start,end) it was read from.
func EachWord(text string, do func(word string, start, end int)) { fold.Each(text, do) }

// Lex is the lexicon: abbreviations, lay words, and pairs of noun and
// adjective, from the text files in lexicon/. It is immutable.
type Lex struct {
	abbreviations map[string][]string
	synonyms      map[string][]string
	pairs         map[string][]string
}

// lexicon reads the files once. They are part of the program and a test reads
// them, so an error cannot arise later.
var lexicon = sync.OnceValue(func() *Lex {
	lex, _ := readLexicon()
	return lex
})

// Lexicon returns the lexicon compiled into the program.
func Lexicon() *Lex { return lexicon() }

// readLexicon reads the three files. A line is "short = long | other long"; "#"
// begins a comment.
func readLexicon() (*Lex, error) {
	lex := &Lex{abbreviations: map[string][]string{}, synonyms: map[string][]string{}, pairs: map[string][]string{}}
	var first error
	keep := func(err error) {
		if first == nil {
			first = err
		}
	}
	keep(readPairs("abbreviations.txt", func(left string, right []string) {
		key := joinWords(fold.Words(left))
		lex.abbreviations[key] = append(lex.abbreviations[key], right...)
	}))
	keep(readPairs("lay.txt", func(left string, right []string) {
		key := joinWords(fold.Words(left))
		lex.synonyms[key] = append(lex.synonyms[key], right...)
	}))
	keep(readPairs("adjectives.txt", func(left string, right []string) {
		group := append([]string{left}, right...)
		for _, a := range group {
			for _, b := range group {
				if fa, fb := fold.Word(a), fold.Word(b); fa != fb && !has(lex.pairs[fa], fb) {
					lex.pairs[fa] = append(lex.pairs[fa], fb)
				}
			}
		}
	}))
	return lex, first
}

func has(list []string, s string) bool {
	return slices.Contains(list, s)
}

func readPairs(name string, add func(left string, right []string)) error {
	f, err := lexiconFiles.Open("lexicon/" + name)
	if err != nil {
		return fmt.Errorf("codeset: lexicon: %w", err)
	}
	defer func() { _ = f.Close() }() // embedded, read only
	sc := bufio.NewScanner(f)
	for n := 1; sc.Scan(); n++ {
		line, _, _ := strings.Cut(sc.Text(), "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		left, right, ok := strings.Cut(line, "=")
		if !ok {
			return fmt.Errorf("codeset: lexicon/%s line %d: no \"=\"", name, n)
		}
		var all []string
		for r := range strings.SplitSeq(right, "|") {
			if r = strings.TrimSpace(r); r != "" {
				all = append(all, r)
			}
		}
		if left = strings.TrimSpace(left); left == "" || len(all) == 0 {
			return fmt.Errorf("codeset: lexicon/%s line %d: one side is empty", name, n)
		}
		add(left, all)
	}
	if err := sc.Err(); err != nil {
		return fmt.Errorf("codeset: lexicon/%s: %w", name, err)
	}
	return nil
}

// Abbreviation returns what an abbreviation may stand for, likeliest first:
// "htn" gives "hypertension". The answer is nil for anything else.
func (l *Lex) Abbreviation(short string) []string {
	return l.abbreviations[joinWords(fold.Words(short))]
}

// Synonyms returns phrases of the code sets that mean the same as a lay phrase:
// "heart attack" gives "myocardial infarction". For nouns and adjectives see
// Pair.
func (l *Lex) Synonyms(phrase string) []string {
	return l.synonyms[joinWords(fold.Words(phrase))]
}

// Pair returns the nouns and adjectives that belong to a word, folded: "renal"
// gives "kidney" and "nephric". The caller must not change the slice.
func (l *Lex) Pair(word string) []string { return l.pair(fold.Word(word)) }

func (l *Lex) pair(folded string) []string { return l.pairs[folded] }

// Abbreviations calls do for every abbreviation, in no fixed order.
func (l *Lex) Abbreviations(do func(short string, long []string)) {
	for short, long := range l.abbreviations {
		do(short, long)
	}
}

// LayTerms calls do for every lay phrase, folded, in no fixed order.
func (l *Lex) LayTerms(do func(phrase string, terms []string)) {
	for phrase, terms := range l.synonyms {
		do(phrase, terms)
	}
}
