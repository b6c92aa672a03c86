package seal

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

//go:embed nicknames.txt
var nicknames string

// groups maps each name of nicknames.txt to the names that may mean the same
// person.
var groups = sync.OnceValue(func() map[string][]string {
	by := map[string][]string{}
	for line := range strings.Lines(nicknames) {
		name, forms, ok := strings.Cut(strings.TrimSpace(line), ":")
		if !ok || strings.HasPrefix(name, "#") {
			continue
		}
		group := append([]string{name}, strings.Fields(forms)...)
		for _, one := range group {
			for _, other := range group {
				if other != one && !slices.Contains(by[one], other) {
					by[one] = append(by[one], other)
				}
			}
		}
	}
	return by
})

// Nicknames gives the other given names that somebody called word may be entered
// under: "bill" gives william, billy, will …; "peggy" gives margaret, meg …. The
// word is one that Words gives. It is nil for names without familiar forms. The
// names of two groups are never joined: that Albert and Alan are both called Al
// does not make them one.
func Nicknames(word string) []string { return slices.Clone(groups()[word]) }
