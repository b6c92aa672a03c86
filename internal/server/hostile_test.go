package server_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf16"

	"chartroom/internal/access"
	"chartroom/internal/gate"
	"chartroom/internal/server"
)

// hostileJSON are bodies that no operation of the JSON API may take, whatever it
// does.
func hostileJSON() map[string]string {
	return map[string]string{
		"nothing": "", "truncated": `{"revision":`, "an array": "[]", "null": "null", "a number": "1e999999", "not JSON": "revision=0",
		"deep arrays":   `{"query":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + "}",
		"deep objects":  strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000),
		"wrong types":   `{"revision":"x","query":5,"term":5,"text":[],"type":1,"code":{},"suggestion":1,"finding":1,"reason":2,"poa":3,"date":4,"position":"x","system":7}`,
		"negative":      `{"revision":-1,"query":"","term":"","type":"","text":"","suggestion":"","code":"","reason":"","finding":"","position":-5,"system":"icd10cm"}`,
		"huge number":   `{"revision":99999999999999999999999999,"query":1,"term":1,"text":1,"type":1}`,
		"fraction":      `{"revision":0.5,"query":0.5,"term":0.5,"text":0.5,"type":0.5}`,
		"unknown keys":  `{"__proto__":{"admin":true},"constructor":1}`,
		"zero bytes":    strings.Repeat("\x00", 100),
		"entities":      `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>`,
		"gzip bomb":     string(squeeze(10 << 20)),
		"byte order":    "\xef\xbb\xbf[]",
		"two documents": `[]{"query":"aa"}`,
	}
}

func squeeze(size int) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(make([]byte, size)) // a buffer takes all
	_ = w.Close()
	return b.Bytes()
}

// TestHostileJSON sends what nobody should send to every operation of the JSON
// API that takes a body.
func TestHostileJSON(t *testing.T) {
	r := openRoom(t)
	before := r.counts()
	sent := 0
	for _, rt := range server.Routes() {
		bodiless := strings.HasSuffix(rt.Pattern, "/suggest") || strings.HasSuffix(rt.Pattern, "/verify")
		if rt.Method == http.MethodGet || !strings.HasPrefix(rt.Pattern, "/api/") || rt.Pattern == "/api/v1/intake" || bodiless {
			continue
		}
		for name, body := range hostileJSON() {
			for _, media := range []string{jsonType, "application/xml", "application/cbor", "///;;;", ""} {
				if media != jsonType && name != "nothing" && name != "truncated" {
					continue
				}
				what := fmt.Sprintf("%s %s, %s as %q", rt.Method, rt.Pattern, name, media)
				w := r.do(rt.Method, r.fill(rt.Pattern), media, []byte(body), withToken(r.program))
				sent++
				if w.Code < 400 || w.Code >= 500 {
					t.Errorf("%s: %d %.120s", what, w.Code, w.Body.String())
				}
				isProblem(t, what, w)
			}
		}
	}
	if after := r.counts(); !equal(before, after) {
		t.Errorf("something was written: %v, then %v", before, after)
	}
	if sent < 300 {
		t.Errorf("only %d bodies were sent", sent)
	}
	r.alive()
}

// TestHostileTexts sends texts that JSON carries and a database, a page or a log
// should not.
func TestHostileTexts(t *testing.T) {
	r := openRoom(t, access.Supervisor)
	notes := "/api/v1/encounters/" + r.encounter + "/notes"
	coding := "/api/v1/encounters/" + r.encounter + "/coding"
	for _, c := range []struct{ name, method, path, body string }{
		{"NUL in a note", "POST", notes, `{"type":"progress","text":"a\u0000b"}`},
		{"NUL in its type", "POST", notes, `{"type":"pro\u0000gress","text":"a"}`},
		{"half a character", "POST", notes, `{"type":"progress","text":"a` + "\xff\xfe" + `"}`},
		{"note without text", "POST", notes, `{"type":"progress","text":"   "}`},
		{"note in the year 0", "POST", notes, `{"type":"progress","text":"a","written":"0000-00-00T00:00:00Z"}`},
		{"type too long", "POST", notes, `{"type":"` + strings.Repeat("a", 101) + `","text":"a"}`},
		{"a megabyte where little fits", "POST", coding + "/reject", `{"revision":0,"suggestion":"x","reason":"` + strings.Repeat("a", 2<<20) + `"}`},
		{"50 MB note", "POST", notes, `{"type":"progress","text":"` + strings.Repeat("a", 50<<20) + `"}`},
		{"code of NULs", "POST", coding + "/add", `{"revision":0,"system":"icd10cm","code":"\u0000\u0000"}`},
		{"date that is a name", "POST", coding + "/add", `{"revision":0,"system":"icd10pcs","code":"0DTJ4ZZ","date":"` + roomFamily[:9] + `"}`},
		{"passage outside the text", "POST", coding + "/add", `{"revision":0,"system":"icd10cm","code":"I10","passages":[{"document":"` + r.document + `","version":1,"start":-5,"end":99999999}]}`},
		{"passage backwards", "POST", coding + "/add", `{"revision":0,"system":"icd10cm","code":"I10","passages":[{"document":"` + r.document + `","version":1,"start":20,"end":10}]}`},
		{"passage of another encounter", "POST", coding + "/add", `{"revision":0,"system":"icd10cm","code":"I10","passages":[{"document":"` + gate.NewID() + `","version":1,"start":0,"end":1}]}`},
		{"stale revision", "POST", coding + "/undo", `{"revision":77}`},
		{"nothing to undo", "POST", coding + "/undo", `{"revision":0}`},
		{"finalise what was not begun", "POST", coding + "/finalise", `{"revision":0}`},
		{"reopen what is not final", "POST", coding + "/reopen", `{"revision":0,"reason":"x"}`},
		{"waive what is not there", "POST", coding + "/waive", `{"revision":0,"finding":"x","reason":"x"}`},
		{"draft too long", "PUT", coding + "/drafts/note", `{"text":"` + strings.Repeat("a", 65_537) + `"}`},
		{"draft with a name for its slot", "PUT", coding + "/drafts/Ottoline%20Quill", `{"text":"x"}`},
		{"search too long", "POST", "/api/v1/find", `{"query":"` + strings.Repeat("a", 201) + `"}`},
		{"search of one letter", "POST", "/api/v1/find", `{"query":"a"}`},
		{"encoder, no such day", "POST", "/api/v1/encoder/search", `{"query":"a","date":"2026-99-99"}`},
		{"encoder, no such system", "POST", "/api/v1/encoder/search", `{"query":"a","systems":["cpt"]}`},
	} {
		before := r.counts()
		w := r.do(c.method, c.path, jsonType, []byte(c.body), withCookie(r.sessions[access.Supervisor]))
		if w.Code < 400 || w.Code >= 500 {
			t.Errorf("%s: %d %.200s", c.name, w.Code, w.Body.String())
		}
		isProblem(t, c.name, w)
		if after := r.counts(); !equal(before, after) {
			t.Errorf("%s: something was written: %v, then %v", c.name, before, after)
		}
		// A problem document never repeats what was sent.
		if strings.Contains(w.Body.String(), "aaaaaaaaaa") || strings.Contains(w.Body.String(), roomFamily[:9]) {
			t.Errorf("%s: the answer repeats what was sent: %.200s", c.name, w.Body.String())
		}
	}
	r.alive()
}

// TestHostileAddresses puts everything but an identifier where one belongs, and
// sees that none of it gets on the audit log.
func TestHostileAddresses(t *testing.T) {
	r := openRoom(t, access.Administrator, access.Supervisor, access.Auditor)
	words := []string{
		roomFamily, "912-55-0138", "..%2f..%2fetc%2fpasswd", "%2e%2e", "%00", "%ff", "%C0%80", "%0a", "%09", "a%2fb", "%E2%80%AE", "A%CC%8A",
		strings.Repeat("x", 63), strings.Repeat("x", 5000), "%27%3B%20DROP%20TABLE%20fact", "0", "-1", "*", "%25", "..%5c", strings.ToUpper(r.encounter),
		r.encounter + "%20", r.encounter[:25], r.encounter[:25] + "i",
	}
	for _, rt := range server.Routes() {
		if rt.Public || strings.Contains(rt.Pattern, "/encoder/") || !strings.Contains(rt.Pattern, "{") {
			continue
		}
		media, body := goodBody(rt)
		for _, word := range words {
			path := parameterIn(rt.Pattern, word)
			for _, role := range []access.Role{access.Administrator, access.Supervisor} {
				w := r.do(rt.Method, path, media, body, withCookie(r.sessions[role]))
				// "a%2fb" may make another path of it, and "x" is a good slot.
				if w.Code < 400 && w.Code != http.StatusTemporaryRedirect || w.Code >= 500 {
					t.Errorf("%s %s as %s: %d %.100s", rt.Method, path, role, w.Code, w.Body.String())
				}
			}
		}
	}
	for _, c := range []struct {
		path string
		role access.Role
		want int
	}{
		{"/fhir/R4/Condition?encounter=" + roomFamily, access.Administrator, 422},
		{"/fhir/R4/Procedure?encounter=Encounter/" + roomFamily, access.Administrator, 422},
		{"/fhir/R4/Condition", access.Supervisor, 422},
		{"/fhir/R4/Condition?encounter=%00", access.Supervisor, 400},
		{"/audit?subject=" + roomFamily, access.Auditor, 422},
		{"/audit.csv?subject=" + roomFamily, access.Auditor, 422},
		{"/api/v1/audit/entries?subject=" + roomFamily, access.Auditor, 422},
		{"/audit?after=x", access.Auditor, 422},
		{"/audit.csv?after=-1", access.Auditor, 422},
		{"/api/v1/audit/entries?after=x", access.Auditor, 422},
		{"/api/v1/audit/entries?limit=501", access.Auditor, 422},
		{"/audit?action=%ff", access.Auditor, 400},
		{"/work?unit=%00", access.Supervisor, 400},
		{"/work?after=x", access.Supervisor, 422},
		{"/work?show=nonsense", access.Supervisor, 422},
		{"/work?queue=nonsense", access.Supervisor, 422},
		{"/work?a=%zz", access.Supervisor, 400},
		{"/work?a=1;b=2", access.Supervisor, 400},
		{"/find?f=" + roomFamily, access.Supervisor, 200},
		{"/api/v1/encounters?after=!!", access.Supervisor, 422},
		{"/api/v1/encounters?setting=nonsense", access.Supervisor, 422},
		{"/api/v1/messages?after=x", access.Supervisor, 404},
		{"/api/v1/encoder/codes/icd10cm/%00", access.Supervisor, 400},
		{"/api/v1/encoder/codes/icd10cm/NOPE", access.Supervisor, 404},
		{"/api/v1/encoder/codes/cpt/1", access.Supervisor, 422},
		{"/api/v1/encoder/index/99999999", access.Supervisor, 404},
		{"/api/v1/encoder/index/-1", access.Supervisor, 422},
		{"/api/v1/encoder/pcs?prefix=%21%21", access.Supervisor, 200},
		{"/chart/" + gate.NewID(), access.Supervisor, 404},
		{"/coding/" + gate.NewID(), access.Supervisor, 404},
		{"/chart/" + r.record + "/documents/" + gate.NewID(), access.Supervisor, 404},
		{"/chart/" + gate.NewID() + "/documents/" + r.document, access.Supervisor, 404},
		{"/audit/" + gate.NewID(), access.Auditor, 404},
		{"/nothing/at/all", access.Supervisor, 404},
		{"/static/0/..%2f..%2fserver.go", access.Supervisor, 404},
	} {
		if w := r.do(http.MethodGet, c.path, "", nil, withCookie(r.sessions[c.role])); w.Code != c.want {
			t.Errorf("GET %s as %s: %d, want %d %.200s", c.path, c.role, w.Code, c.want, w.Body.String())
		}
	}
	w := r.do(http.MethodGet, "/audit.csv", "", nil, withCookie(r.sessions[access.Auditor]))
	if log := w.Body.String(); strings.Contains(log, roomFamily) || strings.Contains(log, "912-55") || strings.Contains(log, "passwd") {
		t.Errorf("the audit log holds what somebody typed into an address:\n%s", log)
	}
	if log := r.log.String(); strings.Contains(log, roomFamily) || strings.Contains(log, "912-55") {
		t.Error("the server's log holds what somebody typed into an address")
	}
	r.alive()
}

// parameterIn puts one word into every parameter of a pattern.
func parameterIn(pattern, word string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(pattern, "/") {
		if strings.HasPrefix(part, "{") {
			part = word
		}
		if part != "" {
			b.WriteString("/" + part)
		}
	}
	return b.String()
}

// TestHostileForms posts what no form of ours sends.
func TestHostileForms(t *testing.T) {
	r := openRoom(t, access.Administrator, access.Coder)
	long := strings.Repeat("a", 2<<20)
	person := "/administration/people"
	for _, c := range []struct {
		name, path, media, body string
		want                    int
	}{
		{"sign-in of two megabytes", "/sign-in", formType, "name=" + long, 413},
		{"sign-in, NUL", "/sign-in", formType, "name=%00&password=%00", 422},
		{"sign-in, no text", "/sign-in", formType, "name=%ff&password=%ff", 422},
		{"sign-in, broken escapes", "/sign-in", formType, "name=%zz", 400},
		{"sign-in in parts", "/sign-in", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\ncoder\r\n--x--\r\n", 415},
		{"sign-in in JSON", "/sign-in", jsonType, `{"name":"coder"}`, 415},
		{"sign-in, nothing", "/sign-in", formType, "", 401},
		{"sign-in, long password", "/sign-in", formType, "name=coder&password=" + strings.Repeat("a", 100_000), 401},
		{"unlock, NUL", "/session/unlock", formType, "password=%00", 422},
		{"find, NUL", "/find", formType, "query=%00", 422},
		{"find, too long", "/find", formType, "query=" + strings.Repeat("a", 201), 422},
		{"person, nothing", person, formType, "", 422},
		{"person without a name", person, formType, "login=x&role=coder&password=" + roomPassword, 422},
		{"person, short password", person, formType, "login=x&name=X&role=coder&password=short", 422},
		{"person, no such role", person, formType, "login=x&name=X&role=root&password=" + roomPassword, 422},
		{"person, two lines", person, formType, "login=x%0ay&name=X&role=coder&password=" + roomPassword, 422},
		{"person, long name", person, formType, "login=x&name=" + strings.Repeat("a", 5000) + "&role=coder&password=" + roomPassword, 422},
		{"person, long sign-in name", person, formType, "login=" + strings.Repeat("a", 5000) + "&name=X&role=coder&password=" + roomPassword, 422},
		{"person, taken", person, formType, "login=coder&name=X&role=coder&password=" + roomPassword, 409},
		{"nobody changed", person + "/" + gate.NewID(), formType, "role=coder&active=1", 404},
		{"token without a name", "/administration/tokens", formType, "name=+", 422},
		{"token, no such role", "/administration/tokens", formType, "name=x&role=root", 422},
		{"token, long name", "/administration/tokens", formType, "name=" + strings.Repeat("a", 5000), 422},
		{"token, no such day", "/administration/tokens", formType, "name=x&expires=31.12.2030", 422},
		{"token that has ended", "/administration/tokens", formType, "name=x&expires=1999-01-01", 422},
		{"no token revoked", "/administration/tokens/" + gate.NewID() + "/revoke", formType, "", 404},
		{"set-up once more", "/set-up", formType, "code=x&name=x&full=x&password=" + roomPassword, 303},
	} {
		before := r.counts()
		role := access.Administrator
		if c.path == "/find" {
			role = access.Coder
		}
		w := r.do(http.MethodPost, c.path, c.media, []byte(c.body), withCookie(r.sessions[role]))
		if w.Code != c.want {
			t.Errorf("%s: %d, want %d %.300s", c.name, w.Code, c.want, w.Body.String())
		}
		if after := r.counts(); !equal(before, after) {
			t.Errorf("%s: something was written: %v, then %v", c.name, before, after)
		}
	}
	r.alive()
}

// TestMethodsAndOverrides asks addresses with methods they do not take.
func TestMethodsAndOverrides(t *testing.T) {
	r := openRoom(t)
	for _, method := range []string{"PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "FOO", "get"} {
		for _, path := range []string{"/work", "/api/v1/encounters", "/fhir/R4/metadata"} {
			if w := r.do(method, path, "", nil, withToken(r.program)); w.Code != http.StatusMethodNotAllowed {
				t.Errorf("%s %s: %d", method, path, w.Code)
			}
		}
	}
	for _, header := range []string{"X-Http-Method-Override", "X-Method-Override", "X-Http-Method"} {
		w := r.do(http.MethodGet, "/api/v1/find", jsonType, []byte(`{"query":"`+roomFamily+`"}`), func(q *http.Request) {
			withToken(r.program)(q)
			q.Header.Set(header, http.MethodPost)
		})
		if w.Code != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d", header, w.Code)
		}
	}
	r.alive()
}

// TestHostileIntake posts to intake what is neither a chart nor harmless. All of
// it is answered 422 with counts that reconcile and a reason without patient
// data, and nothing of it is in the chart.
func TestHostileIntake(t *testing.T) {
	r := openRoom(t)
	for name, body := range hostileIntake(t) {
		before := r.counts()
		w := r.do(http.MethodPost, "/api/v1/intake", "", body, withToken(r.program))
		if w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %.200s", name, w.Code, w.Body.String())
		}
		reconciles(t, name, w)
		if after := r.counts(); !equal(before, after) {
			t.Errorf("%s: something was written: %v, then %v", name, before, after)
		}
		if strings.Contains(w.Body.String(), roomFamily) {
			t.Errorf("%s: the answer tells of the patient: %.300s", name, w.Body.String())
		}
	}
	if log := r.log.String(); strings.Contains(log, roomFamily) {
		t.Error("the log tells of the patient")
	}
	r.alive()
}

func reconciles(t *testing.T, name string, w *httptest.ResponseRecorder) {
	t.Helper()
	var got struct{ Received, Accepted, Rejected int }
	if err := readJSON(w, &got); err != nil || got.Accepted != 0 || got.Rejected == 0 || got.Received != got.Rejected {
		t.Errorf("%s: %+v, %v", name, got, err)
	}
}

func hostileIntake(t *testing.T) map[string][]byte {
	t.Helper()
	wide := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(`{"resourceType":"Patient"}`)) {
		wide = binary.LittleEndian.AppendUint16(wide, unit)
	}
	head := `MSH|^~\&|A|B|C|D|20260101||ADT^A01|1|P|2.5` + "\r"
	return map[string][]byte{
		"nothing": nil, "zero bytes": make([]byte, 1<<20), "truncated": []byte(`{"resourceType":"Patient","name":[{"family":"` + roomFamily),
		"deep arrays":     []byte(strings.Repeat("[", 200_000)),
		"deep objects":    []byte(strings.Repeat(`{"resourceType":"Patient","a":`, 50_000)),
		"deep extensions": []byte(`{"resourceType":"Patient","extension":` + strings.Repeat(`[{"extension":`, 50_000)),
		"one huge value":  []byte(`{"resourceType":"Patient","id":"` + strings.Repeat("a", 20<<20) + `"}`),
		"huge text":       bytes.Repeat([]byte("A"), 20<<20),
		"huge HL7 field":  []byte(head + "PID|1||" + strings.Repeat("X", 20<<20)),
		"many segments":   []byte(head + strings.Repeat("ZZZ|\r", 250_000)),
		"gzip bomb":       squeeze(100 << 20), "zip bomb": zipped(t, "../../x.json", make([]byte, 100<<20)), "zip in a zip": zipped(t, "a.zip", zipped(t, "b.json", []byte("{}"))),
		"entities":       []byte(`<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Patient>&x;</Patient>`),
		"UTF-16":         wide,
		"no UTF-8":       []byte(`{"resourceType":"Patient","name":[{"family":"` + roomFamily + "\xff\"}]}"),
		"same key twice": []byte(`{"resourceType":"Patient","resourceType":"Encounter","id":"1"}`),
		"no type":        []byte(`{"name":[{"family":"` + roomFamily + `"}]}`),
		"null entries":   []byte(`{"resourceType":"Bundle","type":"batch","entry":[` + strings.Repeat("null,", 20_000) + "null]}"),
		"no day":         []byte(`{"resourceType":"Patient","name":[{"family":"` + roomFamily + `"}],"birthDate":"9999-99-99"}`),
		"a file's path":  []byte(`{"resourceType":"DocumentReference","status":"current","content":[{"attachment":{"url":"file:///etc/passwd"}}]}`),
		"no separators":  []byte("MSH|||||||||||||\rPID|||||\r"), "three letters": []byte("MSH"),
		"lines of nonsense": []byte(strings.Repeat("{bad\n", 10_000)),
		"note for nobody":   []byte("Record-Number: " + roomFamily + "\n\ntext of " + roomFamily + "\n"),
		"note's head":       []byte(roomFamily + ": x\nRecord-Number: " + roomNumber + "\n\ntext\n"),
	}
}

func zipped(t *testing.T, name string, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	member, err := w.Create(name)
	if err == nil {
		_, err = member.Write(content)
	}
	if err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
