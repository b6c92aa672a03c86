package figure

import "time"

// Age is one band of an ageing figure.
type Age struct {
	Name  string
	Tone  Tone
	Count float64
	Href  string
}

// Ageing shows how old open work is: a bar for each band of time before and after
// it is due, the latest first.
type Ageing struct {
	Head
	Ages []Age
}

// DueBands are the bands that work is sorted into by the days left until it is
// due: over 30, 8 to 30 and 1 to 7 days late, due today, in 1 to 7 days, later.
func DueBands() []Age {
	return []Age{
		{Name: "Over 30 days late", Tone: Late}, {Name: "8 to 30 days late", Tone: Late}, {Name: "1 to 7 days late", Tone: Late},
		{Name: "Due today", Tone: Soon}, {Name: "Due in 1 to 7 days", Tone: Calm}, {Name: "Due later", Tone: Calm},
	}
}

// DueBand is the index in DueBands of work that is due at a time. Days are those
// of the calendar of now's location.
func DueBand(due, now time.Time) int {
	switch left := dayNumber(due.In(now.Location())) - dayNumber(now); {
	case left < -30:
		return 0
	case left < -7:
		return 1
	case left < 0:
		return 2
	case left == 0:
		return 3
	case left <= 7:
		return 4
	default:
		return 5
	}
}

func dayNumber(t time.Time) int {
	y, m, d := t.Date()
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

func (a Ageing) bars() Bars {
	b := Bars{Head: a.Head, Whole: true}
	for _, age := range a.Ages {
		b.Bars = append(b.Bars, Bar{Name: age.Name, Href: age.Href, Parts: []float64{age.Count}})
	}
	return b
}

// SVG draws the bands. Errors: ErrEmpty, ErrNumber.
func (a Ageing) SVG(id string) ([]byte, error) {
	b := a.bars()
	// A part a tone, so that each bar has its own; the parts of no length do not show.
	for i, age := range a.Ages {
		parts := make([]float64, 3)
		parts[toneIndex(age.Tone)] = age.Count
		b.Bars[i].Parts = parts
	}
	b.Tones = []Tone{Calm, Soon, Late}
	return b.SVG(id)
}

func toneIndex(t Tone) int {
	switch t {
	case Soon:
		return 1
	case Late:
		return 2
	case Calm:
		return 0
	default:
		return 0
	}
}

// Table has a row a band.
func (a Ageing) Table() Table { return a.bars().Table() }

// Text draws the bands with blocks.
func (a Ageing) Text(width int) string { return a.bars().Text(width) }
