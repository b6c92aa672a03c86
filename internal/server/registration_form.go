package server

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/masters"
	"chartroom/internal/ui"
)

const (
	registrationScript = "js/registration.js" // of all pages with the forms of registration
	statusField        = "status"             // of an encounter
)

// The reasons of a correction; each can be followed by words.
var (
	patientReasons   = []string{"patient said so", "document seen", "typing error", "message was wrong", "name changed", "address changed", "other"}
	coverageReasons  = []string{"card seen", "payer said so", "patient said so", "typing error", "coverage ended", "message was wrong", "other"}
	encounterReasons = []string{"admitted", "discharged", "transferred", "cancelled", "typing error", "message was wrong", "other"}
	anywayReasons    = []string{"another person of the same name", "twin or relative", "identity seen and different", "emergency, to be checked", "other"}
	aliasUses        = []string{"maiden", "former", "nickname", "other script"}
	numberKinds      = []ui.Option{
		{Value: "MR", Label: "Record number"}, {Value: "DL", Label: "Driver's license"}, {Value: "PPN", Label: "Passport"},
		{Value: "MA", Label: "Medicaid number"}, {Value: "MC", Label: "Medicare number"}, {Value: "PI", Label: "Other system's number"},
	}
	dispositions = []ui.Option{
		{Value: "", Label: "Not said"}, {Value: "01", Label: "01 home"}, {Value: "02", Label: "02 short-term hospital"}, {Value: "03", Label: "03 skilled nursing facility"},
		{Value: "04", Label: "04 custodial or supportive care"}, {Value: "05", Label: "05 cancer center or children's hospital"}, {Value: "06", Label: "06 home health service"},
		{Value: "07", Label: "07 left against medical advice"}, {Value: "20", Label: "20 expired"}, {Value: "30", Label: "30 still a patient"}, {Value: "43", Label: "43 federal facility"},
		{Value: "50", Label: "50 hospice, home"}, {Value: "51", Label: "51 hospice, facility"}, {Value: "61", Label: "61 swing bed"}, {Value: "62", Label: "62 rehabilitation facility"},
		{Value: "63", Label: "63 long-term care hospital"}, {Value: "64", Label: "64 Medicaid nursing facility"}, {Value: "65", Label: "65 psychiatric hospital"},
		{Value: "66", Label: "66 critical access hospital"}, {Value: "70", Label: "70 other institution"},
	}
	statusNames = map[string]string{"planned": "Pre-admitted or planned", "in-progress": "Admitted, in progress", "finished": "Discharged, finished", "cancelled": "Cancelled"}
)

// draw fills in what stands in the fields and what is wrong with it. The first
// field in error, else the first of all, gets the focus.
func draw(groups []ui.FormGroup, v values, faults []chart.Fault, theirs map[string]string) (_ []ui.FormGroup, wrong int) {
	focus := ""
	for _, group := range groups {
		for fi := range group.Fields {
			f := &group.Fields[fi]
			f.Value = v[f.Name]
			for _, fault := range faults {
				if fieldOf(fault.Field) != f.Name {
					continue
				}
				if fault.Warn {
					f.Warning = fault.Text
				} else if f.Error == "" {
					f.Error = fault.Text
					wrong++
				}
			}
			if t := theirs[f.Name]; t != "" {
				f.Warning = meanwhile(t)
			}
			if f.Error != "" && focus == "" {
				focus = f.Name
			}
			if len(f.Options) > 0 && f.Value != "" && !slices.ContainsFunc(f.Options, func(o ui.Option) bool { return o.Value == f.Value }) {
				f.Options = append(slices.Clone(f.Options), ui.Option{Value: f.Value, Label: f.Value})
			}
		}
	}
	if focus == "" {
		focus = groups[0].Fields[0].Name
	}
	for _, group := range groups {
		for fi := range group.Fields {
			group.Fields[fi].Focus = group.Fields[fi].Name == focus
		}
	}
	return groups, wrong
}

// fieldOf is the field of the form that a check of the chart names.
func fieldOf(name string) string {
	base, number, ok := strings.Cut(name, ".")
	switch {
	case !ok:
		return name
	case base == "zip" || base == "street":
		return base
	case base == "alias":
		return "alias-family." + number
	case base == "identifier":
		return "id-value." + number
	}
	return name
}

// patientGroups are the fields of a registration, in the order in which they are
// asked for. A new patient's coverage and encounter are asked for with them.
func patientGroups(v values, isNew bool) []ui.FormGroup {
	names := ui.FormGroup{ID: "patient", Title: "Name and birth", Fields: []ui.FormField{
		{Name: "family", Label: "Family name", Required: true, Size: "m"}, {Name: "given", Label: "Given name", Size: "m"},
		{Name: "middle", Label: "Middle name", Size: "s"}, {Name: "suffix", Label: "Suffix", Size: "xs"},
		{Name: "birth", Label: "Birth date", Hint: "YYYY-MM-DD, or as far as known", Size: "s", Digits: true},
		{Name: "sex", Label: "Sex", Options: options("Choose", chart.Sexes()...), Size: "s"},
	}}
	groups := []ui.FormGroup{names}
	if isNew {
		groups = append(groups, ui.FormGroup{ID: "coverage", Title: "Primary coverage", Note: "Leave empty for self-pay.", Fields: coverageFields(true)})
	}
	groups = append(groups,
		ui.FormGroup{ID: "numbers", Title: "Numbers", Fields: numberFields(v, isNew)},
		ui.FormGroup{ID: "reach", Title: "Address and reach", Fields: reachFields(v)},
		ui.FormGroup{ID: "names", Title: "Other names", Note: "Maiden, former, nickname, or in another script.", Fields: aliasFields(v), Folded: isNew && v.rows("alias-family", "alias-given") == 0},
		ui.FormGroup{ID: "background", Title: "Background", Folded: isNew, Fields: []ui.FormField{
			{Name: "prefix", Label: "Prefix", Size: "xs"}, {Name: "language", Label: "Language", Size: "s"}, {Name: "marital", Label: "Marital status", Size: "s"},
			{Name: "race", Label: "Race", Size: "m"}, {Name: "ethnicity", Label: "Ethnicity", Size: "m"}, {Name: "deceased", Label: "Died on", Hint: "As far as known", Size: "s", Digits: true},
		}})
	if isNew {
		visit := ui.FormGroup{ID: "visit", Title: "Encounter", Note: "Only if the patient is seen or admitted now.", Fields: encounterFields(), Folded: true}
		groups = append(groups, visit)
	}
	return groups
}

func numberFields(v values, isNew bool) []ui.FormField {
	fields := []ui.FormField{{Name: "ssn", Label: "Social security number", Size: "s", Digits: true}}
	for i := range v.rows("id-value") + 1 {
		nth := ""
		if i > 0 {
			nth = " " + strconv.Itoa(i+1)
		}
		value := ui.FormField{Name: row("id-value", i), Label: "Number" + nth, Size: "s"}
		if isNew && i == 0 {
			value.Hint = "Empty: the department's next"
		}
		fields = append(fields, value,
			ui.FormField{Name: row("id-kind", i), Label: "Kind" + nth, Options: numberKinds, Size: "s"},
			ui.FormField{Name: row("id-assigner", i), Label: "Assigned by" + nth, Size: "m", List: "facilities"})
	}
	return fields
}

func reachFields(v values) []ui.FormField {
	fields := []ui.FormField{
		{Name: "street", Label: "Street", Size: "l"}, {Name: "street2", Label: "Apartment, unit", Size: "s"},
		{Name: "zip", Label: "ZIP", Size: "xs", Digits: true}, {Name: "city", Label: "City", Size: "m"}, {Name: "state", Label: "State", Size: "xs"},
		{Name: "country", Label: "Country", Size: "xs", Hint: "Empty: US"},
	}
	for i := range v.rows("phone") + 1 {
		label := "Phone"
		if i > 0 {
			label += " " + strconv.Itoa(i+1)
		}
		fields = append(fields, ui.FormField{Name: row("phone", i), Label: label, Size: "s", Digits: true})
	}
	return append(fields, ui.FormField{Name: "email", Label: "Mail address", Size: "m"})
}

func aliasFields(v values) []ui.FormField {
	var fields []ui.FormField
	for i := range v.rows("alias-family", "alias-given") + 1 {
		nth := ""
		if i > 0 {
			nth = " " + strconv.Itoa(i+1)
		}
		fields = append(fields, ui.FormField{Name: row("alias-family", i), Label: "Other family name" + nth, Size: "m"},
			ui.FormField{Name: row("alias-given", i), Label: "Other given name" + nth, Size: "m"},
			ui.FormField{Name: row("alias-use", i), Label: "What it is" + nth, Options: options("Not said", aliasUses...), Size: "s"})
	}
	return fields
}

func coverageFields(isNew bool) []ui.FormField {
	fields := []ui.FormField{
		{Name: "payer", Label: "Payer", List: "payers", Size: "m", Required: !isNew}, {Name: "member", Label: "Member number", Size: "s"},
		{Name: "plan", Label: "Plan", List: "plans", Size: "m"}, {Name: "group", Label: "Group", Size: "s"},
		{Name: "priority", Label: "Priority", Size: "xs", Options: []ui.Option{{Value: "1", Label: "1 primary"}, {Value: "2", Label: "2 secondary"}, {Value: "3", Label: "3 tertiary"}, {Value: "", Label: "not known"}}},
		{Name: "from", Label: "Covered from", Size: "s", Digits: true, Hint: "YYYY-MM-DD"}, {Name: "to", Label: "Covered until", Size: "s", Digits: true, Hint: "Last day; empty: still"},
		{Name: "relationship", Label: "Patient is", Size: "s", Options: options("Not said", "self", "spouse", "child", "other")},
	}
	return fields
}

func encounterFields() []ui.FormField {
	settings := []ui.Option{{Value: "", Label: "Choose"}}
	for _, s := range chart.Settings() {
		settings = append(settings, ui.Option{Value: string(s), Label: ui.SettingName(string(s))})
	}
	statuses := []ui.Option{}
	for _, s := range chart.Statuses() {
		statuses = append(statuses, ui.Option{Value: s, Label: statusNames[s]})
	}
	return []ui.FormField{
		{Name: "setting", Label: "Setting", Options: settings, Size: "s"}, {Name: statusField, Label: "State", Options: statuses, Size: "m"},
		{Name: "start", Label: "Admission or visit", Hint: "YYYY-MM-DD HH:MM", Size: "s", Digits: true}, {Name: "end", Label: "Discharge or end", Size: "s", Digits: true},
		{Name: "unit", Label: "Unit", List: "units", Size: "m"}, {Name: "service", Label: "Service", Size: "s"},
		{Name: "attending", Label: "Attending", List: "providers", Size: "m"}, {Name: "complaint", Label: "Reason for visit", Size: "l"},
		{Name: "disposition", Label: "Discharge status", Options: dispositions, Size: "m"}, {Name: "account", Label: "Account number", Hint: "Empty: the department's next", Size: "s"},
	}
}

// known is what the masters offer while a form is filled in.
type known struct {
	lists     []ui.Suggestions
	assigner  string // the hospital, else the first facility: whose numbers the department draws
	providers []masters.Entry
}

// mastersKnown reads the suggestions of the forms. Who may not read the masters
// types without them.
func (s *Server) mastersKnown(ctx context) known {
	var k known
	today := s.today()
	kinds := []masters.Kind{masters.Payer, masters.Plan, masters.Unit, masters.Facility, masters.Provider}
	lists := map[masters.Kind][]masters.Entry{}
	err := s.dept.Gate.Read(ctx, actorOf(ctx), masters.ActionRead, gate.Department(), func(tx *gate.Tx) (err error) {
		for _, kind := range kinds {
			if lists[kind], err = s.dept.Masters.ListTx(ctx, tx, kind, masters.Filter{Active: today, Limit: 1000}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return k // refused, or not working: then without
	}
	for _, kind := range kinds {
		list := ui.Suggestions{ID: strings.Replace(string(kind)+"s", "facilitys", "facilities", 1)}
		for _, e := range lists[kind] {
			list.Options = append(list.Options, e.Title())
		}
		k.lists = append(k.lists, list)
	}
	k.providers = lists[masters.Provider]
	for _, f := range lists[masters.Facility] {
		hospital := slices.Contains(f.Values.List("settings"), string(chart.Inpatient))
		if k.assigner == "" || hospital {
			k.assigner = f.Title()
		}
		if hospital {
			break
		}
	}
	return k
}

// attending names the provider by the number the masters have.
func (k known) attending(a chart.Author) chart.Author {
	for _, p := range k.providers {
		if a.ID == "" && p.Title() == a.Name {
			a.ID = p.Values["npi"]
			if local := p.Values.List("local"); a.ID == "" && len(local) > 0 {
				a.ID = local[0]
			}
		}
	}
	return a
}

// today is the day at the department.
func (s *Server) today() string { return s.zone().Date(s.opt.Now()) }

// zoneOf is the time zone in which a unit's clocks run.
func (s *Server) zoneOf(ctx context, unit string) *time.Location {
	zone := s.opt.Zone
	err := s.dept.Gate.Read(ctx, actorOf(ctx), masters.ActionRead, gate.Department(), func(tx *gate.Tx) error {
		found, err := s.dept.Masters.FacilityZone(ctx, tx, unit)
		if err == nil {
			zone = found
		}
		return err
	})
	if err != nil {
		return s.opt.Zone // refused or not working: the department's own clock
	}
	return zone
}
