package server

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"chartroom/internal/intake"
)

// resultJSON says what became of what was posted. Received is accepted plus
// rejected.
type resultJSON struct {
	Received   int                `json:"received"`
	Accepted   int                `json:"accepted"`
	Rejected   int                `json:"rejected"`
	Repeated   int                `json:"repeated" doc:"of the accepted, those that were here before"`
	Rejections []intake.Rejection `json:"rejections"`
	Notices    []intake.Rejection `json:"notices"`
}

// postIntake takes in FHIR (bundle or NDJSON), HL7 v2 or plain text, whatever
// the body is; it is told from its bytes. 200 with counts that reconcile, also
// where things were rejected; 422 where nothing could be taken in.
func postIntake(s *Server, w http.ResponseWriter, r *http.Request) {
	result, err := s.dept.Intake.Receive(r.Context(), actorOf(r.Context()), "", r.Body)
	if err != nil {
		f := s.faultOf(r.Context(), err)
		f.writeProblem(w)
		return
	}
	code := http.StatusOK
	if result.Accepted == 0 && result.Rejected > 0 {
		code = http.StatusUnprocessableEntity
	}
	writeJSON(w, "application/json", code, resultJSON{
		Received: result.Received, Accepted: result.Accepted, Rejected: result.Rejected, Repeated: result.Repeated,
		Rejections: append([]intake.Rejection{}, result.Rejections...), Notices: append([]intake.Rejection{}, result.Notices...),
	})
}

func writeJSON(w http.ResponseWriter, media string, code int, body any) {
	data, err := json.Marshal(body)
	if err != nil {
		http.Error(w, "The answer could not be written.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", media)
	w.WriteHeader(code)
	_, _ = w.Write(append(data, '\n')) // the client went away: nothing is left to do
}

// describeIntake adds to the OpenAPI document what huma cannot see: the body is
// taken as it comes, so the operation is not huma's.
func describeIntake(doc *huma.OpenAPI) {
	text := &huma.Schema{Type: huma.TypeString}
	body := map[string]*huma.MediaType{}
	for _, media := range []string{"application/fhir+json", "application/fhir+ndjson", "application/hl7-v2", "text/plain"} {
		body[media] = &huma.MediaType{Schema: text}
	}
	doc.AddOperation(&huma.Operation{
		OperationID: "post-intake", Method: http.MethodPost, Path: "/api/v1/intake", Tags: []string{"intake"},
		Summary:     "Take in FHIR, HL7 v2 or plain text; answered once it is durable",
		RequestBody: &huma.RequestBody{Required: true, Content: body},
		Responses: map[string]*huma.Response{
			"200": {Description: "received = accepted + rejected, each rejection with its place and reason"},
			"422": {Description: "nothing of it could be taken in; the same counts and reasons"},
		},
	})
}

type messagesIn struct {
	After string `query:"after" maxLength:"64"`
	Limit int    `query:"limit" minimum:"1" maximum:"500" default:"50"`
}

type messageJSON struct {
	ID       string    `json:"id"`
	Received time.Time `json:"received"`
	By       string    `json:"by"`
	Channel  string    `json:"channel"`
	Format   string    `json:"format"`
	Kind     string    `json:"kind"`
	Status   string    `json:"status"`
	Size     int64     `json:"size"`
	Accepted int       `json:"accepted"`
	Rejected int       `json:"rejected"`
	Place    string    `json:"place,omitempty"`
	Entry    string    `json:"entry" doc:"audit entry that stored it"`
}

type messagesOut struct {
	Body struct {
		Items []messageJSON `json:"items"`
		Next  *string       `json:"next"`
	}
}

// apiMessages lists what was received, newest first.
func apiMessages(s *Server, ctx context, in *messagesIn) (*messagesOut, error) {
	list, err := s.dept.Intake.Messages(ctx, actorOf(ctx), in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &messagesOut{}
	out.Body.Items = make([]messageJSON, 0, len(list))
	for _, m := range list {
		out.Body.Items = append(out.Body.Items, messageJSON{
			ID: m.ID, Received: m.ReceivedAt, By: m.ReceivedBy, Channel: m.Channel, Format: m.Format, Kind: m.Kind, Status: m.Status,
			Size: m.Size, Accepted: m.Accepted, Rejected: m.Rejected, Place: m.Place, Entry: m.Entry,
		})
	}
	if len(list) == in.Limit && len(list) > 0 {
		next := "/api/v1/messages?after=" + list[len(list)-1].ID
		out.Body.Next = &next
	}
	return out, nil
}

// messageBytes gives the bytes of a message exactly as they were received.
func messageBytes(s *Server, w http.ResponseWriter, r *http.Request) {
	_, raw, err := s.dept.Intake.Open(r.Context(), actorOf(r.Context()), r.PathValue("id"))
	if err != nil {
		f := s.faultOf(r.Context(), err)
		f.writeProblem(w)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", "attachment")
	_, _ = w.Write(raw) //nolint:gosec // a download of bytes as they came, never shown as a page
}
