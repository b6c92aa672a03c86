package ui

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/a-h/templ"

	"chartroom/stats/figure"
)

// drawn writes the SVG of a figure. One without data says so in words.
func drawn(id string, f figure.Figure) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		svg, err := f.SVG(id)
		if errors.Is(err, figure.ErrEmpty) {
			svg, err = []byte(`<p class="muted">Nothing to draw yet.</p>`), nil
		}
		if err != nil {
			return fmt.Errorf("draw figure: %w", err)
		}
		if _, err := w.Write(svg); err != nil {
			return fmt.Errorf("write figure: %w", err)
		}
		return nil
	})
}
