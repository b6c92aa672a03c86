package intake

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
)

// csvRows is how many rows are stored in one action.
const csvRows = 500

// separators are those of lists, tried in this order.
const separators = ",;\t|"

// listHead is the header row of a list: which list it is, what its columns are.
type listHead struct {
	kind    *listKind
	comma   rune
	columns []string // canonical name of each column, "" for one that is not known
	unknown []string
	why     string // reason where the header cannot be used
}

// readListHead reads a header row; ok is false where it is of no list.
func readListHead(line []byte) (h listHead, ok bool) {
	line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
	line, _, _ = bytes.Cut(line, []byte("\n"))
	for _, comma := range separators {
		if !bytes.ContainsRune(line, comma) {
			continue
		}
		r := csv.NewReader(bytes.NewReader(line))
		r.Comma, r.FieldsPerRecord = comma, -1
		names, err := r.Read()
		if err != nil || len(names) < 2 {
			continue
		}
		if h, ok = headOf(names); ok {
			h.comma = comma
			return h, true
		}
	}
	return listHead{}, false
}

// headOf finds the list that has these columns.
func headOf(names []string) (listHead, bool) {
	normal := make([]string, len(names))
	for i, n := range names {
		normal[i] = columnName(n)
	}
	for i := range lists {
		h := listHead{kind: &lists[i]}
		seen, named := map[string]bool{}, map[string]bool{}
		for _, n := range normal {
			c := lists[i].column(n)
			if c != "" && seen[c] {
				h.why = "the column " + c + " stands twice"
			}
			if c == "" && n != "" {
				h.unknown = append(h.unknown, clean(n))
			}
			seen[c] = true
			if n != "code" && n != "description" { // these stand in several lists
				named[c] = true
			}
			h.columns = append(h.columns, c)
		}
		if seen["record_number"] && lists[i].is(named) {
			return h, true
		}
	}
	return listHead{}, false
}

// columnName is a column's name in small letters with one _ between its words.
func columnName(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}), "_")
}

// looksLikeList reports whether a file that is no list was meant as one.
func looksLikeList(name string, head []byte) bool {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	named := strings.HasSuffix(name, ".csv") || strings.HasSuffix(name, ".tsv")
	return named || bytes.Count(line, []byte(",")) >= 2 && bytes.Contains(bytes.ToLower(line), []byte("record"))
}

// csvRow is one row as it was read.
type csvRow struct {
	number int // as a spreadsheet counts: the header is row 1
	cells  map[string]string
	path   string
}

// csvPart is some rows of a list: a message of its own, whose bytes are the
// header row and these rows.
type csvPart struct {
	envelope
	list   *listHead
	source string
	rows   []csvRow
	result Result // rows that could not be read
}

// csvFile is the state of reading one list.
type csvFile struct {
	r      *run
	p      *piece
	rec    *recorder
	reader *csv.Reader
	head   listHead
	header []byte
	part   *csvPart
	base   int64 // offset of the part's first row
	row    int
	send   func(portion) bool
}

// readCSV reads a list in parts of some hundred rows.
func (r *run) readCSV(src io.Reader, p *piece, send func(portion) bool) error {
	b := bufio.NewReaderSize(src, 1<<16)
	if mark, err := b.Peek(3); err == nil && string(mark) == "\xef\xbb\xbf" {
		if _, err := b.Discard(3); err != nil {
			return fmt.Errorf("it cannot be read: %w", err)
		}
	}
	first, err := b.Peek(sniffSize / 2)
	if err != nil && !errors.Is(err, io.EOF) {
		return err //nolint:wrapcheck // a fault of the source, told as it is
	}
	f := &csvFile{r: r, p: p, rec: &recorder{src: b}, send: send}
	var ok bool
	if f.head, ok = readListHead(first); !ok || f.head.why != "" {
		send(portion{rejected: &Rejection{Place: "row[1]", Reason: cmp.Or(f.head.why, whyNoList)}})
		return nil
	}
	f.reader = csv.NewReader(f.rec)
	f.reader.Comma, f.reader.FieldsPerRecord = f.head.comma, -1
	if _, err := f.reader.Read(); err != nil {
		send(portion{rejected: &Rejection{Place: "row[1]", Reason: "the header row cannot be read"}})
		return nil //nolint:nilerr // told
	}
	f.row, f.base = 1, f.reader.InputOffset()
	f.header = f.rec.take(f.base)
	if len(f.head.unknown) > 0 {
		send(portion{notice: &Rejection{Place: "row[1]", Reason: "columns that are not known are left out: " + strings.Join(f.head.unknown, ", ")}})
	}
	return f.all()
}

// whyNoList is the reason of a header that is none.
const whyNoList = "the header row is of no list that is read, or names no record number; docs/intake.md has the columns"

func (f *csvFile) all() error {
	f.begin()
	some := false
	for {
		from := f.reader.InputOffset()
		cells, err := f.reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		some = true
		f.row++
		var bad *csv.ParseError
		switch {
		case errors.As(err, &bad):
			f.part.result.reject(f.place(), "the row cannot be taken apart: "+bad.Err.Error())
		case err != nil:
			f.cut()
			return err //nolint:wrapcheck // a fault of the source, told as it is
		default:
			f.take(cells, from)
		}
		if len(f.part.rows)+f.part.result.Received >= csvRows && !f.cut() {
			return nil
		}
	}
	if !some {
		f.send(portion{notice: &Rejection{Place: "file", Reason: "the list has no rows"}})
	}
	f.cut()
	return nil
}

func (f *csvFile) place() string { return "row[" + strconv.Itoa(f.row) + "]" }

func (f *csvFile) begin() {
	f.part = &csvPart{
		envelope: envelope{id: gate.NewID(), channel: f.r.opt.Channel, format: FormatCSV, kind: f.head.kind.name, place: fmt.Sprintf("row %d", f.row+1)},
		list:     &f.head, source: f.r.opt.Source,
	}
}

// take adds a row.
func (f *csvFile) take(cells []string, from int64) {
	if len(cells) != len(f.head.columns) {
		f.part.result.reject(f.place(), fmt.Sprintf("the row has %d cells, the header has %d", len(cells), len(f.head.columns)))
		return
	}
	row := csvRow{number: f.row, cells: map[string]string{}}
	for i, c := range cells {
		name := f.head.columns[i]
		if name == "" {
			continue
		}
		text, ok := cellText(c)
		if !ok {
			f.part.result.reject(f.place()+", column "+name, "a byte is neither UTF-8 nor windows-1252, or a control character")
			return
		}
		row.cells[name] = text
	}
	row.path = fmt.Sprintf("%s#%d+%d", f.place(), int64(len(f.header))+from-f.base, f.reader.InputOffset()-from)
	f.part.rows = append(f.part.rows, row)
}

// cellText reads a cell: UTF-8, or else windows-1252.
func cellText(c string) (string, bool) {
	if !utf8.ValidString(c) {
		var b strings.Builder
		for i := range len(c) {
			r := charmap.Windows1252.DecodeByte(c[i])
			if r == utf8.RuneError {
				return "", false
			}
			b.WriteRune(r)
		}
		c = b.String()
	}
	for _, r := range c {
		if r < ' ' && r != '\n' && r != '\r' && r != '\t' {
			return "", false
		}
	}
	return strings.TrimSpace(strings.ReplaceAll(c, "\r\n", "\n")), true
}

// cut ends the part and hands it over.
func (f *csvFile) cut() bool {
	end := f.reader.InputOffset()
	part := f.part
	body := f.rec.take(end - f.base)
	f.base = end
	if len(part.rows)+part.result.Received == 0 {
		return true
	}
	part.raw = append(bytes.Clone(f.header), body...)
	part.repeat = part.source + "\x00" + string(part.raw)
	part.head.File, part.head.Source = f.p.name, part.source
	part.pack()
	f.begin()
	return f.send(portion{rows: part})
}

// storeRows makes a part durable: its rows each accepted or rejected.
func (r *run) storeRows(ctx context.Context, w portion) error {
	part := w.rows
	part.run = r.id
	var res Result
	err := r.s.change(ctx, r.actor, gate.Department(), func(tx *gate.Tx) (err error) {
		res, err = r.s.takeRows(ctx, tx, part)
		return err
	})
	if err != nil {
		return fmt.Errorf("store %s: %w", part.place, err)
	}
	for i := range res.Rejections {
		res.Rejections[i].Place = w.prefix + res.Rejections[i].Place
	}
	r.files[w.file].result.add(res)
	return nil
}

// takeRows stores a part inside an action.
func (s *Service) takeRows(ctx context.Context, tx *gate.Tx, part *csvPart) (Result, error) {
	res := part.result
	res.Rejections = append([]Rejection(nil), part.result.Rejections...)
	before, err := s.repeatOf(ctx, tx, &part.envelope)
	if err != nil {
		return Result{}, err
	}
	if before != "" {
		res.Received += len(part.rows)
		res.Accepted += len(part.rows)
		res.Repeated = res.Accepted
		return res, nil
	}
	if err := tx.About(ctx, gate.Subject{Kind: subjectMessage, ID: part.id}); err != nil {
		return Result{}, err
	}
	m := csvMapping{s: s, part: part, inBatch: map[string]bool{}, known: map[string]string{}}
	m.batch.Reason = "list of " + part.list.kind.name
	for i := range part.rows {
		row := &part.rows[i]
		err := m.row(ctx, tx, row)
		var no *refusal
		switch {
		case errors.As(err, &no):
			place := shortPlace(row.path)
			if no.path != "" {
				place += ", column " + no.path
			}
			res.reject(place, no.why)
		case err != nil:
			return Result{}, err
		default:
			res.Received++
			res.Accepted++
		}
	}
	if err := m.flush(ctx, tx); err != nil {
		return Result{}, err
	}
	res.refuse(m.done.Refused)
	if err := s.keep(ctx, tx, &part.envelope, res.Accepted, res.Rejected); err != nil {
		return Result{}, err
	}
	if err := s.trouble(ctx, tx, &part.envelope, res.Accepted, res.Rejections); err != nil {
		return Result{}, err
	}
	if m.done.Added+m.done.Changed == 0 && m.done.Unchanged > 0 {
		res.Repeated = res.Accepted
	}
	tx.Detail("rows", strconv.Itoa(res.Received))
	return res, nil
}

// flush stores what was gathered so far.
func (m *csvMapping) flush(ctx context.Context, tx *gate.Tx) error {
	done, err := m.s.chart.StoreTx(ctx, tx, &m.batch)
	if err != nil {
		return err
	}
	m.done.Added += done.Added
	m.done.Changed += done.Changed
	m.done.Unchanged += done.Unchanged
	m.done.Refused = append(m.done.Refused, done.Refused...)
	m.batch = chart.Batch{Reason: m.batch.Reason}
	clear(m.inBatch)
	return nil
}
