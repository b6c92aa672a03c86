package coding

import (
	"context"
	"fmt"
	"slices"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
)

// Trace is the way from a code back to what it rests on.
type Trace struct {
	Code   Assigned      `json:"code"`
	Steps  []Event       `json:"steps"`  // what was done to this code, oldest first
	Trails []chart.Trail `json:"trails"` // one a piece of evidence: the words, the document, what brought it
	// Entries are the audit entries of the assignment, of storing each document
	// and of receiving each message, in that order, each once.
	Entries []string `json:"entries"`
}

// Trace walks from an assigned code to the words in each document, to the
// message that brought the document, and to the audit entries of all.
func (s *Service) Trace(ctx context.Context, actor gate.Actor, encounter, code string) (Trace, error) {
	var out Trace
	err := s.gate.Read(ctx, actor, ActionTrace, gate.Encounter("", encounter), func(tx *gate.Tx) error {
		w, err := s.load(ctx, tx, encounter)
		if err != nil {
			return err
		}
		c, ok := w.session.find(code)
		if !ok {
			return fmt.Errorf("%w: assigned code", ErrNotFound)
		}
		out = Trace{Code: c, Steps: stepsOf(w.events, c), Trails: []chart.Trail{}}
		out.entry(c.Entry)
		for _, step := range out.Steps {
			out.entry(step.Entry)
		}
		for _, ev := range c.Evidence {
			trail, err := s.trail(ctx, tx, ev)
			if err != nil {
				return err
			}
			out.Trails = append(out.Trails, trail)
			out.entry(trail.Origin.Entry)
			out.entry(trail.Origin.MessageEntry)
		}
		return nil
	})
	if err != nil {
		return Trace{}, fmt.Errorf("trace code: %w", err)
	}
	return out, nil
}

// trail follows one piece of evidence to its words and to what brought them.
func (s *Service) trail(ctx context.Context, tx *gate.Tx, ev chart.Evidence) (chart.Trail, error) {
	quote, err := s.chart.WordsTx(ctx, tx, ev)
	if err != nil {
		return chart.Trail{}, err
	}
	origin, err := s.chart.OriginTx(ctx, tx, quote.Document.Source)
	return chart.Trail{Quote: quote, Origin: origin}, err
}

// entry adds an audit entry once.
func (t *Trace) entry(id string) {
	if id != "" && !slices.Contains(t.Entries, id) {
		t.Entries = append(t.Entries, id)
	}
}

// stepsOf returns the events that are about one assigned code.
func stepsOf(events []Event, c Assigned) []Event {
	steps := []Event{}
	for _, e := range events {
		if e.Body.Target == c.ID || (e.Body.Code != nil && e.Body.Code.ID == c.ID) || e.Kind == MadeFinal || e.Kind == Reopened {
			steps = append(steps, e)
		}
	}
	return steps
}
