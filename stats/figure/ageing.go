package figure

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
