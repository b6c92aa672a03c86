package incoming

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"chartroom/internal/chart"
)

// Kind is one type of document that the desk offers.
type Kind struct {
	Name  string   // as the chart keeps it: "operative report"
	Short string   // what people type: "op"
	heads []string // words that head such a paper, folded
}

// Kinds are the types of document, in the order that the list shows. A type that
// is not among them can be typed.
func Kinds() []Kind {
	return []Kind{
		{"history and physical", "h&p", []string{"history and physical", "history & physical", "h&p", "admission history"}},
		{"discharge summary", "ds", []string{"discharge summary", "discharge note", "summary of hospitalization"}},
		{"operative report", "op", []string{"operative report", "operation report", "report of operation", "procedure report"}},
		{"consent", "consent", []string{"informed consent", "consent to", "consent for", "consent form"}},
		{"anesthesia record", "anes", []string{"anesthesia record", "anesthesia report", "anesthesia evaluation"}},
		{"progress note", "pn", []string{"progress note", "daily note", "physician note"}},
		{"consultation", "cons", []string{"consultation", "consult report"}},
		{"nursing note", "rn", []string{"nursing note", "nursing assessment", "nursing record", "nurses' notes"}},
		{"order", "order", []string{"physician orders", "physician's orders", "orders", "order sheet"}},
		{"result", "result", []string{"laboratory report", "lab report", "laboratory result", "test results", "ecg", "electrocardiogram"}},
		{"radiology report", "xr", []string{"radiology report", "x-ray report", "imaging report", "diagnostic imaging"}},
		{"pathology report", "path", []string{"pathology report", "surgical pathology"}},
		{"emergency record", "ed", []string{"emergency department", "emergency record", "ambulance", "ems run"}},
		{"advance directive", "adv", []string{"advance directive", "living will", "health care proxy", "polst", "power of attorney for health"}},
		{"authorization", "auth", []string{"authorization to release", "authorization for release", "hipaa authorization"}},
		{"insurance card", "ins", []string{"insurance card", "member id", "rxbin", "subscriber"}},
		{"identification", "id", []string{"driver license", "driver's license", "identification card"}},
		{"correspondence", "letter", []string{"dear ", "to whom it may concern", "correspondence", "fax cover"}},
	}
}

// Proposal is what the words of a scan's pages suggest for its form. Empty fields
// say that they suggest nothing.
type Proposal struct {
	Type    string    `json:"type"`
	Date    string    `json:"date"` // YYYY-MM-DD
	Author  string    `json:"author"`
	Signed  bool      `json:"signed"`
	Because []Mention `json:"because"` // the words it rests on
}

var (
	authorLabel = regexp.MustCompile(`(?im)\b(?:electronically signed by|signed by|dictated by|author|surgeon|attending(?: physician)?|physician|provider|nurse|radiologist|pathologist|anesthesiologist)\s*[:#]\s*((?:Dr\.? )?[\p{Lu}][\p{L}'’.-]+(?: [\p{Lu}][\p{L}'’.-]*){1,4}(?:, ?(?:MD|DO|RN|NP|PA|PA-C|CRNA|DPM|PhD|LCSW|CNM))*)`)
	signedShape = regexp.MustCompile(`(?i)\b(?:electronically signed|signed by|e-signed|signature on file|/s/)`)
)

// headLines is how far down its first page the heading of a paper may stand.
const headLines = 12

// propose reads type, date, author and signature off the words of pages.
func propose(pages []pageWords) Proposal {
	var p Proposal
	for _, pg := range pages {
		if m := pg.heading(); m != nil {
			p.Type = m.value
			p.Because = append(p.Because, *m)
			break
		}
	}
	if m := dayAmong(pages); m != nil {
		p.Date = m.value
		p.Because = append(p.Because, *m)
	}
	for _, pg := range pages {
		if g := authorLabel.FindStringSubmatchIndex(pg.text); g != nil && p.Author == "" {
			p.Author = strings.TrimSpace(pg.text[g[2]:g[3]])
			p.Because = append(p.Because, Mention{Page: pg.page, Start: g[2], End: g[3], What: "author"})
		}
		if at := signedShape.FindStringIndex(pg.text); at != nil && !p.Signed {
			p.Signed = true
			p.Because = append(p.Because, Mention{Page: pg.page, Start: at[0], End: at[1], What: "signed"})
		}
	}
	return p
}

// heading finds the words that say what a paper is: the first that stands near
// the top, the longest where several begin there.
func (pg pageWords) heading() *Mention {
	top := pg.text
	for i, n := 0, 0; i < len(top); i++ {
		if top[i] == '\n' {
			if n++; n == headLines {
				top = top[:i]
				break
			}
		}
	}
	low := strings.ToLower(top)
	if len(low) != len(top) { // letters whose lower case has another length: offsets would not hold
		return nil
	}
	var best *Mention
	for _, k := range Kinds() {
		for _, head := range k.heads {
			at := strings.Index(low, head)
			if at < 0 || at > 0 && isLetter(low[at-1]) {
				continue
			}
			if best == nil || at < best.Start || at == best.Start && at+len(head) > best.End {
				best = &Mention{Page: pg.page, Start: at, End: at + len(head), What: "type", value: k.Name}
			}
		}
	}
	return best
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' }

// dayAmong is the day a paper is of: the first date that is labelled as such,
// else the first that is no birth date.
func dayAmong(pages []pageWords) *Mention {
	var first *Mention
	for _, pg := range pages {
		for _, m := range pg.dates {
			if m.What != "date" {
				continue
			}
			if m.labelled {
				return &m
			}
			if first == nil {
				first = &m
			}
		}
	}
	return first
}

// encounterAt chooses among a patient's encounters the one that a day falls into:
// the stay around it, else the nearest that ended up to thirty days before, for
// papers that come late. "" where none fits.
func encounterAt(all []chart.Encounter, day string, zone *time.Location) string {
	at, err := time.ParseInLocation(time.DateOnly, day, zone)
	if err != nil {
		if len(all) == 1 {
			return all[0].ID
		}
		return ""
	}
	noon := at.Add(12 * time.Hour)
	best, gap := "", 31*24*time.Hour
	for _, e := range all {
		if e.Start.IsZero() {
			continue
		}
		from, to := e.Start.Add(-24*time.Hour), e.End
		if to.IsZero() {
			to = e.Start.Add(24 * time.Hour)
			if e.Status == "in-progress" {
				to = noon.Add(time.Hour)
			}
		}
		var d time.Duration
		switch {
		case noon.Before(from):
			d = from.Sub(noon)
			if d > 48*time.Hour { // a history taken well before belongs to no stay by itself
				continue
			}
		case noon.After(to.Add(24 * time.Hour)):
			d = noon.Sub(to)
		}
		if d < gap {
			best, gap = e.ID, d
		}
	}
	return best
}

// kindNamed finds a type by its name or what people type for it.
func kindNamed(typed string) (Kind, bool) {
	typed = strings.ToLower(strings.TrimSpace(typed))
	all := Kinds()
	if i := slices.IndexFunc(all, func(k Kind) bool { return k.Name == typed || k.Short == typed }); i >= 0 {
		return all[i], true
	}
	return Kind{}, false
}
