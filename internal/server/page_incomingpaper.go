package server

import (
	"net/http"
	"slices"
	"strconv"

	"chartroom/internal/incoming"
	"chartroom/internal/ui"
)

func (s *Server) volumeRow(v incoming.Volume) ui.VolumeRow {
	z := s.zone()
	row := ui.VolumeRow{
		ID: v.ID, Patient: fullName(v.Patient.Name), MRN: v.Patient.RecordNumber(), Record: v.Record, Contents: v.Contents, Place: v.Place,
		To: v.To, For: v.For, Since: z.Date(v.Since), State: string(v.State), Number: v.Number,
	}
	if v.State == incoming.PaperOut {
		last := v.Due.Add(-1) // due by the end of that day
		row.Due = z.Date(last)
		row.Clock, row.Late, row.Soon = z.Clock(last, s.opt.Now())
	}
	if !v.AskedAt.IsZero() {
		row.Asked = joined(", ", v.AskedBy, v.AskedFor, "since "+z.Date(v.AskedAt))
	}
	return row
}

// paperList shows volumes of paper.
func (s *Server) paperList(w http.ResponseWriter, r *http.Request, code int, fault string) {
	actor := actorOf(r.Context())
	show := r.URL.Query().Get("show")
	all, err := s.dept.Incoming.Volumes(r.Context(), actor, incoming.PaperFilter{Show: show})
	if err != nil {
		s.fail(w, r, err)
		return
	}
	view := ui.PaperPage{Show: show, May: mayKeepPaper(actor), Fault: fault}
	for _, v := range all {
		view.Rows = append(view.Rows, s.volumeRow(v))
	}
	if asksFor(r, "list") {
		s.show(w, r, code, ui.VolumeRows(view))
		return
	}
	s.show(w, r, code, ui.PaperListPage(s.incomingFrame(r, "Paper", incomingScript), view))
}

func paperPage(s *Server, w http.ResponseWriter, r *http.Request) {
	s.paperList(w, r, http.StatusOK, "")
}

// addVolume registers the next volume of a record and leads to it.
func addVolume(s *Server, w http.ResponseWriter, r *http.Request) {
	record := r.PostFormValue("record")
	if record == "" {
		s.paperList(w, r, http.StatusUnprocessableEntity, "Choose the patient from the list that opens as you type.")
		return
	}
	v, err := s.dept.Incoming.AddVolume(r.Context(), actorOf(r.Context()), record, r.PostFormValue("contents"), r.PostFormValue("place"))
	if err != nil {
		s.paperFault(w, r, err)
		return
	}
	http.Redirect(w, r, "/incoming/paper/"+v.ID, http.StatusSeeOther)
}

// findVolume opens the volume of a barcode.
func findVolume(s *Server, w http.ResponseWriter, r *http.Request) {
	v, err := s.dept.Incoming.VolumeByBarcode(r.Context(), actorOf(r.Context()), r.PostFormValue("barcode"))
	if err != nil {
		s.paperFault(w, r, err)
		return
	}
	http.Redirect(w, r, "/incoming/paper/"+v.ID, http.StatusSeeOther)
}

func (s *Server) paperFault(w http.ResponseWriter, r *http.Request, err error) {
	f := s.faultOf(r.Context(), err)
	if f.status == http.StatusUnprocessableEntity || f.status == http.StatusNotFound {
		s.paperList(w, r, f.status, ui.Upper1(f.text)+".")
		return
	}
	s.fail(w, r, err)
}

func (s *Server) volumeView(r *http.Request) (ui.VolumeView, error) {
	ctx, actor := r.Context(), actorOf(r.Context())
	v, history, err := s.dept.Incoming.Volume(ctx, actor, r.PathValue("volume"))
	if err != nil {
		return ui.VolumeView{}, err
	}
	z := s.zone()
	view := ui.VolumeView{VolumeRow: s.volumeRow(v), Barcode: v.Barcode, Version: v.Version, May: mayKeepPaper(actor), Due: s.dueProposed()}
	for _, e := range slices.Backward(history) {
		line := ui.VolumeEvent{What: string(e.Kind), At: z.Minute(e.At), By: s.nameOf(ctx, e.By), Text: e.Text}
		if !e.Due.IsZero() {
			line.Due = z.Date(e.Due.Add(-1))
		}
		view.History = append(view.History, line)
	}
	return view, nil
}

func volumePage(s *Server, w http.ResponseWriter, r *http.Request) {
	view, err := s.volumeView(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.show(w, r, http.StatusOK, ui.VolumePage(s.incomingFrame(r, "Volume", incomingScript), view))
}

// labelPage is the label of a volume. Its bars hold a number that means nothing.
func labelPage(s *Server, w http.ResponseWriter, r *http.Request) {
	view, err := s.volumeView(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	bars, at := []ui.Bar{}, 0
	for i, width := range incoming.Bars(view.Barcode) {
		if i%2 == 0 {
			bars = append(bars, ui.Bar{X: at, Width: width})
		}
		at += width
	}
	s.show(w, r, http.StatusOK, ui.LabelPage(s.incomingFrame(r, "Label", incomingScript), view, bars, at))
}

// turnVolume is everything that can be done with a volume at hand.
func turnVolume(s *Server, w http.ResponseWriter, r *http.Request) {
	ctx, actor, id := r.Context(), actorOf(r.Context()), r.PathValue("volume")
	version, err := strconv.Atoi(r.PostFormValue("version"))
	if err != nil {
		s.fail(w, r, unusable("The form is not whole; open the volume again."))
		return
	}
	field := r.PostFormValue
	desk := s.dept.Incoming
	switch field("do") {
	case "out":
		_, err = desk.SignOut(ctx, actor, id, version, field("to"), field("for"), field("due"))
	case "in":
		_, err = desk.Return(ctx, actor, id, version, field("place"))
	case "place":
		_, err = desk.Place(ctx, actor, id, version, field("place"), field("contents"))
	case "ask":
		_, err = desk.Ask(ctx, actor, id, version, field("who"), field("for"))
	case "unask":
		_, err = desk.Unask(ctx, actor, id, version)
	case "miss":
		_, err = desk.Miss(ctx, actor, id, version)
	default:
		err = unusable("There is no such step.")
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/incoming/paper/"+id, http.StatusSeeOther) //nolint:gosec // the id of a volume that was just changed
}
