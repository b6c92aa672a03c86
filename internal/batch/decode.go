package batch

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"unicode/utf8"
)

// Decode reads a line into v, a pointer to a struct with JSON names. The line
// must be one JSON object in UTF-8 that has an "id"; fields that v does not name,
// in exactly that case, are ignored. A line that is not so is refused with the
// place of the fault.
func Decode(line []byte, v any) error {
	if at := firstInvalid(line); at >= 0 {
		return Refuse("bad-text", "not UTF-8 at byte %d of the line", at)
	}
	if at := bytes.IndexByte(line, 0); at >= 0 {
		return Refuse("bad-json", "NUL character at byte %d of the line", at)
	}
	if first := bytes.TrimLeft(line, " \t\r\n"); len(first) > 0 && first[0] != '{' {
		return Refuse("bad-json", "the line is not a JSON object: it does not begin with {")
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(line, &members); err != nil {
		return badJSON(err)
	}
	if _, ok := members["id"]; !ok {
		return Refuse("no-id", "the object has no id")
	}
	if dropMisspelt(members, v) {
		exact, err := json.Marshal(members)
		if err != nil {
			return badJSON(err)
		}
		line = exact
	}
	if err := json.Unmarshal(line, v); err != nil {
		return badJSON(err)
	}
	return nil
}

// dropMisspelt removes the members that encoding/json would take for a field of
// v though their case differs, and reports whether there was one.
func dropMisspelt(members map[string]json.RawMessage, v any) bool {
	t := reflect.TypeOf(v).Elem()
	if t.Kind() != reflect.Struct {
		return false
	}
	known := make([]string, 0, t.NumField())
	for field := range t.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		known = append(known, name)
	}
	dropped := false
	for member := range members {
		for _, name := range known {
			if member != name && strings.EqualFold(member, name) {
				delete(members, member)
				dropped = true
			}
		}
	}
	return dropped
}

// badJSON is the refusal for an error of encoding/json; it holds no value of the
// line.
func badJSON(err error) *Error {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		if strings.Contains(syntax.Error(), "max depth") {
			return Refuse("bad-json", "nested too deeply at byte %d of the line", syntax.Offset)
		}
		return Refuse("bad-json", "not JSON at byte %d of the line", syntax.Offset)
	}
	if kind, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		found, _, _ := strings.Cut(kind.Value, " ") // what follows is the number itself
		return Refuse("bad-field", "%s at byte %d of the line is %s where %s is wanted",
			kind.Field, kind.Offset, jsonName(found), wanted(kind.Type))
	}
	return Refuse("bad-json", "not a JSON object of the expected shape")
}

// jsonName is what people call a JSON value that encoding/json calls by kind.
func jsonName(kind string) string {
	switch kind {
	case "bool":
		return "true or false"
	case "array":
		return "a list"
	case "object":
		return "an object"
	case "number":
		return "a number"
	default:
		return "a string"
	}
}

// wanted is what people call the JSON value of a Go type.
func wanted(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.String:
		return "a string"
	case reflect.Pointer:
		return wanted(t.Elem())
	case reflect.Float32, reflect.Float64:
		return "a number"
	default:
		return "a whole number"
	}
}

// firstInvalid returns the offset of the first byte that is not UTF-8, or -1.
func firstInvalid(line []byte) int {
	if utf8.Valid(line) {
		return -1
	}
	for at := 0; at < len(line); {
		r, size := utf8.DecodeRune(line[at:])
		if r == utf8.RuneError && size == 1 {
			return at
		}
		at += size
	}
	return -1
}

// encodeRefusal is the answer to a line that cannot be used.
func encodeRefusal(line []byte, err error) []byte {
	known, ok := errors.AsType[*Error](err)
	if !ok {
		known = Refuse("refused", "%s", err.Error())
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(struct {
		ID    json.RawMessage `json:"id"`
		Error *Error          `json:"error"`
	}{idOf(line), known}) // both always encode
	return b.Bytes()
}

// idOf finds the id of a line, also of one that is broken further on; null where
// there is none to be found.
func idOf(line []byte) json.RawMessage {
	null := json.RawMessage("null")
	dec := json.NewDecoder(bytes.NewReader(bytes.ToValidUTF8(line, []byte("\ufffd"))))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return null
	}
	found := null
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return found
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return found
		}
		if name == "id" {
			found = value
		}
	}
	return found
}
