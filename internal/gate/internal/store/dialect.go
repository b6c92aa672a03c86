package store

import (
	"errors"
	"strings"
)

// positional rewrites $1, $2 … into the ?1, ?2 … that SQLite counts by number.
// SQLite takes $1 for a name, and numbers names by where they first stand.
func positional(query string) string {
	if !strings.Contains(query, "$") {
		return query
	}
	b := []byte(query)
	eachPlaceholder(query, func(at, _ int) { b[at] = '?' })
	return string(b)
}

// placeholders gives the highest number n of the $n in a query.
func placeholders(query string) int {
	highest := 0
	eachPlaceholder(query, func(_, n int) { highest = max(highest, n) })
	return highest
}

// eachPlaceholder calls found with the offset of each $n outside of literals,
// quoted names and comments.
func eachPlaceholder(query string, found func(at, n int)) {
	for i := 0; i < len(query); {
		switch c := query[i]; {
		case c == '\'' || c == '"':
			i = after(query, i+1, string(c))
		case strings.HasPrefix(query[i:], "--"):
			i = after(query, i, "\n")
		case strings.HasPrefix(query[i:], "/*"):
			i = after(query, i+2, "*/")
		case c == '$':
			at, n := i, 0
			for i++; i < len(query) && '0' <= query[i] && query[i] <= '9' && n < 100_000; i++ {
				n = 10*n + int(query[i]-'0')
			}
			if n > 0 {
				found(at, n)
			}
		default:
			i++
		}
	}
}

// after gives the offset behind the next end mark.
func after(query string, from int, end string) int {
	if k := strings.Index(query[from:], end); k >= 0 {
		return from + k + len(end)
	}
	return len(query)
}

var errControl = errors.New("an action cannot begin or end transactions, change settings or attach files")

// controls are the first words of statements that would break what the store
// promises.
var controls = []string{
	"BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE", "PREPARE", "LISTEN", "NOTIFY",
	"PRAGMA", "ATTACH", "DETACH", "VACUUM", "SET", "RESET", "DISCARD", "COPY", "LOAD", "CLUSTER", "CHECKPOINT",
}

// checkQuery says whether a query is one an action may run.
func checkQuery(query string) error {
	first := strings.TrimSpace(query)
	for strings.HasPrefix(first, "--") {
		first = strings.TrimSpace(first[after(first, 0, "\n"):])
	}
	if end := strings.IndexFunc(first, func(r rune) bool { return !('a' <= r|32 && r|32 <= 'z') }); end >= 0 {
		first = first[:end]
	}
	for _, word := range controls {
		if strings.EqualFold(first, word) {
			return errControl
		}
	}
	return nil
}
