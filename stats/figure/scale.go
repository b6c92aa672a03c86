package figure

import (
	"math"
	"strconv"
)

// scale maps values onto pixels, linearly.
type scale struct {
	min, max float64 // of the axis
	from, to float64 // pixels
	ticks    []float64
}

// newScale makes an axis that holds [low, high] and has about n ticks at round
// values.
func newScale(low, high float64, n int, from, to float64) scale {
	if high <= low {
		high = low + 1
	}
	step := niceStep((high - low) / float64(max(n, 1)))
	s := scale{min: math.Floor(low/step) * step, max: math.Ceil(high/step) * step, from: from, to: to}
	for i := 0; ; i++ {
		tick := s.min + float64(i)*step
		if tick > s.max+step/2 {
			break
		}
		s.ticks = append(s.ticks, tick)
	}
	s.max = s.ticks[len(s.ticks)-1]
	return s
}

// at is the pixel of a value.
func (s scale) at(v float64) float64 {
	return s.from + (v-s.min)/(s.max-s.min)*(s.to-s.from)
}

// niceStep is the smallest of 1, 2, 2.5, 5 times a power of ten that is not below
// raw.
func niceStep(raw float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, m := range []float64{1, 2, 2.5, 5} {
		if m*power >= raw*(1-1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// whole makes the ticks of an axis of counts whole numbers.
func (s scale) whole() scale {
	if len(s.ticks) < 2 || s.ticks[1]-s.ticks[0] >= 1 {
		return s
	}
	high := max(1, math.Ceil(s.max))
	out := scale{min: math.Floor(s.min), max: high, from: s.from, to: s.to}
	for v := out.min; v <= high; v++ {
		out.ticks = append(out.ticks, v)
	}
	return out
}

// number writes a value as axes and tables show it: with commas from a thousand,
// and no more decimals than it has.
func number(v float64) string {
	text := strconv.FormatFloat(v, 'f', -1, 64)
	if short := strconv.FormatFloat(v, 'f', 4, 64); len(short) < len(text) {
		text = trimZeros(short)
	}
	whole, rest := text, ""
	for i := range text {
		if text[i] == '.' {
			whole, rest = text[:i], text[i:]
			break
		}
	}
	sign := ""
	if whole != "" && whole[0] == '-' {
		sign, whole = "−", whole[1:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return sign + whole + rest
}

func trimZeros(text string) string {
	for text[len(text)-1] == '0' {
		text = text[:len(text)-1]
	}
	if text[len(text)-1] == '.' {
		text = text[:len(text)-1]
	}
	return text
}
