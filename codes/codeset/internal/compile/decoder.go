package compile

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
)

// MaxExpanded bounds what one published file may expand to; the largest real
// one has 15 MB.
const MaxExpanded = 64 << 20

// ErrTooLarge is returned for a file that expands beyond MaxExpanded.
var ErrTooLarge = errors.New("expands to more than 64 MB")

// decoder reads XML with a bound on its size. Document type declarations are
// refused, so no entity can be defined, let alone expand.
type decoder struct {
	xml *xml.Decoder
}

func newDecoder(r io.Reader) *decoder {
	d := xml.NewDecoder(&boundedReader{r: r, left: MaxExpanded})
	return &decoder{xml: d}
}

// Token returns the next token; a document type declaration is an error.
func (d *decoder) Token() (xml.Token, error) {
	tok, err := d.xml.Token()
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller adds the line
	}
	if directive, ok := tok.(xml.Directive); ok && len(directive) >= 7 && string(directive[:7]) == "DOCTYPE" {
		return nil, errors.New("document type declarations are not accepted")
	}
	return tok, nil
}

// wrap adds the line that was reached.
func (d *decoder) wrap(err error) error {
	line, _ := d.xml.InputPos()
	if syntax, ok := errors.AsType[*xml.SyntaxError](err); ok {
		return fmt.Errorf("line %d: %s", syntax.Line, syntax.Msg)
	}
	return fmt.Errorf("line %d: %w", line, err)
}

// boundedReader fails once more than left bytes were read, where io.LimitReader
// would pretend that the file had ended.
type boundedReader struct {
	r    io.Reader
	left int64
}

func (b *boundedReader) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, ErrTooLarge
	}
	if int64(len(p)) > b.left {
		p = p[:b.left]
	}
	n, err := b.r.Read(p)
	b.left -= int64(n)
	return n, err //nolint:wrapcheck // a reader passes io.EOF on as it is
}
