package codeset

// Code is one entry of a code set.
type Code struct {
	Code     string `json:"code"` // written form: E11.65, 02703DZ; E00-E89 for a section
	Title    string `json:"title"`
	Billable bool   `json:"billable"` // valid for submission: no further character is needed
}

// Set is one opened edition of one code set. It is immutable and safe for
// concurrent use.
type Set struct{ edition Edition }

// Edition says which edition this is.
func (s *Set) Edition() Edition { return s.edition }

// Code finds a code, header or billable, with or without its dot, in any case.
func (s *Set) Code(code string) (Code, bool) { return Code{}, false }

// Children returns the codes one level below a code, section or chapter.
func (s *Set) Children(code string) []Code { return nil }

// Ancestors returns what stands above a code, nearest first: its category and
// subcategories, its section, its chapter. The Code field of sections and
// chapters holds ids of the style E08-E13.
func (s *Set) Ancestors(code string) []Code { return nil }

// Notes returns the notes that bear on a code: its own first, then those
// inherited from subcategory, category, section and chapter.
func (s *Set) Notes(code string) []Note { return nil }

// SeventhCharacters returns the seventh characters of a code, its own or
// inherited, in the order of the Tabular List.
func (s *Set) SeventhCharacters(code string) []Choice { return nil }

// Index returns the Alphabetic Index that serves this edition; it is never nil.
func (s *Set) Index() *Index { return &Index{} }

// Search finds codes as a person types; see Hit.
func (s *Set) Search(query string, limit int) []Hit { return nil }

// Hit is one answer of a search, best first.
type Hit struct {
	System System   `json:"system"`
	Code   string   `json:"code"`
	Title  string   `json:"title"`
	Score  float64  `json:"score"` // 0 to 1; comparable within one search only
	Why    []string `json:"why"`   // the words as read, then where they matched: index path, inclusion term, title
}
