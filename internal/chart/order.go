package chart

import (
	"slices"
	"strings"
)

// orderLine begins the line of a note that holds the numbers of an order. An
// order and what came of it, results and reports, carry such a line: "Order: 4711;
// S26-100", the placer's number and the filler's, as far as they are known.
const orderLine = "Order: "

// WithOrder adds the numbers of an order to a note; the empty ones and those that
// are there twice are left out.
func WithOrder(note string, numbers ...string) string {
	var said []string
	for _, n := range numbers {
		n = strings.Join(strings.FieldsFunc(n, func(r rune) bool { return r == ';' || r == '\n' || r == '\r' }), " ")
		if n = strings.TrimSpace(n); n != "" && !slices.Contains(said, n) {
			said = append(said, n)
		}
	}
	if len(said) == 0 {
		return note
	}
	line := orderLine + strings.Join(said, "; ")
	if note == "" {
		return line
	}
	return note + "\n" + line
}

// orderNumbers are the numbers of the order that a fact is, or came of; nil where
// its message named none.
func (f Fact) orderNumbers() []string {
	at := strings.LastIndex("\n"+f.Note, "\n"+orderLine)
	if at < 0 {
		return nil
	}
	line, _, _ := strings.Cut(f.Note[at+len(orderLine):], "\n")
	return strings.Split(line, "; ")
}

// SameOrder reports whether two facts name one order by a number.
func SameOrder(a, b Fact) bool {
	numbers := b.orderNumbers()
	return slices.ContainsFunc(a.orderNumbers(), func(n string) bool { return slices.Contains(numbers, n) })
}
