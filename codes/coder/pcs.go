package coder

import (
	"fmt"
	"strconv"
	"strings"

	"chartroom/codes/codeset"
)

// procedures is what is known of one edition of ICD-10-PCS: terms for
// operations and, for each, the pattern of its code.
type procedures struct {
	set   *codeset.Set
	v     *vocab
	table *termTable
	rules []procedureRule
}

// procedureRule is one line of procedures.txt.
type procedureRule struct {
	patterns  [][]place
	ancillary bool
}

// place is one place of a code: options tried in order. An option without
// words is the default.
type place struct {
	options  []option
	approach bool
	width    int // characters that it stands for
}

type option struct {
	words []string
	value string
	text  string
}

// approaches are the words for each approach of section 0.
var approaches = []option{
	{words: []string{"laparoscopic"}, value: "4"}, {words: []string{"laparoscopy"}, value: "4"}, {words: []string{"laparoscopically"}, value: "4"},
	{words: []string{"robotic"}, value: "4"}, {words: []string{"robotically"}, value: "4"}, {words: []string{"thoracoscopic"}, value: "4"}, {words: []string{"vats"}, value: "4"},
	{words: []string{"trocar"}, value: "4"}, {words: []string{"pneumoperitoneum"}, value: "4"}, {words: []string{"insufflated"}, value: "4"}, {words: []string{"arthroscopic"}, value: "4"},
	{words: []string{"lap"}, value: "4"},
	{words: []string{"percutaneous"}, value: "3"}, {words: []string{"endoscopic"}, value: "8"}, {words: []string{"transurethral"}, value: "8"},
	{words: []string{"vaginal"}, value: "7"}, {words: []string{"vagina"}, value: "7"},
	{words: []string{"open"}, value: "0"}, {words: []string{"laparotomy"}, value: "0"}, {words: []string{"thoracotomy"}, value: "0"}, {words: []string{"lumbotomy"}, value: "0"},
	{words: []string{"midline", "incision"}, value: "0"}, {words: []string{"incision", "fascia"}, value: "0"}, {words: []string{"incision"}, value: "0"},
}

// compilePCS reads procedures.txt against an edition.
func compilePCS(set *codeset.Set) (*procedures, error) {
	v, err := loadVocab()
	if err != nil {
		return nil, err
	}
	lines, err := lexLines("procedures.txt")
	if err != nil {
		return nil, err
	}
	p := &procedures{set: set, v: v}
	b := newTermBuilder(v)
	for _, l := range lines {
		rule := procedureRule{ancillary: l.has("ancillary")}
		for pattern := range strings.SplitSeq(l.right, ",") {
			places, perr := v.parsePattern(strings.TrimSpace(pattern))
			if perr != nil {
				return nil, fmt.Errorf("coder: lexicon: %s line %d: %w", l.file, l.line, perr)
			}
			rule.patterns = append(rule.patterns, places)
		}
		p.rules = append(p.rules, rule)
		for phrase := range strings.SplitSeq(l.left, "|") {
			phrase = strings.TrimSpace(phrase)
			b.add(v.stemsOf(phrase), term{code: strconv.Itoa(len(p.rules) - 1), source: fromLexicon, text: phrase})
		}
	}
	p.table = b.build(func(string) bool { return false })
	return p, nil
}

// parsePattern reads one pattern of procedures.txt; it must stand for seven
// characters.
func (v *vocab) parsePattern(s string) ([]place, error) {
	var out []place
	total := 0
	for i := 0; i < len(s); {
		var p place
		switch s[i] {
		case '~':
			p = place{options: approaches, approach: true, width: 1}
			i++
		case '{':
			end := strings.IndexByte(s[i:], '}')
			if end < 0 {
				return nil, fmt.Errorf("the pattern %q has an open group", s)
			}
			for o := range strings.SplitSeq(s[i+1:i+end], "|") {
				words, value, ok := strings.Cut(o, ":")
				if !ok || value == "" {
					return nil, fmt.Errorf("the pattern %q has an option without a value", s)
				}
				opt := option{value: value, text: words}
				for _, t := range tokenize(words, 0, len(words)) {
					opt.words = append(opt.words, strings.Fields(v.word(t.low))...)
				}
				p.options = append(p.options, opt)
				p.width = len(value)
			}
			i += end + 1
		default:
			p = place{options: []option{{value: s[i : i+1]}}, width: 1}
			i++
		}
		total += p.width
		out = append(out, p)
	}
	if total != 7 {
		return nil, fmt.Errorf("the pattern %q stands for %d characters, want 7", s, total)
	}
	return out, nil
}
