package codeset

import (
	"math"
	"math/bits"
	"sort"
	"strings"
	"sync"

	"chartroom/codes/codeset/internal/pack"
)

// searcher is the inverted index of a set, built in memory at the first search
// (about 0.2 s for ICD-10-CM). A document is one way to say a code: its title, an
// inclusion term, or a path of the Alphabetic Index.
type searcher struct {
	set   *Set
	index *Index
	terms map[string]int32
	names []string // term by number
	order []int32  // terms sorted by name, for prefixes
	masks []uint32 // letters of each term, for misspellings
	idf   []float32
	first []int32 // of each term in posts; one more at the end
	posts []int32 // documents
	docs  []document
	see   map[string][]string // main terms that only refer elsewhere, folded
	pool  sync.Pool           // of *scratch
}

// document says where a text stands and how much its words weigh together.
type document struct {
	code   int32  // number of the code in the set
	source uint8  // sourceTitle, …
	column uint8  // of a table of the Index
	ref    uint32 // text or node
	weight float32
}

const (
	sourceTitle = iota
	sourceInclusion
	sourceIndex
	sourceOldIndex  // Index: the code is no longer in the edition, this is what it became part of
	sourceProcedure // Index of ICD-10-PCS: the code is one of several
)

// stopWords carry no meaning in a search.
var stopWords = map[string]bool{
	"of": true, "the": true, "in": true, "and": true, "or": true, "to": true, "for": true, "a": true,
	"an": true, "on": true, "at": true, "by": true, "as": true, "is": true, "due": true, "patient": true,
}

// lightWords say little about which code is meant; a document that has one more
// of them than the query loses little.
var lightWords = map[string]bool{
	"unspecified": true, "other": true, "specified": true, "no": true, "nec": true, "initial": true,
	"encounter": true, "site": true, "elsewhere": true, "classified": true, "not": true, "with": true,
	"without": true, "complication": true, "approach": true, "open": true, "closed": true, "unilateral": true,
	"type": true, "disease": true, "nos": true, "primary": true, "part": true, "organism": true, "episode": true,
	"uncomplicated": true, "trimester": true, "degree": true,
}

const lightFactor = 0.3

// newSearcher builds the inverted index.
func newSearcher(s *Set) *searcher {
	b := &searchBuilder{searcher: &searcher{set: s, index: s.Index(), terms: map[string]int32{}, see: map[string][]string{}}}
	b.titles()
	b.inclusions()
	b.indexEntries()
	b.finish()
	return b.searcher
}

// searchBuilder collects documents; the words of document i are
// words[bounds[i]:bounds[i+1]].
type searchBuilder struct {
	*searcher
	words  []int32 // negative numbers are nonessential words: ^term
	bounds []int32
	buf    []uint32
}

// add ends a document whose words were appended to b.words since start.
func (b *searchBuilder) add(d document, start int) {
	if len(b.words) == start {
		return
	}
	b.bounds = append(b.bounds, int32(start))
	b.docs = append(b.docs, d)
}

// append adds the terms of a pooled text to the open document.
func (b *searchBuilder) append(texts *pack.Texts, pool [][]int32, text uint32, nonEssential bool) {
	b.buf = texts.AppendWords(b.buf[:0], text)
	for _, word := range b.buf {
		for _, term := range pool[word] {
			if nonEssential {
				term = ^term
			}
			b.words = append(b.words, term)
		}
	}
}

// appendMain adds the title of a main term: what follows its first comma is the
// same in other words ("Diabetes, diabetic") and not essential.
func (b *searchBuilder) appendMain(p *indexPart, pool [][]int32, text uint32) {
	b.buf = p.texts.AppendWords(b.buf[:0], text)
	alternative := false
	for _, word := range b.buf {
		for _, term := range pool[word] {
			if alternative {
				term = ^term
			}
			b.words = append(b.words, term)
		}
		alternative = alternative || strings.HasSuffix(p.texts.Word(word), ",")
	}
}

func (b *searchBuilder) titles() {
	s := b.set
	pool := b.poolTerms(s.texts)
	for i := range s.Len() {
		start := len(b.words)
		text := pack.U32(s.title, i)
		b.append(s.texts, pool, text, false)
		b.add(document{code: int32(i), source: sourceTitle, ref: text}, start)
	}
}

func (b *searchBuilder) inclusions() {
	t := b.set.list()
	if t.texts == nil {
		return
	}
	pool := b.poolTerms(t.texts)
	for i := range len(t.notes.owner) / 8 {
		owner := pack.U64(t.notes.owner, i)
		kind := NoteKind(t.notes.tag[i])
		if pack.KindOf(owner) != pack.KindCode || kind != InclusionTerm && kind != Includes {
			continue
		}
		code, ok := b.set.place(owner)
		if !ok {
			continue
		}
		start := len(b.words)
		text := pack.U32(t.notes.text, i)
		b.append(t.texts, pool, text, false)
		b.add(document{code: int32(code), source: sourceInclusion, ref: text}, start)
	}
}

// columnWords are what a column of a table means, beside the words of its row.
var columnWords = map[IndexKind][6][]string{
	IndexNeoplasm: {
		{"malignant", "primary", "cancer", "carcinoma", "tumor"}, {"malignant", "secondary", "metastatic", "metastasis", "cancer"},
		{"carcinoma", "in", "situ"}, {"benign", "tumor"}, {"uncertain", "behavior"}, {"unspecified", "behavior", "mass", "tumor"},
	},
	IndexDrug: {
		{"poisoning", "accidental", "overdose", "toxic"}, {"poisoning", "intentional", "self", "harm", "suicide", "overdose"},
		{"poisoning", "assault"}, {"poisoning", "undetermined", "overdose"}, {"adverse", "effect", "reaction"}, {"underdosing"},
	},
}

func (b *searchBuilder) indexEntries() {
	x := b.index
	for _, p := range x.parts {
		pool := b.poolTerms(p.texts)
		for i := range p.n {
			b.indexEntry(x, p, pool, i)
		}
	}
}

func (b *searchBuilder) indexEntry(x *Index, p *indexPart, pool [][]int32, i int) {
	id := p.first + NodeID(i)
	kind := IndexKind(p.kind[i])
	if kind == IndexProcedures {
		b.refer(p, id)
		b.procedure(p, pool, i)
		return
	}
	var codes [6]string
	if cells := pack.U32(p.cols[colCells], i); cells != pack.NoText {
		codes = x.Node(id).Cells
	} else if code := pack.U32(p.cols[colCode], i); code != pack.NoText {
		codes[0] = p.texts.Text(code)
	}
	for column, code := range codes {
		if code == "" {
			continue
		}
		c, ok := b.nearest(code)
		if !ok {
			continue
		}
		source := uint8(sourceIndex)
		if !b.set.has(code) {
			source = sourceOldIndex
		}
		start := len(b.words)
		for at := int32(i); at >= 0; at = p.parent[at] {
			if p.depth[at] == 0 {
				b.appendMain(p, pool, pack.U32(p.cols[colTitle], int(at)))
			} else {
				b.append(p.texts, pool, pack.U32(p.cols[colTitle], int(at)), false)
			}
			b.append(p.texts, pool, pack.U32(p.cols[colNonEssential], int(at)), true)
		}
		for _, w := range columnWords[kind][column] {
			b.words = append(b.words, ^b.term(Fold(w)))
		}
		b.add(document{code: c, source: source, column: uint8(column), ref: uint32(id)}, start)
	}
}

// nearest returns the number of a code, or of the nearest above it that the
// edition still has.
func (b *searchBuilder) nearest(code string) (int32, bool) {
	name := undot(code)
	for n := len(name); n >= 3; n-- {
		if i, ok := b.set.find(name[:n]); ok {
			return int32(i), true
		}
	}
	return 0, false
}

// refer keeps a main term of the Index of ICD-10-PCS that refers to other words,
// itself or by its subterms: the search puts them in its place ("hysterectomy":
// "resection uterus").
func (b *searchBuilder) refer(p *indexPart, id NodeID) {
	first := int(id - p.first)
	if p.depth[first] != 0 {
		return
	}
	title := joinWords(Words(p.text(id, colTitle)))
	if title == "" || len(b.see[title]) > 0 {
		return
	}
	for k := first; k < int(pack.U32(p.end, first)); k++ {
		if p.depth[k] > 1 {
			continue
		}
		for one := range strings.SplitSeq(p.text(p.first+NodeID(k), colSee), ";") {
			if one = strings.TrimSpace(one); one != "" && len(b.see[title]) < 3 && !has(b.see[title], one) {
				b.see[title] = append(b.see[title], one)
			}
		}
	}
}

// procedure adds an entry of the Index of ICD-10-PCS that names the beginning of
// codes. It stands for the plainest code that begins so: no device, no
// qualifier, open if there is a choice.
func (b *searchBuilder) procedure(p *indexPart, pool [][]int32, i int) {
	code := p.text(p.first+NodeID(i), colCode)
	if code == "" {
		return
	}
	from, to := b.set.below(code)
	best, bestZ := -1, -1
	for k := from; k < to; k++ {
		name := pack.Name(b.set.keys[k])
		if z := strings.Count(name[min(5, len(name)):], "Z"); z > bestZ {
			best, bestZ = k, z
		}
	}
	if best < 0 {
		return
	}
	start := len(b.words)
	for at := int32(i); at >= 0; at = p.parent[at] {
		b.append(p.texts, pool, pack.U32(p.cols[colTitle], int(at)), false)
	}
	b.add(document{code: int32(best), source: sourceProcedure, ref: uint32(p.first) + uint32(i)}, start)
}

func (b *searchBuilder) term(word string) int32 {
	t, ok := b.terms[word]
	if !ok {
		t = int32(len(b.terms))
		b.terms[word] = t
	}
	return t
}

// poolTerms numbers the terms of every word of a pool, without stop words.
func (b *searchBuilder) poolTerms(texts *pack.Texts) [][]int32 {
	out := make([][]int32, texts.Words())
	for i := range out {
		for _, w := range Words(texts.Word(uint32(i))) {
			if !stopWords[w] {
				out[i] = append(out[i], b.term(w))
			}
		}
	}
	return out
}

// finish counts, weighs and lists.
func (b *searchBuilder) finish() {
	n := len(b.terms)
	b.bounds = append(b.bounds, int32(len(b.words)))
	last := make([]int32, n)
	counts := make([]int32, n+1)
	each := func(do func(doc, term int32, essential bool)) {
		clear(last)
		for d := range b.docs {
			for _, w := range b.words[b.bounds[d]:b.bounds[d+1]] {
				essential := w >= 0
				if !essential {
					w = ^w
				}
				if last[w] != int32(d)+1 {
					last[w] = int32(d) + 1
					do(int32(d), w, essential)
				}
			}
		}
	}
	each(func(_, term int32, _ bool) { counts[term+1]++ })
	b.names = make([]string, n)
	for name, t := range b.terms {
		b.names[t] = name
	}
	b.idf = make([]float32, n)
	total := float64(len(b.docs) + 1)
	for t := range n {
		weight := math.Log(total / float64(counts[t+1]+1))
		if lightWords[b.names[t]] {
			weight *= lightFactor
		}
		b.idf[t] = float32(max(weight, 0.3))
	}
	for i := 1; i <= n; i++ {
		counts[i] += counts[i-1]
	}
	b.first = counts
	next := append([]int32(nil), counts...)
	b.posts = make([]int32, counts[n])
	each(func(doc, term int32, essential bool) {
		b.posts[next[term]] = doc
		next[term]++
		if essential {
			b.docs[doc].weight += b.idf[term]
		}
	})
	b.order = make([]int32, n)
	b.masks = make([]uint32, n)
	for t := range n {
		b.order[t] = int32(t)
		b.masks[t] = letterMask(b.names[t])
	}
	sort.Slice(b.order, func(i, j int) bool { return b.names[b.order[i]] < b.names[b.order[j]] })
}

// letterMask has a bit for each letter of a word.
func letterMask(word string) uint32 {
	var m uint32
	for i := 0; i < len(word); i++ {
		if c := word[i]; c >= 'a' && c <= 'z' {
			m |= 1 << (c - 'a')
		} else {
			m |= 1 << 26
		}
	}
	return m
}

// lettersApart is a lower bound of the edits between two words.
func lettersApart(a, b uint32) int {
	return max(bits.OnesCount32(a&^b), bits.OnesCount32(b&^a))
}

func joinWords(words []string) string { return strings.Join(words, " ") }
