package rules

import (
	"fmt"
	"slices"
	"strings"

	"chartroom/internal/chart"
)

// claim is a chronic condition that the record states of the patient.
type claim struct {
	name     string
	fact     *chart.Fact
	doc      *doc
	from, to int
	known    bool // said to have been there before
}

func (c *Case) diagnosisContradicted() (found []Finding) {
	claims := c.claims()
	if len(claims) == 0 {
		return nil
	}
	for _, d := range c.docs {
		if d.is("letter", "external", "consent", "discharge instruction") || c.gave("A18", d.index) || c.gave("A19", d.index) {
			continue
		}
		for _, h := range d.text.hits {
			if h.group != groupCondition || !c.engine.conditions[h.name].chronic || !d.text.never(h) {
				continue
			}
			i := slices.IndexFunc(claims, func(cl claim) bool { return cl.name == h.name && c.contradicts(cl, d, h) })
			if i < 0 {
				continue
			}
			cl := claims[i]
			from, _ := d.text.sentenceOf(h.from)
			f := d.at(fmt.Sprintf("The record states %s, and here it is denied.", h.name)).about(h.name).show(d, max(from, h.from-6), h.to)
			if cl.fact != nil {
				f = f.fact(cl.fact.ID)
			} else {
				f = f.show(cl.doc, cl.from, cl.to)
			}
			found = append(found, f)
		}
	}
	return found
}

// contradicts says whether a denial in d and a claim cannot both be right: a disease
// denied before it was found is no contradiction.
func (c *Case) contradicts(cl claim, d *doc, h hit) bool {
	if cl.fact != nil {
		at := cl.fact.Effective
		return at.IsZero() && cl.fact.Encounter == "" || !at.IsZero() && at.Before(d.WrittenAt.Add(-day))
	}
	if cl.known || c.engine.conditions[h.name].standing && cl.doc != d {
		return !c.newlyFound(h.name)
	}
	return cl.doc.WrittenAt.Before(d.WrittenAt.Add(-30 * day))
}

// newlyFound says whether the record says of a condition that it is new.
func (c *Case) newlyFound(name string) bool {
	if known, ok := c.newly[name]; ok {
		return known
	}
	if c.newly == nil {
		c.newly = map[string]bool{}
	}
	c.newly[name] = c.saysNew(name)
	return c.newly[name]
}

func (c *Case) saysNew(name string) bool {
	for _, d := range c.docs {
		for _, h := range d.text.hits {
			if h.group != groupCondition || h.name != name {
				continue
			}
			if from, to := d.text.sentenceOf(h.from); d.text.of("newly", from, to) {
				return true
			}
		}
	}
	return false
}

// claims gathers what facts and the diagnoses of summaries, histories and assessments
// state of chronic conditions.
func (c *Case) claims() []claim {
	var out []claim
	for i := range c.Facts {
		f := &c.Facts[i]
		if f.Withdrawn || f.Kind != chart.Diagnosis || strings.Contains(f.Status, "refuted") || strings.HasPrefix(f.Code, "Z80") || strings.HasPrefix(f.Code, "Z83") {
			continue
		}
		for _, name := range c.engine.conditionsOf(f) {
			out = append(out, claim{name: name, fact: f})
		}
	}
	for _, d := range c.docs {
		if d.is(stating...) && d.provider() {
			out = append(out, c.claimsOf(d)...)
		}
	}
	return out
}

// stating are the kinds whose authors state what the patient has.
var stating = []Kind{
	"discharge summary", "facility summary", "history and physical", "facility admission", "visit", "progress", "consultation", "emergency note", "death summary",
	"facility visit",
}

// claimsOf gathers what a document states in a list of diagnoses or a history, or as
// known or treated.
func (c *Case) claimsOf(d *doc) (out []claim) {
	t := d.text
	for _, h := range t.hits {
		if h.group != groupCondition || !c.engine.conditions[h.name].chronic || t.denied(h.from, h.to) || t.kin(h.from) || t.unsure(h) {
			continue
		}
		list, history := listed(t.sectionOf(h.from))
		known := history || t.knownBefore(h) || c.engine.treated(t, h)
		said := slices.ContainsFunc(out, func(cl claim) bool { return cl.name == h.name && cl.known == known })
		if (list || known) && !said {
			out = append(out, claim{name: h.name, doc: d, from: h.from, to: h.to, known: known})
		}
	}
	return out
}

// listed says whether a heading is that of a list of diagnoses, or of past history.
func listed(heading string) (list, history bool) {
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(heading, w) })
	}
	return has("diagnos", "assessment", "impression", "problem"), heading == "pmh" || has("past") || has("history") && !has("family", "social")
}

// conditionsOf gives the conditions a diagnosis is by its code, or else its words.
func (e *Engine) conditionsOf(f *chart.Fact) []string {
	var out []string
	if icd(f) {
		for name, cond := range e.conditions {
			if codeIn(f.Code, cond.codes) {
				out = append(out, name)
			}
		}
	}
	if len(out) == 0 {
		t := parse(f.Display)
		e.words.find(t)
		for _, h := range t.hits {
			if h.group == groupCondition && !t.denied(h.from, h.to) && !t.kin(h.from) {
				out = append(out, h.name)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// treated says whether the sentence that states a condition says that it is under
// treatment by a drug of it, unchanged: it was there before.
func (e *Engine) treated(t *text, h hit) bool {
	from, to := t.sentenceOf(h.from)
	for _, g := range t.hitsIn(from, to) {
		if g.group == groupDrug && g.from >= from && g.to <= to && slices.Contains(e.drugs[g.name].conditions, h.name) {
			for i := from; i < to; i++ {
				if in(t.tokens[i].word, "on", "controlled", "continue", "stable", "same", "home", "well", "takes") {
					return true
				}
			}
		}
	}
	return false
}

// unsure says whether a condition is only thought of: possible, rule out, screening.
func (t *text) unsure(h hit) bool {
	from, to := t.sentenceOf(h.from)
	for i := from; i < to; i++ {
		if in(t.tokens[i].word, "possible", "possibly", "probable", "suspected", "suspect", "screening", "screen", "risk", "rule", "versus", "vs", "question", "questionable", "likely",
			"prevent", "prevention", "if", "remission", "resolved", "concern", "like", "borderline", "workup", "evaluate", "evaluation") {
			return true
		}
	}
	return false
}

// knownBefore says whether the words next to a condition say that it is of long ago:
// "known", "history of", "long-standing", "for eight years".
func (t *text) knownBefore(h hit) bool {
	for i := max(0, h.from-4); i < h.from; i++ {
		if t.tokens[i].sentence == t.tokens[h.from].sentence && in(t.tokens[i].word, "known", "longstanding", "standing", "chronic", "history", "hx") {
			return true
		}
	}
	for i := h.to; i+2 < len(t.tokens) && i < h.to+3; i++ {
		if t.tokens[i].word == "for" && (t.word(i+2) == "years" || t.word(i+3) == "years") || t.tokens[i].word == "since" {
			return true
		}
	}
	return false
}

// never says whether a text says flatly that the patient has not, and has not had, a
// condition: "no history of diabetes", "denies diabetes", "not diabetic", "no
// diabetes." What belongs to a longer noun ("no asthma attack") is not denied.
func (t *text) never(h hit) bool {
	if t.kin(h.from) || t.unsure(h) {
		return false
	}
	if !t.closed(h) {
		return false
	}
	first, _ := t.sentenceOf(h.from)
	for i := h.from - 1; i >= first && i >= h.from-9; i-- {
		w := t.tokens[i].word
		switch {
		case in(w, "no", "denies", "denied", "never", "not", "without", "nor"):
			if w == "not" && in(t.word(i+1), "on", "taking", "controlled", "well", "due", "related", "because", "from", "the", "only") {
				return false
			}
			return t.plainDenial(i+1, h.from)
		case t.tokens[i].after == '.', t.tokens[i].after == ':', turns[w]:
			return false
		}
	}
	return false
}

// plainDenial says whether only words of history, articles and other conditions stand
// between a denial and what it denies.
func (t *text) plainDenial(from, to int) bool {
	for i := from; i < to; i++ {
		if in(t.tokens[i].word, "history", "of", "any", "known", "prior", "past", "previous", "personal", "medical", "or", "and", "a", "an", "had", "has", "have", "having", "diagnosis", "diagnosed", "with", "been", "be", "other", "hx", "other", "significant") {
			continue
		}
		covered := slices.ContainsFunc(t.hitsIn(i-6, i+1), func(h hit) bool { return h.group == groupCondition && h.from <= i && i < h.to })
		if !covered {
			return false
		}
	}
	return true
}

// closed says whether the noun ends with the condition: what follows is punctuation,
// "or", "and", or a verb of negation.
func (t *text) closed(h hit) bool {
	last := t.tokens[h.to-1]
	if last.after != 0 || h.to >= len(t.tokens) || t.tokens[h.to].sentence != last.sentence {
		return last.after != '-' && last.after != '/'
	}
	return in(t.word(h.to), "or", "and", "nor", "by", "on", "in", "before", "that", "mellitus", "per", "ever")
}
