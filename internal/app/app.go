// Package app is the only place where the department is wired together.
//
// What always holds: a Department that Open returns is whole; every door stands
// on the same gate, whose policy is that of package access and whose recorder is
// the audit log of package audit.
package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"chartroom/codes/coder"
	"chartroom/codes/codeset"
	"chartroom/internal/access"
	"chartroom/internal/audit"
	"chartroom/internal/chart"
	"chartroom/internal/coding"
	"chartroom/internal/deficiency"
	"chartroom/internal/demo"
	"chartroom/internal/downtime"
	"chartroom/internal/gate"
	"chartroom/internal/identity"
	"chartroom/internal/incoming"
	"chartroom/internal/intake"
	"chartroom/internal/masters"
	"chartroom/internal/scan"
	"chartroom/internal/seal"
	"chartroom/internal/words"
	"chartroom/internal/work"
)

// Config says where a department lies and what it works with.
type Config struct {
	Dir      string           // keys, and the embedded database unless Database is set
	Database string           // postgres://… or ""
	Library  *codeset.Library // nil for the embedded code sets
	Zone     *time.Location   // of the facility; nil for UTC
	Source   string           // name of the system whose FHIR ids come without an address
	Getenv   func(string) string
	Now      func() time.Time
	Hash     access.HashCost // of passwords; zero for access.DefaultHashCost

	// Trouble is told when work in the background failed and will be tried again;
	// nil tells nobody. Its texts hold no patient data.
	Trouble func(worker string, err error)
}

// Department is an open department: its doors.
type Department struct {
	Gate     *gate.Gate
	Ring     *seal.Ring
	Access   *access.Service
	Audit    *audit.Log
	Identity *identity.Service
	Work     *work.Service
	Masters  *masters.Service
	Chart    *chart.Service
	Scan     *scan.Service
	Intake   *intake.Service
	Coding   *coding.Service
	Incoming *incoming.Service
	Downtime *downtime.Service
	Words    *words.Service
	Library  *codeset.Library
	Zone     *time.Location

	Deficiency *deficiency.Service

	workers []worker
	stops   []func() // of what runs in the background, in the order of starting
}

// worker is something that runs as long as the department is open.
type worker struct {
	name string
	run  func(ctx context.Context, report func(error))
}

// Open opens a department, makes its database and keys if they are new, and
// starts the audit log's sequencer. Close it to end both.
func Open(ctx context.Context, c Config) (*Department, error) {
	c = c.withDefaults()
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("folder of the department: %w", err)
	}
	source := seal.Source(c.Dir, c.Getenv)
	if err := keysBelong(c, source); err != nil {
		return nil, err
	}
	ring, err := seal.OpenRing(source)
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	policy, err := access.NewPolicy(nil)
	if err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	recorder, err := audit.NewRecorder(ring)
	if err != nil {
		return nil, fmt.Errorf("audit log: %w", err)
	}
	g, err := gate.Open(ctx, gate.Config{Dir: c.Dir, Database: c.Database, Policy: policy, Recorder: recorder, Now: c.Now})
	if err != nil {
		return nil, err
	}
	if err := ring.Confirm(ctx, g); err != nil {
		return nil, errors.Join(err, g.Close())
	}
	d, err := assemble(g, ring, policy, recorder, c)
	if err != nil {
		return nil, errors.Join(err, g.Close())
	}
	if err := d.Downtime.Follow(ctx); err != nil {
		return nil, errors.Join(err, g.Close())
	}
	d.start(ctx, c.Trouble)
	return d, nil
}

// keysBelong refuses a department whose database is there and whose keys are not,
// before new ones are made that would open nothing.
func keysBelong(c Config, source seal.KeySource) error {
	if c.Database != "" || !gate.Exists(c.Dir) {
		return nil
	}
	if _, err := source.Load(); errors.Is(err, seal.ErrNoKeys) {
		return fmt.Errorf("the keys of this department are missing: put %s back; nothing was changed", source.Place())
	}
	return nil
}

func (c Config) withDefaults() Config {
	if c.Library == nil {
		c.Library = codeset.Embedded()
	}
	if c.Zone == nil {
		c.Zone = time.UTC
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Trouble == nil {
		c.Trouble = func(string, error) {}
	}
	if c.Getenv == nil {
		c.Getenv = func(string) string { return "" }
	}
	return c
}

// assemble opens the doors on a gate.
func assemble(g *gate.Gate, ring *seal.Ring, policy gate.Policy, recorder *audit.Recorder, c Config) (*Department, error) {
	log, err := audit.New(g, ring, recorder, audit.Options{Witness: audit.WitnessFile(filepath.Join(c.Dir, audit.WitnessName))})
	if err != nil {
		return nil, fmt.Errorf("audit log: %w", err)
	}
	d := &Department{Gate: g, Ring: ring, Audit: log, Library: c.Library, Zone: c.Zone}
	d.Access = access.New(g, ring, access.Options{Now: c.Now, Hash: c.Hash})
	options := []work.Option{work.In(c.Zone), work.Asking(policy)}
	if c.Database != "" {
		options = append(options, work.InTurn())
	}
	d.Work = work.New(g, ring, options...)
	d.Identity = identity.New(g, ring)
	d.Masters = masters.New(g, ring, c.Zone)
	d.Chart = chart.New(g, ring, d.Identity)
	d.Chart.Watch(seenProviders(d.Masters))
	d.Scan = scan.New(g, ring, scan.Options{Tesseract: c.Getenv("CHARTROOM_TESSERACT")})
	d.Intake = intake.New(g, ring, intake.Doors{Chart: d.Chart, Identity: d.Identity, Work: d.Work, Scan: d.Scan}, intake.Config{Zone: c.Zone, Source: c.Source})
	d.Coding = coding.New(g, ring, d.Chart, d.Work, c.Library, coder.New(c.Library))
	d.Chart.Watch(d.Coding.Watch)
	d.Deficiency = deficiency.New(g, ring, d.Chart, d.Work)
	if err := d.Deficiency.ConfigureFrom(filepath.Join(c.Dir, deficiency.SettingsFile)); err != nil {
		return nil, err
	}
	d.Chart.Watch(d.Deficiency.Watch)
	d.Identity.Watch(d.Deficiency.Linked)
	d.Incoming = incoming.New(g, ring, d.Chart, d.Scan, d.Work, incoming.Options{Zone: c.Zone})
	d.Scan.Watch(d.Incoming.WordsRead)
	d.Downtime = downtime.New(g, ring, d.Chart)
	d.Words = words.New(g, ring, d.Chart)
	d.workers = []worker{{"reading of scans", d.Scan.Run}, {"word index", d.Words.Run}, {"downtime", d.Downtime.Run}, {"deficiency analysis", d.Deficiency.Run}}
	return d, nil
}

// Demo gives the doors that a demo department is filled through.
func (d *Department) Demo() demo.Doors {
	return demo.Doors{Access: d.Access, Masters: d.Masters, Identity: d.Identity, Work: d.Work, Intake: d.Intake, Incoming: d.Incoming, Chart: d.Chart, Coding: d.Coding, Deficiency: d.Deficiency}
}

// start runs the sequencer and the workers until Close.
func (d *Department) start(ctx context.Context, trouble func(string, error)) {
	ctx = context.WithoutCancel(ctx)
	d.background(ctx, func(ctx context.Context) {
		_ = d.Audit.Run(ctx) // nil; what fails meanwhile is told by Audit.Health
	})
	for _, w := range d.workers {
		d.background(ctx, func(ctx context.Context) {
			w.run(ctx, func(err error) { trouble(w.name, err) })
		})
	}
}

// background runs fn until it is stopped, and waits for its end.
func (d *Department) background(ctx context.Context, fn func(context.Context)) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		fn(ctx)
	}()
	d.stops = append(d.stops, func() {
		cancel()
		<-done
	})
}

// Close ends the workers, then lets the sequencer end with a last checkpoint, for
// they write entries too, and closes the gate.
func (d *Department) Close() error {
	for _, stop := range slices.Backward(d.stops) {
		stop()
	}
	d.Scan.Close()
	return d.Gate.Close()
}
