package server

import (
	stdcontext "context"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"chartroom/codes/codeset"
	"chartroom/internal/access"
	"chartroom/internal/chart"
	"chartroom/internal/coding"
	"chartroom/internal/deficiency"
	"chartroom/internal/downtime"
	"chartroom/internal/gate"
	"chartroom/internal/identity"
	"chartroom/internal/incoming"
	"chartroom/internal/intake"
	"chartroom/internal/masters"
	"chartroom/internal/scan"
	"chartroom/internal/words"
	"chartroom/internal/work"
)

// problems says which status each error of a domain is answered with. Their
// texts hold no patient data, so they are shown as they are.
var problems = []struct {
	err    error
	status int
}{
	{chart.ErrNotFound, http.StatusNotFound},
	{identity.ErrNotFound, http.StatusNotFound},
	{access.ErrNoSession, http.StatusUnauthorized},
	{access.ErrLocked, http.StatusUnauthorized},
	{access.ErrNoStaff, http.StatusNotFound},
	{access.ErrNoToken, http.StatusNotFound},
	{access.ErrLoginTaken, http.StatusConflict},
	{coding.ErrNotFound, http.StatusNotFound},
	{gate.ErrReadOnly, http.StatusServiceUnavailable},
	{deficiency.ErrNotFound, http.StatusNotFound},
	{deficiency.ErrReason, http.StatusUnprocessableEntity},
	{deficiency.ErrState, http.StatusConflict},
	{deficiency.ErrBadInput, http.StatusUnprocessableEntity},
	{downtime.ErrReason, http.StatusUnprocessableEntity},
	{downtime.ErrOn, http.StatusConflict},
	{downtime.ErrOff, http.StatusConflict},
	{downtime.ErrNothing, http.StatusUnprocessableEntity},
	{downtime.ErrMany, http.StatusUnprocessableEntity},
	{intake.ErrNotFound, http.StatusNotFound},
	{intake.ErrNotOpen, http.StatusConflict},
	{intake.ErrReason, http.StatusUnprocessableEntity},
	{intake.ErrTooLarge, http.StatusRequestEntityTooLarge},
	{intake.ErrUnchanged, http.StatusUnprocessableEntity},
	{scan.ErrNotFound, http.StatusNotFound},
	{scan.ErrInvalid, http.StatusUnprocessableEntity},
	{scan.ErrTimeout, http.StatusUnprocessableEntity},
	{words.ErrQuery, http.StatusUnprocessableEntity},
	{chart.ErrStale, http.StatusConflict},
	{coding.ErrStale, http.StatusConflict},
	{coding.ErrNotOpen, http.StatusConflict},
	{coding.ErrNotFinal, http.StatusConflict},
	{coding.ErrNothing, http.StatusConflict},
	{coding.ErrBlocked, http.StatusUnprocessableEntity},
	{coding.ErrNoEdition, http.StatusUnprocessableEntity},
	{coding.ErrBadInput, http.StatusUnprocessableEntity},
	{chart.ErrInvalid, http.StatusUnprocessableEntity},
	{chart.ErrReason, http.StatusUnprocessableEntity},
	{chart.ErrSpan, http.StatusUnprocessableEntity},
	{incoming.ErrNotFound, http.StatusNotFound},
	{incoming.ErrBadInput, http.StatusUnprocessableEntity},
	{incoming.ErrReason, http.StatusUnprocessableEntity},
	{incoming.ErrStale, http.StatusConflict},
	{incoming.ErrTaken, http.StatusConflict},
	{incoming.ErrOtherPatient, http.StatusConflict},
	{chart.ErrChanged, http.StatusConflict},
	{identity.ErrUndone, http.StatusConflict},
	{masters.ErrNotFound, http.StatusNotFound},
	{masters.ErrStale, http.StatusConflict},
	{masters.ErrTaken, http.StatusConflict},
	{masters.ErrMerged, http.StatusConflict},
	{masters.ErrSettled, http.StatusConflict},
	{masters.ErrReason, http.StatusUnprocessableEntity},
	{masters.ErrInvalid, http.StatusUnprocessableEntity},
	{work.ErrNotFound, http.StatusNotFound},
	{work.ErrNoWork, http.StatusNotFound},
	{work.ErrHeld, http.StatusConflict},
	{work.ErrSettled, http.StatusConflict},
	{work.ErrNothing, http.StatusConflict},
	{work.ErrStale, http.StatusConflict},
	{work.ErrSigned, http.StatusConflict},
	{work.ErrUnskilled, http.StatusUnprocessableEntity},
	{work.ErrExtension, http.StatusUnprocessableEntity},
	{work.ErrBadInput, http.StatusUnprocessableEntity},
}

// fault is an error as it is answered: a status and a text for people.
type fault struct {
	status int
	text   string
}

// Error is the text.
func (f *fault) Error() string { return f.text }

// writeProblem answers a program (RFC 9457).
func (f *fault) writeProblem(w http.ResponseWriter) {
	writeJSON(w, "application/problem+json", f.status, map[string]any{"title": http.StatusText(f.status), "status": f.status, "detail": f.text})
}

func notFound(text string) error { return &fault{http.StatusNotFound, text} }

func unusable(text string) error { return &fault{http.StatusUnprocessableEntity, text} }

// faultOf turns any error into what is answered. What nobody foresaw is logged
// and answered without its text.
func (s *Server) faultOf(ctx context, err error) *fault {
	if known, ok := errors.AsType[*fault](err); ok {
		return known
	}
	if denied, ok := errors.AsType[*gate.Denied](err); ok {
		return &fault{http.StatusForbidden, denied.Safe()}
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return &fault{http.StatusRequestEntityTooLarge, "The body is larger than this address takes."}
	}
	if none, ok := errors.AsType[*codeset.NoEditionError](err); ok {
		return &fault{http.StatusUnprocessableEntity, none.Error()}
	}
	for _, p := range problems {
		if errors.Is(err, p.err) {
			return &fault{p.status, strings.TrimPrefix(sentence(p.err, err), "access: ")}
		}
	}
	if errors.Is(err, stdcontext.Canceled) || errors.Is(err, stdcontext.DeadlineExceeded) {
		return &fault{http.StatusServiceUnavailable, "The request was not finished."}
	}
	s.opt.Log.ErrorContext(ctx, "request failed", slog.String("error", err.Error()))
	return &fault{http.StatusInternalServerError, "Something went wrong on our side. Nothing was changed."}
}

// sentence is the innermost text that says more than the error itself: a domain
// wraps "not usable" as "not usable: a date is written YYYY-MM-DD".
func sentence(base, err error) string {
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		if text := inner.Error(); len(text) >= len(base.Error()) && text[:len(base.Error())] == base.Error() {
			return text
		}
	}
	return base.Error()
}

// problem is faultOf for the JSON API: a problem document of RFC 9457.
func (s *Server) problem(ctx context, err error) error {
	f := s.faultOf(ctx, err)
	return huma.NewError(f.status, f.text) //nolint:wrapcheck // it is the answer itself
}
