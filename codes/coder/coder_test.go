package coder_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"chartroom/codes/coder"
	"chartroom/codes/codeset"
)

func ExampleEngine_Suggest() {
	engine := coder.New(codeset.Embedded())
	note := "ASSESSMENT: Acute on chronic systolic heart failure. No chest pain."
	result, err := engine.Suggest(context.Background(), coder.Encounter{
		Setting:   coder.Inpatient,
		Age:       71,
		Documents: []coder.Document{{Type: "progress note", AuthorRole: "physician", Text: note}},
	}, coder.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range result.Codes {
		e := c.Evidence[0]
		fmt.Println(c.Code, c.Title)
		fmt.Println(note[e.Start:e.End])
	}
	// Output:
	// I50.23 Acute on chronic systolic (congestive) heart failure
	// Acute on chronic systolic heart failure
}

func one(text string) coder.Encounter {
	return coder.Encounter{Age: -1, Documents: []coder.Document{{Text: text}}}
}

func TestSuggestRefusesTextThatIsNotUTF8(t *testing.T) {
	_, err := shared().Suggest(t.Context(), one("fever \xff and cough"), coder.Options{})
	var text *coder.TextError
	if !errors.As(err, &text) || text.Offset != 6 || text.Document != 0 {
		t.Fatalf("got %v, want a TextError at byte 6", err)
	}
}

func TestSuggestNamesAMissingEdition(t *testing.T) {
	enc := one("fever")
	enc.Date = time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)
	_, err := shared().Suggest(t.Context(), enc, coder.Options{})
	if _, ok := errors.AsType[*codeset.NoEditionError](err); !ok {
		t.Fatalf("got %v, want a NoEditionError", err)
	}
}

func TestSuggestStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := shared().Suggest(ctx, one("fever"), coder.Options{}); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want context.Canceled", err)
	}
}

func TestSuggestIsDeterministic(t *testing.T) {
	enc := one(longNote)
	first, err := shared().Suggest(t.Context(), enc, coder.Options{All: true})
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		again, err := coder.New(codeset.Embedded()).Suggest(t.Context(), enc, coder.Options{All: true})
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(first, again) {
			t.Fatal("two runs differ")
		}
	}
}

func TestEveryCodeIsBillable(t *testing.T) {
	res, err := shared().Suggest(t.Context(), one(longNote), coder.Options{All: true})
	if err != nil {
		t.Fatal(err)
	}
	lib := codeset.Embedded()
	for _, s := range res.Codes {
		set, err := lib.Newest(s.System)
		if err != nil {
			t.Fatal(err)
		}
		if c, ok := set.Code(s.Code); !ok || !c.Billable || c.Title != s.Title {
			t.Errorf("%s: %+v, %v", s.Code, c, ok)
		}
	}
}

// TestStrangeText: an answer in bounded time for whatever comes.
func TestStrangeText(t *testing.T) {
	cases := map[string]string{
		"empty":              "",
		"blanks":             strings.Repeat(" \n\t", 1000),
		"nul":                "fever\x00and\x00cough",
		"no full stop":       strings.Repeat("pain fever cough left right acute chronic ", 25000),
		"one word":           strings.Repeat("fever ", 10000),
		"one long word":      strings.Repeat("a", 1<<20),
		"colons":             strings.Repeat(":", 20000),
		"stops":              strings.Repeat(". ", 20000),
		"right to left":      "المريض يعاني من الحمى fever والسعال",
		"combining marks":    "fe\u0301ver\u0301 \u0301\u0301",
		"emoji":              "patient has 🤒 fever 🤧 and cough",
		"headers only":       strings.Repeat("ASSESSMENT:\n", 5000),
		"negations only":     strings.Repeat("no denies without ", 5000),
		"scanned":            "Pat1ent w1th hyp3rtens!on and d1abetes me||itus",
		"another language":   "Paciente con fiebre, tos y dolor torácico.",
		"carriage returns":   "1. HTN\r2. COPD\r3. GERD",
		"windows line ends":  "1. HTN\r\n2. COPD\r\n",
		"tabs as a table":    "HTN\tactive\nCOPD\tactive\n",
		"very long one line": strings.Repeat("Patient has hypertension. ", 20000),
	}
	for name, text := range cases {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			res, err := shared().Suggest(t.Context(), one(text), coder.Options{All: true})
			if err != nil {
				t.Fatal(err)
			}
			checkResult(t, one(text), res)
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("%d bytes took %v", len(text), took)
			}
		})
	}
}

func FuzzSuggest(f *testing.F) {
	for _, s := range []string{"", "No fever.", longNote, "1. HTN\n2. CKD stage 3b\n", "PROCEDURE: Lap chole", "BMI 43.2, GCS 7", "\xff", "é́ no — pain", "DX:\n\n#1 MI (old)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		enc := one(text)
		res, err := shared().Suggest(t.Context(), enc, coder.Options{All: true})
		if _, ok := errors.AsType[*coder.TextError](err); ok {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		checkResult(t, enc, res)
	})
}

func BenchmarkSuggest(b *testing.B) {
	enc := one(longNote)
	if _, err := shared().Suggest(b.Context(), enc, coder.Options{}); err != nil { // builds the tables
		b.Fatal(err)
	}
	b.SetBytes(int64(len(longNote)))
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		if _, err := shared().Suggest(b.Context(), enc, coder.Options{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "notes/s")
}

// BenchmarkBuild measures the tables of one edition.
func BenchmarkBuild(b *testing.B) {
	lib := codeset.Embedded()
	for b.Loop() {
		if _, err := coder.New(lib).Suggest(b.Context(), one("fever"), coder.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

// longNote is an invented discharge summary of about 2 kB.
const longNote = `DISCHARGE SUMMARY

CHIEF COMPLAINT: Shortness of breath.

HISTORY OF PRESENT ILLNESS: The patient is a 74-year-old woman with a history of hypertension, type 2 diabetes
mellitus, chronic kidney disease stage 3b and coronary artery disease status post CABG who presented with three days of
worsening shortness of breath, orthopnea and lower extremity edema. She denies chest pain, fever, chills or cough. She
had run out of her furosemide one week before. In the emergency department her oxygen saturation was 86% on room air.

PAST MEDICAL HISTORY:
1. Hypertension
2. Type 2 diabetes mellitus with neuropathy
3. CAD s/p CABG 2014
4. Breast cancer, status post left mastectomy in 2009
5. Gout

SOCIAL HISTORY: Former smoker, quit in 1998. No alcohol.
FAMILY HISTORY: Father with colon cancer. Mother had a stroke.

MEDICATIONS: insulin glargine 20 units nightly, apixaban 5 mg bid, metoprolol 50 mg bid, allopurinol 100 mg daily.

PHYSICAL EXAMINATION: Irregularly irregular rhythm, no murmur. Bibasilar crackles. Pitting edema to the knees. BMI 41.3.

HOSPITAL COURSE: She was diuresed with intravenous furosemide. Echocardiogram showed an ejection fraction of 30%.
Acute hypoxic respiratory failure resolved by day three. Creatinine rose from 1.6 to 2.9 and acute kidney injury was
attributed to diuresis; it improved. Pulmonary embolism was ruled out. Hypokalemia was repleted. Nutrition saw her for
morbid obesity. A right thoracentesis was performed for a large pleural effusion.

DISCHARGE DIAGNOSES:
1. Acute on chronic systolic heart failure
2. Acute hypoxic respiratory failure
3. Acute kidney injury on CKD stage 3b
4. Persistent atrial fibrillation
5. Type 2 diabetes mellitus with diabetic neuropathy
6. Hypokalemia

DISCHARGE INSTRUCTIONS: Return if you have chest pain, fever or weight gain of more than 3 pounds.
`
