package codeset

import (
	"slices"
	"sort"
	"strings"

	"chartroom/codes/codeset/internal/pack"
)

// wordIndex finds the nodes that have a word.
type wordIndex struct {
	terms map[string]int32
	first []int32 // of each term in nodes; one more at the end
	nodes []NodeID
}

// Find returns every node, of any depth, whose title or nonessential modifiers
// have the word, folded as Fold folds it, in the book's order. The caller must
// not change the slice.
func (x *Index) Find(word string) []NodeID {
	w := x.words.get(x.indexWords)
	t, ok := w.terms[Fold(word)]
	if !ok {
		return nil
	}
	return w.nodes[w.first[t]:w.first[t+1]]
}

// indexWords builds the wordIndex: first the terms of every pooled word, then
// the counts, then the lists.
func (x *Index) indexWords() *wordIndex {
	w := &wordIndex{terms: map[string]int32{}}
	perPart := make([][][]int32, len(x.parts))
	for k, p := range x.parts {
		perPart[k] = poolTerms(p.texts, w.terms)
	}
	counts := make([]int32, len(w.terms)+1)
	x.eachTerm(perPart, func(term int32, _ NodeID) { counts[term+1]++ })
	for i := 1; i < len(counts); i++ {
		counts[i] += counts[i-1]
	}
	w.first = counts
	next := append([]int32(nil), counts...)
	w.nodes = make([]NodeID, counts[len(counts)-1])
	x.eachTerm(perPart, func(term int32, id NodeID) {
		w.nodes[next[term]] = id
		next[term]++
	})
	return w
}

// eachTerm calls do once for every node and distinct term in its title and
// nonessential modifiers.
func (x *Index) eachTerm(perPart [][][]int32, do func(term int32, id NodeID)) {
	var words []uint32
	var seen []int32
	for k, p := range x.parts {
		for i := range p.n {
			words = p.texts.AppendWords(words[:0], pack.U32(p.cols[colTitle], i))
			words = p.texts.AppendWords(words, pack.U32(p.cols[colNonEssential], i))
			seen = seen[:0]
			for _, word := range words {
				for _, term := range perPart[k][word] {
					if !contains(seen, term) {
						seen = append(seen, term)
						do(term, p.first+NodeID(i))
					}
				}
			}
		}
	}
}

func contains(list []int32, x int32) bool {
	return slices.Contains(list, x)
}

// poolTerms folds every word of a pool and numbers the terms.
func poolTerms(texts *pack.Texts, terms map[string]int32) [][]int32 {
	out := make([][]int32, texts.Words())
	for i := range out {
		for _, w := range Words(texts.Word(uint32(i))) {
			t, ok := terms[w]
			if !ok {
				t = int32(len(terms))
				terms[w] = t
			}
			out[i] = append(out[i], t)
		}
	}
	return out
}

// FollowSee returns the nodes that a "see" or "see also" text names, such as
// "Disease, heart, ischemic" or "Neoplasm, by site, malignant": the main term,
// then at each comma a subterm, as deep as the text can be followed. Several
// texts may be joined by ";".
func (x *Index) FollowSee(ref string) []NodeID {
	var out []NodeID
	for one := range strings.SplitSeq(ref, ";") {
		if id := x.followOne(strings.Split(one, ",")); id != NoNode {
			out = append(out, id)
		}
	}
	return out
}

func (x *Index) followOne(steps []string) NodeID {
	words := Words(steps[0])
	if len(words) == 0 {
		return NoNode
	}
	at, best := NoNode, -1
	for _, id := range x.Find(words[0]) {
		if x.Parent(id) != NoNode {
			continue
		}
		n := x.Node(id)
		title := Words(n.Title)
		score := overlap(words, title)*4 - len(title)
		if len(title) > 0 && title[0] == words[0] {
			score += 2
		}
		if n.Kind != IndexDiseases {
			score-- // "see Neoplasm" means the main Index before the tables
		}
		if overlap(words, title) == len(words) && (at == NoNode || score > best) {
			at, best = id, score
		}
	}
	if at == NoNode {
		return NoNode
	}
	for _, step := range steps[1:] {
		next := x.stepDown(at, Words(step))
		if next == NoNode {
			break
		}
		at = next
	}
	return at
}

// stepDown returns the child of a node that has all the words, the shortest if
// several have.
func (x *Index) stepDown(at NodeID, words []string) NodeID {
	best, size := NoNode, 0
	for _, id := range x.Children(at) {
		title := Words(x.Node(id).Title)
		if overlap(words, title) == len(words) && (best == NoNode || len(title) < size) {
			best, size = id, len(title)
		}
	}
	return best
}

// overlap counts the words that title has.
func overlap(words, title []string) int {
	n := 0
	for _, w := range words {
		if slices.Contains(title, w) {
			n++
		}
	}
	return n
}

// EachMain calls do for the main terms that begin with prefix, folded, sorted by
// title; it stops when do returns false. It serves a browse box.
func (x *Index) EachMain(kind IndexKind, prefix string, do func(IndexNode) bool) {
	mains := x.MainTerms(kind)
	folded := Fold(prefix)
	var nodes []IndexNode
	for _, id := range mains {
		n := x.Node(id)
		if words := Words(n.Title); len(words) > 0 && strings.HasPrefix(words[0], folded) {
			nodes = append(nodes, n)
		}
	}
	sort.SliceStable(nodes, func(i, j int) bool { return strings.ToLower(nodes[i].Title) < strings.ToLower(nodes[j].Title) })
	for _, n := range nodes {
		if !do(n) {
			return
		}
	}
}
