package codeset

import (
	"errors"
	"fmt"
	"strings"

	"chartroom/codes/codeset/internal/pack"
)

// IndexKind says which part of the Alphabetic Index a node belongs to.
type IndexKind uint8

// The parts of the Index.
const (
	IndexDiseases   IndexKind = iota // Index to Diseases and Injuries
	IndexNeoplasm                    // Table of Neoplasms
	IndexDrug                        // Table of Drugs and Chemicals
	IndexExternal                    // Index to External Causes
	IndexProcedures                  // the Index of ICD-10-PCS
)

// Columns of the Table of Neoplasms, in IndexNode.Cells.
const (
	MalignantPrimary = iota
	MalignantSecondary
	InSitu
	Benign
	UncertainBehavior
	UnspecifiedBehavior
)

// Columns of the Table of Drugs and Chemicals, in IndexNode.Cells.
const (
	PoisoningAccidental = iota
	PoisoningSelfHarm
	PoisoningAssault
	PoisoningUndetermined
	AdverseEffect
	Underdosing
)

// NodeID is the place of a node in its Index: nodes are numbered in the order
// of the book, each before its subterms.
type NodeID int32

// NoNode is the parent of a main term.
const NoNode NodeID = -1

// IndexNode is a main term or subterm.
type IndexNode struct {
	ID            NodeID
	Kind          IndexKind
	Depth         int      // 0 for a main term
	Title         string   // without its nonessential modifiers
	NonEssential  []string // the words in parentheses
	Code          string   // written form; "I50.-" where more characters are needed; "" if none
	Manifestation string   // the second code of a pair: E85.4 [I43]
	See, SeeAlso  string
	Cells         [6]string // tables only: the code of each column
	Obsolete      bool      // the code is not in the edition that the Index serves
}

// Index is the Alphabetic Index of an edition, which may itself be older. It is
// immutable and safe for concurrent use. Its parts may come from different
// packs: the Index of one year with the drug table of another.
type Index struct {
	parts []*indexPart
	edits []Edition
	set   *Set
	words lazy[*wordIndex]
}

// indexPart is the nodes of one pack.
type indexPart struct {
	first   NodeID // number of its first node
	n       int
	edition int // in Index.edits
	derived bool
	texts   *pack.Texts
	kind    []byte
	depth   []byte
	end     []byte // end of the subtree of each node
	parent  []int32
	cols    [7][]byte
}

// Columns of an indexPart, in the order of indexColumns.
const (
	colTitle = iota
	colNonEssential
	colCode
	colManifestation
	colSee
	colSeeAlso
	colCells
)

var indexColumns = [7]string{"idx.ttl", "idx.nem", "idx.cod", "idx.man", "idx.see", "idx.als", "idx.cel"}

// indexParts names the parts of packs that hold each kind of node.
var indexParts = [...]string{"index-diseases", "index-neoplasm", "index-drug", "index-external", "index-procedures"}

// Index returns the Alphabetic Index that serves this edition; it is never nil.
func (s *Set) Index() *Index {
	return s.index.get(func() *Index {
		x := &Index{set: s}
		seen := map[*pack.Pack]bool{}
		for _, name := range indexParts {
			p := s.shelf.serving(s.pack, s.edition, name)
			if p == nil || seen[p] {
				continue
			}
			seen[p] = true
			if part, err := openIndexPart(p); err == nil {
				x.add(part, p)
			}
		}
		return x
	})
}

// add puts a part behind those there are.
func (x *Index) add(part *indexPart, p *pack.Pack) {
	edition, err := editionOf(p)
	if err != nil {
		return
	}
	part.first = NodeID(x.Len())
	part.edition = len(x.edits)
	part.derived = p.Manifest.Derived
	x.parts = append(x.parts, part)
	x.edits = append(x.edits, edition)
}

func openIndexPart(p *pack.Pack) (*indexPart, error) {
	part := &indexPart{}
	var err error
	if part.texts, err = pack.OpenTexts(p); err != nil {
		return nil, err
	}
	if part.kind, err = p.Section("idx.knd"); err != nil {
		return nil, err
	}
	part.n = len(part.kind)
	if part.depth, err = p.Section("idx.dep"); err != nil {
		return nil, err
	}
	if part.end, err = p.Section("idx.end"); err != nil {
		return nil, err
	}
	fits := len(part.depth) == part.n && len(part.end) == part.n*4
	for i, name := range indexColumns {
		if part.cols[i], err = p.Section(name); err != nil {
			return nil, err
		}
		fits = fits && len(part.cols[i]) == part.n*4
	}
	if !fits {
		return nil, errors.New("the sections of the Index do not fit together")
	}
	return part, part.check()
}

// check makes sure that subtrees nest and depths follow, so that walking the
// tree always ends, and notes the parent of each node.
func (p *indexPart) check() error {
	p.parent = make([]int32, p.n)
	above := [257]int32{-1} // the last node of each depth, one place further
	for i := range p.n {
		p.parent[i] = above[p.depth[i]]
		above[int(p.depth[i])+1] = int32(i)
		end := int(pack.U32(p.end, i))
		if end <= i || end > p.n || int(p.kind[i]) >= len(indexParts) {
			return fmt.Errorf("index entry %d is broken", i)
		}
		if i+1 < end && p.depth[i+1] != p.depth[i]+1 || i == 0 && p.depth[0] != 0 {
			return fmt.Errorf("index entry %d has no entry above it", i+1)
		}
		if end < p.n && p.depth[end] > p.depth[i] {
			return fmt.Errorf("index entry %d ends too soon", i)
		}
	}
	return nil
}

// Edition says where the first part of the Index comes from, the Index of
// Diseases and Injuries if there is one. A Source that begins with "derived"
// means that no official Index is installed and this one was made from titles
// and inclusion terms.
func (x *Index) Edition() Edition {
	if len(x.edits) == 0 {
		return Edition{}
	}
	return x.edits[0]
}

// EditionOf returns the edition of the part that a node stands in.
func (x *Index) EditionOf(id NodeID) Edition {
	if p := x.part(id); p != nil {
		return x.edits[p.edition]
	}
	return Edition{}
}

// Derived reports whether the first part of the Index was made from the Tabular
// List because no official one is installed.
func (x *Index) Derived() bool { return len(x.parts) > 0 && x.parts[0].derived }

// Len returns the number of nodes.
func (x *Index) Len() int {
	if len(x.parts) == 0 {
		return 0
	}
	last := x.parts[len(x.parts)-1]
	return int(last.first) + last.n
}

// part returns the part of a node, or nil.
func (x *Index) part(id NodeID) *indexPart {
	for _, p := range x.parts {
		if id >= p.first && int(id-p.first) < p.n {
			return p
		}
	}
	return nil
}

// text returns a column of a node.
func (p *indexPart) text(id NodeID, col int) string {
	return p.texts.Text(pack.U32(p.cols[col], int(id-p.first)))
}

// Node returns a node; the zero IndexNode if there is none of that number.
func (x *Index) Node(id NodeID) IndexNode {
	p := x.part(id)
	if p == nil {
		return IndexNode{ID: NoNode}
	}
	i := int(id - p.first)
	n := IndexNode{
		ID: id, Kind: IndexKind(p.kind[i]), Depth: int(p.depth[i]),
		Title: p.text(id, colTitle), Code: p.text(id, colCode), Manifestation: p.text(id, colManifestation),
		See: p.text(id, colSee), SeeAlso: p.text(id, colSeeAlso),
	}
	if nem := p.text(id, colNonEssential); nem != "" {
		n.NonEssential = strings.Split(nem, ") (")
	}
	if cells := p.text(id, colCells); cells != "" {
		copy(n.Cells[:], strings.SplitN(cells, "|", len(n.Cells)))
	}
	if n.Code != "" {
		n.Obsolete = !x.set.has(n.Code)
	}
	return n
}

// has reports whether a code or a beginning of codes is in the set.
func (s *Set) has(code string) bool {
	from, to := s.below(undot(code))
	return from < to
}

// Successor returns the nearest code of the edition for a code of an older
// Index that the edition no longer has: the longest beginning of it that still
// is a code or header. ok is false if not even the category is left.
func (s *Set) Successor(code string) (Code, bool) {
	name := undot(code)
	for n := len(name); n >= 3; n-- {
		if i, ok := s.find(name[:n]); ok {
			return s.At(i), true
		}
	}
	return Code{}, false
}

// Parent returns the node above, or NoNode.
func (x *Index) Parent(id NodeID) NodeID {
	p := x.part(id)
	if p == nil {
		return NoNode
	}
	if up := p.parent[id-p.first]; up >= 0 {
		return p.first + NodeID(up)
	}
	return NoNode
}

// Children returns the subterms one level below a node, in the book's order.
func (x *Index) Children(id NodeID) []NodeID {
	p := x.part(id)
	if p == nil {
		return nil
	}
	i := int(id - p.first)
	var out []NodeID
	for k, end := i+1, int(pack.U32(p.end, i)); k < end; k = int(pack.U32(p.end, k)) {
		out = append(out, p.first+NodeID(k))
	}
	return out
}

// End returns the number after the last node below id: the nodes of its subtree
// are id, id+1, … End(id)-1.
func (x *Index) End(id NodeID) NodeID {
	p := x.part(id)
	if p == nil {
		return id
	}
	return p.first + NodeID(pack.U32(p.end, int(id-p.first)))
}

// MainTerms returns the main terms of one part, in the book's order.
func (x *Index) MainTerms(kind IndexKind) []NodeID {
	var out []NodeID
	for _, p := range x.parts {
		for k := 0; k < p.n; k = int(pack.U32(p.end, k)) {
			if IndexKind(p.kind[k]) == kind {
				out = append(out, p.first+NodeID(k))
			}
		}
	}
	return out
}

// Path returns the titles from the main term down to the node.
func (x *Index) Path(id NodeID) []string {
	p := x.part(id)
	if p == nil {
		return nil
	}
	path := make([]string, int(p.depth[int(id-p.first)])+1)
	for at := id; at != NoNode; at = x.Parent(at) {
		path[p.depth[int(at-p.first)]] = p.text(at, colTitle)
	}
	return path
}
