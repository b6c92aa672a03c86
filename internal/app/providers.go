package app

import (
	"context"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/masters"
)

// seenProviders has the masters told of the providers that facts name, so that
// those whom nobody has entered are proposed.
func seenProviders(m *masters.Service) chart.Watcher {
	return func(ctx context.Context, tx *gate.Tx, news []chart.News) error {
		var seen []masters.Seen
		last := chart.Author{}
		for _, n := range news {
			if n.Author == last || n.Author == (chart.Author{}) {
				continue
			}
			last = n.Author
			seen = append(seen, masters.Seen{Number: n.Author.ID, Name: n.Author.Name, Role: n.Author.Role})
		}
		return m.SeenTx(ctx, tx, seen)
	}
}
