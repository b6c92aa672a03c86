package server

import (
	"encoding/base64"
	"errors"
	"net/http"
	"time"

	"chartroom/internal/audit"
	"chartroom/internal/gate"
)

// entryJSON is an entry of the audit log. It holds opaque identifiers only.
type entryJSON struct {
	ID       string            `json:"id"`
	Position int64             `json:"position" doc:"number of the leaf, from 0; -1 while it waits for its place"`
	At       time.Time         `json:"at"`
	Actor    string            `json:"actor"`
	Kind     string            `json:"actor_kind"`
	Name     string            `json:"name" doc:"of the actor, now"`
	Roles    []string          `json:"roles"`
	Session  string            `json:"session,omitempty"`
	Action   string            `json:"action"`
	Outcome  string            `json:"outcome"`
	Reason   string            `json:"reason,omitempty"`
	Subjects []subjectJSON     `json:"subjects"`
	Detail   map[string]string `json:"detail,omitempty"`
}

type subjectJSON struct {
	Kind   string `json:"kind"`
	ID     string `json:"id"`
	Record string `json:"record,omitempty"`
}

func (s *Server) entryView(ctx context, item audit.Item) entryJSON {
	e := entryJSON{
		ID: item.ID, Position: item.Position, At: item.At, Actor: item.Actor.ID, Kind: string(item.Actor.Kind), Name: s.nameOf(ctx, item.Actor.ID),
		Roles: append([]string{}, item.Actor.Roles...), Session: item.Actor.Session, Action: string(item.Action),
		Outcome: string(item.Outcome), Reason: item.Reason, Subjects: make([]subjectJSON, 0, len(item.Subjects)), Detail: item.Detail,
	}
	for _, sub := range item.Subjects {
		e.Subjects = append(e.Subjects, subjectJSON{Kind: sub.Kind, ID: sub.ID, Record: sub.Record})
	}
	return e
}

type entriesIn struct {
	Subject string    `query:"subject" maxLength:"64" doc:"id of a subject, or of a record"`
	Actor   string    `query:"actor" maxLength:"64"`
	Action  string    `query:"action" maxLength:"64"`
	Outcome string    `query:"outcome" enum:"done,refused"`
	From    time.Time `query:"from" doc:"first instant"`
	To      time.Time `query:"to" doc:"first instant after"`
	After   string    `query:"after" maxLength:"32"`
	Limit   int       `query:"limit" minimum:"1" maximum:"500" default:"50"`
}

type entriesOut struct {
	Body struct {
		Items []entryJSON `json:"items"`
		Next  *string     `json:"next" doc:"path of the next page, null after the last"`
	}
}

// apiEntries lists entries of the log, newest first.
func apiEntries(s *Server, ctx context, in *entriesIn) (*entriesOut, error) {
	f := audit.Filter{
		Subject: in.Subject, Actor: in.Actor, Action: gate.Action(in.Action), Outcome: gate.Outcome(in.Outcome),
		From: in.From, To: in.To, Next: in.After, Limit: in.Limit,
	}
	page, err := s.dept.Audit.Entries(ctx, actorOf(ctx), f)
	if err != nil {
		return nil, auditFault(err)
	}
	out := &entriesOut{}
	out.Body.Items = make([]entryJSON, 0, len(page.Items))
	for _, item := range page.Items {
		out.Body.Items = append(out.Body.Items, s.entryView(ctx, item))
	}
	if page.Next != "" {
		f.Next = page.Next
		next := "/api/v1/audit/entries?" + filterQuery(f).Encode()
		out.Body.Next = &next
	}
	return out, nil
}

// auditFault turns the errors of package audit into what is answered.
func auditFault(err error) error {
	switch {
	case errors.Is(err, audit.ErrNoEntry):
		return notFound("The log has no such entry.")
	case errors.Is(err, audit.ErrNext):
		return unusable("There is no such page of the log.")
	case errors.Is(err, audit.ErrNotSigned):
		return &fault{http.StatusConflict, "No signed checkpoint covers this entry yet; within a minute one does."}
	default:
		return err
	}
}

type proofIn struct {
	ID string `path:"id" maxLength:"64"`
}

// proofJSON is all that somebody needs to check an entry without the database
// (RFC 6962, 2.1.1): hash the leaf, climb the path, compare with the root that
// the checkpoint signs.
type proofJSON struct {
	Entry      entryJSON `json:"entry"`
	Leaf       string    `json:"leaf" doc:"base64 of the bytes the leaf is the hash of"`
	Path       []string  `json:"path" doc:"base64 of the sibling hashes, from the leaf up"`
	Size       int64     `json:"size" doc:"entries that the checkpoint covers"`
	Root       string    `json:"root" doc:"base64"`
	Checkpoint string    `json:"checkpoint" doc:"signed note"`
	PublicKey  string    `json:"public_key"`
}

type proofOut struct{ Body proofJSON }

func apiProof(s *Server, ctx context, in *proofIn) (*proofOut, error) {
	proof, err := s.dept.Audit.Proof(ctx, actorOf(ctx), in.ID)
	if err != nil {
		return nil, auditFault(err)
	}
	return &proofOut{Body: s.proofView(ctx, proof)}, nil
}

func (s *Server) proofView(ctx context, p audit.Proof) proofJSON {
	view := proofJSON{
		Entry: s.entryView(ctx, p.Item), Leaf: base64.StdEncoding.EncodeToString(p.Leaf), Path: make([]string, 0, len(p.Path)),
		Size: p.Checkpoint.Size, Root: base64.StdEncoding.EncodeToString(p.Checkpoint.Root[:]), Checkpoint: p.Checkpoint.Note,
		PublicKey: s.dept.Audit.PublicKey(),
	}
	for _, h := range p.Path {
		view.Path = append(view.Path, base64.StdEncoding.EncodeToString(h[:]))
	}
	return view
}

type checkpointOut struct {
	Body struct {
		Number    int64     `json:"number"`
		Size      int64     `json:"size"`
		At        time.Time `json:"at"`
		Note      string    `json:"note"`
		PublicKey string    `json:"public_key"`
	}
}

// apiCheckpoint gives the newest signed statement of the whole log.
func apiCheckpoint(s *Server, ctx context, _ *struct{}) (*checkpointOut, error) {
	c, err := s.dept.Audit.Newest(ctx, actorOf(ctx))
	if err != nil {
		return nil, auditFault(err)
	}
	out := &checkpointOut{}
	out.Body.Number, out.Body.Size, out.Body.At, out.Body.Note, out.Body.PublicKey = c.Number, c.Size, c.At, c.Note, s.dept.Audit.PublicKey()
	return out, nil
}

type verifyOut struct {
	Body struct {
		Whole       bool   `json:"whole"`
		Entries     int64  `json:"entries" doc:"in the tree, proved"`
		Waiting     int64  `json:"waiting" doc:"not yet in the tree, proved"`
		Checkpoints int64  `json:"checkpoints"`
		Root        string `json:"root" doc:"base64"`
		Problem     string `json:"problem,omitempty" doc:"the first that was found"`
		Entry       string `json:"entry,omitempty" doc:"the first entry that is not whole"`
	}
}

// apiVerify proves the whole log, or names the first entry that is not whole.
func apiVerify(s *Server, ctx context, _ *struct{}) (*verifyOut, error) {
	report, err := s.dept.Audit.Verify(ctx, actorOf(ctx), audit.VerifyOptions{})
	if err != nil {
		return nil, err
	}
	out := &verifyOut{}
	b := &out.Body
	b.Whole, b.Entries, b.Waiting, b.Checkpoints = report.Whole(), report.Entries, report.Tail, report.Checkpoints
	b.Root = base64.StdEncoding.EncodeToString(report.Root[:])
	if p := report.Problem; p != nil {
		b.Problem, b.Entry = p.Error(), p.Entry
	}
	return out, nil
}
