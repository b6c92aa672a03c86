package coder

import (
	"strings"
	"testing"

	"chartroom/codes/codeset"
)

func newest(t *testing.T) *codeset.Set {
	t.Helper()
	set, err := codeset.Embedded().Newest(codeset.ICD10CM)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// TestLexiconNamesCodesOfTheNewestEdition finds misspelled and deleted codes.
func TestLexiconNamesCodesOfTheNewestEdition(t *testing.T) {
	set := newest(t)
	for _, name := range []string{"facts.txt", "status.txt", "sites.txt", "past.txt", "family.txt", "drugs.txt", "allergens.txt", "adverse.txt"} {
		lines, err := lexLines(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range lines {
			for _, code := range strings.FieldsFunc(l.right, func(r rune) bool { return r == ',' || r == ' ' }) {
				if code == "-" {
					continue
				}
				if _, ok := findHeader(set, code); !ok {
					t.Errorf("%s line %d: %s is not in %s", l.file, l.line, code, set.Edition().Name)
				}
			}
		}
	}
}

// TestCombosNameCodes checks what the combination rules enter.
func TestCombosNameCodes(t *testing.T) {
	set := newest(t)
	rules, err := loadRules(set)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range rules.combos {
		for _, code := range c.add {
			if entry, ok := set.Code(strings.TrimSuffix(code, ",")); !ok || !entry.Billable {
				t.Errorf("%s: %s is not a billable code", c.source, code)
			}
		}
		for _, group := range c.all {
			if len(group) == 0 {
				t.Errorf("%s: an empty group", c.source)
			}
		}
	}
}

// TestProceduresNameCodes checks that each pattern leads to at least one code.
func TestProceduresNameCodes(t *testing.T) {
	set, err := codeset.Embedded().Newest(codeset.ICD10PCS)
	if err != nil {
		t.Fatal(err)
	}
	p, err := compilePCS(set)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := lexLines("procedures.txt")
	if err != nil {
		t.Fatal(err)
	}
	for i, rule := range p.rules {
		for _, pattern := range rule.patterns {
			bad := badCode(set, pattern, "")
			if bad != "" {
				t.Errorf("procedures.txt line %d: %s is no code", lines[i].line, bad)
			}
		}
	}
}

// badCode returns a code of the pattern that the edition lacks, approaches
// aside: those are checked against the table when a note is read.
func badCode(set *codeset.Set, pattern []place, prefix string) string {
	if len(pattern) == 0 {
		if c, ok := set.Code(prefix); !ok || !c.Billable {
			return prefix
		}
		return ""
	}
	if pattern[0].approach {
		_, next := set.Build(prefix)
		if len(next) == 0 {
			return prefix
		}
		return badCode(set, pattern[1:], prefix+next[0].Char)
	}
	for _, o := range pattern[0].options {
		if bad := badCode(set, pattern[1:], prefix+o.value); bad != "" {
			return bad
		}
	}
	return ""
}

// TestLexiconHasNoTwoAnswers: one phrase, one code.
func TestLexiconHasNoTwoAnswers(t *testing.T) {
	v, err := loadVocab()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"facts.txt", "status.txt"} {
		lines, err := lexLines(name)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]lexLine{}
		for _, l := range lines {
			for phrase := range strings.SplitSeq(l.left, "|") {
				key := strings.Join(sortedUnique(v.stemsOf(phrase)), " ")
				if key == "" {
					t.Errorf("%s line %d: %q has no words", l.file, l.line, phrase)
				}
				if old, ok := seen[key]; ok && old.right != l.right {
					t.Errorf("%s line %d: %q (%s) means the same as line %d (%s)", l.file, l.line, strings.TrimSpace(phrase), l.right, old.line, old.right)
				}
				seen[key] = l
			}
		}
	}
}

// TestPhrasesOfOneWord: a phrase of one word is looked up by its canonical form;
// if that is another word, the phrase would speak for that word as well.
func TestPhrasesOfOneWord(t *testing.T) {
	v, err := loadVocab()
	if err != nil {
		t.Fatal(err)
	}
	lines, err := lexLines("phrases.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lines {
		for phrase := range strings.SplitSeq(l.left, "|") {
			phrase = strings.TrimPrefix(strings.TrimSpace(phrase), "=")
			words := v.plainWords(phrase)
			if strings.Contains(phrase, " ") || len(words) != 1 {
				continue
			}
			if low := foldWord(phrase); words[0] != low && words[0] != stemOf(low) && !strings.Contains(l.right, words[0]) {
				t.Errorf("%s line %d: %q stands for %q as well", l.file, l.line, phrase, words[0])
			}
		}
	}
}
