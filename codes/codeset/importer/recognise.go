package importer

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"chartroom/codes/codeset/internal/compile"
	"chartroom/codes/codeset/internal/pack"
)

// reader reads one kind of file into the content of a pack.
type reader func(r io.Reader, name string) (*compile.Content, error)

// recognise looks at the name and the first bytes of a file and returns what
// reads it, nil if nothing does.
func recognise(r io.Reader, name string) (reader, *bufio.Reader, error) {
	br := bufio.NewReaderSize(r, 64<<10)
	head, err := br.Peek(4096)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return nil, nil, err //nolint:wrapcheck // the caller names the file
	}
	lower := strings.ToLower(name)
	switch {
	case bytes.Contains(head, []byte("<ICD10CM.tabular")):
		return readTabular, br, nil
	case bytes.Contains(head, []byte("<ICD10CM.index")):
		return readIndex, br, nil
	case bytes.Contains(head, []byte("<ICD10PCS.tabular")):
		return pcsReader("tables", compile.ReadPCSTables), br, nil
	case bytes.Contains(head, []byte("<ICD10PCS.definitions")):
		return pcsReader("definitions", compile.ReadPCSDefinitions), br, nil
	case bytes.Contains(head, []byte("<ICD10PCS.index")):
		return pcsReader("index", compile.ReadPCSIndex), br, nil
	case !strings.HasSuffix(lower, ".txt") || strings.Contains(lower, "addenda"):
		return nil, br, nil
	case strings.Contains(lower, "order"):
		return readOrder, br, nil
	case strings.Contains(lower, "poaexemptcodes"):
		return readPOA, br, nil
	case strings.Contains(lower, "hcpcs"):
		return readHCPCS, br, nil
	}
	return nil, br, nil
}

func readTabular(r io.Reader, name string) (*compile.Content, error) {
	t, err := compile.ReadTabular(r)
	if err != nil {
		return nil, err
	}
	m, err := fiscalYear("icd10cm", t.Version, name)
	if err != nil {
		return nil, err
	}
	return &compile.Content{Manifest: m, Groups: t.Groups, Homes: t.Homes, Notes: t.Notes, Sevenths: t.Sevenths}, nil
}

func readIndex(r io.Reader, name string) (*compile.Content, error) {
	x, err := compile.ReadIndex(r)
	if err != nil {
		return nil, err
	}
	m, err := fiscalYear("icd10cm", x.Version, name)
	if err != nil {
		return nil, err
	}
	return &compile.Content{Manifest: m, Index: x.Rows}, nil
}

func pcsReader(_ string, read func(io.Reader) (*compile.PCSFile, error)) reader {
	return func(r io.Reader, name string) (*compile.Content, error) {
		f, err := read(r)
		if err != nil {
			return nil, err
		}
		m, err := fiscalYear("icd10pcs", f.Version, name)
		if err != nil {
			return nil, err
		}
		c := &compile.Content{Manifest: m, Labels: f.Labels, Axes: f.Axes, Tables: f.Tables, Index: f.Index}
		if len(f.Tables) == 0 {
			c.Definitions = f.Definitions // those of the tables are a selection of these
		}
		return c, nil
	}
}

func readOrder(r io.Reader, name string) (*compile.Content, error) {
	rows, err := compile.ReadOrder(r)
	if err != nil {
		return nil, err
	}
	system := "icd10cm"
	if strings.Contains(strings.ToLower(name), "pcs") {
		system = "icd10pcs"
		rows = fullCodes(rows)
	}
	m, err := fiscalYear(system, "", name)
	if err != nil {
		return nil, err
	}
	return &compile.Content{Manifest: m, Codes: rows}, nil
}

// fullCodes leaves out the headers of ICD-10-PCS, the first three characters,
// which are no codes; the tables name them.
func fullCodes(rows []compile.CodeRow) []compile.CodeRow {
	kept := rows[:0]
	for _, r := range rows {
		if len(r.Code) == 7 {
			kept = append(kept, r)
		}
	}
	return kept
}

func readPOA(r io.Reader, name string) (*compile.Content, error) {
	codes, err := compile.ReadPOAExempt(r)
	if err != nil {
		return nil, err
	}
	m, err := fiscalYear("icd10cm", "", name)
	if err != nil {
		return nil, err
	}
	return &compile.Content{Manifest: m, POAExempt: codes}, nil
}

func readHCPCS(r io.Reader, name string) (*compile.Content, error) {
	rows, err := compile.ReadHCPCS(r)
	if err != nil {
		return nil, err
	}
	m := pack.Manifest{System: "hcpcs"}
	if q := quarterInName.FindStringSubmatch(strings.ToLower(name)); q != nil {
		month := map[string]string{"1": "01", "2": "04", "3": "07", "4": "10"}[q[2]]
		last := map[string]string{"1": "03-31", "2": "06-30", "3": "09-30", "4": "12-31"}[q[2]]
		m.Name, m.Release = q[1]+" quarter "+q[2], q[1]+"-"+month+"-01"
		m.From, m.To = m.Release, q[1]+"-"+last
		return &compile.Content{Manifest: m, Codes: rows}, nil
	}
	return nil, errors.New("the name says no quarter (2026q3), and the file none either")
}

var (
	yearInName    = regexp.MustCompile(`(?:19|20)\d\d|fy-?(\d\d)\b`)
	quarterInName = regexp.MustCompile(`(20\d\d)[ _-]?q([1-4])`)
	april         = regexp.MustCompile(`apr`)
)

// fiscalYear tells the edition: the fiscal year that the file or its name says,
// in force from October 1 of the year before, or from April 1 if the name says
// that it is the April update.
func fiscalYear(system, version, name string) (pack.Manifest, error) {
	year := version
	lower := strings.ToLower(name)
	if len(year) != 4 {
		found := yearInName.FindStringSubmatch(lower)
		switch {
		case found == nil:
			return pack.Manifest{}, errors.New("neither the file nor its name says which year it is for")
		case found[1] != "":
			year = "20" + found[1]
		default:
			year = found[0]
		}
	}
	n := 0
	if _, err := fmt.Sscanf(year, "%d", &n); err != nil || n < 1990 || n > 2100 {
		return pack.Manifest{}, fmt.Errorf("%q is no year of an edition", year)
	}
	m := pack.Manifest{
		System: system, Name: fmt.Sprintf("FY%d", n),
		From: fmt.Sprintf("%d-10-01", n-1), To: fmt.Sprintf("%d-09-30", n),
	}
	m.Release = m.From
	if april.MatchString(lower) {
		m.Release = fmt.Sprintf("%d-04-01", n)
		if system == "icd10pcs" {
			m.From = m.Release // ICD-10-CM's updates of April replace those of October
		}
	}
	return m, nil
}
