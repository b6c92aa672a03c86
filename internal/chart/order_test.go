package chart_test

import (
	"testing"

	"chartroom/internal/chart"
)

// TestSameOrder: facts are of one order if their notes share one of its numbers.
func TestSameOrder(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"Order: P1; F1", "x\nOrder: F1", true},
		{"Hemolyzed\nOrder: P1; F 2", "Order: F 2", true},
		{"Order: P1", "Order: P10", false},
		{"Order: A\nOrder: B", "Order: A", false},
		{"No Order: P1", "Order: P1", false},
		{"Order: P1", "", false},
		{"", "", false},
		{chart.WithOrder("Fasting", "P1", "", "P1", "F;1"), "Order: F 1", true},
	} {
		if got := chart.SameOrder(chart.Fact{Note: c.a}, chart.Fact{Note: c.b}); got != c.want {
			t.Errorf("%q and %q: %v", c.a, c.b, got)
		}
	}
	if got := chart.WithOrder("Fasting", "P1", " ", "P1", "F;1"); got != "Fasting\nOrder: P1; F 1" {
		t.Errorf("%q", got)
	}
	if got := chart.WithOrder("Fasting"); got != "Fasting" {
		t.Errorf("%q", got)
	}
}
