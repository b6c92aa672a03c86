package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/scan"
)

// attachedFile is a file that came within a message as the body of a document.
type attachedFile struct {
	name, media string
	data        []byte
}

// isScan says whether the file is scanned paper.
func (f attachedFile) isScan() bool { return scan.Sniff(f.data) != "" || scan.IsScanType(f.media) }

// attachedScan is scanned paper that came within a message, read outside the
// transaction: it is the patient's at once, as the message says whose it is.
type attachedScan struct {
	paper *scan.Paper
	pages []scan.PageText
}

// readAttached reads a file that is the body of a document. Its scan has an id of
// the document and the bytes, so that it is the same when it comes again. What
// cannot be kept as a scan is a *scan.RefusedError.
func (s *Service) readAttached(ctx context.Context, f attachedFile, document string) (*attachedScan, error) {
	paper, err := s.scan.Read(ctx, f.name, f.media, f.data)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(f.data)
	paper.ID = s.stableID("scan", document, hex.EncodeToString(sum[:]))
	pages, err := s.scan.ReadLayer(ctx, paper)
	if err != nil {
		return nil, err
	}
	if err := s.scan.Prepare(paper); err != nil {
		return nil, fmt.Errorf("seal the scan: %w", err)
	}
	return &attachedScan{paper: paper, pages: pages}, nil
}

// show makes the document show the pages, after what it shows already: their text
// is its text, and each sheet says where in it.
func (a *attachedScan) show(doc *chart.Document) {
	if doc.Text != "" {
		doc.Text += "\n"
	}
	for _, p := range a.pages {
		start := len(doc.Text)
		if start+len(p.Text) <= chart.MaxText {
			doc.Text += p.Text
		}
		doc.Sheets = append(doc.Sheets, chart.Sheet{Scan: a.paper.ID, Page: p.Number, Turn: p.Turn, Start: start, End: len(doc.Text)})
		if p.Text != "" {
			doc.Text += "\n"
		}
	}
	if doc.MediaType == "" || readable(doc.MediaType) {
		doc.MediaType = a.paper.Media
	}
}

// KeepAttached keeps scanned paper that came within a message, for the document of
// the record that shows it, inside an action. It comes after the document was
// stored; words that are read later make a new version of it (package incoming).
func (s *Service) KeepAttached(ctx context.Context, tx *gate.Tx, a *attachedScan, message string, owner scan.Owner) error {
	_, repeated, err := s.scan.KeepTx(ctx, tx, a.paper, message, owner)
	if err != nil {
		return fmt.Errorf("keep the scan: %w", err)
	}
	if !repeated {
		return nil
	}
	// Come again, the pages may have been read meanwhile, and the document just
	// stored does not have their words.
	return s.completeDocument(ctx, tx, owner.Document)
}

// scannedDocument is a document of a FHIR message whose body is scanned paper. It
// waits for the paper to be read before it joins the facts of its unit.
type scannedDocument struct {
	doc   chart.Document
	files []attachedFile
	scans []*attachedScan
	path  string
}

// readScans reads the scanned paper of a unit and adds the documents to its facts.
// Paper that cannot be kept leaves its document without sheets; its bytes stay in
// the message.
func (s *Service) readScans(ctx context.Context, u *unit) error {
	for _, d := range u.scanned {
		for i, f := range d.files {
			a, err := s.readAttached(ctx, f, d.doc.ID)
			if no, ok := errors.AsType[*scan.RefusedError](err); ok {
				place := fmt.Sprintf("%s, attachment %d", shortPlace(d.path), i+1)
				u.result.notice(place, no.Why+"; its bytes are kept in the message")
				continue
			}
			if err != nil {
				return err
			}
			a.show(&d.doc)
			d.scans = append(d.scans, a)
		}
		d.files = nil
		u.batch.AddDocument(d.doc)
	}
	return nil
}

// keepScans keeps the scanned paper of the documents whose record is known by now.
func (s *Service) keepScans(ctx context.Context, tx *gate.Tx, u *unit, records map[string]string, refused []chart.Refusal) error {
	not := map[string]bool{}
	for _, r := range refused {
		not[r.Path] = true
	}
	for _, d := range u.scanned {
		record := records[d.doc.Record]
		if record == "" || not[d.path] {
			continue
		}
		for _, a := range d.scans {
			owner := scan.Owner{Record: record, Encounter: d.doc.Encounter, Document: d.doc.ID}
			if err := s.KeepAttached(ctx, tx, a, u.id, owner); err != nil {
				return err
			}
		}
	}
	return nil
}

// whyWords is the reason of a version that has the words of its pages.
const whyWords = "words of scanned pages read"

// completeDocument puts the words of pages that were read into the document that
// shows them, as a new version, where the document has none of them yet. Words that
// stand there stay where they are: evidence points to them.
func (s *Service) completeDocument(ctx context.Context, tx *gate.Tx, id string) error {
	doc, err := s.chart.KnownDocument(ctx, tx, id)
	if err != nil || doc == nil || doc.Withdrawn {
		return err
	}
	changed := false
	for i := range doc.Sheets {
		sheet := &doc.Sheets[i]
		if sheet.End > sheet.Start {
			continue
		}
		read, err := s.scan.WordsTx(ctx, tx, sheet.Scan, sheet.Page, sheet.Page)
		if errors.Is(err, scan.ErrNotFound) {
			continue // of a document that another system made
		}
		if err != nil {
			return err
		}
		text := read[0].Text
		if text == "" || len(doc.Text)+len(text) > chart.MaxText {
			continue
		}
		if doc.Text != "" && doc.Text[len(doc.Text)-1] != '\n' {
			doc.Text += "\n"
		}
		sheet.Start = len(doc.Text)
		doc.Text += text
		sheet.End = len(doc.Text)
		doc.Text += "\n"
		changed = true
		if sheet.Turn == 0 {
			sheet.Turn = read[0].Turn
		}
	}
	if !changed {
		return nil
	}
	b := chart.Batch{Reason: whyWords}
	b.AddDocument(*doc)
	_, err = s.chart.StoreTx(ctx, tx, &b)
	return err
}
