package demo

import (
	"context"
	"fmt"
	"slices"

	"chartroom/internal/chart"
	"chartroom/internal/demo/charts"
	"chartroom/internal/gate"
	"chartroom/internal/work"
)

// joined are the charts of one person that the patient index has found and
// joined: who survives, and who is subsumed.
var joined = [][2]string{{"d04a-oyelade", "d04b-oyelade-sade"}}

// join links the records that are known to be of one person.
func (l *loader) join(ctx context.Context, all []charts.Chart) error {
	actor := l.staff["vsandoval"].Actor()
	for _, pair := range joined {
		var records [2]string
		for k, id := range pair {
			i := slices.IndexFunc(all, func(c charts.Chart) bool { return c.ID == id })
			if i < 0 {
				return fmt.Errorf("demo: there is no chart %s to join", id)
			}
			encounter, err := l.stay(ctx, actor, all[i].Encounter.Number)
			if err != nil {
				return err
			}
			records[k] = encounter.Record
		}
		if _, err := l.doors.Identity.Link(ctx, actor, records[0], records[1], "Same birth date, phone, address and insurance; spoken with the patient"); err != nil {
			return fmt.Errorf("demo: join %s: %w", pair[0], err)
		}
	}
	return nil
}

// stay finds an encounter by its number among those the actor may list.
func (l *loader) stay(ctx context.Context, actor gate.Actor, number string) (chart.Encounter, error) {
	for after := ""; ; {
		page, err := l.doors.Chart.Encounters(ctx, actor, chart.EncounterFilter{Limit: 500, After: after})
		if err != nil {
			return chart.Encounter{}, fmt.Errorf("demo: %w", err)
		}
		for _, row := range page.Rows {
			if row.Encounter.Number == number {
				return row.Encounter, nil
			}
		}
		if after = page.Next; after == "" {
			return chart.Encounter{}, fmt.Errorf("demo: encounter %s did not arrive", number)
		}
	}
}

// handOver is what the evening shift leaves to the morning. It names nobody: the
// items it mentions lead to the records.
const handOver = `Quiet night. The interface refused three messages after two; they wait under Interfaces.

Two emergency visits came without a provider's note. The department's clerk has been called and asks again at seven.

Somebody seems to be in the index twice, once under a nickname; I have left it for the patient index.

Please look first at the inpatient stays below: billing waits for them.`

// evening leaves the hand-over of the evening shift, with the items it mentions.
func (l *loader) evening(ctx context.Context) error {
	page, err := l.doors.Work.List(ctx, l.staff["obrightwater"].Actor(), work.Filter{Queue: work.Coding, Kind: string(chart.Inpatient), Limit: 4}, nil)
	if err != nil {
		return fmt.Errorf("demo: list work: %w", err)
	}
	items := make([]string, len(page.Items))
	for i, item := range page.Items {
		items[i] = item.ID
	}
	if _, err := l.doors.Work.Sign(ctx, l.staff["dwinslade"].Actor(), 0, handOver, items); err != nil {
		return fmt.Errorf("demo: hand over: %w", err)
	}
	return nil
}
