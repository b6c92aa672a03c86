package charts_test

import (
	"slices"
	"testing"

	"chartroom/codes/codeset"
	"chartroom/internal/demo/charts"
)

// The same as TestGoldCodesAreBillableOnTheDate, against the packs in the
// binary, so that it also runs where the official files are not at hand.
func TestGoldCodesAreInThePacks(t *testing.T) {
	lib := codeset.Embedded()
	for _, c := range all(t) {
		if len(codesOf(c.Gold)) == 0 {
			continue
		}
		check := func(sys codeset.System, codes []charts.GoldCode) {
			set, err := lib.On(sys, c.Date())
			if err != nil {
				t.Fatalf("%s: %v", c.ID, err)
			}
			for _, g := range codes {
				code, ok := set.Code(g.Code)
				if !ok || !code.Billable || code.Code != g.Code {
					t.Errorf("%s: %s is not a billable code of %s, written as the field writes it", c.ID, g.Code, set.Edition().Name)
				}
			}
		}
		check(codeset.ICD10CM, slices.Concat(c.Gold.Diagnoses, c.Gold.May, c.Gold.Not))
		check(codeset.ICD10PCS, c.Gold.Procedures)
	}
}
