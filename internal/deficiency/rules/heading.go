package rules

import (
	"fmt"
	"slices"
	"strings"

	"chartroom/internal/chart"
	"chartroom/internal/seal"
)

// headingBytes is how far the heading lines of a document reach.
const headingBytes = 700

// named is what a document's text says in a label of a heading: "MRN: 104417".
type named struct {
	value    string
	from, to int // tokens
}

// numberLabels and nameLabels are the words before a record number and a name.
var (
	numberLabels = [][]string{{"mrn"}, {"medical", "record", "number"}, {"medical", "record", "no"}, {"record", "number"}, {"mr", "number"}, {"med", "rec", "no"}, {"chart", "number"}, {"unit", "number"}, {"patient", "id"}, {"mr", "no"}}
	nameLabels   = [][]string{{"patient", "name"}, {"patient"}, {"name"}, {"re"}, {"name", "of", "patient"}, {"pt"}, {"pt", "name"}, {"resident"}, {"resident", "name"}}
)

// headings works out the labelled numbers and names of a text, once.
func (d *doc) headings() (numbers, names []named) {
	if !d.heads {
		d.heads, d.labels, d.called = true, d.numbers(), d.names()
	}
	return d.labels, d.called
}

// numbers finds the record numbers that the labels of a text give, anywhere in it.
func (d *doc) numbers() []named {
	t := d.text
	var out []named
	for i := range t.tokens {
		switch t.tokens[i].word {
		case "mrn", "medical", "record", "mr", "med", "chart", "unit", "patient":
		default:
			continue
		}
		n := labelled(t, i, numberLabels)
		if n == 0 || i+n >= len(t.tokens) {
			continue
		}
		var b strings.Builder
		j := i + n
		for ; j < len(t.tokens) && j < i+n+4; j++ {
			b.WriteString(t.tokens[j].word)
			if t.tokens[j].after != '-' {
				break
			}
		}
		if v := b.String(); strings.ContainsFunc(v, func(r rune) bool { return r >= '0' && r <= '9' }) && len(v) > 2 {
			out = append(out, named{v, i, min(j+1, len(t.tokens))})
		}
	}
	return out
}

// labelled is how many words the longest of the labels has that begins at word i.
func labelled(t *text, i int, labels [][]string) (n int) {
	for _, l := range labels {
		if len(l) <= n {
			continue
		}
		fits := true
		for k, w := range l {
			fits = fits && t.word(i+k) == w
		}
		if fits {
			n = len(l)
		}
	}
	return n
}

// names finds the names that labelled heading lines of a text give.
func (d *doc) names() []named { //nolint:cyclop,gocyclo // what may stand in a name is a list
	t := d.text
	var out []named
	for i := range t.tokens {
		k := t.tokens[i]
		switch k.word {
		case "patient", "name", "re", "pt", "resident":
		default:
			continue
		}
		n := labelled(t, i, nameLabels)
		if n == 0 || !k.first && !t.tokens[max(i-1, 0)].first && t.tokens[max(i-1, 0)].after != ',' || i+n >= len(t.tokens) || t.tokens[i+n-1].after != ':' {
			continue
		}
		var words []string
		j := i + n
		for ; j < len(t.tokens) && j < i+n+5; j++ {
			w := t.tokens[j]
			if !w.upper || in(w.word, "mrn", "dob", "date", "age", "sex", "medical", "record", "born", "is", "account", "room", "unit") || digit(w.word[0]) {
				break
			}
			if !in(w.word, "mr", "mrs", "ms", "miss", "dr", "jr", "sr", "ii", "iii") {
				words = append(words, w.word)
			}
			if w.after != 0 && w.after != ',' && w.after != '-' && w.after != '.' {
				j++
				break
			}
		}
		if len(words) > 1 {
			out = append(out, named{strings.Join(words, " "), i, j})
		}
	}
	return out
}

// calledAs finds a name with a title that begins a text: "Mrs. Oakes is an 84-year-old".
func (d *doc) calledAs() (named, bool) {
	t := d.text
	for i := 0; i < len(t.tokens) && i < 4; i++ {
		if !in(t.tokens[i].word, "mr", "mrs", "ms", "miss") || i+2 >= len(t.tokens) || !t.tokens[i+1].upper {
			continue
		}
		var words []string
		j := i + 1
		for ; j < len(t.tokens) && j < i+4 && t.tokens[j].upper; j++ {
			words = append(words, t.tokens[j].word)
		}
		if t.word(j) == "is" && (number(t.word(j+1)) > 0 || number(t.word(j+2)) > 0) {
			return named{strings.Join(words, " "), i, j}, true
		}
	}
	return named{}, false
}

// known says whether a record number is one of the person's.
func (c *Case) known(value string) bool {
	for _, p := range c.Registrations {
		for _, id := range p.Identifiers {
			if number := bare(id.Value); number == bare(value) || strings.TrimLeft(number, "mrb0") == strings.TrimLeft(bare(value), "mrb0") {
				return true
			}
		}
	}
	return slices.ContainsFunc(c.Encounters, func(e chart.Encounter) bool { return e.Number != "" && bare(e.Number) == bare(value) })
}

// bare is a number without punctuation, in lower case.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, lower(s))
}

// called says whether a name in a document can be the person's: their family name and
// a given name, a part or initial of one, or an alias; in any order. A family name
// that has changed passes where the given name is theirs and the middle name too.
func (c *Case) called(name string, alone bool) bool {
	words := seal.Words(name)
	for _, p := range c.Registrations {
		for _, n := range append(slices.Clone(p.Aliases), p.Name) {
			family, given := seal.Words(n.Family), seal.Words(n.Given+" "+n.Middle)
			hasFamily := slices.ContainsFunc(words, func(w string) bool { return slices.Contains(family, w) })
			hasGiven := slices.ContainsFunc(words, func(w string) bool {
				return !slices.Contains(family, w) && slices.ContainsFunc(given, func(g string) bool { return alike(w, g) })
			})
			if hasFamily && (hasGiven || alone) {
				return true
			}
			if !hasFamily && hasGiven && len(words) > 2 && len(given) > 1 && slices.Contains(words, given[0]) && slices.Contains(words, given[1]) {
				return true
			}
		}
	}
	return len(words) == 0 || len(c.Registrations) == 0
}

// alike says whether two given names can be one person's: the same, the beginning of
// the other (Winifred, Win), an initial, or one letter apart.
func alike(a, b string) bool {
	if strings.HasPrefix(a, b) || strings.HasPrefix(b, a) {
		return true
	}
	if len(a) > 2 && len(b) > 2 && a[:3] == b[:3] {
		return true
	}
	if len(a) != len(b) {
		return false
	}
	apart := 0
	for i := range len(a) {
		if a[i] != b[i] {
			apart++
		}
	}
	return apart < 2 && len(a) > 4
}

func (c *Case) wrongPatient() (found []Finding) {
	for _, d := range c.docs {
		if c.gave("A19", d.index) {
			continue
		}
		t := d.text
		numbers, names := d.headings()
		if n := numbers; len(n) > 0 && int(t.tokens[n[0].from].start) < headingBytes && !c.known(n[0].value) && c.numbered() {
			f := d.at("The heading names another record number.").show(d, n[0].from, n[0].to)
			if len(names) > 0 && !c.called(names[0].value, false) {
				f = f.show(d, names[0].from, names[0].to)
			}
			found = append(found, f.fact(c.registrationIDs()...))
			continue
		}
		if n := names; len(n) > 0 && int(t.tokens[n[0].from].start) < headingBytes && !c.called(n[0].value, false) {
			found = append(found, d.at("The heading names another patient.").show(d, n[0].from, n[0].to).fact(c.registrationIDs()...))
			continue
		}
		if n, ok := d.calledAs(); ok && !c.called(n.value, true) && !c.infant(d) {
			found = append(found, d.at("The text begins with another patient's name.").show(d, n.from, n.to).fact(c.registrationIDs()...))
		}
	}
	return found
}

// numbered says whether the person has a record number at all.
func (c *Case) numbered() bool {
	for _, p := range c.Registrations {
		if p.RecordNumber() != "" {
			return true
		}
	}
	return false
}

func (c *Case) twoPatients() (found []Finding) {
	for _, d := range c.docs {
		numbers, names := d.headings()
		for _, kind := range []struct {
			what string
			all  []named
		}{{"record numbers", numbers}, {"patients", names}} {
			what, all := kind.what, kind.all
			for _, n := range all[min(1, len(all)):] {
				first := all[0]
				same := bare(first.value) == bare(n.value)
				if what == "patients" {
					same = c.called(first.value, false) == c.called(n.value, false) || sameName(first.value, n.value)
				}
				if !same && what == "record numbers" && c.known(first.value) && c.known(n.value) {
					continue
				}
				if !same {
					found = append(found, d.at(fmt.Sprintf("The text holds the headings of two %s.", what)).show(d, first.from, first.to).show(d, n.from, n.to).fact(c.registrationIDs()...))
					break
				}
			}
		}
	}
	return found
}

func sameName(a, b string) bool {
	shared := 0
	for _, w := range seal.Words(a) {
		if slices.Contains(seal.Words(b), w) {
			shared++
		}
	}
	return shared > 1
}
