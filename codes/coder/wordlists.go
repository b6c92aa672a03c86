package coder

import (
	"slices"
	"strings"
)

// wordSet reads a file of single words.
func wordSet(name string) (map[string]bool, error) {
	lines, err := lexLines(name)
	if err != nil {
		return nil, err
	}
	set := map[string]bool{}
	for _, l := range lines {
		for w := range strings.FieldsSeq(l.left) {
			set[w] = true
		}
	}
	return set, nil
}

// wordLists reads a file of phrases, one or several ("a | b") a line.
func wordLists(name string) ([][]string, error) {
	v, err := loadVocab()
	if err != nil {
		return nil, err
	}
	lines, err := lexLines(name)
	if err != nil {
		return nil, err
	}
	var out [][]string
	for _, l := range lines {
		for phrase := range strings.SplitSeq(l.left, "|") {
			out = append(out, v.stemsOf(phrase))
		}
	}
	return out, nil
}

func sortedUnique(words []string) []string {
	out := slices.Clone(words)
	slices.Sort(out)
	return slices.Compact(out)
}

// grow makes room for words that were numbered after the table was built.
func (t *termTable) grow(n int) {
	for len(t.byAnchor) < n {
		t.byAnchor = append(t.byAnchor, nil)
		t.isHead = append(t.isHead, false)
	}
}
