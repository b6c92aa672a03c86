package server

import (
	"time"

	"chartroom/internal/gate"
	"chartroom/internal/work"
)

type workIn struct {
	Queue   string    `query:"queue" maxLength:"40" doc:"coding, deficiency, indexing, reconcile, interface, registration or identity; left out: all"`
	Show    string    `query:"show" enum:",held,skipped,open,done" doc:"left out: what is to do now"`
	Who     string    `query:"who" maxLength:"64" doc:"me, nobody, or the id of a person"`
	Kind    string    `query:"kind" maxLength:"80"`
	Unit    string    `query:"unit" maxLength:"80"`
	Reason  string    `query:"reason" maxLength:"120"`
	Overdue bool      `query:"overdue"`
	From    time.Time `query:"from" doc:"due at or after"`
	To      time.Time `query:"to" doc:"due before"`
	After   string    `query:"after" maxLength:"200" doc:"next of the page before"`
	Limit   int       `query:"limit" minimum:"1" maximum:"500" default:"50"`
}

type workOut struct{ Body work.Page }

func apiWork(s *Server, ctx context, in *workIn) (*workOut, error) {
	page, err := s.dept.Work.List(ctx, actorOf(ctx), work.Filter{
		Queue: work.Queue(in.Queue), Show: work.Show(in.Show), Who: in.Who, Kind: in.Kind, Unit: in.Unit, Reason: in.Reason,
		Overdue: in.Overdue, From: in.From, To: in.To, After: in.After, Limit: in.Limit,
	}, nil)
	if err != nil {
		return nil, err
	}
	return &workOut{Body: page}, nil
}

type countsOut struct {
	Body struct {
		Queues []work.Count `json:"queues"`
	}
}

func apiWorkCounts(s *Server, ctx context, _ *struct{}) (*countsOut, error) {
	all, err := s.dept.Work.Counts(ctx, actorOf(ctx))
	if err != nil {
		return nil, err
	}
	out := &countsOut{}
	out.Body.Queues = all
	return out, nil
}

type nextIn struct {
	Body struct {
		Queues []string `json:"queues,omitempty" maxItems:"20" doc:"left out: all that the roles work on"`
		But    []string `json:"but,omitempty" maxItems:"50" doc:"items not to be given"`
	}
}

type itemOut struct{ Body work.Item }

func apiWorkNext(s *Server, ctx context, in *nextIn) (*itemOut, error) {
	queues := make([]work.Queue, 0, len(in.Body.Queues))
	for _, q := range in.Body.Queues {
		queues = append(queues, work.Queue(q))
	}
	item, err := s.dept.Work.Next(ctx, actorOf(ctx), queues, in.Body.But...)
	if err != nil {
		return nil, err
	}
	return &itemOut{Body: item}, nil
}

// Chosen are the items that an action is about.
type Chosen struct {
	Items []string `json:"items" minItems:"1" maxItems:"500"`
}

type chosenIn struct{ Body struct{ Chosen } }

type outcomeOut struct{ Body work.Outcome }

func outcome(o work.Outcome, err error) (*outcomeOut, error) {
	if err != nil {
		return nil, err
	}
	return &outcomeOut{Body: o}, nil
}

func apiWorkClaim(s *Server, ctx context, in *chosenIn) (*outcomeOut, error) {
	return outcome(s.dept.Work.Claim(ctx, actorOf(ctx), in.Body.Items...))
}

func apiWorkRelease(s *Server, ctx context, in *chosenIn) (*outcomeOut, error) {
	return outcome(s.dept.Work.Release(ctx, actorOf(ctx), in.Body.Items...))
}

type skipIn struct {
	Body struct {
		Chosen
		Until  string `json:"until" minLength:"10" maxLength:"40" doc:"a moment (RFC 3339), or a day, which begins at eight"`
		Reason string `json:"reason" minLength:"1" maxLength:"120"`
	}
}

func apiWorkSkip(s *Server, ctx context, in *skipIn) (*outcomeOut, error) {
	if err := s.permitted(ctx, work.ActionClaim, gate.Department()); err != nil {
		return nil, err
	}
	until, err := s.untilOf(in.Body.Until)
	if err != nil {
		return nil, err
	}
	return outcome(s.dept.Work.Skip(ctx, actorOf(ctx), until, in.Body.Reason, in.Body.Items...))
}

type extendIn struct {
	Body struct {
		Chosen
		Days   int    `json:"days" minimum:"1" maximum:"365"`
		Reason string `json:"reason" minLength:"1" maxLength:"120"`
	}
}

func apiWorkExtend(s *Server, ctx context, in *extendIn) (*outcomeOut, error) {
	return outcome(s.dept.Work.Extend(ctx, actorOf(ctx), in.Body.Days, in.Body.Reason, in.Body.Items...))
}

type assignIn struct {
	Body struct {
		Chosen
		To string `json:"to" maxLength:"64" doc:"id of a person; empty: nobody"`
	}
}

func apiWorkAssign(s *Server, ctx context, in *assignIn) (*outcomeOut, error) {
	return outcome(s.dept.Work.Assign(ctx, actorOf(ctx), in.Body.To, in.Body.Items...))
}

type priorityIn struct {
	Body struct {
		Chosen
		Priority int `json:"priority" minimum:"1" maximum:"5"`
	}
}

func apiWorkPriority(s *Server, ctx context, in *priorityIn) (*outcomeOut, error) {
	return outcome(s.dept.Work.SetPriority(ctx, actorOf(ctx), in.Body.Priority, in.Body.Items...))
}

func apiWorkUndo(s *Server, ctx context, _ *struct{}) (*outcomeOut, error) {
	return outcome(s.dept.Work.Undo(ctx, actorOf(ctx)))
}

type itemIn struct {
	ID string `path:"id" maxLength:"64"`
}

type changesOut struct {
	Body struct {
		Changes []work.Change `json:"changes"`
	}
}

func apiWorkHistory(s *Server, ctx context, in *itemIn) (*changesOut, error) {
	all, err := s.dept.Work.History(ctx, actorOf(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	out := &changesOut{}
	out.Body.Changes = all
	return out, nil
}

type shiftNoteIn struct {
	Body struct {
		Version int      `json:"version" minimum:"0" doc:"of the draft that was typed into; 0 for a new one"`
		Text    string   `json:"text" maxLength:"65536"`
		Items   []string `json:"items" maxItems:"100" doc:"items of work that the note leads to"`
	}
}

type versionOut struct {
	Body struct {
		Version int `json:"version"`
	}
}

func apiNoteDraft(s *Server, ctx context, in *shiftNoteIn) (*versionOut, error) {
	version, err := s.dept.Work.SaveDraft(ctx, actorOf(ctx), in.Body.Version, in.Body.Text, in.Body.Items)
	if err != nil {
		return nil, err
	}
	out := &versionOut{}
	out.Body.Version = version
	return out, nil
}

type signedOut struct {
	Body struct {
		ID       string    `json:"id"`
		SignedAt time.Time `json:"signed_at"`
	}
}

func apiNoteSign(s *Server, ctx context, in *shiftNoteIn) (*signedOut, error) {
	note, err := s.dept.Work.Sign(ctx, actorOf(ctx), in.Body.Version, in.Body.Text, in.Body.Items)
	if err != nil {
		return nil, err
	}
	out := &signedOut{}
	out.Body.ID, out.Body.SignedAt = note.ID, note.SignedAt
	return out, nil
}

type mentionIn struct{ Body struct{ Chosen } }

func apiNoteMention(s *Server, ctx context, in *mentionIn) (*versionOut, error) {
	version, err := s.dept.Work.Mention(ctx, actorOf(ctx), in.Body.Items...)
	if err != nil {
		return nil, err
	}
	out := &versionOut{}
	out.Body.Version = version
	return out, nil
}
