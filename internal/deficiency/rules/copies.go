package rules

import (
	"fmt"
	"hash/maphash"
	"slices"
	"time"
)

// The shortest texts that are compared word for word, and those that are compared for
// likeness: shorter ones are alike by their nature.
const (
	sameWords   = 12
	copiedWords = 40
)

func (c *Case) duplicateDocument() (found []Finding) {
	type key struct {
		encounter string
		sum       uint64
	}
	type moment struct {
		encounter, kind, author string
		at                      time.Time
	}
	texts, moments := map[key]*doc{}, map[moment]*doc{}
	seed := maphash.MakeSeed()
	for _, d := range c.docs {
		if d.Encounter == "" || d.stay == nil {
			continue
		}
		if len(d.text.tokens) >= sameWords {
			k := key{d.Encounter, d.text.sum(seed)}
			first := texts[k]
			// A progress note of another day is copied forward, not twice there.
			carried := first != nil && d.is("progress", "facility visit") && !d.stay.day(first.WrittenAt).Equal(d.stay.day(d.WrittenAt))
			if first != nil && !carried {
				found = append(found, twice(d, first, "The same text stands twice under this encounter."))
				continue
			}
			texts[k] = d
		}
		if d.WrittenAt.IsZero() || d.Author.Name == "" || d.Type == "" || d.kind == "test report" || d.kind == "radiology" || d.kind == "order" {
			continue
		}
		m := moment{d.Encounter, plain(d.Type + " " + d.Title), plain(d.Author.Name), d.WrittenAt.Truncate(time.Minute)}
		if first := moments[m]; first != nil && similar(first.text, d.text) > .6 {
			found = append(found, twice(d, first, "The same author wrote two of the same type in the same minute."))
			continue
		}
		moments[m] = d
	}
	return found
}

func twice(d, first *doc, says string) Finding {
	f := d.at(says).about(first.ID).head(first).head(d)
	f.Spans = slices.Clip(f.Spans)
	return f
}

// sum is a hash of the words of a text.
func (t *text) sum(seed maphash.Seed) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	for _, k := range t.tokens {
		_, _ = h.WriteString(k.word) // it never fails
		_ = h.WriteByte(' ')
	}
	return h.Sum64()
}

func (c *Case) copiedForward() (found []Finding) {
	for _, s := range c.stays {
		notes := s.written("progress", "facility visit")
		for i, d := range notes {
			for j := i - 1; j >= 0 && j >= i-5; j-- {
				first := notes[j]
				if s.day(first.WrittenAt).Equal(s.day(d.WrittenAt)) || d.WrittenAt.IsZero() || first.WrittenAt.IsZero() {
					continue
				}
				words := min(len(d.text.tokens), len(first.text.tokens))
				if words < sameWords || c.gave("A11", d.index) {
					continue
				}
				// Lengths that differ by more than the allowed share cannot be as alike.
				a, b := float64(len(d.text.tokens)), float64(len(first.text.tokens))
				if min(a, b)/max(a, b) < .7 {
					continue
				}
				if share := similar(first.text, d.text); share >= c.Settings.CopiedShare && (words >= copiedWords || share > .99) {
					found = append(found, twice(d, first, fmt.Sprintf("%d %% of the words are those of the note of %s.", int(share*100), s.day(first.WrittenAt).Format("Jan 2"))))
					break
				}
			}
		}
	}
	return found
}

// similar is the share of pairs of words that two texts have in common, of all of the
// longer; lines that are mostly numbers (vital signs) count for nothing.
func similar(a, b *text) float64 {
	pa, pb := a.pairs(), b.pairs()
	total := max(sizeOf(pa), sizeOf(pb))
	if total == 0 {
		return 0
	}
	same := 0
	for p, n := range pa {
		same += min(n, pb[p])
	}
	return float64(same) / float64(total)
}

func sizeOf(pairs map[[2]string]int) (n int) {
	for _, c := range pairs {
		n += c
	}
	return n
}

func (t *text) pairs() map[[2]string]int {
	out := make(map[[2]string]int, len(t.tokens))
	for i := 0; i < len(t.tokens); {
		from, to := t.lineOf(i)
		numbers := 0
		for j := from; j < to; j++ {
			if digit(t.tokens[j].word[0]) {
				numbers++
			}
		}
		if numbers*3 < to-from {
			for j := from; j+1 < to; j++ {
				out[[2]string{t.tokens[j].word, t.tokens[j+1].word}]++
			}
		}
		i = to
	}
	return out
}
