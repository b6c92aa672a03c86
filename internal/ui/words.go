package ui

// FoundDocuments is what a search by words found.
type FoundDocuments struct {
	Query    string
	Searched bool
	Trouble  string // why the search was not done, "" for nothing
	Rows     []FoundDocument
	Next     string // address of the next page
	Behind   int    // documents not indexed yet
}

// FoundDocument is one hit, with the words around it.
type FoundDocument struct {
	Path, Title, Written, Author, Patient, MRN, BirthDate string
	Excerpt                                               []Stretch
}

// Stretch is a piece of text, marked or not.
type Stretch struct {
	Text   string
	Marked bool
}

// Stretches cuts a text at its marks: bytes, half open, in order.
func Stretches(text string, marks [][2]int) []Stretch {
	var out []Stretch
	at := 0
	for _, m := range marks {
		if m[0] < at || m[1] > len(text) || m[1] <= m[0] {
			continue // overlaps the one before
		}
		if m[0] > at {
			out = append(out, Stretch{Text: text[at:m[0]]})
		}
		out = append(out, Stretch{Text: text[m[0]:m[1]], Marked: true})
		at = m[1]
	}
	if at < len(text) {
		out = append(out, Stretch{Text: text[at:]})
	}
	return out
}
