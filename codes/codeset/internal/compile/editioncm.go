package compile

import (
	"fmt"
	"strings"
)

// FillSeventh makes the rows of every code in list, which has all the codes of
// an edition (undotted), from the codes that the Tabular List prints: a code
// that is not printed is a printed one with X placeholders and a seventh
// character, and its title is the printed title, a comma, and the meaning of
// the character, as in the order file (Guidelines I.A.4, I.A.5).
func FillSeventh(t *TabularFile, list []string) ([]CodeRow, error) {
	printed := make(map[string]string, len(t.Nodes))
	for _, n := range t.Nodes {
		printed[n.Code] = n.Title
	}
	meanings := map[string]map[byte]string{}
	for _, s := range t.Sevenths {
		if meanings[s.Owner] == nil {
			meanings[s.Owner] = map[byte]string{}
		}
		meanings[s.Owner][s.Char] = s.Text
	}
	all := make(map[string]bool, len(list))
	hasMore := map[string]bool{}
	for _, code := range list {
		all[code] = true
		for n := 3; n < len(code); n++ {
			hasMore[code[:n]] = true
		}
	}
	rows := make([]CodeRow, 0, len(all))
	for _, code := range list {
		if !all[code] {
			continue // comes twice in the list
		}
		delete(all, code)
		row := CodeRow{Code: code, Title: printed[code]}
		if !hasMore[code] {
			row.Flags = Billable
		}
		if row.Title == "" {
			title, err := seventhTitle(code, printed, meanings)
			if err != nil {
				return nil, err
			}
			row.Title = title
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func seventhTitle(code string, printed map[string]string, meanings map[string]map[byte]string) (string, error) {
	if len(code) == 7 {
		base := strings.TrimRight(code[:6], "X")
		for n := 6; n >= max(len(base), 3); n-- {
			title, ok := printed[code[:n]]
			if !ok {
				continue
			}
			for k := n; k >= 3; k-- {
				if m, ok := meanings[code[:k]]; ok {
					if text, ok := m[code[6]]; ok {
						return title + ", " + text, nil
					}
					break
				}
			}
		}
	}
	return "", fmt.Errorf("%s is in the list of codes but not in the Tabular List", code)
}
