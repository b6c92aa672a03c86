package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Engine tries the rules on cases. It is safe for concurrent use.
type Engine struct {
	rules []Rule
	words lexicon

	kinds      titles
	roles      titles
	entitled   map[Kind]entitlement
	conditions map[string]condition
	drugs      map[string]drug
	events     []event
	tests      map[string]test
	testNames  map[string]string // any name of a test -> its name
	panels     []panel
	operations map[string][]string

	mu    sync.Mutex
	zones map[string]*time.Location
}

// New reads the tables. Its errors name file and line.
func New() (*Engine, error) {
	e := &Engine{rules: All(), zones: map[string]*time.Location{}}
	for _, load := range []func() error{
		e.loadTitles, e.loadEntitled, e.loadConditions, e.loadDrugs, e.loadPhrases, e.loadPlaces, e.loadEvents, e.loadTests, e.loadPanels, e.loadOperations,
	} {
		if err := load(); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// Rules lists the rules in the order they are tried.
func (e *Engine) Rules() []Rule { return slices.Clone(e.rules) }

// Analyse tries every rule on a case.
func (e *Engine) Analyse(c *Case) Report { return e.analyse(c, func(Rule) bool { return true }) }

func (e *Engine) analyse(c *Case, want func(Rule) bool) Report {
	p := *c
	p.prepare(e)
	for turn := range ruleTurns {
		for _, r := range e.rules {
			if turnOf(r.ID) != turn || !want(r) {
				continue
			}
			p.rule = r
			for _, f := range r.Check(&p) {
				p.keep(f)
			}
		}
	}
	slices.SortStableFunc(p.found, func(a, b Finding) int {
		return cmp.Or(strings.Compare(a.Rule, b.Rule), strings.Compare(a.Key, b.Key))
	})
	return Report{Findings: p.found, Again: p.again}
}

// ruleTurns is how many turns the rules are tried in.
const ruleTurns = 3

// turnOf is when a rule is tried: first those that say that a document is another
// patient's, so that others do not judge its words; last what rests on the others.
func turnOf(id string) int {
	switch id {
	case "A18", "A19":
		return 0
	case "C17":
		return 2
	}
	return 1
}

// zone gives a time zone by name; UTC where it is not known.
func (e *Engine) zone(name string) *time.Location {
	e.mu.Lock()
	defer e.mu.Unlock()
	if z, ok := e.zones[name]; ok {
		return z
	}
	z, err := time.LoadLocation(name)
	if err != nil {
		z = time.UTC
	}
	e.zones[name] = z
	return z
}

// titled is a class by the words of a title.
type titled struct {
	class string
	words []string
}

// titles are classes in the order they are tried, found by the first words of their
// phrases.
type titles struct {
	all   []titled
	first map[string][]int
}

func (t *titles) add(class string, words []string) {
	if t.first == nil {
		t.first = map[string][]int{}
	}
	t.first[words[0]] = append(t.first[words[0]], len(t.all))
	t.all = append(t.all, titled{class, words})
}

func (e *Engine) loadTitles() error {
	for name, into := range map[string]*titles{"documents": &e.kinds, "roles": &e.roles} {
		rows, err := table(name, 2)
		if err != nil {
			return err
		}
		for _, r := range rows {
			for _, phrase := range list(r.cols[1]) {
				into.add(r.cols[0], wordsOf(phrase))
			}
		}
	}
	return nil
}

func wordsOf(s string) []string {
	tokens := parse(s).tokens
	out := make([]string, 0, len(tokens))
	for _, k := range tokens {
		out = append(out, k.word)
	}
	return out
}

// classOf is the first class one of whose phrases stands in the words: its words in
// their order, others between.
func classOf(t *titles, words []string) string {
	best := len(t.all)
	for _, w := range words {
		for _, name := range [2]string{w, strings.TrimSuffix(w, "s")} {
			for _, n := range t.first[name] {
				if n < best && inOrder(t.all[n].words, words) {
					best = n
				}
			}
		}
	}
	if best == len(t.all) {
		return ""
	}
	return t.all[best].class
}

func inOrder(phrase, words []string) bool {
	n := 0
	for _, w := range words {
		if n < len(phrase) && (w == phrase[n] || strings.TrimSuffix(w, "s") == phrase[n]) {
			n++
		}
	}
	return n == len(phrase)
}

type entitlement struct {
	classes  []string
	citation string
}

func (e *Engine) loadEntitled() error {
	rows, err := table("entitled", 3)
	e.entitled = map[Kind]entitlement{}
	for _, r := range rows {
		e.entitled[Kind(r.cols[0])] = entitlement{list(r.cols[1]), r.cols[2]}
	}
	return err
}

// condition is a disease by the words and codes that name it.
type condition struct {
	name     string
	chronic  bool
	standing bool // not first found within a stay
	codes    []string
}

func (e *Engine) loadConditions() error {
	rows, err := table("conditions", 4)
	e.conditions = map[string]condition{}
	for _, r := range rows {
		if !in(r.cols[1], "chronic", "standing", "passing") {
			return fmt.Errorf("%w: %s: %q is none of chronic, standing and passing", errTable, r.place, r.cols[1])
		}
		e.conditions[r.cols[0]] = condition{r.cols[0], r.cols[1] != "passing", r.cols[1] == "standing", undotted(strings.Fields(r.cols[2]))}
		for _, phrase := range list(r.cols[3]) {
			e.words.add(phrase, meaning{groupCondition, r.cols[0]})
		}
	}
	return err
}

func undotted(codes []string) []string {
	for i := range codes {
		codes[i] = strings.ReplaceAll(codes[i], ".", "")
	}
	return codes
}

// drug is a drug with its class, and the conditions that explain it.
type drug struct {
	name, class string
	conditions  []string
}

func (e *Engine) loadDrugs() error {
	rows, err := table("drugs", 4)
	e.drugs = map[string]drug{}
	for _, r := range rows {
		d := drug{name: r.cols[0]}
		if r.cols[1] != "-" {
			d.class = r.cols[1]
		}
		if r.cols[3] != "-" {
			d.conditions = list(r.cols[3])
		}
		for _, c := range d.conditions {
			if _, ok := e.conditions[c]; !ok {
				return fmt.Errorf("%w: %s: there is no condition %q", errTable, r.place, c)
			}
		}
		e.drugs[d.name] = d
		for _, phrase := range append(list(r.cols[2]), d.name) {
			if phrase != "-" {
				e.words.add(phrase, meaning{groupDrug, d.name})
			}
		}
	}
	return err
}

func (e *Engine) loadPhrases() error {
	rows, err := table("phrases", 2)
	for _, r := range rows {
		for _, phrase := range list(r.cols[1]) {
			e.words.add(phrase, meaning{groupPhrase, r.cols[0]})
		}
	}
	return err
}

func (e *Engine) loadPlaces() error {
	rows, err := table("places", 3)
	for _, r := range rows {
		g := groupSite
		if r.cols[0] == "matter" {
			g = groupMatter
		}
		for _, phrase := range list(r.cols[2]) {
			e.words.add(phrase, meaning{g, r.cols[1]})
		}
	}
	return err
}

func (e *Engine) loadOperations() error {
	rows, err := table("operations", 2)
	e.operations = map[string][]string{}
	for _, r := range rows {
		e.operations[r.cols[0]] = list(r.cols[1])
	}
	return err
}
