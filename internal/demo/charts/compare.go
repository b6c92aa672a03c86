package charts

import "strings"

// Comparison is what a list of codes has of a chart's gold, code by code and
// written as the gold writes them; codes that the gold does not know are written
// as they came.
type Comparison struct {
	Right   []string // wanted and given
	Missed  []string // wanted and not given
	Allowed []string // not wanted, not wrong: they count for nothing
	Wrong   []string // neither wanted nor allowed
	Tempted []string // those of Wrong that the gold warns of by name
}

// Compare holds given, codes of diagnoses and procedures with or without dot and
// in either case, against the gold. A code given twice counts once.
func (g Gold) Compare(given []string) Comparison {
	var c Comparison
	seen := map[string]bool{}
	known := map[string]string{} // bare code -> as the gold writes it
	kind := map[string]int{}
	for k, list := range [][]GoldCode{1: g.Diagnoses, 2: g.Procedures, 3: g.May, 4: g.Not} {
		for _, code := range list {
			known[bare(code.Code)], kind[bare(code.Code)] = code.Code, k
		}
	}
	for _, code := range given {
		b := bare(code)
		if seen[b] {
			continue
		}
		seen[b] = true
		switch kind[b] {
		case 1, 2:
			c.Right = append(c.Right, known[b])
		case 3:
			c.Allowed = append(c.Allowed, known[b])
		case 4:
			c.Wrong = append(c.Wrong, known[b])
			c.Tempted = append(c.Tempted, known[b])
		default:
			c.Wrong = append(c.Wrong, code)
		}
	}
	for _, list := range [][]GoldCode{g.Diagnoses, g.Procedures} {
		for _, code := range list {
			if !seen[bare(code.Code)] {
				c.Missed = append(c.Missed, code.Code)
			}
		}
	}
	return c
}

// Precision is the share of given codes that are right, 1 when none was given.
func (c Comparison) Precision() float64 { return share(len(c.Right), len(c.Wrong)) }

// Recall is the share of wanted codes that were given, 1 when none was wanted.
func (c Comparison) Recall() float64 { return share(len(c.Right), len(c.Missed)) }

func share(in, out int) float64 {
	if in+out == 0 {
		return 1
	}
	return float64(in) / float64(in+out)
}

func bare(code string) string { return strings.ToUpper(strings.ReplaceAll(code, ".", "")) }
