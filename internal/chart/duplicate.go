package chart

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"chartroom/internal/gate"
	"chartroom/internal/seal"
)

// Likeness is a record that may be of the same patient.
type Likeness struct {
	Patient Patient
	Points  int      // the more, the likelier; only their order means something
	Agrees  []string // what agrees and how: "birth date, day and month swapped"
	Differs []string // what is known on both sides and does not
}

// What agreement counts. The figures are rough: they put the likely before the
// unlikely on a list that a person reads; nothing is decided by them.
const (
	pointsSSN        = 8
	pointsSSNEnd     = 3
	pointsBirth      = 5
	pointsTransposed = 4
	pointsNear       = 3
	pointsFamily     = 4
	pointsGiven      = 3
	pointsLoose      = 1 // less, where a name only sounds alike or is a familiar form
	pointsPhone      = 3
	pointsAddress    = 2
	pointsDiffer     = -2
	likely           = 7 // a list shows what has as many, or more
)

// maxLikely bounds the list.
const maxLikely = 10

// Likely finds the records that may be of the patient who is about to be
// registered: by name (also by sound, nickname and former names), birth date (also
// with day and month or two digits swapped, or a digit off), phone, social security
// number or its last four digits. Likeliest first, at most ten. Records closed to
// the actor are left out.
func (s *Service) Likely(ctx context.Context, actor gate.Actor, p Patient) ([]Likeness, error) {
	var found []Likeness
	err := s.gate.Read(ctx, actor, ActionSearch, gate.Department(), func(tx *gate.Tx) (err error) {
		found, err = s.likelyTx(ctx, tx, p)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("possible duplicates: %w", err)
	}
	return found, nil
}

func (s *Service) likelyTx(ctx context.Context, tx *gate.Tx, p Patient) ([]Likeness, error) {
	var records []string
	for _, probe := range probes(p) {
		found, err := s.candidates(ctx, tx, probe)
		if err != nil {
			return nil, err
		}
		for _, r := range found {
			if r != p.Record && len(records) < maxCandidates && !slices.Contains(records, r) {
				records = append(records, r)
			}
		}
	}
	var out []Likeness
	withheld := 0
	for _, r := range records {
		open, err := tx.AboutIf(ctx, gate.Record(r))
		if err != nil {
			return nil, err
		}
		if !open {
			withheld++
			continue
		}
		other, err := s.PatientTx(ctx, tx, r)
		if err != nil {
			return nil, err
		}
		if l := compare(p, other); l.Points >= likely {
			out = append(out, l)
		}
	}
	slices.SortStableFunc(out, func(a, b Likeness) int {
		return cmp.Or(cmp.Compare(b.Points, a.Points), cmp.Compare(a.Patient.Record, b.Patient.Record))
	})
	out = out[:min(len(out), maxLikely)]
	tellRows(tx, len(out), len(out)+withheld)
	return out, nil
}

// probes are the ways to look for a patient; each is groups of which a record must
// have one term each. The surest come first, for their number is bounded.
func probes(p Patient) [][][]seal.Term {
	family, given, dates := familyTerms(p), givenTerms(p), birthTerms(p.BirthDate)
	var ssnEnd, phones []seal.Term
	var out [][][]seal.Term
	add := func(groups ...[]seal.Term) {
		if !slices.ContainsFunc(groups, func(g []seal.Term) bool { return len(g) == 0 }) {
			out = append(out, groups)
		}
	}
	for _, id := range p.Identifiers {
		if id.Kind == "SS" {
			add([]seal.Term{numberTerm(id.Value)})
			ssnEnd = append(ssnEnd, endOfSSN(id.Value)...)
		}
	}
	for _, phone := range p.Phones {
		if t := phoneTerm(phone); t.Value != "" {
			phones = append(phones, t)
		}
	}
	add(dates, family)
	add(ssnEnd, family)
	add(ssnEnd, dates)
	add(phones, slices.Concat(family, given))
	add(dates, given)
	if len(dates) == 0 {
		add(family, given)
	}
	return out
}

func endOfSSN(number string) []seal.Term {
	var out []seal.Term
	for _, t := range seal.SSNTerms(number) {
		if t.Kind == seal.SSNEnd {
			out = append(out, t)
		}
	}
	// Often the last four digits are all that is told.
	if d := digitsOf(number); len(d) == 4 {
		out = append(out, seal.Term{Kind: seal.SSNEnd, Value: d})
	}
	return out
}

func familyTerms(p Patient) []seal.Term {
	var out []seal.Term
	for _, w := range familyWords(p) {
		out = append(out, seal.Term{Kind: seal.NameWord, Value: w})
		if sound := seal.Sound(w); sound != "" {
			out = append(out, seal.Term{Kind: seal.NameSound, Value: sound})
		}
	}
	return out
}

func givenTerms(p Patient) []seal.Term {
	var out []seal.Term
	for _, w := range givenWords(p) {
		out = append(out, seal.Term{Kind: seal.NameWord, Value: w})
		for _, other := range seal.Nicknames(w) {
			out = append(out, seal.Term{Kind: seal.NameWord, Value: other})
		}
		if sound := seal.Sound(w); sound != "" {
			out = append(out, seal.Term{Kind: seal.NameSound, Value: sound})
		}
	}
	return out
}

func familyWords(p Patient) []string {
	words := seal.Words(p.Name.Family)
	for _, a := range p.Aliases {
		words = append(words, seal.Words(a.Family)...)
	}
	return slices.DeleteFunc(words, func(w string) bool { return len([]rune(w)) < shortestPrefix })
}

func givenWords(p Patient) []string {
	words := seal.Words(p.Name.Given)
	for _, a := range p.Aliases {
		words = append(words, seal.Words(a.Given)...)
	}
	return slices.DeleteFunc(words, func(w string) bool { return len([]rune(w)) < shortestPrefix })
}

// birthTerms are the birth date and the dates that a slip makes of it.
func birthTerms(date string) []seal.Term {
	if !isDay(date) {
		return nil
	}
	var out []seal.Term
	for _, d := range slices.Concat([]string{date}, transposed(date), near(date)) {
		if t := (seal.Term{Kind: seal.BirthDate, Value: d}); !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}

// transposed are the dates with day and month, or two neighbouring digits of one
// part, swapped.
func transposed(date string) []string {
	var out []string
	add := func(d string) {
		if d != date && isDay(d) {
			out = append(out, d)
		}
	}
	add(date[:5] + date[8:] + "-" + date[5:7])
	for _, i := range []int{0, 1, 2, 5, 8} {
		b := []byte(date)
		b[i], b[i+1] = b[i+1], b[i]
		add(string(b))
	}
	return out
}

// near are the dates one year, ten years, one month or one day off.
func near(date string) []string {
	at, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return nil
	}
	var out []string
	for _, by := range [][3]int{{1, 0, 0}, {-1, 0, 0}, {10, 0, 0}, {-10, 0, 0}, {0, 1, 0}, {0, -1, 0}, {0, 0, 1}, {0, 0, -1}} {
		out = append(out, at.AddDate(by[0], by[1], by[2]).Format(time.DateOnly))
	}
	return out
}

// compare says what agrees between two registrations.
func compare(a, b Patient) Likeness {
	l := Likeness{Patient: b}
	l.family(a, b)
	l.given(a, b)
	l.birth(a.BirthDate, b.BirthDate)
	l.ssn(a, b)
	l.reach(a, b)
	if known := func(s string) bool { return s == "female" || s == "male" }; known(a.Sex) && known(b.Sex) && a.Sex != b.Sex {
		l.differ("sex")
	}
	return l
}

func (l *Likeness) agree(points int, what string) {
	l.Points += points
	l.Agrees = append(l.Agrees, what)
}

func (l *Likeness) differ(what string) {
	l.Points += pointsDiffer
	l.Differs = append(l.Differs, what)
}

func (l *Likeness) family(a, b Patient) {
	own, theirs := seal.Words(a.Name.Family), seal.Words(b.Name.Family)
	allOwn, allTheirs := familyWords(a), familyWords(b)
	switch {
	case len(allOwn) == 0 || len(allTheirs) == 0:
	case slices.Equal(own, theirs):
		l.agree(pointsFamily, "family name")
	case share(allOwn, allTheirs, equal):
		l.agree(pointsFamily, "family name, in part or an earlier one")
	case share(allOwn, allTheirs, soundsLike):
		l.agree(pointsFamily-pointsLoose, "family name by its sound")
	default:
		l.differ("family name")
	}
}

func (l *Likeness) given(a, b Patient) {
	own, theirs := givenWords(a), givenWords(b)
	switch {
	case len(own) == 0 || len(theirs) == 0:
	case share(own, theirs, equal):
		l.agree(pointsGiven, "given name")
	case share(own, theirs, func(x, y string) bool { return slices.Contains(seal.Nicknames(x), y) }):
		l.agree(pointsGiven, "given name by a nickname")
	case share(own, theirs, soundsLike):
		l.agree(pointsGiven-pointsLoose, "given name by its sound")
	case share(own, seal.Words(b.Name.Middle), equal), share(theirs, seal.Words(a.Name.Middle), equal):
		l.agree(pointsGiven-pointsLoose, "given name with the middle name")
	default:
		l.differ("given name")
	}
}

func equal(x, y string) bool { return x == y }

func soundsLike(x, y string) bool { return seal.Sound(x) != "" && seal.Sound(x) == seal.Sound(y) }

func share(a, b []string, alike func(x, y string) bool) bool {
	return slices.ContainsFunc(a, func(x string) bool { return slices.ContainsFunc(b, func(y string) bool { return alike(x, y) }) })
}

func (l *Likeness) birth(a, b string) {
	short := min(len(a), len(b))
	switch {
	case short == 0:
	case a == b && len(a) == len(time.DateOnly):
		l.agree(pointsBirth, "birth date")
	case short < len(time.DateOnly) && a[:short] == b[:short]:
		l.agree(pointsLoose, "birth date as far as it is known")
	case !isDay(a) || !isDay(b):
		l.differ("birth date")
	case a[:5] == b[:5] && a[5:7] == b[8:] && a[8:] == b[5:7]:
		l.agree(pointsTransposed, "birth date, day and month swapped")
	case slices.Contains(transposed(a), b):
		l.agree(pointsTransposed, "birth date, two digits swapped")
	case slices.Contains(near(a), b):
		l.agree(pointsNear, "birth date but for one digit or day")
	default:
		l.differ("birth date")
	}
}

func (l *Likeness) ssn(a, b Patient) {
	own, theirs := digitsOf(a.number("SS")), digitsOf(b.number("SS"))
	switch {
	case len(own) < 4 || len(theirs) < 4:
	case own == theirs && len(own) == 9:
		l.agree(pointsSSN, "social security number")
	case own[len(own)-4:] == theirs[len(theirs)-4:]:
		l.agree(pointsSSNEnd, "last four of the social security number")
	default:
		l.differ("social security number")
	}
}

// number is the first identifier of a kind.
func (p Patient) number(kind string) string {
	for _, id := range p.Identifiers {
		if id.Kind == kind {
			return id.Value
		}
	}
	return ""
}

func (l *Likeness) reach(a, b Patient) {
	own := map[string]bool{}
	for _, phone := range a.Phones {
		own[phoneTerm(phone).Value] = true
	}
	if slices.ContainsFunc(b.Phones, func(phone string) bool { t := phoneTerm(phone); return t.Value != "" && own[t.Value] }) {
		l.agree(pointsPhone, "phone")
	}
	home := func(x Address) string {
		return seal.Fold(strings.Join(x.Line, " ")) + "/" + strings.TrimSpace(x.Postcode)
	}
	for _, x := range a.Address {
		if len(x.Line) == 0 || x.Postcode == "" {
			continue
		}
		if slices.ContainsFunc(b.Address, func(y Address) bool { return home(x) == home(y) }) {
			l.agree(pointsAddress, "address")
			return
		}
	}
}
