package server

import (
	"time"

	"chartroom/codes/codeset"
	"chartroom/internal/coding"
	"chartroom/internal/gate"
)

type sessionOut struct{ Body coding.Session }

func answer(session coding.Session, err error) (*sessionOut, error) {
	if err != nil {
		return nil, err
	}
	return &sessionOut{Body: session}, nil
}

// Revised is the part that every change of a coding has: which revision it was
// made on. A stale one is refused with 409.
type Revised struct {
	Revision int `json:"revision" minimum:"0"`
}

func apiCoding(s *Server, ctx context, in *ByEncounter) (*sessionOut, error) {
	return answer(s.dept.Coding.Session(ctx, actorOf(ctx), in.ID))
}

func apiSuggest(s *Server, ctx context, in *ByEncounter) (*sessionOut, error) {
	if err := s.permitted(ctx, coding.ActionCode, gate.Encounter("", in.ID)); err != nil {
		return nil, err
	}
	return answer(s.dept.Coding.Start(ctx, actorOf(ctx), in.ID))
}

type acceptIn struct {
	ByEncounter
	Body struct {
		Revised
		Suggestion string `json:"suggestion" minLength:"1" maxLength:"64"`
		Position   *int   `json:"position,omitempty" minimum:"0" doc:"place in the sequence from 0; left out: last"`
		POA        string `json:"poa,omitempty" enum:",Y,N,U,W,1"`
	}
}

func apiAccept(s *Server, ctx context, in *acceptIn) (*sessionOut, error) {
	return answer(s.dept.Coding.Accept(ctx, actorOf(ctx), in.ID, in.Body.Revision, in.Body.Suggestion, orEnd(in.Body.Position), in.Body.POA))
}

func orEnd(position *int) int {
	if position == nil {
		return coding.End
	}
	return *position
}

type rejectIn struct {
	ByEncounter
	Body struct {
		Revised
		Suggestion string `json:"suggestion" minLength:"1" maxLength:"64"`
		Reason     string `json:"reason" minLength:"1" maxLength:"1000"`
	}
}

func apiReject(s *Server, ctx context, in *rejectIn) (*sessionOut, error) {
	return answer(s.dept.Coding.Reject(ctx, actorOf(ctx), in.ID, in.Body.Revision, in.Body.Suggestion, in.Body.Reason))
}

type addIn struct {
	ByEncounter
	Body struct {
		Revised
		System   string           `json:"system" enum:"icd10cm,icd10pcs"`
		Code     string           `json:"code" minLength:"1" maxLength:"10" doc:"with or without its dot"`
		POA      string           `json:"poa,omitempty" enum:",Y,N,U,W,1"`
		Date     string           `json:"date,omitempty" maxLength:"10" doc:"procedures: day performed"`
		Position *int             `json:"position,omitempty" minimum:"0"`
		Why      []string         `json:"why,omitempty" maxItems:"20"`
		Passages []coding.Passage `json:"passages,omitempty" maxItems:"20"`
	}
}

func apiAdd(s *Server, ctx context, in *addIn) (*sessionOut, error) {
	system, err := codeset.ParseSystem(in.Body.System)
	if err != nil {
		return nil, unusable("There is no such code system.")
	}
	return answer(s.dept.Coding.Add(ctx, actorOf(ctx), in.ID, in.Body.Revision, coding.Addition{
		System: system, Code: in.Body.Code, POA: in.Body.POA, Date: in.Body.Date,
		Position: orEnd(in.Body.Position), Why: in.Body.Why, Passages: in.Body.Passages,
	}))
}

type codeIn struct {
	ByEncounter
	Body struct {
		Revised
		Code string `json:"code" minLength:"1" maxLength:"64" doc:"id of the assigned code"`
	}
}

func apiRemove(s *Server, ctx context, in *codeIn) (*sessionOut, error) {
	return answer(s.dept.Coding.Remove(ctx, actorOf(ctx), in.ID, in.Body.Revision, in.Body.Code))
}

type moveIn struct {
	ByEncounter
	Body struct {
		Revised
		Code     string `json:"code" minLength:"1" maxLength:"64"`
		Position int    `json:"position" minimum:"0"`
	}
}

func apiMove(s *Server, ctx context, in *moveIn) (*sessionOut, error) {
	return answer(s.dept.Coding.Move(ctx, actorOf(ctx), in.ID, in.Body.Revision, in.Body.Code, in.Body.Position))
}

type poaIn struct {
	ByEncounter
	Body struct {
		Revised
		Code string `json:"code" minLength:"1" maxLength:"64"`
		POA  string `json:"poa" enum:",Y,N,U,W,1"`
	}
}

func apiPOA(s *Server, ctx context, in *poaIn) (*sessionOut, error) {
	return answer(s.dept.Coding.SetPOA(ctx, actorOf(ctx), in.ID, in.Body.Revision, in.Body.Code, in.Body.POA))
}

type dateIn struct {
	ByEncounter
	Body struct {
		Revised
		Code string `json:"code" minLength:"1" maxLength:"64"`
		Date string `json:"date" maxLength:"10"`
	}
}

func apiDate(s *Server, ctx context, in *dateIn) (*sessionOut, error) {
	return answer(s.dept.Coding.SetDate(ctx, actorOf(ctx), in.ID, in.Body.Revision, in.Body.Code, in.Body.Date))
}

type waiveIn struct {
	ByEncounter
	Body struct {
		Revised
		Finding string `json:"finding" minLength:"1" maxLength:"400"`
		Reason  string `json:"reason" minLength:"1" maxLength:"1000"`
	}
}

func apiWaive(s *Server, ctx context, in *waiveIn) (*sessionOut, error) {
	return answer(s.dept.Coding.Waive(ctx, actorOf(ctx), in.ID, in.Body.Revision, in.Body.Finding, in.Body.Reason))
}

type revisedIn struct {
	ByEncounter
	Body Revised
}

func apiUndo(s *Server, ctx context, in *revisedIn) (*sessionOut, error) {
	return answer(s.dept.Coding.Undo(ctx, actorOf(ctx), in.ID, in.Body.Revision))
}

func apiRedo(s *Server, ctx context, in *revisedIn) (*sessionOut, error) {
	return answer(s.dept.Coding.Redo(ctx, actorOf(ctx), in.ID, in.Body.Revision))
}

type finaliseIn struct {
	ByEncounter
	Body struct {
		Revised
		Provisional bool `json:"provisional,omitempty" doc:"only where no edition covers the date, by a supervisor"`
	}
}

func apiFinalise(s *Server, ctx context, in *finaliseIn) (*sessionOut, error) {
	return answer(s.dept.Coding.Finalise(ctx, actorOf(ctx), in.ID, in.Body.Revision, in.Body.Provisional))
}

type reopenIn struct {
	ByEncounter
	Body struct {
		Revised
		Reason string `json:"reason" minLength:"1" maxLength:"1000"`
	}
}

func apiReopen(s *Server, ctx context, in *reopenIn) (*sessionOut, error) {
	return answer(s.dept.Coding.Reopen(ctx, actorOf(ctx), in.ID, in.Body.Revision, in.Body.Reason))
}

type checkOut struct {
	Body struct {
		Findings []coding.Finding `json:"findings"`
	}
}

// apiCheck gives the findings of a coding as it stands.
func apiCheck(s *Server, ctx context, in *ByEncounter) (*checkOut, error) {
	session, err := s.dept.Coding.Session(ctx, actorOf(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	out := &checkOut{}
	out.Body.Findings = session.Findings
	return out, nil
}

type finalOut struct {
	Body struct {
		Codes []coding.FinalCode `json:"codes"`
	}
}

func apiFinal(s *Server, ctx context, in *ByEncounter) (*finalOut, error) {
	codes, err := s.dept.Coding.FinalCodes(ctx, actorOf(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	out := &finalOut{}
	out.Body.Codes = append([]coding.FinalCode{}, codes...)
	return out, nil
}

type historyOut struct {
	Body struct {
		Events []coding.Event    `json:"events"`
		Names  map[string]string `json:"names" doc:"names of the actors, by id"`
	}
}

func apiHistory(s *Server, ctx context, in *ByEncounter) (*historyOut, error) {
	events, err := s.dept.Coding.History(ctx, actorOf(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	out := &historyOut{}
	out.Body.Events, out.Body.Names = events, map[string]string{}
	for _, e := range events {
		out.Body.Names[e.By] = s.nameOf(ctx, e.By)
	}
	return out, nil
}

type traceIn struct {
	ByEncounter
	Code string `path:"code" maxLength:"64" doc:"id of the assigned code"`
}

// traceStep is one piece of evidence of a code and what brought it.
type traceStep struct {
	Before        string     `json:"before"`
	Words         string     `json:"words"`
	After         string     `json:"after"`
	Document      string     `json:"document"`
	DocumentTitle string     `json:"document_title"`
	Author        string     `json:"author"`
	Version       int        `json:"version"`
	Newest        int        `json:"newest" doc:"newest version of the document; more than version: superseded"`
	Intact        bool       `json:"intact" doc:"the keyed hash of the words agrees"`
	Message       string     `json:"message,omitempty"`
	Format        string     `json:"format,omitempty"`
	Place         string     `json:"place,omitempty"`
	Received      *time.Time `json:"received,omitempty"`
}

type traceEntry struct {
	ID   string `json:"id"`
	What string `json:"what"`
}

type traceOut struct {
	Body struct {
		Code    string         `json:"code"`
		Title   string         `json:"title"`
		Why     []string       `json:"why"`
		Steps   []traceStep    `json:"steps"`
		Entries []traceEntry   `json:"entries"`
		Events  []coding.Event `json:"events"`
	}
}

// around is how many bytes of text a trace shows on each side of the words.
const around = 120

// apiTrace walks from a code to its words, the message that brought them and
// the audit entries of all.
func apiTrace(s *Server, ctx context, in *traceIn) (*traceOut, error) {
	t, err := s.dept.Coding.Trace(ctx, actorOf(ctx), in.ID, in.Code)
	if err != nil {
		return nil, err
	}
	out := &traceOut{}
	out.Body.Code, out.Body.Title, out.Body.Why, out.Body.Events = t.Code.Code, t.Code.Title, t.Code.Why, t.Steps
	what := map[string]string{t.Code.Entry: "code assigned"}
	for _, e := range t.Steps {
		if _, named := what[e.Entry]; !named {
			what[e.Entry] = "coding: " + string(e.Kind)
		}
	}
	out.Body.Steps = make([]traceStep, 0, len(t.Trails))
	for _, trail := range t.Trails {
		q, o := trail.Quote, trail.Origin
		step := traceStep{
			Before: before(q.Document.Text, q.Evidence.Start), Words: q.Words, After: after(q.Document.Text, q.Evidence.End),
			Document: q.Document.ID, DocumentTitle: s.documentView(q.Document).Title, Author: s.documentView(q.Document).By,
			Version: q.Document.Number, Newest: q.Newest, Intact: true,
			Message: o.Message, Format: joined(" ", o.Format, o.Kind), Place: o.Path,
		}
		if o.Received > 0 {
			step.Received = moment(time.UnixMicro(o.Received).UTC())
		}
		what[o.Entry], what[o.MessageEntry] = "document stored", "message received"
		out.Body.Steps = append(out.Body.Steps, step)
	}
	out.Body.Entries = make([]traceEntry, 0, len(t.Entries))
	for _, id := range t.Entries {
		out.Body.Entries = append(out.Body.Entries, traceEntry{ID: id, What: what[id]})
	}
	return out, nil
}

type draftsOut struct {
	Body struct {
		Drafts map[string]string `json:"drafts" doc:"by the field of the page they belong to"`
	}
}

func apiDrafts(s *Server, ctx context, in *ByEncounter) (*draftsOut, error) {
	drafts, err := s.dept.Coding.Drafts(ctx, actorOf(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	out := &draftsOut{}
	out.Body.Drafts = drafts
	return out, nil
}

type draftIn struct {
	ByEncounter
	Slot string `path:"slot" maxLength:"64"`
	Body struct {
		Text string `json:"text" maxLength:"65536"`
	}
}

type noBody struct{}

func apiSaveDraft(s *Server, ctx context, in *draftIn) (*noBody, error) {
	return &noBody{}, s.dept.Coding.SaveDraft(ctx, actorOf(ctx), in.ID, in.Slot, in.Body.Text)
}
