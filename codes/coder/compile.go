package coder

import (
	"fmt"
	"strings"

	"chartroom/codes/codeset"
)

// knowledge is everything that depends on the edition of ICD-10-CM: the terms
// and the words that tell codes apart. It is immutable once built.
type knowledge struct {
	set                *codeset.Set
	v                  *vocab
	table              *termTable
	status             *termTable // states and past operations (Z codes)
	drugs              map[string]drug
	adverse, allergens map[string]string
	sites              *siteTable
	diff               *differences
	cues               *cueTree
	rules              *ruleBook
	indexed            bool // an official Alphabetic Index took part
}

// compileCM builds the knowledge of one edition of ICD-10-CM.
func compileCM(set *codeset.Set) (*knowledge, error) {
	v, err := loadVocab()
	if err != nil {
		return nil, err
	}
	k := &knowledge{set: set, v: v}
	if k.cues, err = loadCues(); err != nil {
		return nil, err
	}
	if k.rules, err = loadRules(set); err != nil {
		return nil, err
	}
	b := newTermBuilder(v)
	walkCodes(set, func(c codeset.Code) { addTabular(b, set, c) })
	if x := set.Index(); !x.Derived() && x.Len() > 0 {
		addIndex(b, set, x)
		k.indexed = true
	}
	if err := addFacts(b, set, "facts.txt"); err != nil {
		return nil, err
	}
	if k.sites, err = loadSites(b, set); err != nil {
		return nil, err
	}
	status := newTermBuilder(v)
	if err := addFacts(status, set, "status.txt"); err != nil {
		return nil, err
	}
	if k.drugs, err = loadDrugs(set); err != nil {
		return nil, err
	}
	if err = k.loadSubstances(set); err != nil {
		return nil, err
	}
	heads, err := wordSet("heads.txt")
	if err != nil {
		return nil, err
	}
	weak, err := wordLists("weak.txt")
	if err != nil {
		return nil, err
	}
	b.weaken(weak)
	isHead := func(w string) bool { return heads[w] }
	k.table = b.build(isHead)
	k.status = status.build(isHead)
	k.table.grow(len(v.names))
	k.diff = newDifferences(k)
	return k, nil
}

// loadSubstances reads the drugs that do harm and the allergens.
func (k *knowledge) loadSubstances(set *codeset.Set) error {
	adverse, err := loadWords("adverse.txt")
	if err != nil {
		return err
	}
	allergens, err := loadWords("allergens.txt")
	if err != nil {
		return err
	}
	k.adverse, k.allergens = adverse, codesOf(set, allergens)
	return nil
}

// walkCodes visits every category and code of the set, in order.
func walkCodes(set *codeset.Set, visit func(codeset.Code)) {
	for i := range set.Len() {
		visit(set.At(i))
	}
}

// addTabular enters the title and the inclusion terms of a code.
func addTabular(b *termBuilder, set *codeset.Set, c codeset.Code) {
	if len(c.Code) > 7 { // with its seventh character: the header above stands for it
		return
	}
	if c.Code[0] >= 'V' || drugChapter(c.Code) { // circumstances and states need words of their own
		return
	}
	addTitle(b, c.Code, c.Title, fromTitle)
	for _, text := range set.InclusionTerms(c.Code) {
		if loneInclusion(c.Code, text) {
			continue
		}
		from := fromTerm
		if strings.Contains(text, "NOS") {
			from = fromTitle
		}
		addTitle(b, c.Code, text, from)
	}
}

// drugChapter: substances are no conditions, and a score of a scale is a
// number; both are found in other ways.
func drugChapter(code string) bool {
	return code[0] == 'T' && code >= "T36" && code < "T51" || strings.HasPrefix(code, "R40.2") && len(code) > 5
}

// complicationChapter: complications of care (T80-T88) need the provider's own
// words for the link (Guidelines I.B.16).
func complicationChapter(code string) bool { return code[0] == 'T' && code >= "T80" && code < "T89" }

// loneInclusion finds inclusion terms of one word that name no condition
// without their header: a body part among injuries ("Axis"), an abbreviation.
func loneInclusion(code, text string) bool {
	if strings.ContainsAny(text, " ,-") {
		return false
	}
	return code[0] == 'S' || code[0] == 'T' || text == strings.ToUpper(text)
}

// addTitle enters the readings of a title or inclusion term.
func addTitle(b *termBuilder, code, title string, from source) {
	for i, r := range readingsOf(title) {
		words := b.v.stemsOf(r.text)
		if i > 0 && len(words) < 2 {
			continue // half of a pair such as "pins and needles" says nothing
		}
		level := from
		if r.other {
			level = fromOther
		}
		t := term{code: code, source: level, text: title}
		if complicationChapter(code) {
			t.flags |= flagExact // "stenosis of coronary artery" near "stent" is no complication of the stent
		}
		b.add(words, t)
		if relaxed := without(words, droppable); len(relaxed) < len(words) && len(relaxed) > 0 {
			if level > fromRelaxed {
				level = fromRelaxed
			}
			t.source = level
			b.add(relaxed, t)
		}
	}
}

// reading is one way to read a title.
type titleReading struct {
	text  string
	other bool // "other specified": right only when nothing better is there
}

// readingsOf strips from a title what a text does not say ("unspecified", "not
// elsewhere classified", "without complication") and gives each side of "or"
// and "and" a reading of its own.
func readingsOf(title string) []titleReading {
	t := " " + title + " "
	t = dropBetween(t, '(', ')')
	t = dropBetween(t, '[', ']')
	if i := strings.Index(t, " NEC"); i > 3 {
		t = t[:i] + " "
	}
	low := dropDenied(strings.ToLower(t))
	other := strings.HasPrefix(low, " other ") || strings.Contains(low, ", other ")
	for _, gone := range []string{" other and unspecified ", " other specified ", " other ", " unspecified organism", " unspecified part of ", " of unspecified type",
		" unspecified site", " unspecified part", " unspecified laterality", " unspecified side", ", unspecified eye ", ", unspecified ear ", " unspecified ", " nos ", ", unspecified", " specified "} {
		low = strings.ReplaceAll(low, gone, " ")
	}
	out := []titleReading{{low, other}}
	for _, join := range []string{" and/or ", " or ", " and "} {
		if i := strings.Index(low, join); i > 0 {
			left, right := low[:i], low[i+len(join):]
			l, r := strings.Fields(strings.TrimRight(left, " ,")), strings.Fields(right)
			if len(l) == 0 || len(r) == 0 {
				continue
			}
			out = append(out,
				titleReading{strings.Join(l, " ") + " " + strings.Join(r[1:], " "), other},
				titleReading{strings.Join(l[:len(l)-1], " ") + " " + strings.Join(r, " "), other})
			break
		}
	}
	return out
}

func dropBetween(s string, open, end byte) string {
	for {
		i := strings.IndexByte(s, open)
		if i < 0 {
			return s
		}
		j := strings.IndexByte(s[i:], end)
		if j < 0 {
			return s[:i]
		}
		s = s[:i] + s[i+j+1:]
	}
}

// droppable are words of titles that a text need not say.
var droppable = setOf("acquired", "nontraumatic", "noninfective", "noninfectious", "essential", "current", "uncomplicated", "simple", "pure",
	"nonspecific", "classified", "elsewhere", "multiple", "generalized", "nonpressure", "unqualified", "female", "male", "site", "idiopathic",
	"spontaneous", "systemic", "native", "personal", "history", "behavior", "region")

func without(words []string, drop map[string]bool) []string {
	var out []string
	for _, w := range words {
		if !drop[w] {
			out = append(out, w)
		}
	}
	return out
}

// addIndex enters the paths of the official Alphabetic Index. The words of a
// path are essential, those in parentheses are free (Guidelines I.A.7).
func addIndex(b *termBuilder, set *codeset.Set, x *codeset.Index) {
	var down func(id codeset.NodeID, words []string)
	down = func(id codeset.NodeID, words []string) {
		n := x.Node(id)
		if strings.Contains(n.Title, "specified NEC") {
			return
		}
		own := without(b.v.stemsOf(strings.ToLower(n.Title)), indexNoise)
		path := append(append([]string(nil), words...), own...)
		code, manifest := n.Code, n.Manifestation
		if code == "" && n.See != "" {
			for _, target := range x.FollowSee(n.See) {
				if t := x.Node(target); t.Code != "" && !t.Obsolete {
					code, manifest = t.Code, t.Manifestation
					break
				}
			}
		}
		if code != "" && !n.Obsolete && usableIndexCode(code) && (len(own) > 0 || n.Depth == 0) {
			addIndexTerm(b, set, path, code, manifest, x.Path(id))
		}
		for _, child := range x.Children(id) {
			down(child, path)
		}
	}
	for _, id := range x.MainTerms(codeset.IndexDiseases) {
		down(id, nil)
	}
}

// indexNoise are words of the Index that a text does not say.
var indexNoise = setOf("nec", "nos", "unspecified", "specified", "type", "see", "condition", "specify", "site", "in", "other")

// usableIndexCode leaves out codes for circumstances and births, which a lone
// word of the text does not establish.
func usableIndexCode(code string) bool {
	switch code[0] {
	case 'Z', 'V', 'W', 'X', 'Y':
		return false
	}
	return true
}

// soundsLikeDisease: the endings by which medicine names diseases.
func soundsLikeDisease(word string) bool {
	for _, ending := range diseaseEndings {
		if strings.HasSuffix(word, ending) && len(word) > len(ending)+2 {
			return true
		}
	}
	return false
}

var diseaseEndings = []string{"itis", "osis", "oma", "emia", "uria", "pathy", "algia", "plegia", "paresis", "rrhea", "penia", "cele", "ectasis",
	"megaly", "iasis", "trophy", "plasia", "ismus", "phagia", "phasia", "kinesia", "pnea", "ptysis", "rrhage", "philia", "sclerosis", "stenosis", "malacia",
	"cytosis", "opia", "opsia", "ophthalmos", "thorax", "stasis", "schisis", "rrhagia", "dynia", "ergy", "ism", "oedema", "derma", "lysis", "ia"}

func addIndexTerm(b *termBuilder, set *codeset.Set, words []string, code, manifest string, path []string) {
	c, ok := set.Code(code)
	if !ok || len(words) == 0 {
		return
	}
	t := term{code: c.Code, source: fromIndex, text: "Index: " + strings.Join(path, ", ")}
	if len(words) == 1 && !soundsLikeDisease(words[0]) {
		t.flags |= flagWeak // a lone main term such as "Complaint" says too little
	}
	if m, ok := set.Code(manifest); manifest != "" && ok {
		t.also = []string{m.Code}
	}
	b.add(words, t)
}

// addFacts enters a file of the lexicon: "term | term = code, code ; flags".
func addFacts(b *termBuilder, set *codeset.Set, file string) error {
	lines, err := lexLines(file)
	if err != nil {
		return err
	}
	for _, l := range lines {
		var codes []string
		for f := range strings.SplitSeq(l.right, ",") {
			if c, ok := findHeader(set, f); ok {
				codes = append(codes, c.Code)
			}
		}
		if l.right == "" {
			return fmt.Errorf("coder: lexicon: %s line %d has no code", l.file, l.line)
		}
		if len(codes) == 0 {
			continue // not in this edition
		}
		for phrase := range strings.SplitSeq(l.left, "|") {
			phrase = strings.TrimSpace(phrase)
			b.add(b.v.stemsOf(phrase), term{code: codes[0], also: codes[1:], source: fromLexicon, text: phrase, flags: flagsOf(l)})
		}
	}
	return nil
}

// findHeader finds what a lexicon file names: a code, "I50.-", or a code cut
// before its seventh character ("W19.XXX"), whose header has no placeholders.
func findHeader(set *codeset.Set, name string) (codeset.Code, bool) {
	name = strings.TrimRight(strings.TrimSpace(name), "-.")
	if c, ok := set.Code(name); ok {
		return c, true
	}
	return set.Code(strings.TrimRight(name, "X."))
}

func flagsOf(l lexLine) termFlag {
	var f termFlag
	for name, bit := range map[string]termFlag{"weak": flagWeak, "acute": flagAcute, "chronic": flagChronic, "symptom": flagSymptom, "finding": flagFinding, "close": flagExact, "past": flagPast} {
		if l.has(name) {
			f |= bit
		}
	}
	return f
}

// weaken marks terms that alone say too little, as the lexicon lists them.
func (b *termBuilder) weaken(lists [][]string) {
	for _, words := range lists {
		key := strings.Join(sortedUnique(words), " ")
		if at, ok := b.sets[key]; ok {
			b.list[at].term.flags |= flagWeak
		}
	}
}
