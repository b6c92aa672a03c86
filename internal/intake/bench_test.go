package intake_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"chartroom/internal/gate/gatetest"
	"chartroom/wire/fhir/fhirgen"
)

// bundles writes n generated bundles into a folder; indented as Synthea writes
// them, or one line.
func bundles(tb testing.TB, n int, indented bool) (folder string, resources int, bytes int64) {
	tb.Helper()
	folder = tb.TempDir()
	g := fhirgen.New(1, 12)
	for i := range n {
		next := g.Bundle
		if indented {
			next = g.Indented
		}
		bundle, entries := next()
		resources += entries
		bytes += int64(len(bundle))
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("b%05d.json", i)), bundle, 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	return folder, resources, bytes
}

// BenchmarkImportFHIR imports bundles of Synthea's shape into durable SQLite.
func BenchmarkImportFHIR(b *testing.B) {
	for _, shape := range []struct {
		name     string
		indented bool
	}{{"compact", false}, {"indented", true}} {
		b.Run(shape.name, func(b *testing.B) {
			folder, resources, size := bundles(b, 150, shape.indented)
			b.SetBytes(size)
			for b.Loop() {
				b.StopTimer()
				d := open(b, gatetest.Open(b))
				b.StartTimer()
				got := sum(d.files(folder))
				if got.Accepted != resources || got.Rejected != 0 {
					b.Fatalf("accepted %d of %d, rejected %d: %v", got.Accepted, resources, got.Rejected, got.Rejections)
				}
			}
			b.ReportMetric(float64(resources)*float64(b.N)/b.Elapsed().Seconds(), "resources/s")
		})
	}
}

// BenchmarkImportAgain imports bundles that are here already.
func BenchmarkImportAgain(b *testing.B) {
	folder, resources, _ := bundles(b, 50, false)
	d := open(b, gatetest.Open(b))
	d.files(folder)
	b.ResetTimer()
	for b.Loop() {
		if got := sum(d.files(folder)); got.Repeated != resources {
			b.Fatalf("repeated %d of %d", got.Repeated, resources)
		}
	}
	b.ReportMetric(float64(resources)*float64(b.N)/b.Elapsed().Seconds(), "resources/s")
}

// BenchmarkImportHL7 imports a file of messages.
func BenchmarkImportHL7(b *testing.B) {
	const messages = 3000
	path := filepath.Join(b.TempDir(), "messages.hl7")
	var text []byte
	for i := range messages {
		text = append(text, admit(fmt.Sprintf("F%d", i), fmt.Sprint(5_000_000+i/3))...)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		b.StopTimer()
		d := open(b, gatetest.Open(b))
		b.StartTimer()
		if got := sum(d.files(path)); got.Accepted != messages {
			b.Fatalf("%+v", got)
		}
	}
	b.ReportMetric(messages*float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}
