package codeset

import "fmt"

// NoteKind says what an instructional note of the Tabular List asks for.
type NoteKind uint8

// The kinds of notes (ICD-10-CM Guidelines I.A.11 to I.A.17).
const (
	GeneralNote      NoteKind = iota // "Note"
	Includes                         // what the category contains
	InclusionTerm                    // a condition the code is used for
	Excludes1                        // not coded here, never together
	Excludes2                        // not included here, may be coded together
	CodeFirst                        // the underlying condition comes first
	UseAdditional                    // a further code, if applicable
	CodeAlso                         // two codes may be needed, in either order
	SeventhCharacter                 // a seventh character is required
)

var noteKindNames = [...]string{
	"note", "includes", "inclusion term", "excludes1", "excludes2",
	"code first", "use additional", "code also", "seventh character",
}

// String returns the words of the Tabular List in lower case.
func (k NoteKind) String() string {
	if int(k) < len(noteKindNames) {
		return noteKindNames[k]
	}
	return fmt.Sprintf("note kind %d", uint8(k))
}

// MarshalText writes the words of String.
func (k NoteKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (k *NoteKind) UnmarshalText(text []byte) error {
	for i, name := range noteKindNames {
		if name == string(text) {
			*k = NoteKind(i)
			return nil
		}
	}
	return fmt.Errorf("codeset: %q is no kind of note", text)
}

// Note is one instructional note.
type Note struct {
	Kind    NoteKind `json:"kind"`
	Text    string   `json:"text"`
	At      string   `json:"at"`             // the code, section or chapter it stands at
	Refs    []Range  `json:"refs,omitempty"` // the codes it names
	Edition string   `json:"edition"`        // its own edition, which may be older than the codes
}

// Choice is one value of a character with its meaning.
type Choice struct {
	Char    string `json:"char"`
	Meaning string `json:"meaning"`
}
