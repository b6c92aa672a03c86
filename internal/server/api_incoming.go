package server

import (
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/incoming"
	"chartroom/internal/ui"
)

// ByScan is the part that every operation on a scan has.
type ByScan struct {
	Scan string `path:"scan" maxLength:"64"`
}

type deskPageJSON struct {
	Page     int     `json:"page"`
	Turn     int     `json:"turn" doc:"proposed: clockwise, to be read upright"`
	Width    float64 `json:"width"`
	Height   float64 `json:"height"`
	State    string  `json:"state" doc:"waiting, shown, blank or refused"`
	Words    string  `json:"words" doc:"pending, text, ocr or none"`
	Document string  `json:"document,omitempty"`
}

type namedJSON struct {
	Record   string             `json:"record"`
	Label    string             `json:"label"`
	Hint     string             `json:"hint"`
	Surely   bool               `json:"surely"`
	Pages    []int              `json:"pages"`
	Wholly   []int              `json:"wholly" doc:"pages with both number and name"`
	Mentions []incoming.Mention `json:"mentions" doc:"bytes of the page's words"`
}

type encounterChoice struct {
	ID    string `json:"id"`
	Label string `json:"label"`
}

type readingJSON struct {
	Pages      []int             `json:"pages"`
	Named      []namedJSON       `json:"named" doc:"patients that the words of the pages name, surest first"`
	Proposal   incoming.Proposal `json:"proposal"`
	Encounters []encounterChoice `json:"encounters" doc:"of the patient named first"`
	Encounter  string            `json:"encounter"`
	Attending  map[string]string `json:"attending" doc:"attending of each encounter"`
	Pending    int               `json:"pending" doc:"pages whose words nobody has looked for yet"`
	Marks      []int             `json:"marks" doc:"among the pages asked for, those at which another patient begins"`
}

type deskOut struct {
	Body struct {
		Scan    string         `json:"scan"`
		Name    string         `json:"name"`
		Arrived time.Time      `json:"arrived"`
		Pages   []deskPageJSON `json:"pages"`
		Marks   []int          `json:"marks" doc:"pages at which another patient begins"`
		Reading readingJSON    `json:"reading"`
		Draft   string         `json:"draft"`
		Next    string         `json:"next"`
	}
}

// apiDesk reads the desk of one scan.
func apiDesk(s *Server, ctx context, in *ByScan) (*deskOut, error) {
	d, err := s.dept.Incoming.Desk(ctx, actorOf(ctx), in.Scan)
	if err != nil {
		return nil, err
	}
	out := &deskOut{}
	b := &out.Body
	b.Scan, b.Name, b.Arrived, b.Draft, b.Next = d.Scan.ID, d.Scan.Name, d.Scan.ArrivedAt, d.Draft, d.Next
	b.Pages, b.Marks = make([]deskPageJSON, 0, len(d.Pages)), append([]int{}, d.Marks...)
	for _, p := range d.Pages {
		b.Pages = append(b.Pages, deskPageJSON{
			Page: p.Number, Turn: p.Turn, Width: p.Width, Height: p.Height, State: p.State, Words: string(p.Page.State), Document: p.Document,
		})
	}
	b.Reading = s.readingView(d.Reading)
	return out, nil
}

func (s *Server) readingView(r incoming.Reading) readingJSON {
	out := readingJSON{
		Pages: append([]int{}, r.Pages...), Named: make([]namedJSON, 0, len(r.Named)), Proposal: r.Proposal, Encounter: r.Encounter, Pending: r.Pending,
		Marks: append([]int{}, r.Marks...),
	}
	out.Proposal.Because = append([]incoming.Mention{}, r.Proposal.Because...)
	for _, n := range r.Named {
		p := n.Patient
		out.Named = append(out.Named, namedJSON{
			Record: p.Record, Label: fullName(p.Name), Hint: joined(" · ", p.BirthDate, p.RecordNumber()), Surely: n.Surely,
			Pages: n.Pages, Wholly: append([]int{}, n.Wholly...), Mentions: append([]incoming.Mention{}, n.Mentions...),
		})
	}
	out.Encounters, out.Attending = s.encounterChoices(r.Encounters)
	return out
}

// encounterChoices writes encounters as a list to choose from.
func (s *Server) encounterChoices(all []chart.Encounter) ([]encounterChoice, map[string]string) {
	choices, attending := make([]encounterChoice, 0, len(all)), map[string]string{}
	z := s.zone()
	for _, e := range all {
		span := z.Date(e.Start)
		if last := z.Date(e.End); last != "" && last != span {
			span += " – " + last
		}
		choices = append(choices, encounterChoice{e.ID, joined(" · ", span, e.Number, ui.SettingName(string(e.Setting)), e.Unit)})
		if e.Attending.Name != "" {
			attending[e.ID] = e.Attending.Name
		}
	}
	return choices, attending
}

type readPagesIn struct {
	ByScan
	Body struct {
		Pages []int `json:"pages" minItems:"1" maxItems:"5000"`
	}
}

type readPagesOut struct{ Body readingJSON }

// apiReadPages reads what some pages of a scan say.
func apiReadPages(s *Server, ctx context, in *readPagesIn) (*readPagesOut, error) {
	r, err := s.dept.Incoming.ReadPages(ctx, actorOf(ctx), in.Scan, in.Body.Pages)
	if err != nil {
		return nil, err
	}
	return &readPagesOut{Body: s.readingView(r)}, nil
}

type scanDraftIn struct {
	ByScan
	Body struct {
		Text string `json:"text" maxLength:"65536"`
	}
}

func apiScanDraft(s *Server, ctx context, in *scanDraftIn) (*noBody, error) {
	return &noBody{}, s.dept.Incoming.SaveDraft(ctx, actorOf(ctx), in.Scan, in.Body.Text)
}

type asideIn struct {
	ByScan
	Body struct {
		Pages   []int `json:"pages" minItems:"1" maxItems:"5000"`
		Refused bool  `json:"refused,omitempty" doc:"no part of a record, rather than blank"`
	}
}

type leftOut struct {
	Body struct {
		Left int    `json:"left" doc:"pages of the scan that still wait"`
		Next string `json:"next" doc:"a scan that waits after this one"`
	}
}

func (in asideIn) refs() []incoming.PageRef {
	out := make([]incoming.PageRef, 0, len(in.Body.Pages))
	for _, p := range in.Body.Pages {
		out = append(out, incoming.PageRef{Scan: in.Scan, Page: p})
	}
	return out
}

func (s *Server) left(ctx context, scanID string, left int, err error) (*leftOut, error) {
	if err != nil {
		return nil, err
	}
	out := &leftOut{}
	out.Body.Left, out.Body.Next = left, s.dept.Incoming.Next(ctx, actorOf(ctx), scanID)
	return out, nil
}

func apiSetAside(s *Server, ctx context, in *asideIn) (*leftOut, error) {
	left, err := s.dept.Incoming.SetAside(ctx, actorOf(ctx), in.refs(), in.Body.Refused)
	return s.left(ctx, in.Scan, left, err)
}

func apiPutBack(s *Server, ctx context, in *asideIn) (*leftOut, error) {
	left, err := s.dept.Incoming.PutBack(ctx, actorOf(ctx), in.refs())
	return s.left(ctx, in.Scan, left, err)
}

type indexPagesIn struct {
	Body struct {
		Pages     []incoming.PageRef `json:"pages" minItems:"1" maxItems:"5000"`
		Blank     []incoming.PageRef `json:"blank,omitempty" maxItems:"5000"`
		Record    string             `json:"record" minLength:"1" maxLength:"64"`
		Encounter string             `json:"encounter" minLength:"1" maxLength:"64"`
		Type      string             `json:"type" minLength:"1" maxLength:"400"`
		Date      string             `json:"date,omitempty" maxLength:"10"`
		Author    string             `json:"author,omitempty" maxLength:"400"`
		Signed    bool               `json:"signed,omitempty"`
		Confirm   string             `json:"confirm,omitempty" maxLength:"400" doc:"why it is stored though its words name another patient"`
	}
}

type indexedOut struct {
	Body struct {
		Document string `json:"document"`
		Version  int    `json:"version"`
		Left     int    `json:"left" doc:"pages of the scan that still wait"`
		Next     string `json:"next" doc:"a scan that waits after this one"`
	}
}

// apiIndexPages makes a document of pages that wait.
func apiIndexPages(s *Server, ctx context, in *indexPagesIn) (*indexedOut, error) {
	b := in.Body
	done, err := s.dept.Incoming.Index(ctx, actorOf(ctx), incoming.Indexing{
		Pages: b.Pages, Blank: b.Blank, Record: b.Record, Encounter: b.Encounter, Type: b.Type, Date: b.Date, Author: b.Author,
		Signed: b.Signed, Confirm: b.Confirm,
	})
	if err != nil {
		return nil, err
	}
	out := &indexedOut{}
	out.Body.Document, out.Body.Version, out.Body.Left = done.Document, done.Version, done.Left
	out.Body.Next = s.dept.Incoming.Next(ctx, actorOf(ctx), b.Pages[0].Scan)
	return out, nil
}

type encountersOfIn struct {
	Record string `path:"record" maxLength:"64"`
	Date   string `query:"date" maxLength:"10"`
}

type encountersOfOut struct {
	Body struct {
		Encounters []encounterChoice `json:"encounters"`
		Proposed   string            `json:"proposed"`
		Attending  map[string]string `json:"attending"`
	}
}

// apiEncountersOf lists a record's encounters to choose from.
func apiEncountersOf(s *Server, ctx context, in *encountersOfIn) (*encountersOfOut, error) {
	all, proposed, err := s.dept.Incoming.Encounters(ctx, actorOf(ctx), in.Record, in.Date)
	if err != nil {
		return nil, err
	}
	out := &encountersOfOut{}
	out.Body.Encounters, out.Body.Attending = s.encounterChoices(all)
	out.Body.Proposed = proposed
	return out, nil
}

// ByFiled is the part that every operation on a document has.
type ByFiled struct {
	Document string `path:"document" maxLength:"64"`
}

type filedOut struct {
	Body struct {
		Document string             `json:"document"`
		Version  int                `json:"version"`
		Type     string             `json:"type"`
		Record   string             `json:"record"`
		Sheets   []incoming.PageRef `json:"sheets"`
	}
}

func (s *Server) filed(ctx context, id string) (*filedOut, error) {
	f, err := s.dept.Incoming.Document(ctx, actorOf(ctx), id)
	if err != nil {
		return nil, err
	}
	out := &filedOut{}
	d := f.Document
	out.Body.Document, out.Body.Version, out.Body.Type, out.Body.Record = d.ID, d.Number, d.Type, d.Record
	out.Body.Sheets = make([]incoming.PageRef, 0, len(d.Sheets))
	for _, sh := range d.Sheets {
		out.Body.Sheets = append(out.Body.Sheets, incoming.PageRef{Scan: sh.Scan, Page: sh.Page, Turn: sh.Turn})
	}
	return out, nil
}

func apiFiled(s *Server, ctx context, in *ByFiled) (*filedOut, error) {
	return s.filed(ctx, in.Document)
}

// SeenVersion is the part that every change of a document has.
type SeenVersion struct {
	Version int    `json:"version" minimum:"1" doc:"version that was seen; a stale one is refused"`
	Reason  string `json:"reason,omitempty" maxLength:"400"`
}

type arrangeIn struct {
	ByFiled
	Body struct {
		SeenVersion
		Sheets []incoming.PageRef `json:"sheets" minItems:"1" maxItems:"5000" doc:"in order; what is left out is set aside as blank"`
	}
}

func apiArrange(s *Server, ctx context, in *arrangeIn) (*filedOut, error) {
	if err := s.dept.Incoming.Arrange(ctx, actorOf(ctx), in.Document, in.Body.Version, in.Body.Sheets, in.Body.Reason); err != nil {
		return nil, err
	}
	return s.filed(ctx, in.Document)
}

type splitIn struct {
	ByFiled
	Body struct {
		SeenVersion
		At   int    `json:"at" minimum:"1" doc:"sheet, from 0, that the new document begins with"`
		Type string `json:"type,omitempty" maxLength:"400"`
	}
}

func apiSplit(s *Server, ctx context, in *splitIn) (*filedOut, error) {
	made, err := s.dept.Incoming.Split(ctx, actorOf(ctx), in.Document, in.Body.Version, in.Body.At, in.Body.Type, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return s.filed(ctx, made)
}

type joinIn struct {
	ByFiled
	Body struct {
		SeenVersion
		Other        string `json:"other" minLength:"1" maxLength:"64"`
		OtherVersion int    `json:"other_version" minimum:"1"`
	}
}

func apiJoin(s *Server, ctx context, in *joinIn) (*filedOut, error) {
	err := s.dept.Incoming.Join(ctx, actorOf(ctx), in.Document, in.Body.Version, in.Body.Other, in.Body.OtherVersion, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return s.filed(ctx, in.Document)
}

type moveFiledIn struct {
	ByFiled
	Body struct {
		SeenVersion
		Sheets    []int  `json:"sheets,omitempty" maxItems:"5000" doc:"places from 0; none is the whole document"`
		Record    string `json:"record" minLength:"1" maxLength:"64"`
		Encounter string `json:"encounter" minLength:"1" maxLength:"64"`
		Type      string `json:"type,omitempty" maxLength:"400"`
		Note      string `json:"note,omitempty" maxLength:"400"`
	}
}

type movedOut struct {
	Body struct {
		Misfile  string `json:"misfile"`
		Document string `json:"document" doc:"as it lies now"`
	}
}

// apiMoveFiled moves a misfiled document, or some of its sheets.
func apiMoveFiled(s *Server, ctx context, in *moveFiledIn) (*movedOut, error) {
	b := in.Body
	m, err := s.dept.Incoming.Move(ctx, actorOf(ctx), incoming.Moving{
		Document: in.Document, Number: b.Version, Sheets: b.Sheets, Record: b.Record, Encounter: b.Encounter, Type: b.Type, Reason: b.Reason, Note: b.Note,
	})
	if err != nil {
		return nil, err
	}
	out := &movedOut{}
	out.Body.Misfile, out.Body.Document = m.ID, m.To.Document
	return out, nil
}

type unindexIn struct {
	ByFiled
	Body struct {
		SeenVersion
	}
}

type unindexedOut struct {
	Body struct {
		Scan string `json:"scan" doc:"whose pages wait again"`
	}
}

func apiUnindex(s *Server, ctx context, in *unindexIn) (*unindexedOut, error) {
	id, err := s.dept.Incoming.Unindex(ctx, actorOf(ctx), in.Document, in.Body.Version, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	out := &unindexedOut{}
	out.Body.Scan = id
	return out, nil
}

type undoMoveIn struct {
	Misfile string `path:"misfile" maxLength:"64"`
	Body    struct {
		Reason string `json:"reason,omitempty" maxLength:"400"`
	}
}

func apiUndoMove(s *Server, ctx context, in *undoMoveIn) (*noBody, error) {
	return &noBody{}, s.dept.Incoming.Undo(ctx, actorOf(ctx), in.Misfile, in.Body.Reason)
}
