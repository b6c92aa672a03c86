package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"chartroom/codes/codeset"
	"chartroom/internal/access"
	"chartroom/internal/chart"
	"chartroom/internal/coding"
	"chartroom/internal/deficiency"
	"chartroom/internal/demo/charts"
	"chartroom/internal/demo/crowd"
	"chartroom/internal/gate"
	"chartroom/internal/identity"
	"chartroom/internal/incoming"
	"chartroom/internal/intake"
	"chartroom/internal/masters"
	"chartroom/internal/work"
)

// Zone is the time zone of the invented hospital, for whoever opens its
// department.
const Zone = zone

// Doors are the doors of an empty department that the demo comes in by.
type Doors struct {
	Access     *access.Service
	Masters    *masters.Service
	Identity   *identity.Service
	Intake     *intake.Service
	Incoming   *incoming.Service
	Chart      *chart.Service
	Coding     *coding.Service
	Work       *work.Service
	Deficiency *deficiency.Service
}

// Options of a demo department.
type Options struct {
	Patients int          // further patients beside those of the charts
	Progress func(string) // told what is being done; nil tells nobody
}

// crowdSeed makes the same crowd in every demo.
const crowdSeed = 2026

// crowdChunk is how many of the crowd come in as one bundle.
const crowdChunk = 200

// sender is who the hospital's interface engine is on the audit log.
func sender() gate.Actor {
	return gate.Actor{ID: "demo-interface", Kind: gate.System, Name: "Interface of the demo hospital"}
}

type loader struct {
	doors Doors
	staff map[string]access.Staff
}

// Load fills an empty department: staff, charts, crowd, and a few charts that
// are coded already. It returns the sign-ins, whose passwords are drawn anew.
func Load(ctx context.Context, doors Doors, opt Options) ([]SignIn, error) {
	l := &loader{doors: doors, staff: map[string]access.Staff{}}
	say := opt.Progress
	if say == nil {
		say = func(string) {}
	}
	all, err := charts.All()
	if err != nil {
		return nil, err
	}
	// Side by side: hashing the passwords takes as long as everything else.
	var signIns []SignIn
	var hiring sync.WaitGroup
	var refused error
	hiring.Go(func() { signIns, refused = l.hire(ctx) })
	say("staff and " + strconv.Itoa(len(all)) + " charts")
	err = l.admit(ctx, all)
	hiring.Wait()
	if err := errors.Join(err, refused); err != nil {
		return nil, err
	}
	say("coded charts")
	if err := l.code(ctx, all); err != nil {
		return nil, err
	}
	if err := l.join(ctx, all); err != nil {
		return nil, err
	}
	say("paper")
	if err := l.paper(ctx, all); err != nil {
		return nil, err
	}
	say("findings")
	if err := l.doors.Deficiency.CatchUp(ctx); err != nil { // those of the crowd are found while the department works
		return nil, fmt.Errorf("demo: findings: %w", err)
	}
	if opt.Patients > 0 {
		say(strconv.Itoa(opt.Patients) + " further patients")
	}
	if err := l.crowd(ctx, opt.Patients); err != nil {
		return nil, err
	}
	if err := l.interfaces(ctx); err != nil {
		return nil, err
	}
	say("hand-over of the evening")
	if err := l.evening(ctx); err != nil {
		return nil, err
	}
	return signIns, nil
}

// admit enters the masters and takes the charts in.
func (l *loader) admit(ctx context.Context, all []charts.Chart) error {
	if err := l.enter(ctx, all); err != nil {
		return err
	}
	for _, c := range all {
		raw, err := Bundle(c)
		if err != nil {
			return err
		}
		if err := l.receive(ctx, c.ID, raw); err != nil {
			return err
		}
	}
	return nil
}

// crowd takes n further patients in, some at a time.
func (l *loader) crowd(ctx context.Context, n int) error {
	for from := 0; from < n; from += crowdChunk {
		raw, err := crowdBundle(from, min(from+crowdChunk, n))
		if err != nil {
			return err
		}
		if err := l.receive(ctx, "crowd", raw); err != nil {
			return err
		}
	}
	return nil
}

// receive takes a bundle in; whatever of it is rejected is a fault of the demo.
func (l *loader) receive(ctx context.Context, name string, raw []byte) error {
	result, err := l.doors.Intake.Receive(ctx, sender(), name+".json", bytes.NewReader(raw))
	if err != nil {
		return fmt.Errorf("demo: %s: %w", name, err)
	}
	if result.Rejected > 0 {
		return fmt.Errorf("demo: %s: %d of %d rejected, the first at %s: %s", name, result.Rejected, result.Received,
			result.Rejections[0].Place, result.Rejections[0].Reason)
	}
	return nil
}

// crowdBundle writes some of the crowd as one bundle.
func crowdBundle(from, to int) ([]byte, error) {
	b := newBundle("p" + strconv.Itoa(from))
	if b.err != nil {
		return b.marshal()
	}
	for p := range crowd.Range(crowdSeed, from, to) {
		b.chart(p.Chart())
	}
	return b.marshal()
}

// finished are the charts that the demo's coders have done, so that lists,
// history and trace have something in them, and by whom.
var finished = map[string]string{"c03": "obrightwater", "c07": "obrightwater"}

// reopened is one of them that is open again.
const reopened = "c07"

// code codes the finished charts as their gold says, through the same door as
// everybody: every code with the words it rests on.
func (l *loader) code(ctx context.Context, all []charts.Chart) error {
	for _, c := range all {
		short := c.ID[:min(3, len(c.ID))]
		login, ok := finished[short]
		if !ok {
			continue
		}
		if err := l.codeOne(ctx, l.staff[login].Actor(), c, short == reopened); err != nil {
			return fmt.Errorf("demo: coding %s: %w", c.ID, err)
		}
	}
	return nil
}

func (l *loader) codeOne(ctx context.Context, actor gate.Actor, c charts.Chart, reopen bool) error {
	arrived, err := l.stay(ctx, actor, c.Encounter.Number)
	if err != nil {
		return err
	}
	encounter := arrived.ID
	s, err := l.doors.Coding.Start(ctx, actor, encounter)
	if err != nil {
		return err
	}
	documents, err := l.doors.Chart.Documents(ctx, actor, encounter)
	if err != nil {
		return err
	}
	for system, list := range map[codeset.System][]charts.GoldCode{codeset.ICD10CM: c.Gold.Diagnoses, codeset.ICD10PCS: c.Gold.Procedures} {
		for _, g := range list {
			if s, err = l.doors.Coding.Add(ctx, actor, encounter, s.Revision, addition(system, g, c, documents)); err != nil {
				return err
			}
		}
	}
	if s, err = l.doors.Coding.Finalise(ctx, actor, encounter, s.Revision, false); errors.Is(err, coding.ErrBlocked) {
		s, _ = l.doors.Coding.Session(ctx, actor, encounter) // its findings say which
		return fmt.Errorf("%w: %v", err, s.Findings)
	}
	if err == nil && reopen {
		_, err = l.doors.Coding.Reopen(ctx, actor, encounter, s.Revision, "Pathology report arrived after coding")
	}
	return err
}

// addition is a gold code as a coder would enter it.
func addition(system codeset.System, g charts.GoldCode, c charts.Chart, documents []chart.Document) coding.Addition {
	a := coding.Addition{System: system, Code: g.Code, POA: g.POA, Position: coding.End, Why: []string{g.Why}}
	if a.POA == "-" { // the gold's sign for exempt
		a.POA = ""
	}
	if !g.Date.IsZero() {
		a.Date = g.Date.Format("2006-01-02")
	}
	for _, q := range g.Words {
		text := c.Documents[q.Document].Text
		i := slices.IndexFunc(documents, func(d chart.Document) bool { return d.Text == text })
		if i >= 0 {
			a.Passages = append(a.Passages, coding.Passage{
				Document: documents[i].ID, Version: documents[i].Number, Start: q.Start, End: q.End,
			})
		}
	}
	return a
}
