package masters

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"chartroom/internal/gate"
)

// Import says what became of a file. Added + Changed + Unchanged + len(Refused)
// is Rows, always.
type Import struct {
	Rows                      int // data rows read, the header not counted
	Added, Changed, Unchanged int
	Refused                   []RowError
}

// RowError is a row that was not taken.
type RowError struct {
	Line   int    // of the file, from 1
	Column string // heading, "" where the row as a whole is wrong
	Why    string
}

// maxRows bounds one import.
const maxRows = 50_000

// row is one line of a file that is being imported.
type row struct {
	line   int
	values Values
	err    *RowError
}

// Import enters and corrects the entries of a CSV file: a heading that names
// fields of the kind, then one entry a row. A row whose number (NPI, code) is
// known corrects that entry in the fields that the file has; any other is a new
// entry, but for a row without a number whose name is known once: it corrects
// that one. All rows that can be taken are taken in one action; the others are
// listed by line and column. A file whose heading cannot be used is refused whole.
func (s *Service) Import(ctx context.Context, actor gate.Actor, k Kind, file io.Reader, reason string) (Import, error) {
	if strings.TrimSpace(reason) == "" {
		return Import{}, ErrReason
	}
	heading, rows, err := readRows(k, file)
	if err != nil {
		return Import{}, err
	}
	var done Import
	err = s.gate.Change(ctx, actor, ActionChange, gate.Department(), func(tx *gate.Tx) error {
		done = Import{Rows: len(rows)}
		seen := map[string]int{}
		for _, r := range rows {
			if r.err != nil {
				done.Refused = append(done.Refused, *r.err)
				continue
			}
			if err := s.importRow(ctx, tx, k, heading, r, seen, reason, &done); err != nil {
				return err
			}
		}
		tx.Detail("rows", strconv.Itoa(done.Rows))
		tx.Detail("refused", strconv.Itoa(len(done.Refused)))
		return nil
	})
	if err != nil {
		return Import{}, fmt.Errorf("import masters: %w", err)
	}
	return done, nil
}

func (s *Service) importRow(ctx context.Context, tx *gate.Tx, k Kind, heading []string, r row, seen map[string]int, reason string, done *Import) error {
	refuse := func(column, why string) {
		done.Refused = append(done.Refused, RowError{r.line, column, why})
	}
	if fault, err := resolve(ctx, tx, k, r.values); err != nil || fault != nil {
		if fault != nil {
			refuse(fault.Field, fault.Why)
		}
		return err
	}
	e, err := s.target(ctx, tx, k, r.values)
	if errors.Is(err, errSeveral) {
		refuse("", "Several entries have this name and no number.")
		return nil
	}
	if err != nil {
		return err
	}
	for _, name := range heading {
		e.Values[name] = r.values[name]
	}
	key := keyOf(k, e.Values.trimmed())
	if key == "" {
		key = "name " + nameOf(k, e.Values)
	}
	if line := seen[key]; line > 0 {
		refuse("", fmt.Sprintf("The same entry stands in line %d.", line))
		return nil
	}
	seen[key] = r.line
	isNew := e.ID == ""
	_, changed, err := s.put(ctx, tx, e, reason)
	var faults *FaultsError
	switch {
	case errors.As(err, &faults):
		refuse(faults.Faults[0].Field, faults.Faults[0].Why)
	case errors.Is(err, ErrTaken), errors.Is(err, ErrMerged), errors.Is(err, ErrInvalid):
		refuse("", err.Error())
	case err != nil:
		return err
	case isNew:
		done.Added++
	case changed:
		done.Changed++
	default:
		done.Unchanged++
	}
	return nil
}

// target finds the entry that a row corrects, or a new one.
func (s *Service) target(ctx context.Context, tx *gate.Tx, k Kind, v Values) (Entry, error) {
	fresh := Entry{Kind: k, Values: Values{}}
	if key := keyOf(k, v.trimmed()); key != "" {
		found, err := readEntries(ctx, tx, sqlByKey, string(k), key)
		if err != nil || len(found) == 0 {
			return fresh, err
		}
		return found[0], nil
	}
	// By its name alone an entry is corrected only where it has no number either.
	found, err := readEntries(ctx, tx, sqlByName, string(k), nameOf(k, v.trimmed()))
	if err != nil {
		return fresh, err
	}
	found = slices.DeleteFunc(found, func(e Entry) bool { return keyOf(k, e.Values) != "" })
	switch len(found) {
	case 0:
		return fresh, nil
	case 1:
		return found[0], nil
	}
	return fresh, errSeveral
}

// errSeveral says that a row without a number could mean several entries.
var errSeveral = fmt.Errorf("%w: several entries have this name and no number", ErrInvalid)

// resolve puts the entries that a row refers to by their codes.
func resolve(ctx context.Context, tx *gate.Tx, k Kind, v Values) (*Fault, error) {
	for _, f := range fields[k] {
		code := strings.TrimSpace(v[f.Name])
		if f.Shape != Refers || code == "" {
			continue
		}
		found, err := readEntries(ctx, tx, sqlByKey, string(f.Of), keyOf(f.Of, Values{"code": code}))
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return &Fault{f.Name, "There is no " + string(f.Of) + " with this code."}, nil
		}
		v[f.Name] = found[0].ID
	}
	return nil, nil //nolint:nilnil // no fault and no error
}

// readRows reads a file: its heading and its rows, those that are no rows with
// what is wrong with them.
func readRows(k Kind, file io.Reader) (heading []string, rows []row, err error) {
	in := csv.NewReader(skipMark(file))
	in.FieldsPerRecord = -1
	first, err := in.Read()
	if err != nil {
		return nil, nil, fmt.Errorf("%w: line 1: the file has no heading", ErrInvalid)
	}
	for _, name := range first {
		name = strings.ToLower(strings.TrimSpace(name))
		if !slices.ContainsFunc(fields[k], func(f Field) bool { return f.Name == name }) {
			return nil, nil, fmt.Errorf("%w: line 1: a heading names no field of a %s; the fields are %s", ErrInvalid, k, strings.Join(names(k), ", "))
		}
		if slices.Contains(heading, name) {
			return nil, nil, fmt.Errorf("%w: line 1: the heading %s stands twice", ErrInvalid, name)
		}
		heading = append(heading, name)
	}
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			return heading, rows, nil
		}
		if len(rows) == maxRows {
			return nil, nil, fmt.Errorf("%w: a file has at most %d rows", ErrInvalid, maxRows)
		}
		rows = append(rows, readRow(in, heading, record, err))
		var broken *csv.ParseError
		if err != nil && !errors.As(err, &broken) {
			return nil, nil, fmt.Errorf("read CSV: %w", err)
		}
	}
}

func readRow(in *csv.Reader, heading, record []string, err error) row {
	if broken, ok := errors.AsType[*csv.ParseError](err); ok {
		return row{err: &RowError{Line: broken.StartLine, Why: "The row cannot be read: a quotation mark is wrong."}}
	}
	line := 0
	if len(record) > 0 {
		line, _ = in.FieldPos(0)
	}
	r := row{line: line, values: Values{}}
	if len(record) != len(heading) {
		r.err = &RowError{line, "", fmt.Sprintf("The row has %d columns, the heading %d.", len(record), len(heading))}
		return r
	}
	for i, name := range heading {
		r.values[name] = unguard(record[i])
	}
	return r
}

// skipMark leaves out the byte order mark that spreadsheets write.
func skipMark(file io.Reader) io.Reader {
	head := make([]byte, 3)
	n, _ := io.ReadFull(file, head)
	if bytes.Equal(head[:n], []byte{0xEF, 0xBB, 0xBF}) {
		return file
	}
	return io.MultiReader(bytes.NewReader(head[:n]), file)
}

func names(k Kind) []string {
	out := make([]string, 0, len(fields[k]))
	for _, f := range fields[k] {
		out = append(out, f.Name)
	}
	return out
}

// Export writes the entries of a kind as the CSV that Import takes; what it
// refers to stands by its code. f narrows as in List, without its Limit.
func (s *Service) Export(ctx context.Context, actor gate.Actor, k Kind, f Filter, out io.Writer) error {
	var all []Entry
	codes := map[string]string{}
	err := s.gate.Read(ctx, actor, ActionRead, gate.Department(), func(tx *gate.Tx) (err error) {
		f.Limit = maxLimit
		if all, err = s.ListTx(ctx, tx, k, f); err != nil {
			return err
		}
		for _, field := range fields[k] {
			if field.Shape != Refers {
				continue
			}
			of, err := readEntries(ctx, tx, sqlAllOf, string(field.Of))
			if err != nil {
				return err
			}
			for _, e := range of {
				codes[e.ID] = e.Values["code"]
			}
		}
		tx.Detail("rows", strconv.Itoa(len(all)))
		return nil
	})
	if err != nil {
		return fmt.Errorf("export masters: %w", err)
	}
	w := csv.NewWriter(out)
	records := [][]string{names(k)}
	for _, e := range all {
		record := make([]string, 0, len(fields[k]))
		for _, field := range fields[k] {
			value := e.Values[field.Name]
			if field.Shape == Refers {
				value = codes[value]
			}
			record = append(record, guard(value))
		}
		records = append(records, record)
	}
	if err := w.WriteAll(records); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return nil
}

// guard keeps a spreadsheet from taking a value for a formula; unguard takes the
// guard off again.
func guard(value string) string {
	if value != "" && strings.ContainsRune("=+-@'", rune(value[0])) {
		return "'" + value
	}
	return value
}

func unguard(value string) string {
	if len(value) > 1 && value[0] == '\'' && strings.ContainsRune("=+-@'", rune(value[1])) {
		return value[1:]
	}
	return value
}
