package ccda

import (
	"bytes"
	"cmp"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"io"
)

// Attachment is a body that is no XML: a PDF, an image, a text in another format.
type Attachment struct {
	MediaType string
	Reference string // where the bytes lie if they are not in the document
	Data      []byte
	// Fault says why there are no Data though the document holds some; "" for
	// none.
	Fault string
}

// maxUnpacked bounds what a compressed body may unpack to, and maxRatio how many
// times its size that may be.
const (
	maxUnpacked = 256 << 20
	maxRatio    = 250
)

func (d *Document) attachment(body el) *Attachment {
	e := body.get("text")
	a := &Attachment{MediaType: cmp.Or(e.attr("mediaType"), "application/octet-stream"), Reference: e.get("reference").attr("value")}
	if e.attr("representation") != "B64" {
		if words := e.words(); a.Reference == "" && words != "" {
			a.Data = []byte(verbatim(e))
			if e.attr("mediaType") == "" {
				a.MediaType = "text/plain"
			}
		}
		return a
	}
	if a.Reference != "" {
		return a
	}
	data, err := base64.StdEncoding.DecodeString(compact(verbatim(e)))
	if err != nil {
		a.Fault = "the body is not base64"
		return a
	}
	a.Data, a.Fault = inflate(data, e.attr("compression"))
	return a
}

// verbatim are an element's own words as they stand.
func verbatim(e el) string {
	end := e.node().next
	if end == e.i+2 {
		if n := &e.x.nodes[e.i+1]; n.kind != element {
			return e.x.run(n)
		}
	}
	var out []byte
	for i := e.i + 1; i < end; i++ {
		if n := &e.x.nodes[i]; n.kind != element {
			out = append(out, e.x.run(n)...)
		}
	}
	return string(out)
}

// compact leaves out white space.
func compact(s string) string {
	out := make([]byte, 0, len(s))
	for i := range len(s) {
		if !isBlank(s[i]) {
			out = append(out, s[i])
		}
	}
	return string(out)
}

// inflate unpacks by the codes of ED.compression.
func inflate(data []byte, how string) ([]byte, string) {
	var r io.Reader
	var err error
	src := bytes.NewReader(data)
	switch how {
	case "":
		return data, ""
	case "DF":
		r = flate.NewReader(src)
	case "GZ":
		r, err = gzip.NewReader(src)
	case "ZL":
		r, err = zlib.NewReader(src)
	default:
		return nil, "the body is compressed in a way that is not read"
	}
	if err != nil {
		return nil, "the body cannot be unpacked"
	}
	limit := min(maxUnpacked, max(1<<20, len(data)*maxRatio))
	out, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	switch {
	case err != nil:
		return nil, "the body cannot be unpacked"
	case len(out) > limit:
		return nil, "the body unpacks to far more than it came as"
	}
	return out, ""
}
