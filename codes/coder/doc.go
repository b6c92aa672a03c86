// Package coder reads clinical text and offers the codes that a coder would
// accept, each with the words that justify it and the path that leads from the
// words to the code.
//
// It goes the way a coder goes: read the document (sections, sentences, what is
// denied, suspected, past, or said of a relative), look the condition up
// (lexicon, Alphabetic Index, neoplasm table, titles and inclusion terms),
// descend the Tabular List with the words that stand beside the mention, and
// apply the rules that bear on several codes (combination codes, Excludes1,
// integral symptoms, status codes). Where the record does not say what a code
// needs, it asks a question and does not guess.
//
// What always holds:
//
//   - The same input gives the same output, in the same order.
//   - Every suggested code is full and billable in the edition of the
//     encounter's date, and carries at least one span of the words it rests on.
//   - Spans are byte offsets into the document as given, half open, on rune
//     boundaries. Text that is not valid UTF-8 is refused by name.
//   - The time taken grows linearly with the text.
//   - Nothing here opens a file, a database or a connection, or reads a clock.
package coder
