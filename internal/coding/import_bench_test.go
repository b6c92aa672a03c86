package coding_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"chartroom/codes/coder"
	"chartroom/codes/codeset"
	"chartroom/internal/chart"
	"chartroom/internal/coding"
	"chartroom/internal/gate/gatetest"
	"chartroom/internal/identity"
	"chartroom/internal/intake"
	"chartroom/internal/scan"
	"chartroom/internal/seal"
	"chartroom/internal/work"
	"chartroom/wire/fhir/fhirgen"
)

// BenchmarkImport imports bundles with and without what keeps the list of work
// up: the list must not cost the import much.
func BenchmarkImport(b *testing.B) {
	folder, resources := b.TempDir(), 0
	g := fhirgen.New(1, 12)
	for i := range 150 {
		bundle, entries := g.Bundle()
		resources += entries
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("b%05d.json", i)), bundle, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	library := codeset.Embedded()
	engine := coder.New(library)
	for _, listed := range []bool{false, true} {
		b.Run(map[bool]string{false: "bare", true: "listed"}[listed], func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				g := gatetest.Open(b)
				ring, err := seal.OpenRing(seal.File(filepath.Join(b.TempDir(), seal.KeyFile)))
				if err != nil {
					b.Fatal(err)
				}
				people, lists := identity.New(g, ring), work.New(g, ring)
				charts := chart.New(g, ring, people)
				if listed {
					charts.Watch(coding.New(g, ring, charts, lists, library, engine).Watch)
				}
				in := intake.New(g, ring, intake.Doors{
					Chart: charts, Identity: people, Work: lists, Scan: scan.New(g, ring, scan.Options{Tesseract: "-"}),
				}, intake.Config{})
				b.StartTimer()
				accepted := 0
				err = in.Import(b.Context(), gatetest.Actor(), []string{folder}, intake.Options{}, func(f intake.FileResult) error {
					accepted += f.Accepted
					return nil
				})
				if err != nil || accepted != resources {
					b.Fatalf("%d of %d, %v", accepted, resources, err)
				}
			}
			b.ReportMetric(float64(resources)*float64(b.N)/b.Elapsed().Seconds(), "resources/s")
		})
	}
}
