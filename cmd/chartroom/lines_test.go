package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"chartroom/codes/coder"
	"chartroom/codes/codeset"
	"chartroom/internal/batch"
)

// outcome is what a command line left behind.
type outcome struct {
	status         int
	stdout, stderr string
}

func (o outcome) lines() []string {
	if o.stdout == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(o.stdout, "\n"), "\n")
}

// execute runs a command line in this process.
func execute(t *testing.T, stdin []byte, args ...string) outcome {
	t.Helper()
	var out, diagnostics bytes.Buffer
	err := run(context.Background(), args, bytes.NewReader(stdin), &out, &diagnostics)
	return outcome{status(err, &diagnostics), out.String(), diagnostics.String()}
}

// engine codes for the tests that run a command often: making one takes a while.
var engine = sync.OnceValue(func() *coder.Engine { return coder.New(codeset.Embedded()) })

// answer is execute, but with one engine for every call.
func answer(t *testing.T, stdin []byte, name []string) outcome {
	t.Helper()
	if name[1] != "suggest" {
		return execute(t, stdin, name...)
	}
	var out, diagnostics bytes.Buffer
	e := &env{ctx: context.Background(), stdin: bytes.NewReader(stdin), stdout: &out, stderr: &diagnostics}
	err := lineFlags{File: "-"}.run(e, func(ctx context.Context, line []byte) (any, error) {
		return suggestLine(ctx, engine(), false, line)
	})
	return outcome{status(err, &diagnostics), out.String(), diagnostics.String()}
}

// lineCommands are the commands that answer JSON Lines, each with the members of
// a line it can use.
var lineCommands = []struct {
	name    []string
	members string
	empty   string // the member of the answer that is a list
}{
	{[]string{"code", "suggest"}, `"text":"Essential hypertension."`, "codes"},
	{[]string{"code", "lookup"}, `"term":"hypertension"`, "hits"},
	{[]string{"code", "check"}, `"dx":[{"code":"I10","poa":"Y"}]`, "findings"},
}

// TestEveryKindOfBytes gives each command lines as the world sends them.
func TestEveryKindOfBytes(t *testing.T) {
	deep := strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000)
	cases := []struct {
		name  string
		input string   // % stands for the members of a line the command can use
		want  []string // id and refusal of each answer
	}{
		{"nothing", "", nil},
		{"blank lines only", "\n \r\n\t\n", nil},
		{"no newline at the end", `{"id":1,%}`, []string{"1 -"}},
		{"a byte order mark", "\ufeff{\"id\":1,%}\n", []string{"1 -"}},
		{"a byte order mark alone", "\ufeff", nil},
		{"a byte order mark within", "{\"id\":1,%}\n\ufeff{\"id\":2,%}\n", []string{"1 -", "null bad-json"}},
		{"line ends of DOS", "{\"id\":1,%}\r\n\r\n{\"id\":2,%}\r\n", []string{"1 -", "2 -"}},
		{"blanks around", "  \t{ \"id\" : 1 , % }  \r\n", []string{"1 -"}},
		{"blank lines between", "\n\n{\"id\":1,%}\n\n  \n{\"id\":2,%}", []string{"1 -", "2 -"}},
		{"ids of every kind", "{\"id\":\"\\u00e9<&>\\/\",%}\n{\"id\":-0.0,%}\n{\"id\":12345678901234567890,%}\n{\"id\":{\"a\":[null,false]},%}\n{\"id\":\"\",%}\n",
			[]string{`"\u00e9<&>\/" -`, "-0.0 -", "12345678901234567890 -", `{"a":[null,false]} -`, `"" -`}},
		{"no id", "{%}\n", []string{"null no-id"}},
		{"an id in another case", "{\"Id\":1,%}\n", []string{"null no-id"}},
		{"not an object", "[1]\n\"x\"\n7\nnull\ntrue\n", []string{"null bad-json", "null bad-json", "null bad-json", "null bad-json", "null bad-json"}},
		{"two objects on a line", "{\"id\":1,%} {\"id\":2,%}\n", []string{"1 bad-json"}},
		{"cut off", "{\"id\":\"a\",\"x\":", []string{`"a" bad-json`}},
		{"single quotes", "{'id':1}\n{\"id\":2,%}", []string{"null bad-json", "2 -"}},
		{"a NUL between", "{\"id\":1,\x00%}\n{\"id\":2,%}", []string{"1 bad-json", "2 -"}},
		{"a NUL in a string", "{\"id\":1,\"more\":\"\x00\",%}\n", []string{"1 bad-json"}},
		{"a NUL as an escape", "{\"id\":1,\"more\":\"\\u0000\",%}\n", []string{"1 -"}},
		{"not UTF-8", "{\"id\":1,\"more\":\"\xff\",%}\n{\"id\":2,%}", []string{"1 bad-text", "2 -"}},
		{"an id not UTF-8", "{\"id\":\"\xc3\x28\",%}\n", []string{"\"\ufffd(\" bad-text"}},
		{"UTF-16", "\xff\xfe{\x00\"\x00i\x00d\x00\"\x00:\x001\x00}\x00", []string{"null bad-text"}},
		{"half a surrogate pair", "{\"id\":1,\"more\":\"\\ud800\",%}\n", []string{"1 -"}},
		{"nested deeply", "{\"id\":1,\"more\":" + deep + ",%}\n{\"id\":2,%}", []string{"1 bad-json", "2 -"}},
		{"nested deeply and open", strings.Repeat("{\"id\":", 50_000) + "\n{\"id\":2,%}", []string{"null bad-json", "2 -"}},
		{"the same member twice", "{\"id\":1,\"id\":2,%}\n", []string{"2 -"}},
	}
	for _, command := range lineCommands {
		for _, c := range cases {
			t.Run(strings.Join(command.name, " ")+"/"+c.name, func(t *testing.T) {
				checkAnswers(t, answer(t, []byte(strings.ReplaceAll(c.input, "%", command.members)), command.name), c.want)
			})
		}
	}
}

// checkAnswers compares ids and refusals, and sees that status and summary fit.
func checkAnswers(t *testing.T, got outcome, want []string) {
	t.Helper()
	refused := 0
	var found []string
	for _, line := range got.lines() {
		if !utf8.ValidString(line) {
			t.Errorf("an answer is not UTF-8: %q", line)
		}
		var a struct {
			ID    json.RawMessage
			Error *batch.Error
		}
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		code := "-"
		if a.Error != nil {
			refused++
			code = a.Error.Code
		}
		found = append(found, string(a.ID)+" "+code)
	}
	if strings.Join(found, "\n") != strings.Join(want, "\n") {
		t.Errorf("answers %q, want %q", found, want)
	}
	wantStatus := 0
	if refused > 0 {
		wantStatus = 2
	}
	if got.status != wantStatus {
		t.Errorf("status %d, want %d: %s", got.status, wantStatus, got.stderr)
	}
	if sum := fmt.Sprintf("%d lines read: %d answered, %d refused\n", len(found), len(found)-refused, refused); got.stderr != sum {
		t.Errorf("summary %q, want %q", got.stderr, sum)
	}
}

// TestOrderForAnyNumberOfWorkers compares the bytes of one worker with those of
// many.
func TestOrderForAnyNumberOfWorkers(t *testing.T) {
	var in bytes.Buffer
	for i := range 300 {
		switch i % 3 {
		case 0:
			fmt.Fprintf(&in, "{\"id\":%d,\"text\":\"%s\",\"term\":\"asthma\",\"dx\":[{\"code\":\"J45.909\"}]}\n", i, strings.Repeat("Asthma. Gout. ", i))
		case 1:
			fmt.Fprintf(&in, "{\"id\":%d,\"text\":\"COPD\",\"term\":\"copd\",\"dx\":[{\"code\":\"E10.9\"},{\"code\":\"E11.9\"}]}\n", i)
		default:
			fmt.Fprintf(&in, "{\"id\":%d,}\n", i)
		}
	}
	for _, command := range lineCommands {
		t.Run(strings.Join(command.name, " "), func(t *testing.T) {
			want := execute(t, in.Bytes(), append(command.name, "--jobs", "1")...)
			if want.status != 2 || len(want.lines()) != 300 {
				t.Fatalf("status %d, %d lines", want.status, len(want.lines()))
			}
			for i, line := range want.lines() {
				if !strings.HasPrefix(line, `{"id":`+strconv.Itoa(i)+",") {
					t.Fatalf("line %d is %.40s", i, line)
				}
			}
			for _, jobs := range []string{"0", "2", "16"} {
				if got := execute(t, in.Bytes(), append(command.name, "--jobs", jobs)...); got.stdout != want.stdout {
					t.Errorf("--jobs %s gives other bytes", jobs)
				}
			}
		})
	}
}

// TestAListIsNeverNull looks at answers that have nothing to tell.
func TestAListIsNeverNull(t *testing.T) {
	members := map[string]string{"codes": `"text":""`, "hits": `"term":""`, "findings": `"dx":[{"code":"I10","poa":"Y"}]`}
	for _, command := range lineCommands {
		got := execute(t, []byte(`{"id":1,`+members[command.empty]+`}`), command.name...)
		if got.status != 0 || !strings.Contains(got.stdout, `"`+command.empty+`":[]`) || strings.Contains(got.stdout, "null") {
			t.Errorf("%v: status %d, %s", command.name, got.status, got.stdout)
		}
	}
}

// TestEvidenceCountsBytes reads the words back from where the answer says they
// stand, in a text with characters of one to four bytes.
func TestEvidenceCountsBytes(t *testing.T) {
	const text = "Zoë Brontë-Ångström, Đặng Αθήνα 🏥 “naïve”.\r\nAssessment: type 2 diabetes mellitus with hyperglycemia — µ-opioid 🙂. Essential hypertension…"
	encoded, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"code", "suggest"}, {"code", "suggest", "--all"}} {
		for _, shape := range []string{`{"id":1,"text":%s}`, `{"id":1,"documents":[{"text":"Ünrelated."},{"text":%s}]}`} {
			got := execute(t, fmt.Appendf(nil, shape, encoded), args...)
			words := evidenceWords(t, got, []string{"Ünrelated.", text}, strings.Contains(shape, "documents"))
			for _, want := range []string{"Essential hypertension", "hyperglycemia"} {
				if !strings.Contains(strings.ToLower(strings.Join(words, "|")), strings.ToLower(want)) {
					t.Errorf("%q is not among the words of the evidence %q", want, words)
				}
			}
		}
	}
}

func evidenceWords(t *testing.T, got outcome, texts []string, record bool) []string {
	t.Helper()
	type span struct{ Document, Start, End *int }
	var a struct {
		Codes, Questions []struct{ Evidence []span }
	}
	if err := json.Unmarshal([]byte(got.stdout), &a); err != nil || got.status != 0 {
		t.Fatalf("status %d, %v: %s", got.status, err, got.stdout)
	}
	var words []string
	for _, found := range append(a.Codes, a.Questions...) {
		if len(found.Evidence) == 0 {
			t.Error("a code or question without evidence")
		}
		for _, s := range found.Evidence {
			if (s.Document != nil) != record || s.Start == nil || s.End == nil {
				t.Fatalf("evidence of a wrong shape in %s", got.stdout)
			}
			text := texts[1]
			if record {
				text = texts[*s.Document]
			}
			if *s.Start < 0 || *s.End > len(text) || *s.Start >= *s.End || !utf8.ValidString(text[*s.Start:*s.End]) {
				t.Fatalf("evidence [%d,%d) does not lie on characters of the text", *s.Start, *s.End)
			}
			words = append(words, text[*s.Start:*s.End])
		}
	}
	return words
}

// TestALongLine gives each command a line of ten million bytes, which it answers,
// and one beyond what is read, which it refuses by its id.
func TestALongLine(t *testing.T) {
	if testing.Short() {
		return
	}
	for _, command := range lineCommands {
		t.Run(strings.Join(command.name, " "), func(t *testing.T) {
			var in bytes.Buffer
			for i, size := range []int{10_000_000, batch.MaxLine, 0} {
				fmt.Fprintf(&in, "{\"id\":%d,%s,\"more\":\"%s\"}\n", i, command.members, strings.Repeat("word ", size/5))
			}
			checkAnswers(t, execute(t, in.Bytes(), command.name...), []string{"0 -", "1 too-long", "2 -"})
		})
	}
}

// TestALongText codes a text of several megabytes.
func TestALongText(t *testing.T) {
	if testing.Short() {
		return
	}
	text := strings.Repeat("Seen in clinic today. No chest pain. Essential hypertension is stable. ", 30_000)
	got := execute(t, []byte(`{"id":1,"text":"`+text+`"}`), "code", "suggest")
	if got.status != 0 || !strings.Contains(got.stdout, `"code":"I10"`) {
		t.Errorf("status %d, %.300s", got.status, got.stdout)
	}
}

// FuzzLines gives the commands any bytes: each line is answered once, in order,
// and the counts add up.
func FuzzLines(f *testing.F) {
	f.Add([]byte("{\"id\":1,\"text\":\"gout\",\"term\":\"gout\",\"dx\":[{\"code\":\"M10.9\",\"poa\":\"Y\"}]}\n\n{"))
	f.Add([]byte("\ufeff{\"id\":[1],\"documents\":[{\"text\":\"\xff\"}],\"age\":1e9}\r\n\x00"))
	f.Add([]byte(`{"id":{},"setting":"x","admit_date":"20260101","discharge_date":"2025-01-01","px":[{}]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		lines := 0
		for line := range bytes.Lines(bytes.TrimPrefix(in, []byte("\ufeff"))) {
			if len(bytes.TrimSpace(line)) > 0 {
				lines++
			}
		}
		for _, command := range lineCommands {
			got := answer(t, in, command.name)
			if len(got.lines()) != lines || !strings.HasPrefix(got.stderr, strconv.Itoa(lines)+" lines read: ") {
				t.Errorf("%v: %d lines, %d answers: %s", command.name, lines, len(got.lines()), got.stderr)
			}
			for _, line := range got.lines() {
				if !json.Valid([]byte(line)) || !utf8.ValidString(line) {
					t.Errorf("%v: %q", command.name, line)
				}
				if strings.Contains(line, `"code":"internal"`) {
					t.Errorf("%v: a fault of the program: %s", command.name, line)
				}
			}
		}
	})
}

// TestSuggestedCodesAreBillable codes words of many kinds: each code is full and
// billable in the edition that the answer names, candidates come best first.
func TestSuggestedCodesAreBillable(t *testing.T) {
	texts := []string{
		"Diabetes.", "Fracture of the femur, initial visit.", "Breast cancer, left.", "Acute myocardial infarction.", "Fell from a ladder.",
		"Laparoscopic cholecystectomy performed.", "Sepsis due to E. coli with acute kidney injury.", "History of stroke. Family history of colon cancer.",
		"Pressure ulcer of the sacrum, stage 3.", "Opioid dependence, in remission.", "Normal delivery at 39 weeks, single live birth.",
		"COPD, CHF, CKD stage 4, HTN, DM2 with neuropathy.",
	}
	for _, date := range []string{"2025-03-01", "2026-03-01"} {
		day, err := lineDate("date", date)
		if err != nil {
			t.Fatal(err)
		}
		for _, all := range []bool{false, true} {
			for _, text := range texts {
				answer, err := suggestLine(t.Context(), engine(), all, fmt.Appendf(nil, `{"id":1,"text":%q,"date":%q}`, text, date))
				if err != nil {
					t.Fatal(err)
				}
				out, ok := answer.(suggestOutput)
				if !ok {
					t.Fatalf("%T", answer)
				}
				for i, s := range out.Codes {
					set, err := codeset.Embedded().On(s.System, day)
					if err != nil {
						t.Fatal(err)
					}
					code, ok := set.Code(s.Code)
					if !ok || !code.Billable || code.Code != s.Code || code.Title != s.Title {
						t.Errorf("%s on %s: %s %s is not billable as written", text, date, s.System, s.Code)
					}
					if s.Score <= 0 || s.Score > 1 || len(s.Why) == 0 || out.Edition[s.System.String()] != editionName(set) {
						t.Errorf("%s: %+v, edition %v", text, s, out.Edition)
					}
					if all && i > 0 && s.Score > out.Codes[i-1].Score {
						t.Errorf("%s: %s stands after a lower score", text, s.Code)
					}
				}
			}
		}
	}
}
