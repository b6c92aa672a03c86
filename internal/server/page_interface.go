package server

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"chartroom/internal/gate"
	"chartroom/internal/intake"
	"chartroom/internal/ui"
)

// shownLines bounds how many lines of a refused message a page shows; shownText
// how many bytes.
const (
	shownLines = 400
	shownText  = 64 << 10
)

// doneTexts say what was just done, by the word in the address.
var doneTexts = map[string]string{
	"mended":    "The corrected copy was taken in; the message is settled.",
	"replayed":  "The message was taken in; it is settled.",
	"dismissed": "The message was dismissed; it stands under Settled.",
	"reopened":  "The message is open again.",
}

// interfacePage lists what was refused.
func interfacePage(s *Server, w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	settled := q.Get("settled") == "1"
	page, err := s.dept.Intake.Troubles(r.Context(), actorOf(r.Context()), settled, q.Get("after"), 0)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	counts, err := s.dept.Intake.TroubleCounts(r.Context(), actorOf(r.Context()))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	view := ui.Troubles{Settled: settled, Done: doneTexts[q.Get("done")]}
	if n, err := strconv.Atoi(q.Get("again")); err == nil {
		view.Done = ui.Plural(n, "message") + " taken in; what is listed here was refused again."
	}
	for _, t := range page.Rows {
		view.Rows = append(view.Rows, s.troubleLine(r.Context(), t))
	}
	if page.Next != "" {
		next := url.Values{"after": {page.Next}}
		if settled {
			next.Set("settled", "1")
		}
		view.Next = "/interface?" + next.Encode()
	}
	for format, by := range counts {
		view.Counts = append(view.Counts, ui.TroubleCount{
			Format: format, Open: by[intake.TroubleOpen], Mended: by[intake.Mended], Replayed: by[intake.Replayed], Dismissed: by[intake.Dismissed],
		})
	}
	slices.SortFunc(view.Counts, func(a, b ui.TroubleCount) int { return strings.Compare(a.Format, b.Format) })
	s.show(w, r, http.StatusOK, ui.TroublesPage(s.frame(r, "Interface errors", "/interface"), view))
}

func (s *Server) troubleLine(ctx context, t intake.Trouble) ui.TroubleLine {
	z := s.zone()
	line := ui.TroubleLine{
		ID: t.Message.ID, Received: z.Minute(t.Message.ReceivedAt), Channel: t.Message.Channel, Format: t.Message.Format, Kind: t.Message.Kind,
		Sender: strings.Join(strings.FieldsFunc(t.Message.Sender, func(r rune) bool { return r == '|' }), " "), Control: t.Message.ControlID, File: t.Message.File,
		State: string(t.State), Errors: t.Errors, Why: t.Reason,
	}
	if age := s.opt.Now().Sub(t.Message.ReceivedAt); t.State == intake.TroubleOpen && age > 0 {
		line.Age = waited(age)
	}
	if t.State != intake.TroubleOpen {
		line.By, line.At = s.nameOf(ctx, t.ClosedBy), z.Minute(t.ClosedAt)
	}
	if len(t.Reasons) > 0 {
		line.Place, line.Reason = t.Reasons[0].Place, ui.Upper1(t.Reasons[0].Reason)
	}
	return line
}

// waited says how long a message has lain there.
func waited(age time.Duration) string {
	switch {
	case age.Hours() >= 48:
		return "for " + ui.Plural(int(age.Hours()/24), "day")
	case age.Hours() >= 1:
		return "for " + ui.Plural(int(age.Hours()), "hour")
	default:
		return "for " + ui.Plural(int(age.Minutes()), "minute")
	}
}

// troublePage shows one refused message.
func troublePage(s *Server, w http.ResponseWriter, r *http.Request) {
	s.showTrouble(w, r, http.StatusOK, "", nil)
}

// showTrouble shows a refused message; typed is what was just tried and refused.
func (s *Server) showTrouble(w http.ResponseWriter, r *http.Request, status int, typed string, refused []intake.Rejection) {
	t, raw, draft, err := s.dept.Intake.TroubleOf(r.Context(), actorOf(r.Context()), r.PathValue("message"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	view := ui.Trouble{Line: s.troubleLine(r.Context(), t), Open: t.State == intake.TroubleOpen, Size: int64(len(raw)), Refused: reasons(refused)}
	view.Reasons = reasons(t.Reasons)
	view.Segments, view.Cut = segmentsOf(raw, t.Reasons)
	if view.May = len(raw) <= intake.MaxMended && utf8.Valid(raw) && !slices.Contains(raw, 0); view.May {
		view.Text = lineEnds.Replace(string(raw))
	}
	if draft != "" {
		view.Text, view.Drafted = draft, true
	}
	if typed != "" {
		view.Text, view.Why = typed, r.PostFormValue("reason")
	}
	f := s.frame(r, "Interface error", "/interface")
	f.Script = "js/interface.js"
	s.show(w, r, status, ui.TroublePage(f, view))
}

func reasons(all []intake.Rejection) []ui.TroubleReason {
	out := make([]ui.TroubleReason, len(all))
	for i, r := range all {
		out[i] = ui.TroubleReason{Place: r.Place, Reason: r.Reason}
	}
	return out
}

// lineEnds makes the line ends of a message those of a page.
var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// segmentNumber finds which segment or line of its message a place names, and
// segmentName the n-th segment of a name.
var (
	segmentNumber = regexp.MustCompile(`\b(?:segment |line\[|row )(\d+)`)
	segmentName   = regexp.MustCompile(`\b([A-Z][A-Z0-9]{2})\[(\d+)\]`)
)

// segmentsOf are the lines of a message, those that a refusal names marked.
func segmentsOf(raw []byte, refused []intake.Rejection) (lines []ui.Segment, more bool) {
	bad, named := map[int]bool{}, map[string]bool{}
	for _, r := range refused {
		if m := segmentNumber.FindStringSubmatch(r.Place); m != nil {
			n, err := strconv.Atoi(m[1])
			bad[n] = err == nil
		} else if m := segmentName.FindStringSubmatch(r.Place); m != nil {
			named[m[1]+m[2]] = true
		}
	}
	seen := map[string]int{}
	text := strings.ToValidUTF8(string(raw[:min(len(raw), shownText)]), "�")
	for i, line := range strings.Split(strings.TrimRight(lineEnds.Replace(text), "\n"), "\n") {
		if i == shownLines {
			return lines, true
		}
		name := line[:min(3, len(line))]
		seen[name]++
		lines = append(lines, ui.Segment{Number: i + 1, Text: line, Bad: bad[i+1] || named[name+strconv.Itoa(seen[name])]})
	}
	return lines, len(raw) > shownText
}

// mendTrouble takes in a corrected copy.
func mendTrouble(s *Server, w http.ResponseWriter, r *http.Request) {
	typed := r.PostFormValue("text")
	res, err := s.dept.Intake.Mend(r.Context(), actorOf(r.Context()), r.PathValue("message"), []byte(typed), r.PostFormValue("reason"))
	s.afterTrouble(w, r, res, err, typed, "mended")
}

// replayTrouble takes a message in again as it came.
func replayTrouble(s *Server, w http.ResponseWriter, r *http.Request) {
	res, err := s.dept.Intake.Replay(r.Context(), actorOf(r.Context()), r.PathValue("message"))
	s.afterTrouble(w, r, res, err, "", "replayed")
}

func (s *Server) afterTrouble(w http.ResponseWriter, r *http.Request, res intake.Result, err error, typed, done string) {
	switch {
	case typed != "" && (errors.Is(err, gate.ErrReadOnly) || errors.Is(err, intake.ErrReason) || errors.Is(err, intake.ErrUnchanged)):
		f := s.faultOf(r.Context(), err) // what was typed stays in the page
		s.showTrouble(w, r, f.status, typed, []intake.Rejection{{Reason: f.text}})
	case err != nil:
		s.fail(w, r, err)
	case res.Rejected > 0:
		s.showTrouble(w, r, http.StatusUnprocessableEntity, typed, res.Rejections)
	case res.Received == 0:
		s.showTrouble(w, r, http.StatusUnprocessableEntity, typed, []intake.Rejection{{Place: "the message", Reason: "there is nothing in it"}})
	default:
		http.Redirect(w, r, "/interface?done="+done, http.StatusSeeOther)
	}
}

// replayAll takes the messages of a page in again, and says how many went.
func replayAll(s *Server, w http.ResponseWriter, r *http.Request) {
	if err := s.permitted(r.Context(), intake.ActionMend, gate.Department()); err != nil {
		s.fail(w, r, err)
		return
	}
	taken := 0
	for _, id := range r.PostForm["message"][:min(len(r.PostForm["message"]), 200)] {
		res, err := s.dept.Intake.Replay(r.Context(), actorOf(r.Context()), id)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		if res.Rejected == 0 && res.Received > 0 {
			taken++
		}
	}
	http.Redirect(w, r, "/interface?again="+strconv.Itoa(taken), http.StatusSeeOther)
}

// dismissTrouble settles a message without taking it in.
func dismissTrouble(s *Server, w http.ResponseWriter, r *http.Request) {
	if err := s.dept.Intake.Dismiss(r.Context(), actorOf(r.Context()), r.PathValue("message"), r.PostFormValue("reason")); err != nil {
		s.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/interface?done=dismissed", http.StatusSeeOther)
}

// reopenTrouble takes a dismissal back.
func reopenTrouble(s *Server, w http.ResponseWriter, r *http.Request) {
	if err := s.dept.Intake.Reopen(r.Context(), actorOf(r.Context()), r.PathValue("message")); err != nil {
		s.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/interface?done=reopened", http.StatusSeeOther)
}

type mendDraftIn struct {
	ID   string `path:"id"`
	Body struct {
		Text string `json:"text" maxLength:"262144"`
	}
}

// apiSaveMend keeps what is being typed to mend a message.
func apiSaveMend(s *Server, ctx context, in *mendDraftIn) (*noBody, error) {
	return &noBody{}, s.dept.Intake.SaveMend(ctx, actorOf(ctx), in.ID, in.Body.Text)
}
