package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"chartroom/internal/gate"
)

// Route is one entry of the route table.
type Route struct {
	Method  string
	Pattern string      // path pattern of net/http: "/chart/{record}"
	Public  bool        // answers without a session or token
	PHI     bool        // what it takes or gives may tell of a patient
	Action  gate.Action // what the gate is asked; "" where several or none are
	Limit   int64       // longest body in bytes; 0 stands for bodyLimit
	bind    binder
}

// binder makes the handler of a route for one server.
type binder func(s *Server, rt Route) (http.Handler, error)

// MarshalJSON writes a route as `chartroom routes --json` does.
func (rt Route) MarshalJSON() ([]byte, error) {
	data, err := json.Marshal(struct {
		Method  string      `json:"method"`
		Pattern string      `json:"pattern"`
		Public  bool        `json:"public"`
		PHI     bool        `json:"phi"`
		Action  gate.Action `json:"action,omitempty"`
	}{rt.Method, rt.Pattern, rt.Public, rt.PHI, rt.Action})
	if err != nil {
		return nil, fmt.Errorf("route %s %s: %w", rt.Method, rt.Pattern, err)
	}
	return data, nil
}

func (rt Route) key() string { return rt.Method + " " + rt.Pattern }

// page binds a plain handler: a page, a form, a file.
func page(h func(*Server, http.ResponseWriter, *http.Request)) binder {
	return func(s *Server, _ Route) (http.Handler, error) {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h(s, w, r) }), nil
	}
}

// api binds an operation of the JSON API and describes it in the OpenAPI
// document.
func api[I, O any](summary string, fn apiFunc[I, O], options ...func(*huma.Operation)) binder {
	return func(s *Server, rt Route) (http.Handler, error) {
		op := huma.Operation{
			Method: rt.Method, Path: rt.Pattern, Summary: summary,
			OperationID: operationID(rt), Tags: []string{tagOf(rt.Pattern)},
			Security:     []map[string][]string{{"token": {}}, {"session": {}}},
			MaxBodyBytes: rt.limit(),
		}
		for _, set := range options {
			set(&op)
		}
		huma.Register(s.api, op, func(ctx context, in *I) (*O, error) {
			out, err := fn(s, ctx, in)
			if err != nil {
				return nil, s.problem(ctx, err)
			}
			return out, nil
		})
		h, ok := s.operations[rt.key()]
		if !ok {
			return nil, fmt.Errorf("%s: the operation did not register under its own pattern", rt.key())
		}
		return h, nil
	}
}

// status sets the status of a successful answer.
func status(code int) func(*huma.Operation) {
	return func(op *huma.Operation) { op.DefaultStatus = code }
}

// operations collects what huma registers, so that only the route table
// decides what is served.
type operations map[string]http.Handler

// HandleFunc keeps a handler under its pattern.
func (o operations) HandleFunc(pattern string, h func(http.ResponseWriter, *http.Request)) {
	o[pattern] = http.HandlerFunc(h)
}

// ServeHTTP is part of what huma asks of a mux; nothing is served through it.
func (o operations) ServeHTTP(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }

func newAPI(o operations) huma.API {
	config := huma.DefaultConfig("Chartroom", "1")
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", ""
	config.CreateHooks = nil
	config.Transformers = append(config.Transformers, withoutValues)
	format := huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: readText}
	config.Formats = map[string]huma.Format{"application/json": format, "json": format}
	config.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token":   {Type: "http", Scheme: "bearer"},
		"session": {Type: "apiKey", In: "cookie", Name: sessionCookie},
	}
	return humago.New(o, config)
}

// readText reads a JSON body whose strings are text. encoding/json would put
// another character in the place of what is not UTF-8, and a note must be kept as
// it was sent or not at all.
func readText(data []byte, into any) error {
	if !utf8.Valid(data) {
		return errors.New("the body is not UTF-8")
	}
	return json.Unmarshal(data, into) //nolint:wrapcheck // huma answers with its text
}

// withoutValues takes out of a validation error what was sent: problem documents
// end up in the logs of whoever called, and the value may be of a record.
func withoutValues(_ huma.Context, _ string, body any) (any, error) {
	if problem, ok := body.(*huma.ErrorModel); ok {
		for _, detail := range problem.Errors {
			detail.Value = nil
		}
	}
	return body, nil
}

// schemaName names a schema after its package and type, for several domains
// have an Edition or a Finding.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	pkg := path.Base(t.PkgPath())
	if t.Name() == "" || pkg == "." || pkg == "server" {
		return name
	}
	return strings.ToUpper(pkg[:1]) + pkg[1:] + name
}
