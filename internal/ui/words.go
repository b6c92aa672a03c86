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
	Excerpt                                               string
	Marks                                                 []TextMark
}
