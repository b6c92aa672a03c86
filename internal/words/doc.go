// Package words finds documents by the words in them.
//
// Documents are sealed, so what is kept of their words is an inverted index of
// keyed hashes: for each word's hash the numbers of the documents that hold it,
// in rows that are merged as they grow. Nothing readable lies in it.
//
// What always holds:
//
//   - A document is queued in the transaction that stores it and leaves the queue
//     in the one that indexes it: none is forgotten, and a search says how many
//     still wait.
//   - The index only proposes. Each document proposed is asked about at the
//     policy, opened and read before it is shown, so a hit has the words, and
//     nobody learns of a document they may not read.
//   - What was searched for is written nowhere.
package words
