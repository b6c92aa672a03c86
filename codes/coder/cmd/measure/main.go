// Command measure scores the coder on a file of documents with expected codes.
//
// Scoring: the expected codes are of an older edition. One that is only a
// header in the edition used, or was cut after its placeholder, counts as met
// by any billable code under it; one that no longer exists is left out.
package main

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"chartroom/codes/coder"
	"chartroom/codes/codeset"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type record struct {
	ID       string `json:"id"`
	Text     string `json:"text"`
	Setting  string `json:"setting"`
	Sex      string `json:"sex"`
	Expected struct {
		CM  []string `json:"icd10cm"`
		PCS []string `json:"icd10pcs"`
	} `json:"expected"`
}

// tally counts hits of one kind of code.
type tally struct{ tp, fp, fn int }

func (t *tally) String() string {
	p := float64(t.tp) / float64(max(t.tp+t.fp, 1))
	r := float64(t.tp) / float64(max(t.tp+t.fn, 1))
	f := 0.0
	if p+r > 0 {
		f = 2 * p * r / (p + r)
	}
	return fmt.Sprintf("P %.3f R %.3f F1 %.3f (tp %d fp %d fn %d)", p, r, f, t.tp, t.fp, t.fn)
}

func run(ctx context.Context, args []string, w io.Writer) error {
	out := &printer{w: w}
	flags := flag.NewFlagSet("measure", flag.ContinueOnError)
	codesets := flags.String("codesets", "", "folder of imported packs")
	misses := flags.Int("misses", 0, "list the codes most often wrong or missed")
	least := flags.Float64("least", coder.Offered, "lowest score taken")
	show := flags.String("show", "", "print the answer for one id")
	buckets := flags.Bool("buckets", false, "precision by score")
	dump := flags.Bool("dump", false, "print every candidate: id, right or wrong, score, code, reasons")
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("measure: %w", err)
	}
	lib := codeset.Embedded()
	if *codesets != "" {
		var err error
		if lib, err = lib.WithDir(*codesets); err != nil {
			return fmt.Errorf("measure: %w", err)
		}
	}
	engine := coder.New(lib)
	set, err := lib.Newest(codeset.ICD10CM)
	if err != nil {
		return fmt.Errorf("measure: %w", err)
	}
	m := meter{set: set, wrong: map[string]int{}, missed: map[string]int{}, right: map[string]int{}}
	for _, path := range flags.Args() {
		if err := eachRecord(path, func(r record) error {
			enc := coder.Encounter{ID: r.ID, Setting: coder.Setting(r.Setting), Age: -1, Sex: r.Sex, Documents: []coder.Document{{Text: r.Text}}}
			start := time.Now()
			res, err := engine.Suggest(ctx, enc, coder.Options{All: *least < coder.Offered || *buckets || *dump})
			if err != nil {
				return fmt.Errorf("%s: %w", r.ID, err)
			}
			if m.notes > 0 {
				m.took += time.Since(start)
				m.timed++
			}
			m.add(r, res, *least)
			if *dump {
				for _, c := range res.Codes {
					gold := r.Expected.CM
					if c.System == codeset.ICD10PCS {
						gold = r.Expected.PCS
					}
					out.printf("%s\t%t\t%.3f\t%s\t%s\n", r.ID, matches(gold, c.Code), c.Score, c.Code, strings.Join(c.Why, " > "))
				}
			}
			if *show == r.ID {
				printAnswer(out, r, res)
			}
			return nil
		}); err != nil {
			return err
		}
	}
	m.report(out, *misses, *buckets)
	return out.err
}

// printer keeps the first error of writing, so that it is looked at once.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) printf(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}

func eachRecord(path string, do func(record) error) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("measure: %w", err)
	}
	defer func() { _ = f.Close() }() // read only
	var in io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		if in, err = gzip.NewReader(f); err != nil {
			return fmt.Errorf("measure: %s: %w", path, err)
		}
	}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var r record
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return fmt.Errorf("measure: %s: %w", path, err)
		}
		if err := do(r); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("measure: %s: %w", path, err)
	}
	return nil
}

func printAnswer(out *printer, r record, res coder.Result) {
	out.printf("%s\n", r.Text)
	out.printf("expected: %v\n", r.Expected)
	for _, c := range res.Codes {
		out.printf("%.2f %-9s %-50.50s %s\n", c.Score, c.Code, c.Title, strings.Join(c.Why, " > "))
	}
	for _, q := range res.Questions {
		out.printf("? %s %s\n", q.About, q.Ask)
	}
}

// meter adds up the score over documents.
type meter struct {
	set                     *codeset.Set
	cm, cm3, px, px4, pxOwn tally
	wrong, missed, right    map[string]int
	bucket                  [20]tally
	notes, timed            int
	took                    time.Duration
}

func (m *meter) add(r record, res coder.Result, least float64) {
	m.notes++
	var cm, px []string
	for _, c := range res.Codes {
		if c.System == codeset.ICD10CM {
			m.bucket[min(int(c.Score*20), 19)].add(matches(r.Expected.CM, c.Code))
		}
		if c.Score < least {
			continue
		}
		switch c.System {
		case codeset.ICD10CM:
			cm = append(cm, c.Code)
		case codeset.ICD10PCS:
			px = append(px, c.Code)
		case codeset.HCPCS: // none expected
		}
	}
	var gold []string
	for _, g := range r.Expected.CM {
		if g = m.current(g); g != "" && !slices.Contains(gold, g) {
			gold = append(gold, g)
		}
	}
	m.cm.score(gold, cm, func(g, c string) bool { return strings.HasPrefix(plain(c), plain(g)) }, m)
	m.cm3.score(cut(r.Expected.CM, 3), cut(cm, 3), func(g, c string) bool { return g == c }, nil)
	m.px.score(r.Expected.PCS, px, strings.EqualFold, nil)
	m.pxOwn.score(r.Expected.PCS, px, func(g, c string) bool { return strings.HasPrefix(c, strings.ToUpper(g)) }, nil)
	m.px4.score(cut(r.Expected.PCS, 4), cut(px, 4), strings.EqualFold, nil)
}

func matches(gold []string, code string) bool {
	for _, g := range gold {
		if strings.HasPrefix(plain(code), plain(g)) || strings.HasPrefix(plain(code), strings.TrimRight(plain(g), "X")) && strings.HasSuffix(g, "X") {
			return true
		}
	}
	return false
}

func (t *tally) add(hit bool) {
	if hit {
		t.tp++
	} else {
		t.fp++
	}
}

// current gives an expected code as today's edition has it, "" if it is gone.
func (m *meter) current(g string) string {
	if _, ok := m.set.Code(g); ok {
		return g
	}
	for trimmed := g; strings.HasSuffix(trimmed, "X") || strings.HasSuffix(trimmed, "."); {
		trimmed = strings.TrimSuffix(strings.TrimSuffix(trimmed, "X"), ".")
		if _, ok := m.set.Code(trimmed); ok {
			return trimmed
		}
	}
	return ""
}

func plain(code string) string { return strings.ReplaceAll(code, ".", "") }

func cut(codes []string, n int) []string {
	var out []string
	for _, c := range codes {
		if c = strings.ToUpper(plain(c)); len(c) >= n && !slices.Contains(out, c[:n]) {
			out = append(out, c[:n])
		}
	}
	return out
}

// score counts each gold code as met by at most one answer and each answer as
// right if it meets any.
func (t *tally) score(gold, codes []string, same func(g, c string) bool, m *meter) {
	for _, g := range gold {
		if !slices.ContainsFunc(codes, func(c string) bool { return same(g, c) }) {
			t.fn++
			if m != nil {
				m.missed[g]++
			}
		}
	}
	for _, c := range codes {
		if slices.ContainsFunc(gold, func(g string) bool { return same(g, c) }) {
			t.tp++
			if m != nil {
				m.right[c]++
			}
		} else {
			t.fp++
			if m != nil {
				m.wrong[c]++
			}
		}
	}
}

func (m *meter) report(out *printer, misses int, buckets bool) {
	out.printf("%d documents\n", m.notes)
	out.printf("%-19s %v\n", "ICD-10-CM full", &m.cm)
	out.printf("%-19s %v\n", "ICD-10-CM 3 chars", &m.cm3)
	out.printf("%-19s %v\n", "ICD-10-PCS full", &m.px)
	out.printf("%-19s %v\n", "ICD-10-PCS 4 chars", &m.px4)
	out.printf("%-19s %v\n", "ICD-10-PCS own", &m.pxOwn)
	if m.timed > 0 {
		out.printf("%.0f notes/s on one core\n", float64(m.timed)/m.took.Seconds())
	}
	if buckets {
		for i, b := range m.bucket {
			if b.tp+b.fp > 0 {
				out.printf("score %.2f: %5d of %5d right, %.2f\n", float64(i)/20, b.tp, b.tp+b.fp, float64(b.tp)/float64(b.tp+b.fp))
			}
		}
	}
	if misses > 0 {
		out.printf("\nmost often wrong (wrong/right)\n")
		for _, c := range top(m.wrong, misses) {
			e, _ := m.set.Code(c)
			out.printf("%4d/%-4d %-9s %s\n", m.wrong[c], m.right[c], c, e.Title)
		}
		out.printf("\nmost often missed\n")
		for _, c := range top(m.missed, misses) {
			e, _ := m.set.Code(c)
			out.printf("%4d %-9s %s\n", m.missed[c], c, e.Title)
		}
	}
}

func top(counts map[string]int, n int) []string {
	codes := make([]string, 0, len(counts))
	for c := range counts {
		codes = append(codes, c)
	}
	slices.SortFunc(codes, func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	return codes[:min(n, len(codes))]
}
