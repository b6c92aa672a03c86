package charts_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chartroom/internal/demo/charts"
)

var gout = charts.Gold{
	Diagnoses:  []charts.GoldCode{{Code: "M10.9"}, {Code: "I10"}},
	Procedures: []charts.GoldCode{{Code: "0SRR019"}},
	May:        []charts.GoldCode{{Code: "Z82.49"}},
	Not:        []charts.GoldCode{{Code: "E11.9"}},
}

func TestCompare(t *testing.T) {
	for _, c := range []struct {
		name              string
		given             []string
		want              charts.Comparison
		precision, recall float64
	}{
		{"nothing", nil, charts.Comparison{Missed: []string{"M10.9", "I10", "0SRR019"}}, 1, 0},
		{"all, in any writing", []string{"m109", "I10", "0srr019", "M10.9"},
			charts.Comparison{Right: []string{"M10.9", "I10", "0SRR019"}}, 1, 1},
		{"allowed counts for nothing", []string{"I10", "Z8249"},
			charts.Comparison{Right: []string{"I10"}, Missed: []string{"M10.9", "0SRR019"}, Allowed: []string{"Z82.49"}}, 1, 1.0 / 3},
		{"wrong and tempted", []string{"M10.9", "E119", "R52"},
			charts.Comparison{Right: []string{"M10.9"}, Missed: []string{"I10", "0SRR019"}, Wrong: []string{"E11.9", "R52"}, Tempted: []string{"E11.9"}}, 1.0 / 3, 1.0 / 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := gout.Compare(c.given)
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if got.Precision() != c.precision || got.Recall() != c.recall {
				t.Errorf("precision %v recall %v, want %v and %v", got.Precision(), got.Recall(), c.precision, c.recall)
			}
		})
	}
}

// The gold of every chart agrees with itself.
func TestCompareGoldWithItself(t *testing.T) {
	for _, c := range all(t) {
		var given []string
		for _, g := range codesOf(charts.Gold{Diagnoses: c.Gold.Diagnoses, Procedures: c.Gold.Procedures}) {
			given = append(given, g.Code)
		}
		if got := c.Gold.Compare(given); got.Precision() != 1 || got.Recall() != 1 {
			t.Errorf("%s: %+v", c.ID, got)
		}
	}
}

func ExampleGold_Compare() {
	c := gout.Compare([]string{"M10.9", "E11.9"})
	fmt.Println(c.Right, c.Wrong, c.Missed)
	// Output: [M10.9] [E11.9] [I10 0SRR019]
}
