package codeset

// PCSTable is one table of ICD-10-PCS: the first three characters fixed, and
// rows that say which values of the other four go together.
type PCSTable struct {
	Prefix     string // 027
	Axes       [7]string
	Fixed      [3]Choice
	Definition string // of the root operation or type
	Rows       []PCSRow
}

// PCSRow allows every combination of its four lists.
type PCSRow struct {
	Values [4][]Choice // characters 4 to 7
}

// Table returns the table of a prefix of at least three characters.
func (s *Set) Table(prefix string) (PCSTable, bool) { return PCSTable{}, false }

// Build returns the name of the next axis after prefix (0 to 6 characters) and
// the values it may have so that a valid code remains possible.
func (s *Set) Build(prefix string) (axis string, next []Choice) { return "", nil }

// Definition returns the official definition of a value of an axis (1 to 7) in
// a section of ICD-10-PCS: Definition("0", 3, "7") is that of Dilation.
func (s *Set) Definition(section string, axis int, value string) string { return "" }
