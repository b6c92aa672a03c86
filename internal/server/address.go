package server

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// anIdentifier is the shape of what gate.NewID makes: 26 digits of base 32.
const anIdentifier = `[0-9a-hjkmnp-tv-z]{26}`

var identifier = regexp.MustCompile(`^` + anIdentifier + `$`)

// parameter finds the parameters of a pattern.
var parameter = regexp.MustCompile(`\{(\w+)\}`)

// notIdentifiers are the parameters of paths that name something else.
var notIdentifiers = map[string]bool{"version": true, "system": true, "slot": true, "node": true, "page": true, "image": true}

// slots are the names of drafts as the coding page makes them. They stand in the
// clear, so a text that was put there by mistake must not pass for one.
var slots = regexp.MustCompile(`^[0-9A-Za-z_.:-]{1,64}$`)

// numbers are the parameters that are the number of a page, or the name of its image.
var numbers = regexp.MustCompile(`^[1-9][0-9]{0,4}(\.png)?$`)

// wellFormed stands between the guard and every route. What it turns away never
// comes near the gate: bytes that are no text, forms that cannot be read, and
// above all words in the place of an identifier. The gate writes the subject of
// what it refuses on the audit log, for good; a name or a number that somebody
// typed into an address must not get there.
func (s *Server) wellFormed(rt Route, next http.Handler) http.Handler {
	names := identifiersOf(rt.Pattern)
	form := rt.Method == post && !strings.HasPrefix(rt.Pattern, "/api/") && !strings.HasPrefix(rt.Pattern, "/fhir/")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := readable(rt, r, names)
		if err == nil && form {
			err = readForm(r)
		}
		if err != nil {
			s.malformed(w, r, rt, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// identifiersOf lists the parameters of a pattern that are identifiers of ours.
// The code of an encoder page is one of a code set; that of a trace is ours.
func identifiersOf(pattern string) []string {
	names := []string{}
	for _, found := range parameter.FindAllStringSubmatch(pattern, -1) {
		if !notIdentifiers[found[1]] && !strings.HasPrefix(pattern, "/api/v1/encoder/") {
			names = append(names, found[1])
		}
	}
	return names
}

// readable looks at the address of a request.
func readable(rt Route, r *http.Request, names []string) error {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return &fault{http.StatusBadRequest, "The address cannot be read."}
	}
	if !plainText(r.URL.Path) || !plainValues(query, "") {
		return &fault{http.StatusBadRequest, "The address holds characters that are no text."}
	}
	for _, name := range names {
		if !identifier.MatchString(r.PathValue(name)) {
			return notFound("There is nothing at this address.")
		}
	}
	if slot := r.PathValue("slot"); slot != "" && !slots.MatchString(slot) {
		return notFound("There is nothing at this address.")
	}
	for _, name := range []string{"page", "image"} {
		if number := r.PathValue(name); number != "" && !numbers.MatchString(number) {
			return notFound("There is nothing at this address.")
		}
	}
	return searchable(rt, query)
}

// searchable looks at the parameters of a query whose values come on the audit
// log as the subject of the search.
func searchable(rt Route, query url.Values) error {
	name, value := "", ""
	switch {
	case strings.HasPrefix(rt.Pattern, "/audit") || rt.Pattern == "/api/v1/audit/entries":
		name, value = "subject", strings.TrimSpace(query.Get("subject"))
	case strings.HasPrefix(rt.Pattern, "/fhir/"):
		name, value = "encounter", strings.TrimPrefix(query.Get("encounter"), "Encounter/")
	}
	if value == "" || identifier.MatchString(value) {
		return nil
	}
	return unusable("What " + name + " names is an identifier of 26 letters and digits, never a name or a number of a patient.")
}

// readForm reads the form of a page and sees that it is text.
func readForm(r *http.Request) error {
	if media := r.Header.Get("Content-Type"); media != "" && !strings.HasPrefix(strings.ToLower(media), "application/x-www-form-urlencoded") {
		return &fault{http.StatusUnsupportedMediaType, "Forms come as application/x-www-form-urlencoded."}
	}
	if err := r.ParseForm(); err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return err //nolint:wrapcheck // faultOf knows it
		}
		return &fault{http.StatusBadRequest, "The form cannot be read."}
	}
	if !plainValues(r.PostForm, "\t\r\n") {
		return unusable("The form holds characters that are no text.")
	}
	return nil
}

// plainText reports whether text is UTF-8 without control characters but those
// allowed.
func plainText(text string, allowed ...rune) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(c rune) bool {
		return unicode.IsControl(c) && !strings.ContainsRune(string(allowed), c)
	})
}

func plainValues(values url.Values, allowed string) bool {
	for name, list := range values {
		if !plainText(name) {
			return false
		}
		for _, value := range list {
			if !plainText(value, []rune(allowed)...) {
				return false
			}
		}
	}
	return true
}

// malformed answers in the manner of the route: pages with a page, the JSON API
// with a problem document, FHIR with an OperationOutcome.
func (s *Server) malformed(w http.ResponseWriter, r *http.Request, rt Route, err error) {
	f := s.faultOf(r.Context(), err)
	switch {
	case strings.HasPrefix(rt.Pattern, "/fhir/"):
		s.failFHIR(w, r, f)
	case forPrograms(rt.Pattern):
		f.writeProblem(w)
	case rt.Public:
		http.Error(w, f.text, f.status)
	default:
		s.fail(w, r, f)
	}
}
