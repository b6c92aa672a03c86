package crowd

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"chartroom/internal/demo/charts"
)

// Fault is an error put into the record of one of the crowd.
type Fault struct {
	Rule  string // of deficiency analysis, that must find it
	What  string
	Visit int // index into Person.Visits
}

// fault is a way to spoil a visit: how often of a thousand visits that can be
// spoiled in this way, which those are, and how. do tells whether it could.
type fault struct {
	rule, what string
	perMille   int
	category   charts.Category // "" any
	do         func(m maker, p *Person, v *Visit) bool
}

// Rates are the errors of the crowd: of a thousand visits of the category ("" is
// any) so many are spoiled in that way. A visit has one error at most, and an
// incomplete stay that ended more than thirty days before the demo's morning is
// delinquent (C17) as well.
func Rates() map[string]int {
	out := map[string]int{}
	for _, f := range faults {
		out[f.rule] += f.perMille
	}
	return out
}

var faults = []fault{
	{"C01", "no history and physical", 8, charts.Inpatient, lose(physical)},
	{"C02", "history and physical late", 8, charts.Inpatient, later(physical, 33*time.Hour)},
	{"C05", "no discharge summary", 15, charts.Inpatient, lose(summary)},
	{"C13", "days without a provider's note", 10, charts.Inpatient, silent},
	{"C15", "no discharge status", 8, charts.Inpatient, func(_ maker, _ *Person, v *Visit) bool {
		v.Encounter.Disposition = charts.Disposition{}
		return true
	}},
	{"C06", "a document never signed", 20, charts.Inpatient, unsigned},
	{"C06", "a document never signed", 15, charts.Surgery, unsigned},
	{"C06", "a document never signed", 10, charts.Emergency, unsigned},
	{"C07", "no operative report", 8, charts.Surgery, lose(report)},
	{"C09", "no consent", 15, charts.Surgery, lose(consent)},
	{"C10", "no anesthesia record", 10, charts.Surgery, lose(anesthetic)},
	{"C11", "no pathology report", 20, charts.Inpatient, lose("surgical pathology report")},
	{"C12", "no provider's note", 8, charts.Emergency, lose(emergencyNote)},
	{"C20", "no document of the visit", 6, charts.Clinic, func(_ maker, _ *Person, v *Visit) bool {
		v.Documents = nil
		return true
	}},
	{"C21", "no comprehensive assessment", 30, charts.Nursing, lose("comprehensive assessment (MDS)")},
	{"A02", "discharged before admitted", 2, charts.Emergency, func(_ maker, _ *Person, v *Visit) bool {
		v.Encounter.Discharge = v.Encounter.Admit.Add(-22 * time.Hour)
		return true
	}},
	{"A03", "another age in a note", 3, "", otherAge},
	{"A04", "the other sex in a note", 3, "", otherSex},
	{"A08", "left on the consent and right in the report", 12, charts.Surgery, otherSide},
	{"A09", "coverage that had ended", 4, "", lapsed},
	{"A10", "two first payers", 3, "", func(_ maker, p *Person, _ *Visit) bool {
		second := p.Coverage[0]
		if second.Payer == "Self-pay" || second.Payer == "Medicare" {
			return false
		}
		second.Payer, second.Plan, second.Member = "Harborlight Mutual", "PPO Choice", "HLM-"+p.MRN
		p.Coverage = append(slices.Clone(p.Coverage[:1]), append([]charts.Coverage{second}, p.Coverage[1:]...)...)
		return true
	}},
	{"A17", "a drug that nothing explains", 4, charts.Clinic, func(_ maker, _ *Person, v *Visit) bool {
		v.Medications = append(v.Medications, charts.Medication{List: "home", Name: "donepezil", Sig: "5 mg by mouth nightly"})
		return true
	}},
	{"A28", "one drug in two doses", 5, charts.Clinic, func(_ maker, _ *Person, v *Visit) bool {
		if len(v.Medications) == 0 {
			return false
		}
		twice := v.Medications[0]
		twice.Sig = "2.5 mg by mouth"
		v.Medications = append(v.Medications, twice)
		return true
	}},
	{"A11", "a document twice", 4, "", func(_ maker, _ *Person, v *Visit) bool {
		v.Documents = append(v.Documents[:1:1], v.Documents...)
		return true
	}},
	{"A12", "a note copied from the day before", 10, charts.Inpatient, copied},
	{"A13", "a result that nobody ordered", 8, charts.Inpatient, func(_ maker, _ *Person, v *Visit) bool {
		v.Results = append(v.Results, charts.Result{
			Time: v.Encounter.Admit.Add(40 * time.Minute), Name: "Vancomycin level", Value: "14.2", Unit: "mcg/mL", Reference: "10.0-20.0",
		})
		return true
	}},
	{"A20", "a value that nobody has", 4, charts.Inpatient, implausible},
	{"A22", "an attending with a wrong number", 3, charts.Inpatient, func(_ maker, _ *Person, v *Visit) bool {
		npi := []byte(v.Encounter.Attending.NPI)
		npi[9] = '0' + (npi[9]-'0'+1)%10
		v.Encounter.Attending.NPI = string(npi)
		return true
	}},
	{"A24", "gone home by registration, to a nursing facility by the summary", 6, charts.Inpatient, elsewhere},
	{"A25", "signed before it was written", 3, charts.Clinic, func(_ maker, _ *Person, v *Visit) bool {
		v.Documents[0].SignedAt = v.Documents[0].Time.Add(-26 * time.Hour)
		return true
	}},
}

// spoil puts errors into some visits.
func (m maker) spoil(p *Person) {
	for i := range p.Visits {
		v := &p.Visits[i]
		n := m.IntN(1000)
		for _, f := range faults {
			if f.category != "" && f.category != v.Category {
				continue
			}
			if n -= f.perMille; n >= 0 {
				continue
			}
			if f.do(m, p, v) {
				p.Planted = append(p.Planted, Fault{f.rule, f.what, i})
				if late(*v) && f.rule[0] == 'C' && f.rule != "C02" && f.rule != "C13" { // what came late, or never was, completes nothing
					p.Planted = append(p.Planted, Fault{"C17", "delinquent", i})
				}
			}
			break
		}
	}
}

// late: an incomplete record of this stay is delinquent.
func late(v Visit) bool {
	return v.Category == charts.Inpatient && v.Encounter.Discharge.AddDate(0, 0, 30).Before(charts.Morning())
}

func operated(v Visit) bool {
	return slices.ContainsFunc(v.Documents, func(d charts.Document) bool { return d.Type == report })
}

// lose leaves out the documents of a type, if there are any, where the time for
// them has run out.
func lose(kind string) func(maker, *Person, *Visit) bool {
	return func(_ maker, _ *Person, v *Visit) bool {
		if v.Encounter.Discharge.AddDate(0, 0, 16).After(charts.Morning()) || kind == physical && operated(*v) {
			return false
		}
		n := len(v.Documents)
		v.Documents = slices.DeleteFunc(v.Documents, func(d charts.Document) bool { return d.Type == kind })
		if kind == report && len(v.Documents) < n { // that there was an operation, the interface knows
			v.Procedures = append(v.Procedures, charts.Procedure{
				Time: v.Encounter.Admit.Add(50 * time.Minute), What: v.Scenario + " operation", By: v.Encounter.Attending.Name,
			})
		}
		return len(v.Documents) < n
	}
}

func later(kind string, by time.Duration) func(maker, *Person, *Visit) bool {
	return func(_ maker, _ *Person, v *Visit) bool {
		if operated(*v) {
			return false // it would be after the operation as well
		}
		for i := range v.Documents {
			d := &v.Documents[i]
			if d.Type == kind && d.Time.Add(by).Before(v.Encounter.Discharge.Add(-time.Hour)) {
				d.Time = d.Time.Add(by)
				d.SignedAt = d.Time
				inTime(v.Documents)
				return true
			}
		}
		return false
	}
}

// lapsed ends the only coverage a month before the visit.
func lapsed(_ maker, p *Person, v *Visit) bool {
	if len(p.Coverage) != 1 || p.Coverage[0].Payer == "Self-pay" {
		return false
	}
	c := p.Coverage[0]
	c.To = v.Encounter.Admit.Truncate(24*time.Hour).AddDate(0, -1, 0)
	p.Coverage = []charts.Coverage{c}
	return true
}

// silent leaves out the daily notes of a stay of at least three whole days.
func silent(_ maker, _ *Person, v *Visit) bool {
	if operated(*v) {
		return false
	}
	n := len(v.Documents)
	kept := slices.DeleteFunc(slices.Clone(v.Documents), func(d charts.Document) bool { return d.Type == progress })
	if n-len(kept) < 3 {
		return false
	}
	v.Documents = kept
	return true
}

func unsigned(m maker, _ *Person, v *Visit) bool {
	if v.Encounter.Discharge.AddDate(0, 0, 8).After(charts.Morning()) {
		return false
	}
	d := &v.Documents[m.IntN(len(v.Documents))]
	if d.Role != physician || d.Type == consent { // not everything must be signed by its author
		return false
	}
	d.Signed, d.SignedAt = false, time.Time{}
	return true
}

// change edits the last document that holds a text, and tells whether one did.
func change(v *Visit, from, to string) bool {
	for i := len(v.Documents) - 1; i >= 0; i-- {
		if d := &v.Documents[i]; strings.Contains(d.Text, from) {
			d.Text = strings.Replace(d.Text, from, to, 1)
			return true
		}
	}
	return false
}

func otherAge(_ maker, p *Person, v *Visit) bool {
	age := charts.Chart{Patient: p.Patient, Encounter: v.Encounter}.Age()
	return age > 20 && change(v, strconv.Itoa(age)+"-year-old", strconv.Itoa(age-14)+"-year-old")
}

func otherSex(_ maker, p *Person, v *Visit) bool {
	if p.Sex == "female" {
		return change(v, "-year-old woman", "-year-old man")
	}
	return change(v, "-year-old man", "-year-old woman")
}

// otherSide turns the side in the consent.
func otherSide(_ maker, _ *Person, v *Visit) bool {
	for i := range v.Documents {
		d := &v.Documents[i]
		if d.Type != consent {
			continue
		}
		switch {
		case strings.Contains(d.Text, "the left "):
			d.Text = strings.ReplaceAll(d.Text, "the left ", "the right ")
			return true
		case strings.Contains(d.Text, "the right "):
			d.Text = strings.ReplaceAll(d.Text, "the right ", "the left ")
			return true
		}
	}
	return false
}

// copied makes the second daily note the first again.
func copied(_ maker, _ *Person, v *Visit) bool {
	first := -1
	for i, d := range v.Documents {
		if d.Type != progress {
			continue
		}
		if first >= 0 {
			v.Documents[i].Text = v.Documents[first].Text
			return true
		}
		first = i
	}
	return false
}

func implausible(_ maker, _ *Person, v *Visit) bool {
	for i := range v.Results {
		if v.Results[i].Name == "Potassium" {
			v.Results[i].Value, v.Results[i].Flag = "41.0", "H"
			return true
		}
	}
	return false
}

func elsewhere(_ maker, _ *Person, v *Visit) bool {
	for i := range v.Documents {
		d := &v.Documents[i]
		if at := strings.LastIndex(d.Text, "Home "); d.Type == summary && at >= 0 {
			d.Text = d.Text[:at] + "Transferred to the skilled nursing facility " + d.Text[at+len("Home "):]
			return true
		}
	}
	return false
}
