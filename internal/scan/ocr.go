package scan

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// The bounds of reading words from an image.
const (
	ocrWidth  = 2200             // pixels: a letter page at 260 to the inch
	ocrLimit  = 90 * time.Second // for one page, all turns together
	fewWords  = 5                // a text layer with fewer is a stamp or a fax header
	unsure    = 55               // mean confidence below which another turn is tried
	sureTurn  = 1.5              // confidence from which the turn tesseract proposes is taken
	ocrOutput = 16 << 20         // of tesseract for one page, in bytes
)

// findTesseract gives the path of the program, "" where it is not installed.
func findTesseract(name string) string {
	if name == "-" {
		return ""
	}
	if name == "" {
		name = "tesseract"
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return ""
	}
	return path
}

// read reads the words of a page from its image. Pages that stand on their head or
// side are turned for it; the words come with boxes on the page as received.
func (s *Service) ocr(ctx context.Context, img *image.Gray) (pageWords, error) {
	ctx, cancel := context.WithTimeout(ctx, ocrLimit)
	defer cancel()
	turn, sure := s.orientation(ctx, img)
	best, confidence, err := s.recognise(ctx, img, turn)
	if err != nil {
		return pageWords{}, err
	}
	if sure || confidence >= unsure {
		return best, nil
	}
	// With few words on it, a page says its turn only by being read.
	for _, other := range []int{(turn + 180) % 360, (turn + 90) % 360, (turn + 270) % 360} {
		words, c, err := s.recognise(ctx, img, other)
		if err != nil {
			break // what was read already stands
		}
		if c*float64(len(words.list)) > 1.2*confidence*float64(len(best.list)) {
			best, confidence = words, c
		}
		if confidence >= unsure {
			break
		}
	}
	return best, nil
}

// orientation asks tesseract how far a page is to be turned clockwise.
func (s *Service) orientation(ctx context.Context, img *image.Gray) (turn int, sure bool) {
	out, err := s.tesseractRun(ctx, img, "--psm", "0")
	if err != nil {
		return 0, false // too few letters to tell
	}
	var confidence float64
	for line := range strings.Lines(string(out)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch name {
		case "Rotate":
			if n, err := strconv.Atoi(value); err == nil && n >= 0 && n <= 270 && n%90 == 0 {
				turn = n
			}
		case "Orientation confidence":
			confidence, _ = strconv.ParseFloat(value, 64) // 0 where it is none
		}
	}
	if confidence < sureTurn {
		return 0, false
	}
	return turn, true
}

// recognise reads a page at one turn. It gives the mean confidence of its words.
func (s *Service) recognise(ctx context.Context, img *image.Gray, turn int) (pageWords, float64, error) {
	upright, ok := turned(img, turn).(*image.Gray)
	if !ok {
		return pageWords{}, 0, errors.New("a turned page is gray")
	}
	out, err := s.tesseractRun(ctx, upright, "--psm", "3", "tsv")
	if err != nil {
		return pageWords{}, 0, err
	}
	words, confidence := readTSV(out)
	words.turn = turn
	for i := range words.list {
		words.list[i].Box = words.list[i].Box.Turned((360 - turn) % 360)
	}
	return words, confidence, nil
}

// tesseractRun gives an image to tesseract over its standard input and takes what
// it prints: nothing of the page is written to disk.
func (s *Service) tesseractRun(ctx context.Context, img *image.Gray, args ...string) ([]byte, error) {
	var in bytes.Buffer
	in.Grow(len(img.Pix) + 32)
	fmt.Fprintf(&in, "P5\n%d %d\n255\n", img.Rect.Dx(), img.Rect.Dy())
	for y := range img.Rect.Dy() {
		in.Write(img.Pix[y*img.Stride : y*img.Stride+img.Rect.Dx()])
	}
	// The program and its options are ours; the page is its input only.
	cmd := exec.CommandContext(ctx, s.tesseract, append([]string{"stdin", "stdout", "--dpi", "260"}, args...)...) //nolint:gosec // found on the path at the start; args are constants
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "OMP_THREAD_LIMIT=1"}
	if data := os.Getenv("TESSDATA_PREFIX"); data != "" {
		cmd.Env = append(cmd.Env, "TESSDATA_PREFIX="+data)
	}
	cmd.Stdin = &in
	out := limited{left: ocrOutput}
	cmd.Stdout = &out
	cmd.WaitDelay = time.Second
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("read the words of a page: %w", ctx.Err())
		}
		return nil, fmt.Errorf("read the words of a page: tesseract: %w", err)
	}
	return out.Bytes(), nil
}

// limited is a buffer that takes no more than so much.
type limited struct {
	bytes.Buffer

	left int
}

// Write implements io.Writer.
func (l *limited) Write(p []byte) (int, error) {
	if l.left -= len(p); l.left < 0 {
		return 0, errors.New("tesseract prints more than a page holds")
	}
	return l.Buffer.Write(p) //nolint:wrapcheck // a buffer does not fail
}

// readTSV reads what tesseract prints in its TSV form: a line for each page (level
// 1), block, paragraph, line and word (level 5), with its place in pixels. What has
// not that form is passed over.
func readTSV(out []byte) (pageWords, float64) {
	var b wordBuilder
	var width, height float64
	var block, paragraph, line string
	total, words := 0.0, 0
	for row := range strings.Lines(string(out)) {
		f := strings.Split(strings.TrimRight(row, "\r\n"), "\t")
		if len(f) < 12 {
			continue
		}
		left, top, w, h, ok := numbers(f[6:10])
		if !ok {
			continue
		}
		if f[0] == "1" {
			width, height = w, h
			continue
		}
		confidence, err := strconv.ParseFloat(f[10], 64)
		text := strings.TrimSpace(f[11])
		if f[0] != "5" || err != nil || text == "" || width <= 0 || height <= 0 {
			continue
		}
		switch {
		case f[2] != block, f[3] != paragraph:
			b.gap = "\n\n"
		case f[4] != line:
			b.gap = "\n"
		default:
			b.gap = " "
		}
		block, paragraph, line = f[2], f[3], f[4]
		at := area{1000 * left / width, 1000 * top / height, 1000 * (left + w) / width, 1000 * (top + h) / height}
		b.sure = min(100, max(1, int(confidence+0.5)))
		b.last = area{} // tesseract says itself where paragraphs are
		for _, r := range text {
			b.char(r, at)
		}
		b.end()
		total, words = total+confidence, words+1
	}
	if words == 0 {
		return pageWords{}, 0
	}
	return b.done(), total / float64(words)
}

func numbers(f []string) (a, b, c, d float64, ok bool) {
	var n [4]float64
	for i, s := range f {
		v, err := strconv.Atoi(s)
		if err != nil || v < 0 || v > 1_000_000 {
			return 0, 0, 0, 0, false
		}
		n[i] = float64(v)
	}
	return n[0], n[1], n[2], n[3], true
}
