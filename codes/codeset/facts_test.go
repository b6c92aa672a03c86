package codeset

import "testing"

func TestFacts(t *testing.T) {
	set := on(t, ICD10CM, "2026-01-01")
	if !set.HasFacts() {
		t.Fatal("no facts")
	}
	for code, want := range map[string]Sex{"N40.0": MaleOnly, "O80": FemaleOnly, "C61": MaleOnly, "C56.1": FemaleOnly, "I10": AnySex, "nonsense": AnySex} {
		if got := set.Sex(code); got != want {
			t.Errorf("Sex(%s) = %v, want %v", code, got, want)
		}
	}
	ages := []struct {
		code      string
		low, high int
		ok        bool
	}{{"A33", 0, 0, true}, {"P07.39", 0, 0, false}, {"O80", 9, 64, true}, {"I10", 0, 0, false}, {"R54", 15, 124, true}}
	for _, c := range ages {
		if low, high, ok := set.AgeRange(c.code); low != c.low || high != c.high || ok != c.ok {
			t.Errorf("AgeRange(%s) = %d, %d, %v", c.code, low, high, ok)
		}
	}
	for code, want := range map[string]bool{"F02.80": true, "D63.1": true, "I43": true, "E11.9": false} {
		if set.Manifestation(code) != want {
			t.Errorf("Manifestation(%s) is %v", code, !want)
		}
	}
	for code, want := range map[string]bool{"Z79.4": false, "B95.0": true, "Z51.11": false, "J18.9": false} {
		if set.UnacceptablePrincipal(code) != want {
			t.Errorf("UnacceptablePrincipal(%s) is %v", code, !want)
		}
	}
	if !set.ExternalCause("W11.XXXA") || set.ExternalCause("S72.001A") {
		t.Error("external causes")
	}
	if exempt, known := set.POAExempt("Z87.87"); exempt || known {
		t.Error("the program has no list of exempt codes, and says it knows")
	}
}
