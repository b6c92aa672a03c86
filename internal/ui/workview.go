package ui

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
)

// pairsOf takes the query of an address apart, for the hidden fields of a form.
func pairsOf(query string) [][2]string {
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil
	}
	var pairs [][2]string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		pairs = append(pairs, [2]string{name, values.Get(name)})
	}
	return pairs
}

func unitOptions(units []string) []Option {
	options := []Option{{"", "All"}}
	for _, u := range units {
		if u != "" {
			options = append(options, Option{u, u})
		}
	}
	return options
}

func dash(n int) string {
	if n == 0 {
		return "–"
	}
	return strconv.Itoa(n)
}
