package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"chartroom/internal/gate"
	"chartroom/internal/scan"
	"chartroom/internal/work"
)

// FormatScan is the format of messages that are scanned paper: a PDF, TIFF, PNG or
// JPEG file.
const FormatScan = "scan"

// whyIndex is the reason that the item of work of a scan gives.
const whyIndex = "scan to index"

// scanFile is a file of scanned paper that was read outside the transaction.
type scanFile struct {
	envelope
	paper *scan.Paper
}

func (x *scanFile) kept() *envelope { return &x.envelope }

func (x *scanFile) notices() []Rejection { return nil }

// isScan says whether the beginning of a file is that of scanned paper.
func isScan(name string, head []byte) bool {
	media := scan.Sniff(head)
	if media != scan.PDF {
		return media != ""
	}
	// Where other bytes stand before the header of a PDF, its name must say it is one.
	return strings.HasPrefix(string(head), "%PDF-") || strings.HasSuffix(name, ".pdf")
}

// readScan reads a file of scanned paper. One that is not to be kept as a scan is
// refused with its bytes.
func (r *run) readScan(ctx context.Context, src io.Reader, p *piece, send func(portion) bool) error {
	raw, err := io.ReadAll(io.LimitReader(src, scan.MaxBytes+1))
	if err != nil {
		return err //nolint:wrapcheck // a fault of the source, told as it is
	}
	paper, err := r.s.scan.Read(ctx, p.name, "", raw)
	if no, ok := errors.AsType[*scan.RefusedError](err); ok {
		lost := portion{rejected: &Rejection{Place: "file", Reason: no.Why}}
		if len(raw) <= scan.MaxBytes {
			lost.refused = unreadable(FormatScan, r.opt.Channel, r.id, "file", p.name, raw)
		}
		send(lost)
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at the scan: %w", err)
	}
	x := &scanFile{paper: paper}
	// Its bytes lie with the scan and are not packed a second time: see OpenTx.
	x.envelope = envelope{
		id: gate.NewID(), channel: r.opt.Channel, format: FormatScan, kind: kindOfScan(paper.Media), place: "file",
		head: sealedHead{File: p.name}, raw: raw,
	}
	if err := r.s.scan.Prepare(paper); err != nil {
		return fmt.Errorf("seal the scan: %w", err)
	}
	send(portion{one: x})
	return nil
}

// kindOfScan is the kind of message that a scan is: "PDF".
func kindOfScan(media string) string {
	_, kind, _ := strings.Cut(media, "/")
	return strings.ToUpper(kind)
}

// store keeps the scan, which is nobody's until it is indexed, and puts it on the
// list of work.
func (x *scanFile) store(ctx context.Context, tx *gate.Tx, s *Service) (repeated bool, err error) {
	if err := tx.About(ctx, gate.Subject{Kind: subjectMessage, ID: x.id}); err != nil {
		return false, err
	}
	kept, repeated, err := s.scan.KeepTx(ctx, tx, x.paper, x.id, scan.Owner{})
	if err != nil || repeated {
		return repeated, err
	}
	if err := s.keep(ctx, tx, &x.envelope, 1, 0); err != nil {
		return false, err
	}
	err = s.work.PutTx(ctx, tx, work.Want{
		Queue: work.Indexing, Key: kept.ID, Kind: x.kind, Reason: whyIndex, Since: tx.Now(), Open: "/incoming/" + kept.ID,
	})
	if err != nil {
		return false, fmt.Errorf("list the scan: %w", err)
	}
	return false, nil
}

// scanBytes are the bytes of a message that is a scan.
func (s *Service) scanBytes(ctx context.Context, tx *gate.Tx, message string) ([]byte, bool, error) {
	id, err := s.scan.OfMessageTx(ctx, tx, message)
	if err != nil || id == "" {
		return nil, false, err
	}
	_, raw, err := s.scan.OriginalTx(ctx, tx, id)
	return raw, err == nil, err
}
