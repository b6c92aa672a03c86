package store

import (
	"strings"
	"testing"
)

func TestPlaceholders(t *testing.T) {
	for _, test := range []struct {
		query, positional string
		n                 int
	}{
		{"", "", 0},
		{"SELECT 1", "SELECT 1", 0},
		{"SELECT $1", "SELECT ?1", 1},
		{"SELECT $2, $1, $2", "SELECT ?2, ?1, ?2", 2},
		{"SELECT '$1', $1", "SELECT '$1', ?1", 1},
		{"SELECT 'it''s $2', $1", "SELECT 'it''s $2', ?1", 1},
		{`SELECT "a$2", $1`, `SELECT "a$2", ?1`, 1},
		{"SELECT $1 -- not $2\n, $3", "SELECT ?1 -- not $2\n, ?3", 3},
		{"SELECT $1 /* $2 */ + $12", "SELECT ?1 /* $2 */ + ?12", 12},
		{"SELECT '$1", "SELECT '$1", 0},
		{"SELECT $, $x, $0", "SELECT $, $x, $0", 0},
		{"SELECT 1 - -$1", "SELECT 1 - -?1", 1},
	} {
		if got := positional(test.query); got != test.positional {
			t.Errorf("%q became %q, want %q", test.query, got, test.positional)
		}
		if got := placeholders(test.query); got != test.n {
			t.Errorf("%q takes %d, want %d", test.query, got, test.n)
		}
	}
}

func FuzzPlaceholders(f *testing.F) {
	f.Add("INSERT INTO t (a, b) VALUES ($1, '$2') -- $3\n")
	f.Add("SELECT \"$1\" /* $2 */ FROM t WHERE x = $12")
	f.Add("'$1")
	f.Fuzz(func(t *testing.T, query string) {
		got := positional(query)
		if len(got) != len(query) {
			t.Fatalf("%q became %q", query, got)
		}
		n := placeholders(query)
		if n < 0 || (n > 0) != (got != query) {
			t.Errorf("%q became %q and takes %d", query, got, n)
		}
		if strings.Count(got, "'") != strings.Count(query, "'") {
			t.Errorf("%q became %q", query, got)
		}
	})
}

func TestCheckQuery(t *testing.T) {
	for query, permitted := range map[string]bool{
		"SELECT 1":                           true,
		"  insert into t values (1)":         true,
		"-- note\nUPDATE t SET a = 1":        true,
		"WITH x AS (SELECT 1) SELECT 1":      true,
		"CREATE TABLE t (a TEXT)":            true,
		"BEGIN":                              false,
		"begin immediate":                    false,
		" \n\tCommit;":                       false,
		"-- note\n-- and another\n ROLLBACK": false,
		"PRAGMA journal_mode = OFF":          false,
		"SET synchronous_commit = off":       false,
		"/* hidden */ COMMIT":                false,
		"SELECT 1; COMMIT":                   false,
		";COMMIT":                            false,
		"SELECT ';' -- ;":                    true,
		"SELECT 1;":                          true,
	} {
		if err := checkQuery(query); (err == nil) != permitted {
			t.Errorf("%q: %v", query, err)
		}
	}
}
