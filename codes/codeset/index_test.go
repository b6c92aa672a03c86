package codeset

import (
	"strings"
	"testing"

	"chartroom/codes/codeset/internal/compile"
	"chartroom/codes/codeset/internal/pack"
)

// bookPack is a small hand-made code set with an Index, official (not derived).
func bookPack(tb testing.TB) *Set {
	tb.Helper()
	content := &compile.Content{
		Manifest: pack.Manifest{System: "icd10cm", Name: "FY2031", Release: "2030-10-01", From: "2030-10-01", To: "2031-09-30"},
		Codes: []compile.CodeRow{
			{Code: "A00", Title: "Gizzard fever"}, {Code: "A000", Title: "Acute gizzard fever", Flags: compile.Billable},
			{Code: "A009", Title: "Gizzard fever, unspecified", Flags: compile.Billable},
			{Code: "C16", Title: "Malignant neoplasm of gizzard", Flags: compile.Billable},
		},
		Index: []compile.IndexRow{
			{Title: "Disease, diseased"},
			{Depth: 1, Title: "gizzard", See: "Fever, gizzard"},
			{Depth: 1, Title: "heart"},
			{Depth: 2, Title: "ischemic", NonEssential: []string{"chronic"}, Code: "I25.9"},
			{Title: "Fever", NonEssential: []string{"high", "of unknown origin"}, Code: "A00.-"},
			{Depth: 1, Title: "with", SeeAlso: "Disease, heart"},
			{Depth: 2, Title: "molt", Code: "A00.0", Manif: "C16"},
			{Depth: 1, Title: "gizzard", Code: "A00.9"},
			{Kind: compile.IndexNeoplasm, Title: "Neoplasm, neoplastic"},
			{Kind: compile.IndexNeoplasm, Depth: 1, Title: "gizzard", Cells: [6]string{"C16", "C78.8-"}},
		},
	}
	data, err := content.Encode()
	if err != nil {
		tb.Fatal(err)
	}
	p, err := pack.Open(data)
	if err != nil {
		tb.Fatal(err)
	}
	shelf, err := newShelf([]*pack.Pack{p})
	if err != nil {
		tb.Fatal(err)
	}
	set, err := shelf.sets[ICD10CM][0].ready()
	if err != nil {
		tb.Fatal(err)
	}
	return set
}

func TestIndexNavigation(t *testing.T) {
	x := bookPack(t).Index()
	if x.Len() != 10 || x.Derived() || x.Edition().Name != "FY2031" {
		t.Fatalf("%d nodes, derived %v, %v", x.Len(), x.Derived(), x.Edition())
	}
	if got := len(x.MainTerms(IndexDiseases)); got != 2 {
		t.Errorf("%d main terms", got)
	}
	path := func(id NodeID) string { return strings.Join(x.Path(id), " > ") }
	if got := path(3); got != "Disease, diseased > heart > ischemic" {
		t.Errorf("path: %s", got)
	}
	if x.Parent(3) != 2 || x.Parent(2) != 0 || x.Parent(0) != NoNode || x.Parent(99) != NoNode || x.Parent(-1) != NoNode {
		t.Error("parents")
	}
	if c := x.Children(4); len(c) != 2 || c[0] != 5 || c[1] != 7 {
		t.Errorf("children of Fever: %v", c)
	}
	n := x.Node(6)
	if n.Code != "A00.0" || n.Manifestation != "C16" || n.Obsolete || n.Depth != 2 {
		t.Errorf("%+v", n)
	}
	if n := x.Node(3); !n.Obsolete || n.NonEssential[0] != "chronic" {
		t.Errorf("I25.9 is no code of the edition: %+v", n)
	}
	if n := x.Node(4); n.Obsolete || len(n.NonEssential) != 2 || n.NonEssential[1] != "of unknown origin" {
		t.Errorf("A00.- is a header of the edition: %+v", n)
	}
	if n := x.Node(9); n.Cells[MalignantPrimary] != "C16" || n.Cells[MalignantSecondary] != "C78.8-" || n.Kind != IndexNeoplasm {
		t.Errorf("%+v", n)
	}
	if n := x.Node(10); n.ID != NoNode {
		t.Errorf("%+v", n)
	}
}

func TestIndexFind(t *testing.T) {
	x := bookPack(t).Index()
	cases := map[string][]NodeID{"gizzards": {1, 7, 9}, "Fever": {4}, "chronic": {3}, "unknown": {4}, "diseased": {0}, "nothing": nil}
	for word, want := range cases {
		got := x.Find(word)
		if len(got) != len(want) {
			t.Errorf("Find(%q) = %v, want %v", word, got, want)
			continue
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("Find(%q) = %v, want %v", word, got, want)
			}
		}
	}
	for ref, want := range map[string]NodeID{
		"Fever, gizzard": 7, "Disease, heart, ischemic": 3, "Disease, heart, unheard of": 2, "Fever": 4,
		"Neoplasm, gizzard": 9,
	} {
		got := x.FollowSee(ref)
		if len(got) != 1 || got[0] != want {
			t.Errorf("FollowSee(%q) = %v, want %d", ref, got, want)
		}
	}
	if got := x.FollowSee("Fever; Disease, heart"); len(got) != 2 {
		t.Errorf("two references: %v", got)
	}
	if got := x.FollowSee(" , ,"); got != nil {
		t.Errorf("an empty reference: %v", got)
	}
	var first string
	x.EachMain(IndexDiseases, "fev", func(n IndexNode) bool { first = n.Title; return false })
	if first != "Fever" {
		t.Errorf("first main term with fev: %q", first)
	}
}

func TestSuccessor(t *testing.T) {
	set := bookPack(t)
	if c, ok := set.Successor("A00.15"); !ok || c.Code != "A00" {
		t.Errorf("%v %v", c, ok)
	}
	if _, ok := set.Successor("Z99"); ok {
		t.Error("Z99 has no successor")
	}
}

// The embedded Index says that it is derived, and every code in it is in the
// edition.
func TestEmbeddedIndex(t *testing.T) {
	set := on(t, ICD10CM, "2026-01-01")
	x := set.Index()
	if !x.Derived() || !strings.HasPrefix(x.Edition().Source, "derived") {
		t.Errorf("%v", x.Edition())
	}
	codes := 0
	for k := range x.Len() {
		n := x.Node(NodeID(k))
		if n.Obsolete {
			t.Errorf("%v: %s is not in the edition", x.Path(n.ID), n.Code)
		}
		if n.Code != "" {
			codes++
		}
		if n.Depth > 0 && x.Node(x.Parent(n.ID)).Depth != n.Depth-1 {
			t.Fatalf("%v: the parent is not one level up", n)
		}
	}
	for kind := IndexDiseases; kind <= IndexExternal; kind++ {
		if len(x.MainTerms(kind)) == 0 {
			t.Errorf("no main terms of kind %d", kind)
		}
	}
	t.Logf("%d nodes, %d with a code", x.Len(), codes)
	if older := on(t, ICD10CM, "2025-01-01").Index(); older.Len() != x.Len() {
		t.Error("the newest Index serves the older edition too")
	}
}
