package server

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"chartroom/internal/gate"
	"chartroom/internal/ui"
	"chartroom/internal/work"
)

// lastNote is the hand-over note on top of My work; nil where there is none, or
// where it is none of the reader's business.
func (s *Server) lastNote(ctx context, actor gate.Actor) (*ui.HandOverView, error) {
	if s.permitted(ctx, work.ActionHandOver, gate.Department()) != nil {
		return nil, nil //nolint:nilnil,nilerr // who may not read notes is shown none
	}
	var n named
	note, err := s.dept.Work.LastNote(ctx, actor, s.name(&n))
	if err != nil || note == nil {
		return nil, err
	}
	view := s.noteView(ctx, *note, &n)
	return &view, nil
}

func (s *Server) noteView(ctx context, note work.Note, n *named) ui.HandOverView {
	z := s.zone()
	me := actorOf(ctx).ID
	view := ui.HandOverView{
		ID: note.ID, Author: s.nameOf(ctx, note.Author), From: z.Minute(note.From), SignedAt: z.Minute(note.SignedAt), Text: note.Text,
		Withheld: note.Withheld, Read: note.ReadBy(me), Own: note.Author == me, Version: note.Version,
	}
	view.Figures, view.Total = figuresRows(note.Figures)
	for _, it := range note.Mentioned {
		view.Mentioned = append(view.Mentioned, s.workRow(ctx, it, n))
	}
	for _, read := range note.Reads {
		view.Reads = append(view.Reads, ui.ReadingRow{By: s.nameOf(ctx, read.By), At: z.Minute(read.At)})
	}
	return view
}

func figuresRows(f work.Figures) ([]ui.FiguresRow, ui.FiguresRow) {
	rows := make([]ui.FiguresRow, 0, len(f.Queues))
	total := ui.FiguresRow{Queue: "All queues"}
	for _, q := range f.Queues {
		d, _ := work.Define(q.Queue)
		why := make([]string, 0, len(q.SkippedBy))
		for _, by := range q.SkippedBy {
			why = append(why, strconv.Itoa(by.Items)+" "+by.Reason)
		}
		rows = append(rows, ui.FiguresRow{
			Queue: d.Title, Done: q.Done, Open: q.Open, Overdue: q.Overdue, Skipped: q.Skipped, Why: strings.Join(why, ", "),
		})
		total.Done, total.Open, total.Overdue, total.Skipped = total.Done+q.Done, total.Open+q.Open, total.Overdue+q.Overdue, total.Skipped+q.Skipped
	}
	return rows, total
}

// handOverPage is where the note of the shift is written, and the earlier ones
// are found.
func handOverPage(s *Server, w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	var n named
	h, err := s.dept.Work.HandOver(ctx, actorOf(ctx), s.name(&n))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	z := s.zone()
	draft := ui.HandOverView{From: z.Minute(h.Figures.From)}
	if h.Draft != nil {
		draft = s.noteView(ctx, *h.Draft, &n)
		draft.From = z.Minute(h.Figures.From)
	}
	draft.Author = actorOf(ctx).Name
	draft.Figures, draft.Total = figuresRows(h.Figures)
	earlier := []ui.HandOverView{}
	if h.Last != nil {
		earlier = append(earlier, s.noteView(ctx, *h.Last, &n))
	}
	for _, note := range h.Earlier {
		earlier = append(earlier, s.noteView(ctx, note, &n))
	}
	frame := s.frame(r, "Hand-over", "/work")
	frame.Script = "js/work.js"
	s.show(w, r, http.StatusOK, ui.HandOverPage(frame, draft, earlier))
}

// notePage is a signed note, to be read or printed again.
func notePage(s *Server, w http.ResponseWriter, r *http.Request) {
	var n named
	note, err := s.dept.Work.Note(r.Context(), actorOf(r.Context()), r.PathValue("note"), s.name(&n))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	frame := s.frame(r, "Hand-over note", "/work")
	frame.Script = "js/work.js"
	s.show(w, r, http.StatusOK, ui.NotePage(frame, s.noteView(r.Context(), note, &n)))
}

// did says what an action was, for what one touched today.
var did = map[gate.Action]string{
	"chart.read": "opened", "document.read": "document read", "trace.read": "traced", "chart.write-note": "note written",
	"chart.correct": "corrected", "coding.read": "coding opened", "coding.code": "coded", "coding.finalise": "made final",
	"coding.finalise-provisional": "made provisionally final", "coding.reopen": "coding reopened", "work.claim": "work taken",
	"work.extend": "due date extended", "work.assign": "work given", "identity.link": "linked", "identity.unlink": "unlinked",
	"access.break-glass": "opened with a reason",
}

// todayPage is what the person touched today.
func todayPage(s *Server, w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	var n named
	t, err := s.dept.Work.Today(ctx, actorOf(ctx), s.opt.Now(), s.name(&n))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	z := s.zone()
	view := ui.TodayView{Day: z.Date(t.From), Done: t.Done, More: t.More}
	for _, step := range t.Steps {
		view.Steps = append(view.Steps, ui.TodayStep{
			At: step.At.In(z.Location).Format("15:04"), What: string(step.Kind), Reason: step.Reason, Entry: step.Entry, Row: s.workRow(ctx, step.Item, &n),
		})
	}
	for _, touched := range t.Records {
		p, enc := n.patients[touched.Record], n.encounters[touched.Encounter]
		done := make([]string, 0, len(touched.Actions))
		for _, a := range touched.Actions {
			what, ok := did[a]
			if !ok {
				what = strings.ReplaceAll(string(a), ".", ": ")
			}
			done = append(done, what)
		}
		view.Records = append(view.Records, ui.TodayRecord{
			Record: touched.Record, Encounter: touched.Encounter, Patient: fullName(p.Name), MRN: p.RecordNumber(), Number: enc.Number,
			Last: touched.Last.In(z.Location).Format("15:04"), Did: strings.Join(done, ", "),
		})
	}
	frame := s.frame(r, "Today", "/work")
	frame.Script = "js/work.js"
	s.show(w, r, http.StatusOK, ui.TodayPage(frame, view))
}

// markRead says that the reader has read a note, and leads back to the work.
func markRead(s *Server, w http.ResponseWriter, r *http.Request) {
	if err := s.dept.Work.MarkRead(r.Context(), actorOf(r.Context()), r.PathValue("note")); err != nil {
		s.fail(w, r, fmt.Errorf("mark as read: %w", err))
		return
	}
	http.Redirect(w, r, "/work", http.StatusSeeOther)
}
