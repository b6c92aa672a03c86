package demo

import "testing"

// BenchmarkCrowdBundle writes the crowd as the bundles that intake takes.
func BenchmarkCrowdBundle(b *testing.B) {
	b.ReportAllocs()
	bytes, patients := 0, 0
	for b.Loop() {
		raw, err := crowdBundle(patients, patients+crowdChunk)
		if err != nil {
			b.Fatal(err)
		}
		bytes += len(raw)
		patients += crowdChunk
	}
	b.ReportMetric(float64(patients)/b.Elapsed().Seconds(), "patients/s")
	b.ReportMetric(float64(bytes)/float64(patients), "B/patient")
}
