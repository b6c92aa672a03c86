package seal_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"chartroom/internal/seal"
)

func TestNicknames(t *testing.T) {
	for _, c := range []struct {
		word, other string
		want        bool
	}{
		{"bill", "william", true},
		{"william", "bill", true},
		{"peggy", "margaret", true},
		{"bill", "will", true}, // both are William
		{"al", "albert", true},
		{"al", "alan", true},
		{"albert", "alan", false}, // only their short form is the same
		{"bill", "bill", false},
		{"chuck", "charles", true},
		{"pat", "patricia", true},
		{"pat", "patrick", true},
		{"paco", "francisco", true},
		{"lupe", "guadalupe", true},
		{"mary", "margaret", false},
		{"john", "jonathan", false},
		{"jon", "jonathan", true},
	} {
		if got := slices.Contains(seal.Nicknames(c.word), c.other); got != c.want {
			t.Errorf("%s is %s: %v", c.word, c.other, got)
		}
	}
	if got := seal.Nicknames("quillfeather"); got != nil {
		t.Errorf("%v", got)
	}
}

// TestNicknameTable: the table is as it says it is.
func TestNicknameTable(t *testing.T) {
	text, err := os.ReadFile("nicknames.txt")
	if err != nil {
		t.Fatal(err)
	}
	last, groups := "", 0
	for line := range strings.Lines(string(text)) {
		name, forms, ok := strings.Cut(strings.TrimSpace(line), ":")
		if strings.HasPrefix(name, "#") {
			continue
		}
		groups++
		if !ok || name <= last && name[0] < last[0] || len(strings.Fields(forms)) == 0 {
			t.Errorf("%q after %q", line, last)
		}
		last = name
		for _, word := range append([]string{name}, strings.Fields(forms)...) {
			if got := seal.Words(word); len(got) != 1 || got[0] != word || strings.Trim(word, "abcdefghijklmnopqrstuvwxyz") != "" {
				t.Errorf("%s: %q is no folded word", name, word)
			}
			if len(seal.Nicknames(word)) > 60 {
				t.Errorf("%s means %d names", word, len(seal.Nicknames(word)))
			}
		}
	}
	if groups < 300 {
		t.Errorf("%d groups", groups)
	}
}
