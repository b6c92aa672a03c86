package demo

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/tiff"

	"chartroom/internal/demo/charts"
)

// paperDay is when the papers of the demo were scanned.
var paperDay = time.Date(2026, 9, 30, 16, 0, 0, 0, time.UTC)

// hospital heads every sheet of paper.
const hospital = "MARROW BAY REGIONAL MEDICAL CENTER"

// draw makes the file of a scan.
func (s slip) draw(all []charts.Chart) ([]byte, error) {
	var pages [][]string
	for _, page := range s.pages {
		lines, err := page.text(all)
		if err != nil {
			return nil, err
		}
		pages = append(pages, lines)
	}
	if s.image != "" {
		return drawImage(pages[0], s.image)
	}
	return drawPDF(pages, s.pages)
}

// text is what stands on a sheet, line by line; nothing on a blank one.
func (p sheet) text(all []charts.Chart) ([]string, error) {
	if p.head == "" {
		return nil, nil
	}
	lines := []string{hospital, strings.ToUpper(p.head), ""}
	if p.chart != "" {
		c, err := chartOf(all, p.chart)
		if err != nil {
			return nil, err
		}
		number := c.Patient.MRN
		if p.number != "" {
			other, err := chartOf(all, p.number)
			if err != nil {
				return nil, err
			}
			number = other.Patient.MRN
		}
		lines = append(lines, "Patient: "+c.Patient.Family+", "+c.Patient.Given)
		if !p.unnamed {
			lines = append(lines, "MRN: "+number+"     DOB: "+c.Patient.Born.Format("01/02/2006"))
		}
		if p.on > 0 {
			lines = append(lines, "Date: "+p.dayOf(c).Format("01/02/2006"))
		}
	}
	lines = append(append(lines, ""), p.lines...)
	if p.author != "" {
		lines = append(lines, "", "Signed by: "+p.author)
	}
	return lines, nil
}

// dayOf is the day written on a sheet.
func (p sheet) dayOf(c charts.Chart) time.Time { return c.Encounter.Admit.AddDate(0, 0, p.on-1) }

// drawPDF writes pages with a text layer, as a scanner that reads does. Its times
// are those of the demo, so that the same paper is the same bytes.
func drawPDF(pages [][]string, sheets []sheet) ([]byte, error) {
	doc := fpdf.New("P", "pt", "Letter", "")
	doc.SetCreationDate(paperDay)
	doc.SetModificationDate(paperDay)
	doc.SetCatalogSort(true)
	written := doc.UnicodeTranslatorFromDescriptor("") // Windows-1252, which the built-in fonts have
	for i, lines := range pages {
		doc.AddPage()
		if sheets[i].upside {
			doc.TransformBegin()
			doc.TransformRotate(180, 306, 396)
		}
		doc.SetDrawColor(90, 90, 90)
		if len(lines) > 0 {
			doc.Rect(40, 40, 532, 712, "D")
			doc.Line(40, 110, 572, 110)
		}
		y := 66.0
		for n, line := range lines {
			switch n {
			case 0:
				doc.SetFont("Helvetica", "", 11)
			case 1:
				doc.SetFont("Helvetica", "B", 16)
			default:
				doc.SetFont("Times", "", 13)
			}
			doc.Text(56, y, written(line))
			y += 22
		}
		if sheets[i].upside {
			doc.TransformEnd()
		}
	}
	var out bytes.Buffer
	if err := doc.Output(&out); err != nil {
		return nil, fmt.Errorf("write a PDF: %w", err)
	}
	return out.Bytes(), nil
}

// drawImage draws a page as paper that came off a fax: black on not quite white,
// without a text layer.
func drawImage(lines []string, format string) ([]byte, error) {
	face, err := typeface()
	if err != nil {
		return nil, err
	}
	img := image.NewGray(image.Rect(0, 0, 1275, 1000))
	draw.Draw(img, img.Bounds(), image.NewUniform(color.Gray{Y: 246}), image.Point{}, draw.Src)
	pen := font.Drawer{Dst: img, Src: image.Black, Face: face}
	for i, line := range lines {
		pen.Dot = fixed.P(110, 130+i*52)
		pen.DrawString(line)
	}
	var out bytes.Buffer
	if format == "tiff" {
		err = tiff.Encode(&out, img, &tiff.Options{Compression: tiff.Deflate})
	} else {
		err = png.Encode(&out, img)
	}
	if err != nil {
		return nil, fmt.Errorf("write an image: %w", err)
	}
	return out.Bytes(), nil
}

func typeface() (font.Face, error) {
	parsed, err := opentype.Parse(goregular.TTF)
	if err != nil {
		return nil, fmt.Errorf("read the font: %w", err)
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: 34, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		return nil, fmt.Errorf("read the font: %w", err)
	}
	return face, nil
}
