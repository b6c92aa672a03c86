package server

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"chartroom/codes/codeset"
)

// setOn returns the edition of a code set for a day, the newest where the day
// is not given or no edition covers it; provisional says the latter.
func (s *Server) setOn(system codeset.System, date string) (set *codeset.Set, provisional bool, err error) {
	if date != "" {
		day, err := time.Parse(time.DateOnly, date)
		if err != nil {
			return nil, false, unusable("A date is written YYYY-MM-DD.")
		}
		set, err = s.dept.Library.On(system, day)
		if err == nil {
			return set, false, nil
		}
		if _, none := errors.AsType[*codeset.NoEditionError](err); !none {
			return nil, false, fmt.Errorf("edition: %w", err)
		}
		provisional = true
	}
	if set, err = s.dept.Library.Newest(system); err != nil {
		return nil, false, fmt.Errorf("newest edition: %w", err)
	}
	return set, provisional, nil
}

type searchIn struct {
	Body struct {
		Query   string   `json:"query" minLength:"1" maxLength:"200"`
		Date    string   `json:"date,omitempty" maxLength:"10" doc:"YYYY-MM-DD; left out: the newest edition"`
		Systems []string `json:"systems,omitempty" enum:"icd10cm,icd10pcs" doc:"left out: both"`
		Limit   int      `json:"limit,omitempty" minimum:"1" maximum:"200" default:"30"`
	}
}

type hitJSON struct {
	codeset.Hit
	Billable bool `json:"billable"`
}

type searchOut struct {
	Body struct {
		Hits []hitJSON `json:"hits"`
	}
}

// apiSearch searches the code sets as a person types. It goes by POST, for the
// words may come from a record.
func apiSearch(s *Server, _ context, in *searchIn) (*searchOut, error) {
	systems := []codeset.System{codeset.ICD10CM, codeset.ICD10PCS}
	if len(in.Body.Systems) > 0 {
		systems = systems[:0]
		for _, name := range in.Body.Systems {
			system, err := codeset.ParseSystem(name)
			if err != nil {
				return nil, unusable("There is no such code system.")
			}
			systems = append(systems, system)
		}
	}
	out := &searchOut{}
	out.Body.Hits = []hitJSON{}
	limit := max(in.Body.Limit, 1)
	lists := make([][]hitJSON, 0, len(systems))
	for _, system := range systems {
		set, _, err := s.setOn(system, in.Body.Date)
		if err != nil {
			return nil, err
		}
		list := []hitJSON{}
		for _, hit := range set.Search(in.Body.Query, limit) {
			code, _ := set.Code(hit.Code)
			list = append(list, hitJSON{Hit: hit, Billable: code.Billable})
		}
		lists = append(lists, list)
	}
	out.Body.Hits = interleave(lists, limit)
	return out, nil
}

// interleave gives each system its share: scores of two searches cannot be
// compared, so three of the first stand before one of the next.
func interleave(lists [][]hitJSON, limit int) []hitJSON {
	out := []hitJSON{}
	at := make([]int, len(lists))
	for len(out) < limit {
		before := len(out)
		for i, list := range lists {
			take := 1
			if i == 0 {
				take = 3
			}
			for ; take > 0 && at[i] < len(list) && len(out) < limit; take-- {
				out = append(out, list[at[i]])
				at[i]++
			}
		}
		if len(out) == before {
			break
		}
	}
	return out
}

type codeQuery struct {
	System string `path:"system" enum:"icd10cm,icd10pcs"`
	Code   string `path:"code" maxLength:"20"`
	Date   string `query:"date" maxLength:"10"`
}

type codeOut struct {
	Body struct {
		codeset.Code
		System      codeset.System   `json:"system"`
		Edition     codeset.Edition  `json:"edition"`
		Provisional bool             `json:"provisional" doc:"no edition covers the date; this is the newest"`
		Ancestors   []codeset.Code   `json:"ancestors"`
		Children    []codeset.Code   `json:"children"`
		Notes       []codeset.Note   `json:"notes"`
		Seventh     []codeset.Choice `json:"seventh"`
		POAExempt   bool             `json:"poa_exempt"`
	}
}

// apiCode shows one code with what stands above and below it and its notes.
func apiCode(s *Server, _ context, in *codeQuery) (*codeOut, error) {
	system, err := codeset.ParseSystem(in.System)
	if err != nil {
		return nil, unusable("There is no such code system.")
	}
	set, provisional, err := s.setOn(system, in.Date)
	if err != nil {
		return nil, err
	}
	code, ok := set.Code(in.Code)
	if !ok {
		return nil, notFound("This code is not in " + set.Edition().Name + ".")
	}
	out := &codeOut{}
	b := &out.Body
	b.Code, b.System, b.Edition, b.Provisional = code, system, set.Edition(), provisional
	b.Ancestors = append([]codeset.Code{}, set.Ancestors(code.Code)...)
	b.Children = append([]codeset.Code{}, set.Children(code.Code)...)
	b.Notes = append([]codeset.Note{}, set.Notes(code.Code)...)
	b.Seventh = append([]codeset.Choice{}, set.SeventhCharacters(code.Code)...)
	if system == codeset.ICD10CM {
		exempt, known := set.POAExempt(code.Code)
		b.POAExempt = exempt && known
	}
	return out, nil
}

type indexIn struct {
	Body struct {
		Term   string `json:"term" minLength:"1" maxLength:"100" doc:"a word of the term, or its beginning"`
		System string `json:"system,omitempty" enum:"icd10cm,icd10pcs" default:"icd10cm"`
		Date   string `json:"date,omitempty" maxLength:"10"`
	}
}

// termJSON is a term of the Alphabetic Index with the path to it.
type termJSON struct {
	Node    int      `json:"node"`
	Path    []string `json:"path"`
	Kind    string   `json:"kind"`
	Code    string   `json:"code,omitempty"`
	Second  string   `json:"manifestation,omitempty"`
	See     string   `json:"see,omitempty"`
	SeeAlso string   `json:"see_also,omitempty"`
	Cells   []string `json:"cells,omitempty" doc:"tables only: the code of each column"`
	Below   int      `json:"below" doc:"number of subterms"`
}

type indexOut struct {
	Body struct {
		Edition string     `json:"edition"`
		Derived bool       `json:"derived" doc:"made from titles; no official Index is installed"`
		Terms   []termJSON `json:"terms"`
	}
}

var indexKinds = map[codeset.IndexKind]string{
	codeset.IndexDiseases: "diseases", codeset.IndexNeoplasm: "neoplasms", codeset.IndexDrug: "drugs",
	codeset.IndexExternal: "external causes", codeset.IndexProcedures: "procedures",
}

const maxTerms = 100

// apiIndex finds terms of the Alphabetic Index by a word in them.
func apiIndex(s *Server, _ context, in *indexIn) (*indexOut, error) {
	index, err := s.indexOf(in.Body.System, in.Body.Date)
	if err != nil {
		return nil, err
	}
	out := &indexOut{}
	out.Body.Edition, out.Body.Derived, out.Body.Terms = index.Edition().Name, index.Derived(), []termJSON{}
	words := strings.Fields(in.Body.Term)
	if len(words) == 0 {
		return out, nil
	}
	for _, id := range index.Find(words[0]) {
		term := termOf(index, id)
		if hasAll(term.Path, words[1:]) {
			out.Body.Terms = append(out.Body.Terms, term)
		}
		if len(out.Body.Terms) == maxTerms {
			break
		}
	}
	return out, nil
}

func (s *Server) indexOf(system, date string) (*codeset.Index, error) {
	which := codeset.ICD10CM
	if system == "icd10pcs" {
		which = codeset.ICD10PCS
	}
	set, _, err := s.setOn(which, date)
	if err != nil {
		return nil, err
	}
	return set.Index(), nil
}

// hasAll reports whether each word begins a word of the path.
func hasAll(path, words []string) bool {
	all := strings.ToLower(" " + strings.Join(path, " "))
	for _, w := range words {
		if !strings.Contains(all, " "+strings.ToLower(w)) {
			return false
		}
	}
	return true
}

func termOf(index *codeset.Index, id codeset.NodeID) termJSON {
	n := index.Node(id)
	term := termJSON{
		Node: int(id), Path: index.Path(id), Kind: indexKinds[n.Kind], Code: n.Code, Second: n.Manifestation,
		See: n.See, SeeAlso: n.SeeAlso, Below: len(index.Children(id)),
	}
	if n.Kind == codeset.IndexNeoplasm || n.Kind == codeset.IndexDrug {
		term.Cells = n.Cells[:]
	}
	return term
}

type subtermsIn struct {
	Node   int32  `path:"node" minimum:"0"`
	System string `query:"system" enum:"icd10cm,icd10pcs" default:"icd10cm"`
	Date   string `query:"date" maxLength:"10"`
}

// apiSubterms lists the subterms one level below a term.
func apiSubterms(s *Server, _ context, in *subtermsIn) (*indexOut, error) {
	index, err := s.indexOf(in.System, in.Date)
	if err != nil {
		return nil, err
	}
	out := &indexOut{}
	out.Body.Edition, out.Body.Derived, out.Body.Terms = index.Edition().Name, index.Derived(), []termJSON{}
	if int(in.Node) >= index.Len() {
		return nil, notFound("There is no such term.")
	}
	for _, id := range index.Children(codeset.NodeID(in.Node)) {
		out.Body.Terms = append(out.Body.Terms, termOf(index, id))
	}
	return out, nil
}

type pcsIn struct {
	Prefix string `query:"prefix" maxLength:"7" doc:"the characters chosen so far, 0 to 7"`
	Date   string `query:"date" maxLength:"10"`
}

type pcsValue struct {
	codeset.Choice
	Definition string `json:"definition,omitempty"`
}

type pcsOut struct {
	Body struct {
		Prefix string       `json:"prefix"`
		Axis   string       `json:"axis" doc:"name of the next character; empty for a whole code"`
		Next   []pcsValue   `json:"next" doc:"values by which a valid code remains possible"`
		Code   codeset.Code `json:"code" doc:"the code, once it is whole; empty fields where there is none"`
	}
}

// apiBuildPCS offers the values of the next character of an ICD-10-PCS code.
func apiBuildPCS(s *Server, _ context, in *pcsIn) (*pcsOut, error) {
	set, _, err := s.setOn(codeset.ICD10PCS, in.Date)
	if err != nil {
		return nil, err
	}
	out := &pcsOut{}
	b := &out.Body
	b.Prefix, b.Next = strings.ToUpper(in.Prefix), []pcsValue{}
	if len(b.Prefix) == 7 {
		b.Code, _ = set.Code(b.Prefix) // none: the zero Code says so
		return out, nil
	}
	axis, next := set.Build(b.Prefix)
	b.Axis = axis
	for _, choice := range next {
		section := choice.Char
		if len(b.Prefix) > 0 {
			section = b.Prefix[:1]
		}
		b.Next = append(b.Next, pcsValue{Choice: choice, Definition: set.Definition(section, len(b.Prefix)+1, choice.Char)})
	}
	return out, nil
}
