package intake

import (
	"archive/zip"
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"chartroom/internal/scan"
)

// The limits of what a compressed file may unpack to. A file that unpacks to
// more than freeSize may be at most maxRatio times as large as it came.
const (
	freeSize   = 64 << 20
	maxRatio   = 250
	maxMembers = 100_000
	sniffSize  = 64 << 10
)

// piece is one stream to be read: a file, or a member of an archive.
type piece struct {
	file   int    // index of the file it belongs to
	prefix string // of places in it: "" or "member 3 (a.json), "
	name   string
	open   func() (io.ReadCloser, error)
	format string // "hl7v2", "fhir", "ndjson", "text", "ccda", "csv", "scan"; "" with why where it cannot be read
	why    string
	rank   int
}

// expand lists the files that a path stands for: itself, or all in a folder.
func expand(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("cannot be opened: %w", err)
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	var files []string
	err = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case strings.HasPrefix(d.Name(), ".") && p != path:
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		case d.Type().IsRegular():
			files = append(files, p)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("folder cannot be read: %w", err)
	}
	slices.Sort(files)
	return files, nil
}

// pieces lists the streams of a file. Rejections are members that are not read.
func pieces(path string, file int) ([]piece, []Rejection, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("cannot be opened: %w", err)
	}
	var magic [4]byte
	n, _ := io.ReadFull(f, magic[:]) // a shorter file is no archive
	if err := f.Close(); err != nil {
		return nil, nil, fmt.Errorf("cannot be closed: %w", err)
	}
	if bytes.HasPrefix(magic[:n], []byte("PK\x03\x04")) || bytes.HasPrefix(magic[:n], []byte("PK\x05\x06")) {
		return members(path, file)
	}
	p := piece{file: file, name: filepath.Base(path), open: func() (io.ReadCloser, error) { return openFile(path) }}
	p.sniff()
	return []piece{p}, nil, nil
}

// openFile opens a file, unpacking gzip.
func openFile(path string) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("cannot be opened: %w", err)
	}
	r, err := unpack(f)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return readCloser{r, f}, nil
}

type readCloser struct {
	io.Reader
	io.Closer
}

// unpack reads gzip if it is, within the limits.
func unpack(src io.Reader) (io.Reader, error) {
	in := &countingReader{r: src}
	b := bufio.NewReaderSize(in, 1<<16)
	magic, _ := b.Peek(2) // a shorter file is not gzip
	if !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		return b, nil
	}
	z, err := gzip.NewReader(b)
	if err != nil {
		return nil, errors.New("the gzip header cannot be read")
	}
	return &boundedReader{r: z, in: in}, nil
}

type countingReader struct {
	r io.Reader
	n int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err //nolint:wrapcheck // a reader hands on its source's error as it is
}

// errBomb is returned for what unpacks to far more than it came as.
var errBomb = fmt.Errorf("it unpacks to more than %d times its size", maxRatio)

// boundedReader reads what is unpacked, within maxRatio.
type boundedReader struct {
	r   io.Reader
	in  *countingReader // what it is unpacked from
	out int64
}

func (b *boundedReader) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.out += int64(n)
	if b.out > freeSize && b.out > maxRatio*b.in.n {
		return 0, errBomb
	}
	if err != nil && !errors.Is(err, io.EOF) {
		// The messages of the unpackers name bytes and checksums, no content.
		return n, fmt.Errorf("it cannot be unpacked after %d bytes: %w", b.out, err)
	}
	return n, err //nolint:wrapcheck // io.EOF is handed on as it is
}

// members lists what is in a zip archive. Nothing is written to disk, so a name
// can do no harm; what carries a hostile one is refused all the same.
func members(path string, file int) ([]piece, []Rejection, error) {
	archive, err := zip.OpenReader(path)
	if err != nil {
		return nil, []Rejection{{Place: "archive", Reason: "the zip archive cannot be read: " + zipFault(err)}}, nil
	}
	defer func() { _ = archive.Close() }()
	if len(archive.File) > maxMembers {
		return nil, []Rejection{{Place: "archive", Reason: fmt.Sprintf("it has more than %d members", maxMembers)}}, nil
	}
	var all []piece
	var rejected []Rejection
	for i, m := range archive.File {
		if m.FileInfo().IsDir() || strings.HasPrefix(m.Name, "__MACOSX/") {
			continue
		}
		name := printable(m.Name)
		place := fmt.Sprintf("member %d (%s)", i+1, name)
		if why := refuseMember(m); why != "" {
			rejected = append(rejected, Rejection{Place: place, Reason: why})
			continue
		}
		index := i
		p := piece{file: file, name: name, prefix: place + ", ", open: func() (io.ReadCloser, error) { return openMember(path, index) }}
		p.sniff()
		all = append(all, p)
	}
	return all, rejected, nil
}

func refuseMember(m *zip.File) string {
	clean := strings.ReplaceAll(m.Name, "\\", "/")
	switch {
	case strings.HasPrefix(clean, "/"), strings.ContainsRune(clean, ':'), slices.Contains(strings.Split(clean, "/"), ".."):
		return "its name leads out of the archive"
	case strings.ContainsRune(m.Name, 0), !utf8.ValidString(m.Name) && !m.NonUTF8:
		return "its name holds bytes that no name has"
	case !m.Mode().IsRegular():
		return "it is a link or a device, not a file"
	case m.Flags&1 != 0:
		return "it is encrypted"
	}
	return ""
}

func zipFault(err error) string {
	switch {
	case errors.Is(err, zip.ErrFormat):
		return "not a valid zip file"
	case errors.Is(err, zip.ErrChecksum):
		return "checksum error"
	case errors.Is(err, zip.ErrAlgorithm):
		return "a compression that is not read"
	}
	return "it is damaged"
}

func printable(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == utf8.RuneError {
			return '_'
		}
		return r
	}, name)
	if len(name) > 200 {
		name = strings.ToValidUTF8(name[:200], "")
	}
	return name
}

// openMember opens one member of an archive, each on a file of its own, so that
// members can be read side by side.
func openMember(path string, index int) (io.ReadCloser, error) {
	archive, err := zip.OpenReader(path)
	if err != nil {
		return nil, errors.New("the zip archive cannot be read: " + zipFault(err))
	}
	m := archive.File[index]
	r, err := m.Open()
	if err != nil {
		return nil, errors.Join(errors.New("it cannot be unpacked: "+zipFault(err)), archive.Close())
	}
	// What the archive says of the compressed size is checked by its reader.
	in := &countingReader{n: int64(min(m.CompressedSize64, 1<<62))}
	inner, err := unpack(&boundedReader{r: r, in: in})
	if err != nil {
		return nil, errors.Join(err, r.Close(), archive.Close())
	}
	return readCloser{inner, closers{r, archive}}, nil
}

type closers []io.Closer

func (c closers) Close() error {
	var errs []error
	for _, x := range c {
		errs = append(errs, x.Close())
	}
	return errors.Join(errs...)
}

// sniff looks at the beginning of a piece: what format it has, and in what order
// it is to be read.
func (p *piece) sniff() {
	r, err := p.open()
	if err != nil {
		p.why = faultOf(err)
		return
	}
	head := make([]byte, sniffSize)
	n, err := io.ReadFull(r, head)
	_ = r.Close()
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		p.why = faultOf(err)
		return
	}
	p.format, p.why = formatOf(p.name, head[:n])
	p.rank = rankOf(p.format, head[:n])
}

// formatOf tells the format of a file by its beginning, its name only deciding
// between JSON and JSON lines.
func formatOf(name string, head []byte) (format, why string) {
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n\x0b")
	name = strings.TrimSuffix(strings.ToLower(name), ".gz")
	switch {
	case len(text) == 0:
		return "", "the file is empty"
	case isScan(name, head):
		return FormatScan, ""
	case hasAny(text, "MSH", "FHS", "BHS"):
		return FormatHL7, ""
	case text[0] == '{':
		if strings.HasSuffix(name, ".ndjson") || strings.HasSuffix(name, ".jsonl") || linesOfJSON(text) {
			return "ndjson", ""
		}
		return FormatFHIR, ""
	case text[0] == '[':
		return "", "a JSON array is neither a FHIR resource nor lines of them"
	case hasAny(text, "PK\x03\x04", "\x1f\x8b"):
		return "", "an archive within an archive is not opened"
	case text[0] == '<', hasAny(head, "\xff\xfe<\x00", "\xfe\xff\x00<", "\x00<\x00"):
		return FormatCCDA, ""
	case hasAny(text, "\xff\xfe", "\xfe\xff"):
		return "", "UTF-16 is not read; send UTF-8"
	case bytes.IndexByte(head, 0) >= 0:
		return "", cmp.Or(scan.Unfit(name, "", head), "it holds NUL bytes")
	case noteHeader.Match(text):
		return FormatText, ""
	}
	if h, ok := readListHead(text); ok {
		return FormatCSV, h.why
	}
	if why := scan.Unfit(name, "", head); why != "" {
		return "", why
	}
	if looksLikeList(name, text) {
		return "", whyNoList
	}
	return "", "it is no format that is read: FHIR JSON, NDJSON, HL7 v2, C-CDA, a list in CSV, a scan (PDF, TIFF, PNG, JPEG), or a note with a Record-Number line"
}

func hasAny(b []byte, prefixes ...string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return bytes.HasPrefix(b, []byte(p)) })
}

// linesOfJSON reports whether the first line is a whole object and another
// follows it.
func linesOfJSON(text []byte) bool {
	first, rest, ok := bytes.Cut(text, []byte{'\n'})
	first, rest = bytes.TrimSpace(first), bytes.TrimSpace(rest)
	return ok && bytes.HasSuffix(first, []byte("}")) && len(rest) > 0 && rest[0] == '{'
}

// rankOf puts what others refer to first: patients, then who and where, then
// encounters, then the rest. Pieces of one rank keep their order.
func rankOf(format string, head []byte) int {
	if format == FormatCSV {
		return listRank(head)
	}
	if format != "ndjson" {
		return 0
	}
	first, _, _ := bytes.Cut(head, []byte{'\n'})
	for rank, types := range [][]string{
		{"Patient"}, {"Organization", "Practitioner", "PractitionerRole", "Location"}, {"Encounter"},
	} {
		for _, t := range types {
			if bytes.Contains(first, []byte(`"resourceType":"`+t+`"`)) || bytes.Contains(first, []byte(`"resourceType": "`+t+`"`)) {
				return rank
			}
		}
	}
	return 3
}

// listRank is the order of lists: patients, then encounters, then what refers to
// both.
func listRank(head []byte) int {
	h, ok := readListHead(head)
	switch {
	case ok && h.kind.name == "patients":
		return 0
	case ok && h.kind.name == "encounters":
		return 2
	}
	return 3
}

// faultOf is what is wrong with a file, without its name.
func faultOf(err error) string {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Op + ": " + p.Err.Error()
	}
	return err.Error()
}
