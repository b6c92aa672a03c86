package codeset

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
// immutable and safe for concurrent use.
type Index struct{ edition Edition }

// Edition says where the Index comes from. A Source that begins with
// "derived" means that no official Index is installed and this one was made
// from titles and inclusion terms.
func (x *Index) Edition() Edition { return x.edition }

// Derived reports whether the Index was made from the Tabular List because no
// official one is installed.
func (x *Index) Derived() bool { return false }

// Len returns the number of nodes.
func (x *Index) Len() int { return 0 }

// Node returns a node; the zero IndexNode if there is none of that number.
func (x *Index) Node(id NodeID) IndexNode { return IndexNode{} }

// Parent returns the node above, or NoNode.
func (x *Index) Parent(id NodeID) NodeID { return NoNode }

// Children returns the subterms one level below a node, in the book's order.
func (x *Index) Children(id NodeID) []NodeID { return nil }

// MainTerms returns the main terms of one part, in the book's order.
func (x *Index) MainTerms(kind IndexKind) []NodeID { return nil }

// Find returns every node, of any depth, whose title or nonessential modifiers
// have the word, folded as Fold folds it, in the book's order.
func (x *Index) Find(word string) []NodeID { return nil }

// Path returns the titles from the main term down to the node.
func (x *Index) Path(id NodeID) []string { return nil }

// FollowSee returns the nodes that a "see" or "see also" text names, such as
// "Disease, heart, ischemic".
func (x *Index) FollowSee(ref string) []NodeID { return nil }
