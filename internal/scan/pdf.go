package scan

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"reflect"
	"sync"
	"time"

	"github.com/klippa-app/go-pdfium"
	pdfiumerrors "github.com/klippa-app/go-pdfium/errors"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// The bounds of drawing PDF files.
const (
	drawers     = 2                // files open at a time
	drawMemory  = 16384            // of one, in pages of 64 KiB: 1 GiB
	openLimit   = 30 * time.Second // to open a file
	drawLimit   = 20 * time.Second // to draw or read one page
	drawerIdle  = 2 * time.Minute  // after which an open file is let go
	drawerReuse = 64 << 20         // a larger file's memory is given back when another is opened
)

// engine draws and reads PDF files with PDFium, which runs as WebAssembly: it has
// no access to files, network or memory of ours, and is stopped where it takes too
// long. It is compiled when the first PDF comes (about 1.5 s) and shared. Of its
// drawers each has one file open.
type engine struct {
	once  sync.Once
	pool  pdfium.Pool
	err   error
	seats chan struct{} // one for each drawer

	mu   sync.Mutex
	free []*drawer // not in use; the one used last is last
}

// drawer is an instance of PDFium with the file it has open.
type drawer struct {
	pdf      pdfium.Pdfium
	module   api.Module
	file     string // id of the scan, "" for none
	document references.FPDF_DOCUMENT
	size     int
	used     time.Time
}

func newEngine() *engine { return &engine{seats: make(chan struct{}, drawers)} }

// start compiles PDFium, once.
func (e *engine) start() error {
	e.once.Do(func() {
		e.pool, e.err = webassembly.Init(webassembly.Config{
			MaxIdle: drawers, MaxTotal: 2 * drawers, FSConfig: wazero.NewFSConfig(), Stdout: io.Discard, Stderr: io.Discard,
			// Without the first a page that never ends could not be stopped; it costs
			// four fifths of the speed.
			RuntimeConfig: wazero.NewRuntimeConfig().WithCloseOnContextDone(true).WithMemoryLimitPages(drawMemory),
		})
	})
	if e.err != nil {
		return fmt.Errorf("start PDFium: %w", e.err)
	}
	return nil
}

// use has fn work on a file, opening it if it is not. load gives its bytes.
func (e *engine) use(ctx context.Context, file string, load func() ([]byte, error), limit time.Duration, fn func(*drawer) error) error {
	if err := e.start(); err != nil {
		return err
	}
	select {
	case e.seats <- struct{}{}:
		defer func() { <-e.seats }()
	case <-ctx.Done():
		return fmt.Errorf("wait to draw a page: %w", ctx.Err())
	}
	d, err := e.drawerOf(file)
	if err != nil {
		return err
	}
	if d.file != file || file == "" {
		raw, err := load()
		if err != nil {
			e.giveBack(d, nil)
			return err
		}
		if err := d.watch(openLimit, func() error { return d.open(file, raw) }); err != nil { //nolint:contextcheck // what runs out of time is ended, whatever became of the caller
			e.giveBack(d, err)
			return err
		}
	}
	err = d.watch(limit, func() error { return fn(d) }) //nolint:contextcheck // the same
	e.giveBack(d, err)
	return err
}

// drawerOf takes the drawer that has the file open, else the one unused longest,
// or a new one.
func (e *engine) drawerOf(file string) (*drawer, error) {
	e.mu.Lock()
	at := -1
	for i, d := range e.free {
		if d.file == file && file != "" {
			at = i
		}
	}
	if at < 0 && len(e.free) >= drawers {
		at = 0
	}
	var d *drawer
	if at >= 0 {
		d = e.free[at]
		e.free = append(e.free[:at], e.free[at+1:]...)
	}
	e.mu.Unlock()
	if d != nil && (d.file == file || d.size <= drawerReuse) {
		return d, nil
	}
	if d != nil {
		d.end()
	}
	pdf, err := e.pool.GetInstance(openLimit)
	if err != nil {
		return nil, fmt.Errorf("start PDFium: %w", err)
	}
	module, ok := reflect.TypeAssert[api.Module](reflect.Indirect(reflect.ValueOf(pdf.GetImplementation())).FieldByName("Module"))
	if !ok {
		return nil, errors.New("start PDFium: its module is not to be found")
	}
	return &drawer{pdf: pdf, module: module}, nil
}

// giveBack keeps a drawer for the next page, unless what it did failed in a way
// that may have left it unsound.
func (e *engine) giveBack(d *drawer, err error) {
	var no *RefusedError
	if err != nil && !errors.As(err, &no) {
		d.end()
		return
	}
	d.used = time.Now()
	e.mu.Lock()
	e.free = append(e.free, d)
	e.mu.Unlock()
	time.AfterFunc(drawerIdle, e.sweep)
}

// sweep lets go of what was not used for a while.
func (e *engine) sweep() {
	e.mu.Lock()
	var kept, idle []*drawer
	for _, d := range e.free {
		if time.Since(d.used) >= drawerIdle {
			idle = append(idle, d)
		} else {
			kept = append(kept, d)
		}
	}
	e.free = kept
	e.mu.Unlock()
	for _, d := range idle {
		d.end()
	}
}

// end closes the instance and gives its memory back.
func (d *drawer) end() {
	_ = d.pdf.Close() // of one that was stopped: it is closed already
}

// watch runs fn and stops the instance when it takes longer than limit.
func (d *drawer) watch(limit time.Duration, fn func() error) error {
	stopped := make(chan struct{})
	timer := time.AfterFunc(limit, func() {
		close(stopped)
		_ = d.module.CloseWithExitCode(context.Background(), 1)
	})
	err := fn()
	if !timer.Stop() {
		<-stopped
		return ErrTimeout
	}
	return err
}

// open opens a file in place of the one that was open.
func (d *drawer) open(file string, raw []byte) error {
	if d.document != "" {
		_, err := d.pdf.FPDF_CloseDocument(&requests.FPDF_CloseDocument{Document: d.document})
		if err != nil {
			return fmt.Errorf("close a PDF: %w", err)
		}
		d.file, d.document, d.size = "", "", 0
	}
	opened, err := d.pdf.OpenDocument(&requests.OpenDocument{File: &raw})
	if err != nil {
		return pdfFault(err)
	}
	d.file, d.document, d.size = file, opened.Document, len(raw)
	return nil
}

// pdfFault says why PDFium does not open a file or page.
func pdfFault(err error) error {
	switch {
	case errors.Is(err, pdfiumerrors.ErrPassword):
		return refused("the PDF is encrypted; send it without its password")
	case errors.Is(err, pdfiumerrors.ErrSecurity):
		return refused("the PDF is encrypted in a way that is not read")
	case errors.Is(err, pdfiumerrors.ErrFormat), errors.Is(err, pdfiumerrors.ErrFile), errors.Is(err, pdfiumerrors.ErrUnknown):
		return refused("the PDF is damaged and cannot be opened")
	case errors.Is(err, pdfiumerrors.ErrPage):
		return refused("the page is damaged and cannot be drawn")
	}
	return fmt.Errorf("PDFium: %w", err)
}

// size of a page in points (1/72 inch), turned as the file says.
type size struct{ w, h float64 }

// pdfSizes opens a file and gives the size of each of its pages.
func (e *engine) pdfSizes(ctx context.Context, file string, raw []byte) ([]size, error) {
	var sizes []size
	err := e.use(ctx, file, func() ([]byte, error) { return raw, nil }, openLimit, func(d *drawer) error {
		count, err := d.pdf.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: d.document})
		if err != nil {
			return pdfFault(err)
		}
		if count.PageCount > MaxPages {
			return tooMany()
		}
		for i := range count.PageCount {
			// What cannot be measured is a page all the same.
			at := size{}
			got, err := d.pdf.FPDF_GetPageSizeByIndex(&requests.FPDF_GetPageSizeByIndex{Document: d.document, Index: i})
			if err == nil && got.Width > 0 && got.Height > 0 {
				at = size{got.Width, got.Height}
			}
			sizes = append(sizes, at)
		}
		return nil
	})
	return sizes, err
}

// pdfPage draws a page, counted from 1, w pixels wide and h high.
func (e *engine) pdfPage(ctx context.Context, file string, load func() ([]byte, error), page, w, h int) (image.Image, error) {
	var img image.Image
	err := e.use(ctx, file, load, drawLimit, func(d *drawer) error {
		got, err := d.pdf.RenderPageInPixels(&requests.RenderPageInPixels{
			Page: d.page(page), Width: w, Height: h, RenderFlags: drawFlags,
		})
		if err != nil {
			return pdfFault(err)
		}
		defer got.Cleanup()
		if g := grayed(got.Result.Image); g != nil {
			img = g
			return nil
		}
		own := *got.Result.Image // its pixels lie in PDFium's memory
		own.Pix = append([]byte(nil), own.Pix...)
		img = &own
		return nil
	})
	return img, err
}

// drawFlags: annotations (stamps, signatures) are part of what was received.
const drawFlags = 0x01

func (d *drawer) page(n int) requests.Page {
	return requests.Page{ByIndex: &requests.PageByIndex{Document: d.document, Index: n - 1}}
}

// close ends all that is idle; what is in use ends with its page.
func (e *engine) close() {
	e.mu.Lock()
	idle := e.free
	e.free = nil
	e.mu.Unlock()
	for _, d := range idle {
		d.end()
	}
}

// has says whether a file is open, so that its bytes need not be brought.
func (e *engine) has(file string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, d := range e.free {
		if d.file == file {
			return true
		}
	}
	return false
}
