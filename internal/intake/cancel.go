package intake

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/wire/hl7v2"
)

// A cancel takes an earlier event back (HL7 v2 chapter 3: A11, A12, A13, A27,
// A38). What the event changed and nobody changed since becomes what it was
// before; a cancel of something that never was is refused. Which event is meant
// is worked out from the messages about the visit, in the order they came: each
// cancel takes back the last event that stands.
type cancelling struct {
	of    []string // events that are taken back
	began bool     // the event began the visit: without it there is none
	none  string   // reason where there is no such event
}

var cancels = map[string]cancelling{
	"A11": {of: []string{"A01", "A04"}, began: true, none: "the visit was not admitted or registered: there is nothing to cancel"},
	"A12": {of: []string{"A02"}, none: "no transfer of this visit stands: there is nothing to cancel"},
	"A13": {of: []string{"A03"}, none: "the visit is not discharged: there is nothing to cancel"},
	"A27": {of: []string{"A14"}, began: true, none: "no admission of this visit is pending: there is nothing to cancel"},
	"A38": {of: []string{"A05"}, began: true, none: "the visit was not pre-admitted: there is nothing to cancel"},
}

// cancel is what the message takes back; ok is false where it takes back nothing.
func (x *hl7Message) cancel() (c cancelling, ok bool) {
	if x.header.Type != "ADT" {
		return cancelling{}, false
	}
	c, ok = cancels[x.header.Event]
	return c, ok
}

// takeBack carries a cancel out on the visit that the message names.
func (m *mapping) takeBack(ctx context.Context, tx *gate.Tx, seg hl7v2.Segment, pv1 hl7v2.PV1, known *chart.Encounter, c cancelling) error {
	if known == nil {
		return &refusal{path: pathOf(seg), why: "no such visit is known: there is nothing to cancel"}
	}
	standing, again, err := m.standing(ctx, tx, known, pv1, c)
	if err != nil {
		return err
	}
	now := *known
	switch {
	case standing == "" && again:
		return nil // the sender says it again
	case standing == "":
		if why := m.withoutEvent(&now, c); why != "" {
			return &refusal{path: pathOf(seg), why: why}
		}
	default:
		versions, err := m.s.chart.EncounterVersionsTx(ctx, tx, known.ID)
		if err != nil {
			return err
		}
		if err := m.restore(ctx, tx, &now, versions, standing, seg, pv1, c); err != nil {
			return err
		}
	}
	now.Version = chart.Version{ID: known.ID, Record: known.Record, Source: chart.Source{Message: m.x.id, Path: pathOf(seg)}}
	m.batch.AddEncounter(now)
	return nil
}

// standing finds the message of the last event that was not taken back yet; ""
// where there is none. again says that a cancel came before, and nothing since.
func (m *mapping) standing(ctx context.Context, tx *gate.Tx, known *chart.Encounter, pv1 hl7v2.PV1, c cancelling) (message string, again bool, err error) {
	records := []string{m.record}
	if known.Record != m.record {
		records = append(records, known.Record)
	}
	own := "ADT^" + m.x.header.Event
	kinds := []string{own, "ADT^" + c.of[0], "ADT^" + c.of[len(c.of)-1]}
	var stack []string
	for _, record := range records {
		events, err := eventsOf(ctx, tx, record, m.x.id, kinds)
		if err != nil {
			return "", false, err
		}
		for _, e := range events {
			same, err := m.sameVisit(ctx, tx, e.message, pv1)
			if err != nil {
				return "", false, err
			}
			switch {
			case !same:
			case e.kind != own:
				stack, again = append(stack, e.message), false
			default:
				stack, again = stack[:max(0, len(stack)-1)], true
			}
		}
	}
	if len(stack) == 0 {
		return "", again, nil
	}
	return stack[len(stack)-1], again, nil
}

type visitEvent struct{ message, kind string }

func eventsOf(ctx context.Context, tx *gate.Tx, record, but string, kinds []string) ([]visitEvent, error) {
	rows, err := tx.Query(ctx, sqlEventsOf, record, but, kinds[0], kinds[1], kinds[2])
	if err != nil {
		return nil, fmt.Errorf("events of the visit: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all []visitEvent
	for rows.Next() {
		var e visitEvent
		if err := rows.Scan(&e.message, &e.kind); err != nil {
			return nil, fmt.Errorf("events of the visit: %w", err)
		}
		all = append(all, e)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("events of the visit: %w", err)
	}
	return all, nil
}

// sameVisit reads an earlier message: whether it was about the visit of this one.
func (m *mapping) sameVisit(ctx context.Context, tx *gate.Tx, message string, pv1 hl7v2.PV1) (bool, error) {
	_, raw, err := m.s.OpenTx(ctx, tx, message)
	if err != nil {
		return false, err
	}
	earlier, err := hl7v2.Parse(raw, hl7v2.Options{})
	if err != nil {
		return false, nil //nolint:nilerr // it was read when it came; what cannot be read now is no event
	}
	want := m.s.visitName(m.x.header, pv1, m.account)
	groups, _ := hl7v2.ReadPatients(earlier) // a field that cannot be read is left empty
	for _, g := range groups {
		pid, _ := hl7v2.ReadPID(g.PID) // as above
		other, _ := hl7v2.ReadPV1(g.PV1)
		if g.PV1.Present() && slices.Equal(m.s.visitName(earlier.Header(), other, pid.Account), want) {
			return true, nil
		}
	}
	return false, nil
}

// withoutEvent takes back what came by another way than an event of this visit:
// with an update, or from another interface.
func (m *mapping) withoutEvent(now *chart.Encounter, c cancelling) (why string) {
	switch event := m.x.header.Event; {
	case event == "A13" && now.Status == finished:
		now.Status, now.End, now.Disposition = inProgress, time.Time{}, ""
	case event == "A11" && now.Status != planned && now.Status != cancelled:
		now.Status = cancelled
	case c.began && event != "A11" && now.Status == planned:
		now.Status = cancelled
	default:
		return c.none
	}
	return ""
}

// restore gives the encounter back what the event of a message changed.
func (m *mapping) restore(ctx context.Context, tx *gate.Tx, now *chart.Encounter, versions []chart.Encounter, message string, seg hl7v2.Segment, pv1 hl7v2.PV1, c cancelling) error {
	at := slices.IndexFunc(versions, func(v chart.Encounter) bool { return v.Source.Message == message })
	before := false
	if at > 0 {
		before = true
		if c.began {
			var err error
			if before, err = m.begun(ctx, tx, versions[:at]); err != nil {
				return err
			}
		}
	}
	switch {
	case before:
		undo(now, versions[at-1], versions[at])
	case c.began:
		now.Status = cancelled
	case at < 0: // it changed nothing that is kept
	case m.x.header.Event == "A12" && pv1.Fields.Valued.Has(3):
		now.Unit = pv1.Location.PointOfCare
	case m.x.header.Event == "A12":
		return &refusal{path: pathOf(seg), why: "what stood before the transfer is not known, and PV1-3 does not say it"}
	}
	if m.x.header.Event == "A13" {
		// Whatever else was corrected since: there is no discharge.
		if now.Status == finished {
			now.Status = inProgress
		}
		now.End, now.Disposition = time.Time{}, ""
	}
	return nil
}

// begun reports whether an event began the visit already: planned, admitted or
// cancelled it, rather than that a result or an update named it.
func (m *mapping) begun(ctx context.Context, tx *gate.Tx, versions []chart.Encounter) (bool, error) {
	for _, v := range versions {
		if v.Source.Message == "" {
			return true, nil // a person made it
		}
		var kind string
		err := tx.QueryRow(ctx, sqlKindOf, v.Source.Message).Scan(&kind)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return false, fmt.Errorf("event of the visit: %w", err)
		}
		switch strings.TrimPrefix(kind, "ADT^") {
		case "A01", "A04", "A05", "A06", "A07", "A11", "A14", "A27", "A38":
			return true, nil
		}
	}
	return false, nil
}

// undo gives each part that the event changed from before to after, and that is
// as the event left it, the value from before.
func undo(now *chart.Encounter, before, after chart.Encounter) {
	back(&now.Setting, before.Setting, after.Setting)
	back(&now.Status, before.Status, after.Status)
	back(&now.Unit, before.Unit, after.Unit)
	back(&now.Service, before.Service, after.Service)
	back(&now.Disposition, before.Disposition, after.Disposition)
	back(&now.ReasonText, before.ReasonText, after.ReasonText)
	back(&now.Attending, before.Attending, after.Attending)
	if now.Start.Equal(after.Start) {
		now.Start = before.Start
	}
	if now.End.Equal(after.End) {
		now.End = before.End
	}
}

func back[T comparable](now *T, before, after T) {
	if *now == after {
		*now = before
	}
}
