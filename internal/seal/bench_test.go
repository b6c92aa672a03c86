package seal_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
	"chartroom/internal/seal"
)

func BenchmarkSeal(b *testing.B) {
	g := gatetest.Open(b)
	r, _ := ring(b)
	k := newKey(b, g, r, "rec1")
	for _, size := range []int{200, 4000} {
		plain := []byte(strings.Repeat("x", size))
		b.Run(fmt.Sprintf("%dB", size), func(b *testing.B) {
			for b.Loop() {
				k.Seal(plain, place)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "seals/s")
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	g := gatetest.Open(b)
	r, _ := ring(b)
	k := newKey(b, g, r, "rec1")
	sealed := k.Seal(make([]byte, 200), place)
	for b.Loop() {
		if _, err := k.Open(sealed, place); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "opens/s")
}

func BenchmarkMAC(b *testing.B) {
	g := gatetest.Open(b)
	r, _ := ring(b)
	k := newKey(b, g, r, "rec1")
	word := []byte("acute on chronic diastolic heart failure")
	for b.Loop() {
		k.MAC(word)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "hashes/s")
}

// BenchmarkPatientTokens makes all the tokens of one patient's registration.
func BenchmarkPatientTokens(b *testing.B) {
	r, _ := ring(b)
	n := 0
	for b.Loop() {
		terms := []seal.Term{{Kind: seal.BirthDate, Value: "1931-02-14"}}
		for _, w := range seal.Words("Winterbourne-Achterberg Penelope Margaret") {
			terms = append(terms, seal.Term{Kind: seal.NameWord, Value: w}, seal.Term{Kind: seal.NameSound, Value: seal.Sound(w)})
			for n := 2; n <= 6; n++ {
				terms = append(terms, seal.Term{Kind: seal.NamePrefix, Value: w[:n]})
			}
		}
		terms = append(terms, seal.RecordNumberTerms("00412345")...)
		terms = append(terms, seal.PhoneTerms("555-010-4477")...)
		terms = append(terms, seal.SSNTerms("900-12-3456")...)
		n = len(r.Tokens(terms))
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "patients/s")
	b.ReportMetric(float64(n), "tokens/patient")
}

// BenchmarkNewRecordKey makes data keys in batches of 100 a transaction, as an
// import does.
func BenchmarkNewRecordKey(b *testing.B) {
	g := gatetest.Open(b)
	r, _ := ring(b)
	n := 0
	for b.Loop() {
		change(b, g, func(tx *gate.Tx) error {
			for range 100 {
				n++
				if _, err := r.NewRecordKey(context.Background(), tx, fmt.Sprintf("rec%09d", n)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "keys/s")
}
