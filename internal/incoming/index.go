package incoming

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/scan"
	"chartroom/internal/seal"
	"chartroom/internal/work"
)

// Indexing says what pages are: one document of one encounter.
type Indexing struct {
	Pages     []PageRef // what it shows, in order; of one scan or several
	Blank     []PageRef // pages set aside with it, because nothing is on them
	Record    string    // the patient chosen
	Encounter string
	Type      string
	Date      string // day of the paper, YYYY-MM-DD; "" takes the day of the encounter
	Author    string // as written on it, "" unknown
	Signed    bool
	Confirm   string // why it is stored though its words name another patient
}

// Indexed is what became of an Indexing.
type Indexed struct {
	Document string
	Record   string
	Version  int
	Left     int // pages of its first scan that still wait
}

// maxTyped bounds a line that a person types, in bytes.
const maxTyped = 400

// Index makes a document of pages that wait. Where their words name another
// patient than the one chosen, and Confirm is empty, it is ErrOtherPatient.
// Errors: ErrTaken where a page does not wait, ErrBadInput.
func (s *Service) Index(ctx context.Context, actor gate.Actor, in Indexing) (Indexed, error) {
	if err := in.check(); err != nil {
		return Indexed{}, err
	}
	read, err := s.readFor(ctx, actor, in)
	if err != nil {
		return Indexed{}, fmt.Errorf("index: %w", err)
	}
	if read.other && strings.TrimSpace(in.Confirm) == "" {
		return Indexed{}, ErrOtherPatient
	}
	var out Indexed
	err = s.gate.Change(ctx, actor, ActionIndex, gate.Encounter("", in.Encounter), func(tx *gate.Tx) error {
		out = Indexed{}
		enc, err := s.place(ctx, tx, in.Record, in.Encounter)
		if err != nil {
			return err
		}
		leaves := slices.Clone(read.leaves)
		if err := s.fresh(ctx, tx, leaves, read.pending); err != nil {
			return err
		}
		d := in.document(enc, tx, s.zone)
		d = bound(d, leaves)
		if err := s.put(ctx, tx, d); err != nil {
			return err
		}
		if err := s.take(ctx, tx, leaves.refs(), d, false); err != nil {
			return err
		}
		if err := s.aside(ctx, tx, in.Blank, pageBlank); err != nil {
			return err
		}
		confirmed, err := s.confirmation(ctx, tx, enc.Record, d.ID, in.Confirm)
		if err != nil {
			return err
		}
		row := documentRow{id: d.ID, record: enc.Record, encounter: enc.ID, state: documentStands, sheets: len(leaves), confirmed: confirmed}
		if err := putDocumentRow(ctx, tx, row); err != nil {
			return err
		}
		left, err := s.settle(ctx, tx, append(slices.Clone(in.Pages), in.Blank...), read.scans)
		if err != nil {
			return err
		}
		tx.Detail("sheets", strconv.Itoa(len(leaves)))
		if read.other {
			tx.Detail("names-another-patient", "confirmed")
		}
		out = Indexed{Document: d.ID, Record: enc.Record, Version: 1, Left: left}
		return nil
	})
	if err != nil {
		return Indexed{}, fmt.Errorf("index: %w", err)
	}
	return out, nil
}

func (in Indexing) check() error {
	if len(in.Pages) == 0 {
		return fmt.Errorf("%w: a document shows at least one page", ErrBadInput)
	}
	if in.Encounter == "" {
		return fmt.Errorf("%w: choose an encounter", ErrBadInput)
	}
	if strings.TrimSpace(in.Type) == "" || len(in.Type) > maxTyped || len(in.Author) > maxTyped || len(in.Confirm) > maxTyped {
		return fmt.Errorf("%w: a document has a type; type, author and reason have at most %d characters", ErrBadInput, maxTyped)
	}
	if in.Date != "" {
		if _, err := time.Parse(time.DateOnly, in.Date); err != nil {
			return fmt.Errorf("%w: a date is written YYYY-MM-DD", ErrBadInput)
		}
	}
	if err := checkIDs(in.Record, in.Encounter); err != nil {
		return err
	}
	seen := map[pageKey]bool{}
	for _, p := range append(slices.Clone(in.Pages), in.Blank...) {
		if p.Scan == "" || p.Page < 1 || !uprightTurn(p.Turn) {
			return fmt.Errorf("%w: a page has a scan, a number from 1 and a turn of 0, 90, 180 or 270", ErrBadInput)
		}
		if err := checkIDs(p.Scan); err != nil {
			return err
		}
		if seen[p.key()] {
			return fmt.Errorf("%w: page %d is named twice", ErrBadInput, p.Page)
		}
		seen[p.key()] = true
	}
	return nil
}

// pagesRead is what was read of pages before they are indexed, outside of the
// action that stores them, which others wait for.
type pagesRead struct {
	leaves  sheaf
	pending []int // leaves whose words nobody had looked for yet
	scans   map[string]scan.Scan
	other   bool // the words name another patient
}

func (s *Service) readFor(ctx context.Context, actor gate.Actor, in Indexing) (pagesRead, error) {
	var out pagesRead
	err := s.gate.Read(ctx, actor, ActionRead, gate.Department(), func(tx *gate.Tx) error {
		out = pagesRead{scans: map[string]scan.Scan{}}
		texts, err := s.texts(ctx, tx, append(slices.Clone(in.Pages), in.Blank...), out.scans)
		if err != nil {
			return err
		}
		var words []pageWords
		for i, p := range in.Pages {
			t := texts[p.key()]
			if t.State == scan.Pending {
				out.pending = append(out.pending, i)
			}
			out.leaves = append(out.leaves, leaf{p, t.Text})
			words = append(words, readPage(p.Page, t.Text, tx.Now()))
		}
		patient, err := s.chosen(ctx, tx, in)
		if err != nil {
			return err
		}
		named, err := s.namedTx(ctx, tx, words)
		if err != nil {
			return err
		}
		out.other = len(otherPages(named, patient.Person, words)) > 0
		return nil
	})
	return out, err
}

// chosen is the patient that a person chose.
func (s *Service) chosen(ctx context.Context, tx *gate.Tx, in Indexing) (chart.Patient, error) {
	enc, err := s.place(ctx, tx, in.Record, in.Encounter)
	if err != nil {
		return chart.Patient{}, err
	}
	return s.chart.PatientTx(ctx, tx, enc.Record)
}

// texts reads the words of pages, and what is known of their scans.
func (s *Service) texts(ctx context.Context, tx *gate.Tx, pages []PageRef, scans map[string]scan.Scan) (map[pageKey]scan.PageText, error) {
	bounds := map[string][2]int{}
	for _, p := range pages {
		b, seen := bounds[p.Scan]
		if !seen {
			b = [2]int{p.Page, p.Page}
		}
		bounds[p.Scan] = [2]int{min(b[0], p.Page), max(b[1], p.Page)}
	}
	out := map[pageKey]scan.PageText{}
	for id, b := range bounds {
		sc, _, err := s.scan.ScanTx(ctx, tx, id)
		if err != nil {
			return nil, err
		}
		if b[1] > sc.Pages {
			return nil, fmt.Errorf("%w: the scan has no page %d", ErrBadInput, b[1])
		}
		scans[id] = sc
		list, err := s.scan.WordsTx(ctx, tx, id, b[0], b[1])
		if err != nil {
			return nil, err
		}
		for _, t := range list {
			out[pageKey{id, t.Number}] = t
		}
	}
	return out, nil
}

// fresh reads again the words of pages that nobody had looked for when they were
// first read: they may have been found since, and nobody would tell.
func (s *Service) fresh(ctx context.Context, tx *gate.Tx, leaves sheaf, pending []int) error {
	for _, i := range pending {
		list, err := s.scan.WordsTx(ctx, tx, leaves[i].Scan, leaves[i].Page, leaves[i].Page)
		if err != nil {
			return err
		}
		if len(list) == 1 {
			leaves[i].text = list[0].Text
		}
	}
	return nil
}

// document is what is stored for an Indexing, yet without its sheets.
func (in Indexing) document(enc chart.Encounter, tx *gate.Tx, zone *time.Location) chart.Document {
	name := tidy(in.Type)
	if k, ok := kindNamed(name); ok {
		name = k.Name
	}
	d := chart.Document{
		Version: chart.Version{ID: tx.NewID(), Record: enc.Record, Encounter: enc.ID},
		Type:    name, Title: name, Author: authorOf(in.Author, enc), Signed: in.Signed, MediaType: "application/pdf",
	}
	at := cmpTime(enc.Start, tx.Now())
	if in.Date != "" {
		if day, err := time.ParseInLocation(time.DateOnly, in.Date, zone); err == nil { // checked before
			at = day
		}
	}
	d.WrittenAt = at
	if d.Signed {
		d.SignedAt = at
	}
	return d
}

func cmpTime(t, or time.Time) time.Time {
	if t.IsZero() {
		return or
	}
	return t
}

// physician is what most letters after a name say.
const physician = "physician"

// roles are what letters after a name say of who writes (the field's usual ones).
var roles = map[string]string{
	"md": physician, "do": physician, "dpm": physician, "dds": physician, "mbbs": physician, "rn": "nurse", "lpn": "nurse", "np": "nurse practitioner",
	"aprn": "nurse practitioner", "pa": "physician assistant", "pa-c": "physician assistant", "crna": "nurse anesthetist", "cnm": "nurse midwife",
	"lcsw": "social worker", "rd": "dietitian", "pt": "therapist", "ot": "therapist", "slp": "therapist", "pharmd": "pharmacist",
}

// authorOf reads who wrote a paper. The encounter's attending is recognised by
// both names.
func authorOf(typed string, enc chart.Encounter) chart.Author {
	typed = tidy(typed)
	if typed == "" {
		return chart.Author{}
	}
	if a := enc.Attending; a.Name != "" && sameName(typed, a.Name) {
		return a
	}
	out := chart.Author{Name: typed}
	for word := range strings.FieldsFuncSeq(strings.ToLower(typed), func(r rune) bool { return r == ' ' || r == ',' || r == '.' }) {
		if role, ok := roles[word]; ok {
			out.Role = role
		}
		if word == "dr" && out.Role == "" {
			out.Role = physician
		}
	}
	return out
}

// sameName says whether the shorter of two written names has at least two words
// and all of them in the other; titles do not count.
func sameName(a, b string) bool {
	plain := func(s string) []string {
		return slices.DeleteFunc(seal.Words(s), func(w string) bool { _, title := roles[w]; return title || w == "dr" })
	}
	x, y := plain(a), plain(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	if len(x) < 2 {
		return false
	}
	return !slices.ContainsFunc(x, func(w string) bool { return !slices.Contains(y, w) })
}

// take puts pages into a document. Pages that come from elsewhere must wait,
// unless moved says that they come out of another document.
func (s *Service) take(ctx context.Context, tx *gate.Tx, pages []PageRef, d chart.Document, moved bool) error {
	if !moved {
		if err := s.mustWait(ctx, tx, pages); err != nil {
			return err
		}
	}
	owner := scan.Owner{Record: d.Record, Encounter: d.Encounter, Document: d.ID}
	for _, p := range pages {
		if err := setPage(ctx, tx, p, pageShown, d.ID); err != nil {
			return err
		}
		if err := s.scan.AssignTx(ctx, tx, p.Scan, p.Page, owner); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) mustWait(ctx context.Context, tx *gate.Tx, pages []PageRef) error {
	at := map[string]map[int]placed{}
	for _, p := range pages {
		if _, read := at[p.Scan]; !read {
			where, err := pagesOf(ctx, tx, p.Scan)
			if err != nil {
				return err
			}
			at[p.Scan] = where
		}
		if now, placed := at[p.Scan][p.Page]; placed && now.state == pageShown {
			return fmt.Errorf("%w: page %d", ErrTaken, p.Page)
		}
	}
	return nil
}

// aside sets pages aside that wait.
func (s *Service) aside(ctx context.Context, tx *gate.Tx, pages []PageRef, state string) error {
	if err := s.mustWait(ctx, tx, pages); err != nil {
		return err
	}
	for _, p := range pages {
		if err := setPage(ctx, tx, p, state, ""); err != nil {
			return err
		}
	}
	return nil
}

// back lets pages wait again.
func (s *Service) back(ctx context.Context, tx *gate.Tx, pages []PageRef) error {
	for _, p := range pages {
		if _, err := tx.Later(ctx, sqlPageBack, p.Scan, p.Page); err != nil {
			return fmt.Errorf("put back a page: %w", err)
		}
		if err := s.scan.AssignTx(ctx, tx, p.Scan, p.Page, scan.Owner{}); err != nil {
			return err
		}
	}
	return nil
}

// settle closes the work items of scans of which no page waits, opens those of
// scans of which some do, and says how many wait of the first.
func (s *Service) settle(ctx context.Context, tx *gate.Tx, pages []PageRef, scans map[string]scan.Scan) (left int, err error) {
	done := map[string]bool{}
	for i, p := range pages {
		if done[p.Scan] {
			continue
		}
		done[p.Scan] = true
		where, err := pagesOf(ctx, tx, p.Scan)
		if err != nil {
			return 0, err
		}
		sc, known := scans[p.Scan]
		if !known {
			if sc, _, err = s.scan.ScanTx(ctx, tx, p.Scan); err != nil {
				return 0, err
			}
		}
		waiting := sc.Pages - len(where)
		if i == 0 {
			left = waiting
		}
		if waiting > 0 {
			err = s.work.PutTx(ctx, tx, work.Want{
				Queue: work.Indexing, Key: p.Scan, Reason: "scan to index", Since: sc.ArrivedAt, Open: "/incoming/" + p.Scan,
			})
		} else {
			if err = s.work.SettleTx(ctx, tx, work.Indexing, p.Scan, "indexed"); err == nil {
				_, err = tx.Later(ctx, sqlDraftsOfScan, p.Scan)
			}
		}
		if err != nil {
			return 0, fmt.Errorf("work of a scan: %w", err)
		}
	}
	return left, nil
}

// confirmation seals why a document was stored though its words name another
// patient; nil for none.
func (s *Service) confirmation(ctx context.Context, tx *gate.Tx, record, document, why string) (any, error) {
	why = tidy(why)
	if why == "" {
		return nil, nil //nolint:nilnil // none is an answer
	}
	key, err := s.ring.Key(ctx, tx, record)
	if err != nil {
		return nil, fmt.Errorf("key of the record: %w", err)
	}
	return key.Seal([]byte(why), seal.Place("incoming_document", "confirmed", document, 0)), nil
}

// SetAside sets pages aside: blank ones, or with refused those that are no part
// of a record (an empty form, a page of somebody else's).
func (s *Service) SetAside(ctx context.Context, actor gate.Actor, pages []PageRef, refused bool) (left int, err error) {
	return s.sort(ctx, actor, pages, func(tx *gate.Tx) error {
		state := pageBlank
		if refused {
			state = pageRefused
		}
		return s.aside(ctx, tx, pages, state)
	})
}

// PutBack lets pages that were set aside wait again.
func (s *Service) PutBack(ctx context.Context, actor gate.Actor, pages []PageRef) (left int, err error) {
	return s.sort(ctx, actor, pages, func(tx *gate.Tx) error {
		if err := s.mustWait(ctx, tx, pages); err != nil {
			return err
		}
		for _, p := range pages {
			if _, err := tx.Later(ctx, sqlPageBack, p.Scan, p.Page); err != nil {
				return fmt.Errorf("put back a page: %w", err)
			}
		}
		return nil
	})
}

func (s *Service) sort(ctx context.Context, actor gate.Actor, pages []PageRef, do func(*gate.Tx) error) (left int, err error) {
	if len(pages) == 0 {
		return 0, fmt.Errorf("%w: name at least one page", ErrBadInput)
	}
	subject := gate.Subject{Kind: scan.SubjectScan, ID: pages[0].Scan}
	err = s.gate.Change(ctx, actor, ActionIndex, subject, func(tx *gate.Tx) error {
		scans := map[string]scan.Scan{}
		for _, p := range pages {
			sc, known := scans[p.Scan]
			if !known {
				var err error
				if sc, _, err = s.scan.ScanTx(ctx, tx, p.Scan); err != nil {
					return err
				}
				scans[p.Scan] = sc
			}
			if p.Page < 1 || p.Page > sc.Pages {
				return fmt.Errorf("%w: the scan has no page %d", ErrBadInput, p.Page)
			}
		}
		if err := do(tx); err != nil {
			return err
		}
		left, err = s.settle(ctx, tx, pages, scans)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("sort pages: %w", err)
	}
	return left, nil
}
