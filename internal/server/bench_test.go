package server_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"chartroom/internal/access"
)

// BenchmarkRoutes measures whole answers over HTTP on the demo department, in
// milliseconds. The aim is < 100 for a page and < 10 for the encoder search.
func BenchmarkRoutes(b *testing.B) {
	h := newHouse(b)
	encounter, record := h.encounter(b, "c01")
	for _, c := range []struct{ name, method, path, body string }{
		{"work", http.MethodGet, "/work", ""},
		{"chart", http.MethodGet, "/chart/" + record, ""},
		{"coding page", http.MethodGet, "/coding/" + encounter, ""},
		{"coding session", http.MethodGet, "/api/v1/encounters/" + encounter + "/coding", ""},
		{"documents", http.MethodGet, "/api/v1/encounters/" + encounter + "/documents", ""},
		{"encoder search", http.MethodPost, "/api/v1/encoder/search", `{"query":"fracture of left hip","limit":30}`},
		{"encoder code", http.MethodGet, "/api/v1/encoder/codes/icd10cm/E11.65", ""},
	} {
		b.Run(strings.ReplaceAll(c.name, " ", "-"), func(b *testing.B) {
			for b.Loop() {
				var body io.Reader
				if c.body != "" {
					body = strings.NewReader(c.body)
				}
				answer := h.call(b, c.method, c.path, h.tokens[access.Coder], body)
				if answer.StatusCode != http.StatusOK {
					b.Fatalf("%s answered %d", c.path, answer.StatusCode)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N), "ms/answer")
		})
	}
}
