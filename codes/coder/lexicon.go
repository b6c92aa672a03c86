package coder

import (
	"bufio"
	"embed"
	"fmt"
	"slices"
	"strings"

	"chartroom/codes/codeset"
)

//go:embed lexicon/*.txt
var lexiconFiles embed.FS

// lexLine is one entry of a lexicon file: left = right ; flags.
type lexLine struct {
	left, right string
	flags       []string
	file        string
	line        int
}

// lexLines reads a lexicon file. "#" begins a comment, an empty line means
// nothing, every other line has the form "left = right" or "left" alone, with
// flags after ";". The files are part of the program: an error in them is
// reported by name and line.
func lexLines(name string) ([]lexLine, error) {
	f, err := lexiconFiles.Open("lexicon/" + name)
	if err != nil {
		return nil, fmt.Errorf("coder: lexicon: %w", err)
	}
	defer func() { _ = f.Close() }() // reading an embedded file: Close cannot lose anything
	var out []lexLine
	scan := bufio.NewScanner(f)
	for n := 1; scan.Scan(); n++ {
		text := scan.Text()
		if cut := strings.Index(text, "#"); cut == 0 || cut > 0 && text[cut-1] == ' ' {
			text = text[:cut]
		}
		text = strings.TrimSpace(text)
		if text == "" {
			continue
		}
		l := lexLine{file: name, line: n}
		body, flags, _ := strings.Cut(text, ";")
		l.flags = strings.Fields(strings.ReplaceAll(flags, ";", " "))
		l.left = body
		if i := strings.LastIndex(" "+body+" ", " = "); i >= 0 {
			l.left, l.right = body[:max(i-1, 0)], body[min(i+1, len(body)):]
		}
		l.left, l.right = strings.TrimSpace(l.left), strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(l.right), "="))
		if l.left == "" {
			return nil, fmt.Errorf("coder: lexicon: %s line %d has no left side", name, n)
		}
		out = append(out, l)
	}
	if err := scan.Err(); err != nil {
		return nil, fmt.Errorf("coder: lexicon: %s: %w", name, err)
	}
	return out, nil
}

func (l lexLine) has(flag string) bool {
	return slices.Contains(l.flags, flag)
}

// loadVocab reads forms.txt and phrases.txt.
func loadVocab() (*vocab, error) {
	v := newVocab()
	forms, err := lexLines("forms.txt")
	if err != nil {
		return nil, err
	}
	for _, l := range forms {
		for w := range strings.FieldsSeq(l.right) {
			v.forms[w] = l.left
			v.forms[stemOf(w)] = l.left
		}
	}
	phrases, err := lexLines("phrases.txt")
	if err != nil {
		return nil, err
	}
	for _, l := range phrases {
		for phrase := range strings.SplitSeq(l.left, "|") {
			exact := ""
			if phrase = strings.TrimSpace(phrase); strings.HasPrefix(phrase, "=") {
				phrase = strings.TrimPrefix(phrase, "=")
				exact = phrase
			}
			v.phrases.add(v.plainWords(phrase), v.plainWords(l.right), exact)
		}
	}
	v.addCommon(codeset.Lexicon())
	return v, nil
}

// addCommon adds the abbreviations that the lexicon of the code sets knows and
// this one does not. Its lay terms serve a search box: in running text they
// were measured to cost more than they bring. Short abbreviations count only in capitals: a reader of whole notes meets
// "as" and "all" as words far more often.
func (v *vocab) addCommon(lex *codeset.Lex) {
	var shorts []string
	longs := map[string][]string{}
	lex.Abbreviations(func(short string, long []string) { shorts, longs[short] = append(shorts, short), long })
	slices.Sort(shorts)
	for _, short := range shorts {
		exact := ""
		if len(short) <= 4 {
			exact = strings.ToUpper(short)
		}
		v.phrases.addNew(v.plainWords(short), v.canonicalPhrase(longs[short]), exact)
	}
}

// canonicalPhrase is the first of the meanings, rewritten by the phrases known
// so far.
func (v *vocab) canonicalPhrase(meanings []string) []string {
	if len(meanings) == 0 {
		return nil
	}
	return v.stemsOf(meanings[0])
}

// plainWords cuts a phrase of the lexicon into canonical words, without
// looking at phrases.txt.
func (v *vocab) plainWords(phrase string) []string {
	var out []string
	for _, t := range tokenize(phrase, 0, len(phrase)) {
		if t.kind == markToken {
			continue
		}
		out = append(out, strings.Fields(v.word(t.low))...)
	}
	return out
}
