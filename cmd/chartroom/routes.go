package main

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"chartroom/internal/server"
)

// routesCmd lists every route that the server has.
type routesCmd struct {
	JSON bool `name:"json" help:"Write JSON: method, pattern, public, phi, action."`
}

// Run writes the route table; no department is opened for it.
func (c *routesCmd) Run(e *env) error {
	routes := server.Routes()
	if c.JSON {
		out := json.NewEncoder(e.stdout)
		out.SetIndent("", " ")
		if err := out.Encode(routes); err != nil {
			return fmt.Errorf("write routes: %w", err)
		}
		return nil
	}
	w := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
	for _, r := range routes {
		open, phi := "", ""
		if r.Public {
			open = "public"
		}
		if r.PHI {
			phi = "phi"
		}
		if _, err := fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", r.Method, r.Pattern, open, phi, r.Action); err != nil {
			return fmt.Errorf("write routes: %w", err)
		}
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write routes: %w", err)
	}
	return nil
}
