package fold

import (
	"reflect"
	"testing"
)

func TestWord(t *testing.T) {
	same := [][]string{
		{"haemorrhage", "hemorrhage", "Hemorrhages"},
		{"oedema", "edema"},
		{"oesophagus", "esophagus"},
		{"anaemia", "ANEMIA", "anemias"},
		{"tumour", "tumor", "tumors"},
		{"diarrhoea", "diarrhea"},
		{"paediatric", "pediatric"},
		{"fibre", "fiber"},
		{"hospitalisation", "hospitalization"},
		{"sulphonamide", "sulfonamide"},
		{"metastases", "metastasis"},
		{"biopsies", "biopsy"},
		{"abscesses", "abscess"},
		{"vertebrae", "vertebra"},
		{"fractures", "fracture"},
		{"Ménière’s", "Meniere", "Ménière's"},
		{"Sjögren", "Sjogren's"},
		{"diagnoses", "diagnosis"},
	}
	for _, group := range same {
		want := Word(group[0])
		for _, w := range group[1:] {
			if got := Word(w); got != want {
				t.Errorf("Word(%q) = %q, but Word(%q) = %q", w, got, group[0], want)
			}
		}
	}
	apart := [][2]string{{"ileum", "ilium"}, {"diseases", "diagnosis"}, {"aerosol", "erosol"}, {"status", "statu"}}
	for _, p := range apart {
		if Word(p[0]) == Word(p[1]) {
			t.Errorf("%q and %q must stay apart", p[0], p[1])
		}
	}
}

func TestEachGivesBytePositions(t *testing.T) {
	const text = "Crohn’s disease, 2 Ménière attacks"
	type span struct {
		Word string
		Raw  string
	}
	var got []span
	Each(text, func(word string, start, end int) { got = append(got, span{word, text[start:end]}) })
	want := []span{{"crohn", "Crohn’s"}, {"disease", "disease"}, {"2", "2"}, {"meniere", "Ménière"}, {"attack", "attacks"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func FuzzEach(f *testing.F) {
	for _, s := range []string{"", "a's", "Crohn’s", "\xff\xfe", "ß'sS", "x’", "e\u0301t"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		last := 0
		Each(text, func(_ string, start, end int) {
			if start < last || end <= start || end > len(text) {
				t.Fatalf("word [%d,%d) after %d in %q", start, end, last, text)
			}
			last = end
		})
	})
}
