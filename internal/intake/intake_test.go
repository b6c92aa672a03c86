package intake_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
	"chartroom/internal/identity"
	"chartroom/internal/intake"
	"chartroom/internal/scan"
	"chartroom/internal/seal"
	"chartroom/internal/work"
)

// department is what the tests of this package work with.
type department struct {
	t      testing.TB
	ctx    context.Context
	gate   *gate.Gate
	people *identity.Service
	chart  *chart.Service
	work   *work.Service
	intake *intake.Service
	actor  gate.Actor
	scan   *scan.Service
}

func open(tb testing.TB, g *gate.Gate) *department {
	tb.Helper()
	ring, err := seal.OpenRing(seal.File(filepath.Join(tb.TempDir(), seal.KeyFile)))
	if err != nil {
		tb.Fatal(err)
	}
	people := identity.New(g, ring)
	c := chart.New(g, ring, people)
	w, in := newIntake(g, ring, c, people)
	return &department{tb, tb.Context(), g, people, c, w, in, gatetest.Actor(), scan.New(g, ring, scan.Options{Tesseract: "-"})}
}

func onBoth(t *testing.T, test func(d *department)) {
	t.Helper()
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) { test(open(t, g)) })
}

// files imports paths as one run and returns what became of each file.
func (d *department) files(paths ...string) []intake.FileResult {
	d.t.Helper()
	var all []intake.FileResult
	err := d.intake.Import(d.ctx, d.actor, paths, intake.Options{}, func(f intake.FileResult) error {
		all = append(all, f)
		return nil
	})
	if err != nil {
		d.t.Fatal(err)
	}
	for _, f := range all {
		if f.Received != f.Accepted+f.Rejected || len(f.Rejections) != min(f.Rejected, intake.MaxRejections) {
			d.t.Errorf("%s does not reconcile: %+v", f.File, f.Result)
		}
	}
	return all
}

// text imports one file with this content.
func (d *department) text(name, content string) intake.Result {
	d.t.Helper()
	path := filepath.Join(d.t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		d.t.Fatal(err)
	}
	return d.files(path)[0].Result
}

func sum(all []intake.FileResult) intake.Result {
	var total intake.Result
	for _, f := range all {
		total.Received += f.Received
		total.Accepted += f.Accepted
		total.Rejected += f.Rejected
		total.Repeated += f.Repeated
		total.Rejections = append(total.Rejections, f.Rejections...)
	}
	return total
}

// newIntake makes the door of an intake, and that of the work it puts on lists.
func newIntake(g *gate.Gate, ring *seal.Ring, c *chart.Service, people *identity.Service) (*work.Service, *intake.Service) {
	w := work.New(g, ring)
	return w, intake.New(g, ring, intake.Doors{Chart: c, Identity: people, Work: w, Scan: scan.New(g, ring, scan.Options{})}, intake.Config{})
}
