package server

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"chartroom/internal/gate"
	"chartroom/internal/masters"
	"chartroom/internal/ui"
)

func masterPage(s *Server, w http.ResponseWriter, r *http.Request) {
	versions, _, err := s.dept.Masters.History(r.Context(), actorOf(r.Context()), r.PathValue("entry"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	view := ui.MasterEntry{Said: said[r.URL.Query().Get("said")]}
	newest := versions[len(versions)-1]
	view.Form.Number = strconv.Itoa(newest.Number)
	s.showMaster(w, r, http.StatusOK, view, values(newest.Values), nil, nil)
}

// showMaster draws the page of an entry with what was typed into its form.
func (s *Server) showMaster(w http.ResponseWriter, r *http.Request, code int, view ui.MasterEntry, v values, faults []masters.Fault, theirs map[string]string) {
	ctx, id := r.Context(), r.PathValue("entry")
	versions, merged, err := s.dept.Masters.History(ctx, actorOf(ctx), id)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	titles, choices, err := s.references(ctx)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	newest := versions[len(versions)-1]
	view.ID, view.Number, view.Title, view.Kind = id, strconv.Itoa(newest.Number), newest.Title(), ui.Upper1(string(newest.Kind))
	view.Tabs, view.MayChange = s.masterTabs(ctx, newest.Kind), mayChangeMasters(actorOf(ctx))
	view.MayMerge = view.MayChange && newest.Kind == masters.Provider
	view.Form.Action, view.Form.Save = "/masters/entries/"+id, "Save"
	if !view.MayChange {
		view.Form.Save = "Propose"
	}
	view.Form.Groups = masterGroups(newest.Kind, v, faults, theirs, choices)
	if newest.MergedInto != "" {
		into, _, err := s.dept.Masters.History(ctx, actorOf(ctx), newest.MergedInto)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		view.Into = &ui.MasterRow{ID: newest.MergedInto, Cells: []string{into[len(into)-1].Title()}}
	}
	for _, e := range merged {
		view.Merged = append(view.Merged, ui.MasterRow{ID: e.ID, Cells: []string{e.Title()}})
	}
	view.Versions = s.masterVersions(ctx, versions, titles)
	f := s.frame(r, "Masters", "/masters")
	f.Script = registrationScript
	s.show(w, r, code, ui.MasterEntryPage(f, view))
}

// masterVersions lists the versions, newest first, with what each changed.
func (s *Server) masterVersions(ctx context, versions []masters.Entry, titles map[string]string) []ui.VersionLine {
	lines := []ui.VersionLine{}
	for i, e := range versions {
		line := ui.VersionLine{Number: e.Number, At: s.zone().Minute(e.RecordedAt), By: s.nameOf(ctx, e.RecordedBy), Reason: e.Reason, Entry: e.AuditEntry}
		for _, f := range masters.Fields(e.Kind) {
			changed := i > 0 && versions[i-1].Values[f.Name] != e.Values[f.Name]
			if e.Values[f.Name] != "" || changed {
				line.Fields = append(line.Fields, ui.Field{Name: f.Label, Value: shownValue(e.Kind, f.Name, e.Values[f.Name], titles), Changed: changed})
			}
		}
		if i > 0 && versions[i-1].MergedInto != e.MergedInto {
			text := "merged into another entry"
			if e.MergedInto == "" {
				text = "stands by itself again"
			}
			line.Fields = append(line.Fields, ui.Field{Name: "Merge", Value: text, Changed: true})
		}
		lines = append(lines, line)
	}
	slices.Reverse(lines)
	return lines
}

func changeMaster(s *Server, w http.ResponseWriter, r *http.Request) {
	ctx, v, id := r.Context(), valuesOf(r.PostForm), r.PathValue("entry")
	versions, _, err := s.dept.Masters.History(ctx, actorOf(ctx), id)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	newest := versions[len(versions)-1]
	typed := masterOf(newest.Kind, v)
	what, err := s.storeMaster(ctx, masters.Entry{ID: id, Kind: newest.Kind, Number: numberOf(v), Values: typed}, v["words"])
	if err == nil {
		http.Redirect(w, r, "/masters/entries/"+id+"?said="+what, http.StatusSeeOther) //nolint:gosec // the id of an entry that was just stored
		return
	}
	view := ui.MasterEntry{Form: ui.Form{Number: v["number"], Words: v["words"]}}
	if n := numberOf(v); errors.Is(err, masters.ErrStale) && n >= 1 && n < len(versions) {
		merged, theirs := values(typed).reconcile(values(versions[n-1].Values), values(newest.Values))
		view.Form.Number = strconv.Itoa(newest.Number)
		view.Stale = s.faster(ctx, newest.RecordedBy, newest.Number, newest.RecordedAt)
		s.showMaster(w, r, http.StatusConflict, view, merged, nil, theirs)
		return
	}
	faults, whyNot, fault, ok := wrongWith(err, newest.Kind, typed)
	if !ok {
		s.fail(w, r, err)
		return
	}
	view.Form.WhyNot, view.Fault = whyNot, fault
	s.showMaster(w, r, http.StatusUnprocessableEntity, view, v, faults, nil)
}

func mergeMaster(s *Server, w http.ResponseWriter, r *http.Request) {
	ctx, v, id := r.Context(), valuesOf(r.PostForm), r.PathValue("entry")
	var into masters.Entry
	err := s.dept.Gate.Read(ctx, actorOf(ctx), masters.ActionRead, gate.Department(), func(tx *gate.Tx) (err error) {
		into, err = s.dept.Masters.ProviderTx(ctx, tx, v["into"], v["into"])
		return err
	})
	if err == nil {
		_, err = s.dept.Masters.Merge(ctx, actorOf(ctx), into.ID, id, numberOf(v), v["words"])
	}
	s.afterMerge(w, r, err, "Nothing was merged: no single provider has this number or name.")
}

func unmergeMaster(s *Server, w http.ResponseWriter, r *http.Request) {
	v := valuesOf(r.PostForm)
	_, err := s.dept.Masters.Unmerge(r.Context(), actorOf(r.Context()), r.PathValue("entry"), numberOf(v), v["words"])
	s.afterMerge(w, r, err, "")
}

func (s *Server) afterMerge(w http.ResponseWriter, r *http.Request, err error, none string) {
	id := r.PathValue("entry")
	switch {
	case err == nil:
		http.Redirect(w, r, "/masters/entries/"+id+"?said=saved", http.StatusSeeOther) //nolint:gosec // the id of an entry that was just stored
		return
	case errors.Is(err, masters.ErrNotFound) && none != "":
		err = unusable(none)
	case errors.Is(err, masters.ErrTaken):
		err = unusable("Another entry has this number meanwhile.")
	}
	s.fail(w, r, err)
}

// proposal reads one open proposal. Only who may change the masters decides it.
func (s *Server) proposal(ctx context, id string) (masters.Proposal, error) {
	if err := s.permitted(ctx, masters.ActionChange, gate.Department()); err != nil {
		return masters.Proposal{}, err
	}
	for _, kind := range masters.Kinds() {
		open, err := s.dept.Masters.Proposals(ctx, actorOf(ctx), kind)
		if err != nil {
			return masters.Proposal{}, err
		}
		if i := slices.IndexFunc(open, func(p masters.Proposal) bool { return p.ID == id }); i >= 0 {
			return open[i], nil
		}
	}
	return masters.Proposal{}, masters.ErrNotFound
}

func proposalPage(s *Server, w http.ResponseWriter, r *http.Request) {
	p, err := s.proposal(r.Context(), r.PathValue("proposal"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.showProposal(w, r, http.StatusOK, p, ui.MasterEntry{Form: ui.Form{Words: p.Reason}}, values(p.Values), nil)
}

func (s *Server) showProposal(w http.ResponseWriter, r *http.Request, code int, p masters.Proposal, view ui.MasterEntry, v values, faults []masters.Fault) {
	ctx := r.Context()
	_, choices, err := s.references(ctx)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	line := s.proposalLine(ctx, p)
	view.Title, view.Kind, view.From = line.Title, ui.Upper1(string(p.Kind)), ui.Upper1(joined(", ", line.From, line.At, line.Reason))
	view.Tabs, view.MayChange = s.masterTabs(ctx, p.Kind), true
	view.Form.Action, view.Form.Save, view.Form.Withdraw = "/masters/proposals/"+p.ID, "Enter", true
	view.Form.Groups = masterGroups(p.Kind, v, faults, nil, choices)
	f := s.frame(r, "Masters", "/masters")
	f.Script = registrationScript
	s.show(w, r, code, ui.MasterEntryPage(f, view))
}

func settleProposal(s *Server, w http.ResponseWriter, r *http.Request) {
	ctx, v := r.Context(), valuesOf(r.PostForm)
	p, err := s.proposal(ctx, r.PathValue("proposal"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if v["do"] == "decline" {
		err = s.dept.Masters.Decline(ctx, actorOf(ctx), p.ID)
	} else {
		_, err = s.dept.Masters.Accept(ctx, actorOf(ctx), p.ID, masterOf(p.Kind, v), v["words"])
	}
	if err == nil {
		http.Redirect(w, r, "/masters/"+roomOf(p.Kind).path, http.StatusSeeOther)
		return
	}
	faults, whyNot, fault, ok := wrongWith(err, p.Kind, masterOf(p.Kind, v))
	if !ok {
		s.fail(w, r, err)
		return
	}
	s.showProposal(w, r, http.StatusUnprocessableEntity, p, ui.MasterEntry{Fault: fault, Form: ui.Form{Words: v["words"], WhyNot: whyNot}}, v, faults)
}
