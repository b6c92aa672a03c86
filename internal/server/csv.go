package server

import (
	"encoding/csv"
	"net/http"
)

// writeCSV sends rows as a download. A cell that a spreadsheet would take for a
// formula is written with a leading apostrophe.
func writeCSV(w http.ResponseWriter, name string, rows [][]string) {
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	out := csv.NewWriter(w)
	for _, row := range rows {
		for i, cell := range row {
			if cell != "" && (cell[0] == '=' || cell[0] == '+' || cell[0] == '-' || cell[0] == '@') {
				row[i] = "'" + cell
			}
		}
		if out.Write(row) != nil {
			return // the client went away
		}
	}
	out.Flush()
}
