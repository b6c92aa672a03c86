// Package figure draws the pictures of the department as accessible SVG: bars,
// lines, histograms and ageing, each with the table it was drawn from.
//
// What always holds:
//
//   - A figure is a value: the same figure gives the same bytes.
//   - Colour never speaks alone: what a colour says also stands as text, and the
//     table behind a figure (Table) has every number that the picture shows.
//   - An SVG holds no style attribute, no script and no address but those given,
//     so it may stand in a page that allows nothing inline. Its colours come
//     from classes that begin with "fig-"; Stylesheet has rules for them, for a
//     picture that is to stand alone.
//   - Not a number and infinity are errors, never a picture.
//
// The axis labels are chosen from 1, 2, 2.5 and 5 times a power of ten, as few as
// fit (after W. S. Cleveland, The Elements of Graphing Data, 1985: scales that
// include zero for bars, none forced for lines).
package figure

import (
	"errors"
	"fmt"
	"math"
)

// Figure is anything this package draws.
type Figure interface {
	// SVG draws the figure as one svg element. id begins the ids inside, and must
	// be unique on the page; it is a word of letters, digits and hyphens.
	SVG(id string) ([]byte, error)
	// Table gives the numbers behind the picture.
	Table() Table
	// Text draws the figure with characters, at most width columns wide, for
	// terminals and plain files.
	Text(width int) string
}

// Head is what all figures have.
type Head struct {
	Title string // what is shown: "Open findings by age"
	Note  string // what one must know to read it, "" for nothing; read out with the title
	X, Y  string // names of the axes with their units
	Width int    // of the drawing, in CSS pixels; 0 takes 640
	Tall  int    // height; 0 takes what suits the figure
}

// Table is the data of a figure as rows of text.
type Table struct {
	Columns []string
	Rows    [][]string
}

// ErrNumber is returned for a value that cannot be drawn.
var ErrNumber = errors.New("a value is not a finite number")

// ErrEmpty is returned for a figure without data.
var ErrEmpty = errors.New("there is nothing to draw")

func finite(values ...float64) error {
	for i, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("%w: value %d", ErrNumber, i+1)
		}
	}
	return nil
}
