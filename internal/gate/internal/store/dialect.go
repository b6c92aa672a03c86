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
		next := skip(query, i)
		switch {
		case next > i:
			i = next
		case query[i] == '$':
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

// skip gives the offset behind the literal, quoted name or comment that begins
// at i, or i where none does.
func skip(query string, i int) int {
	switch rest := query[i:]; {
	case rest[0] == '\'' || rest[0] == '"':
		return after(query, i+1, rest[:1])
	case strings.HasPrefix(rest, "--"):
		return after(query, i, "\n")
	case strings.HasPrefix(rest, "/*"):
		return after(query, i+2, "*/")
	}
	return i
}

// after gives the offset behind the next end mark.
func after(query string, from int, end string) int {
	if k := strings.Index(query[from:], end); k >= 0 {
		return from + k + len(end)
	}
	return len(query)
}

var (
	errControl = errors.New("an action cannot begin or end transactions, change settings or attach files")
	errSeveral = errors.New("an action runs one statement at a time")
)

// controls are the first words of statements that would break what the store
// promises.
var controls = []string{
	"BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE", "PREPARE", "LISTEN", "NOTIFY",
	"PRAGMA", "ATTACH", "DETACH", "VACUUM", "SET", "RESET", "DISCARD", "COPY", "LOAD", "CLUSTER", "CHECKPOINT",
}

// checkQuery says whether a query is one that an action may run: a single
// statement that is not a control.
func checkQuery(query string) error {
	word, rest := firstWord(query)
	if word == ";" {
		return errSeveral
	}
	for _, c := range controls {
		if strings.EqualFold(word, c) {
			return errControl
		}
	}
	for i := 0; i < len(rest); {
		next := skip(rest, i)
		switch {
		case next > i:
			i = next
		case rest[i] == ';':
			if after, _ := firstWord(rest[i+1:]); after != "" {
				return errSeveral
			}
			return nil
		default:
			i++
		}
	}
	return nil
}

// firstWord gives the first thing in a query that is neither space nor comment,
// up to where its letters end, and what follows.
func firstWord(query string) (word, rest string) {
	i := 0
	for i < len(query) {
		if next := skip(query, i); next > i && query[i] != '\'' && query[i] != '"' {
			i = next
		} else if query[i] <= ' ' {
			i++
		} else {
			break
		}
	}
	end := i
	for end < len(query) && 'a' <= query[end]|32 && query[end]|32 <= 'z' {
		end++
	}
	if end == i && i < len(query) {
		end++ // a sign by itself
	}
	return query[i:end], query[end:]
}
