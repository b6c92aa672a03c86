package ccda

import (
	"cmp"
	"strings"
)

// read reads one statement of a kind.
func (w *walker) read(s el, kind Kind, a around) *Entry {
	d := w.d
	out := &Entry{
		Kind: kind, Section: w.section, IDs: iis(s), Mood: s.attr("moodCode"), Negated: s.attr("negationInd") == "true",
		Null: s.attr("nullFlavor"), Subject: a.subject, Context: a.context, Panel: a.panel, d: d, e: s,
		Status: s.get("statusCode").attr("code"), Time: d.times(s),
	}
	if out.Time == (Interval{}) {
		out.Time = a.time
	}
	if author := s.get("author"); author.there() {
		out.Author = d.person(author)
	} else {
		out.Author = a.author
	}
	if p := s.get("performer"); p.there() {
		out.Performer = d.person(p)
	}
	out.Code = d.cd(s.get("code"))
	if text := s.get("text"); text.there() && out.Code.Original == "" {
		out.Code.Original = clip(d.textOf(text))
	}
	switch kind {
	case Problem, FamilyHistory:
		d.problem(out, s, a)
	case Allergy:
		out.Status = cmp.Or(a.status, out.Status) // of the concern; the observation is always completed
		d.allergy(out, s)
	case Medication, Immunization:
		d.drug(out, s)
	case Payer:
		d.payer(out, s)
	case Planned:
		if s.name() == "substanceAdministration" || s.name() == "supply" {
			d.drug(out, s)
		}
	case Result, VitalSign, Procedure, Visit, SocialHistory, Other:
	}
	if out.Value == "" && kind != Problem && kind != FamilyHistory && kind != Allergy {
		out.Value = d.values(s)
	}
	out.Range, out.Flag = d.ranges(s), cmp.Or(out.Flag, d.flags(s))
	d.related(out, s)
	return out
}

// clip bounds the words that stand for a code: some senders refer to a whole
// section.
func clip(s string) string {
	const most = 2000
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

// times reads the time of a statement. A substance administration has its
// duration first and its frequency after.
func (d *Document) times(s el) Interval {
	for t := range s.each("effectiveTime") {
		switch t.typeName() {
		case "PIVL_TS", "EIVL_TS", "SXPR_TS":
			continue
		}
		if i := d.read.interval(t); i != (Interval{}) {
			return i
		}
	}
	return Interval{}
}

// problem reads a problem observation: its value is the problem, its code the
// kind of statement.
func (d *Document) problem(out *Entry, s el, a around) {
	v := s.get("value")
	out.Assertion, out.Status = out.Code, a.status
	text := out.Code.Original
	out.Assertion.Original = ""
	if v.there() {
		out.Code = d.cd(v)
		if words := v.words(); out.Code.Display == "" && out.Code.Original == "" && v.typeName() != "CD" {
			out.Code.Original = words
		}
	}
	if out.Code.Display == "" && out.Code.Original == "" {
		out.Code.Original = text
	}
}

// allergy reads an allergy observation: the substance is its participant.
func (d *Document) allergy(out *Entry, s el) {
	text := out.Code.Original
	value := d.cd(s.get("value"))
	out.Assertion = value
	out.Code = CD{}
	for p := range s.each("participant") {
		entity := p.get("participantRole", "playingEntity")
		if !entity.there() {
			continue
		}
		out.Code = d.cd(entity.get("code"))
		if n := entity.get("name").words(); out.Code.Words() == "" && n != "" {
			out.Code.Original = n
		}
		break
	}
	if out.Code.Words() == "" {
		// Nothing but the statement itself says what it is an allergy to.
		null := out.Code.Null
		out.Code = value
		out.Code.Null = cmp.Or(null, value.Null)
		if text != "" {
			out.Code.Original = text
		}
	}
}

// drug reads what was given: the product, dose, route and how often.
func (d *Document) drug(out *Entry, s el) {
	text := out.Code.Original
	product := s.get("consumable", "manufacturedProduct", "manufacturedMaterial")
	if !product.there() {
		product = s.get("product", "manufacturedProduct", "manufacturedMaterial")
	}
	if product.there() {
		out.Code = d.cd(product.get("code"))
		if n := product.get("name").words(); n != "" && out.Code.Display == "" && out.Code.Original == "" {
			out.Code.Original = n
		}
	}
	if out.Code.Words() == "" {
		out.Code.Original = text
	}
	var parts []string
	add := func(words string) {
		if words != "" {
			parts = append(parts, words)
		}
	}
	add(quantity(s.get("doseQuantity")))
	add(d.cd(s.get("routeCode")).Words())
	if rate := quantity(s.get("rateQuantity")); rate != "" {
		add("at " + rate)
	}
	for t := range s.each("effectiveTime") {
		if p := t.get("period"); p.there() {
			add(every(p))
		} else if ev := t.get("event"); ev.there() {
			add(ev.attr("code"))
		}
	}
	out.Dose = strings.Join(parts, " ")
}

func every(p el) string {
	if low, high := p.get("low"), p.get("high"); low.there() && high.there() {
		return "every " + low.attr("value") + "-" + high.attr("value") + " " + high.attr("unit")
	}
	if q := quantity(p); q != "" {
		return "every " + q
	}
	return ""
}

// payer reads a policy activity: who pays, for whom, under which number.
func (d *Document) payer(out *Entry, s el) {
	out.Group = ii(s.get("id")).Extension
	if p := s.get("performer", "assignedEntity"); p.there() {
		if org := p.get("representedOrganization", "name").words(); org != "" {
			out.Code.Original = org
		}
	}
	for p := range s.each("participant") {
		role := p.get("participantRole")
		switch p.attr("typeCode") {
		case "COV":
			out.Member = cmp.Or(ii(role.get("id")).Extension, out.Member)
			out.Relationship = d.cd(role.get("code")).Words()
			if t := d.read.interval(p.get("time")); t != (Interval{}) {
				out.Time = t
			}
		case "HLD":
			out.Member = cmp.Or(out.Member, ii(role.get("id")).Extension)
		}
	}
	for r := range s.each("entryRelationship") {
		if act := r.get("act"); act.there() && act.attr("moodCode") == "DEF" {
			out.Plan = d.textOf(act.get("text"))
		}
	}
}

// values are the values of an observation as people read them.
func (d *Document) values(s el) string {
	var all []string
	for v := range s.each("value") {
		if words := d.value(v); words != "" {
			all = append(all, words)
		}
	}
	return strings.Join(all, "; ")
}

func (d *Document) value(v el) string {
	switch kind := v.typeName(); kind {
	case "PQ", "INT", "REAL", "MO", "PQR":
		return quantity(v)
	case "CD", "CE", "CV", "CO", "CS":
		return d.cd(v).Words()
	case "IVL_PQ", "IVL_INT", "IVL_REAL":
		return bounds(v)
	case "BL":
		switch v.attr("value") {
		case "true":
			return "yes"
		case "false":
			return "no"
		}
		return ""
	case "RTO_PQ_PQ", "RTO", "RTO_INT_INT":
		return quantity(v.get("numerator")) + " / " + quantity(v.get("denominator"))
	case "TS":
		return d.read.time(v).String()
	case "IVL_TS":
		t := d.read.interval(v)
		return strings.Trim(t.Start().String()+" - "+t.High.String(), " -")
	case "II":
		return ii(v).Extension
	default:
		return clip(cmp.Or(d.textOf(v), v.attr("value"), v.attr("displayName"), v.attr("code")))
	}
}

// quantity writes a number with its unit; 1 is no unit.
func quantity(v el) string {
	value := v.attr("value")
	if value == "" {
		if low, high := v.get("low"), v.get("high"); low.there() || high.there() {
			return bounds(v)
		}
		if t := v.get("translation"); t.there() && t.attr("value") != "" {
			return strings.TrimSpace(t.attr("value") + " " + t.get("originalText").words())
		}
		return ""
	}
	unit := v.attr("unit")
	if unit == "1" {
		unit = ""
	}
	if unit == "" {
		unit = v.get("translation", "originalText").words()
	}
	return strings.TrimSpace(value + " " + unit)
}

// bounds writes an interval of numbers.
func bounds(v el) string {
	low, high := v.get("low"), v.get("high")
	a, b := low.attr("value"), high.attr("value")
	unit := cmp.Or(high.attr("unit"), low.attr("unit"))
	if unit == "1" {
		unit = ""
	}
	sign := func(e el, open, closed string) string {
		if e.attr("inclusive") == "false" {
			return open
		}
		return closed
	}
	switch {
	case a != "" && b != "":
		return strings.TrimSpace(a + " - " + b + " " + unit)
	case a != "":
		return strings.TrimSpace(sign(low, "> ", ">= ") + a + " " + unit)
	case b != "":
		return strings.TrimSpace(sign(high, "< ", "<= ") + b + " " + unit)
	}
	return ""
}

func (d *Document) ranges(s el) string {
	var all []string
	for r := range s.each("referenceRange") {
		o := r.get("observationRange")
		text := ""
		if v := o.get("value"); v.there() {
			text = d.value(v)
		}
		if text == "" {
			text = d.textOf(o.get("text"))
		}
		if text != "" {
			all = append(all, text)
		}
	}
	return strings.Join(all, "; ")
}

func (d *Document) flags(s el) string {
	var all []string
	for c := range s.each("interpretationCode") {
		code := d.cd(c)
		if w := cmp.Or(code.Code, code.Words()); w != "" {
			all = append(all, w)
		}
	}
	return strings.Join(all, " ")
}

// related reads what lies within a statement and belongs to it: reactions,
// severity, status, comments.
func (d *Document) related(out *Entry, s el) {
	for r := range s.each("entryRelationship") {
		for c := range r.all() {
			if !clinical(c.name()) {
				continue
			}
			value := func() string { return cmp.Or(d.values(c), d.cd(c.get("code")).Words()) }
			for t := range c.each("templateId") {
				switch strings.TrimPrefix(t.attr("root"), templateArc) {
				case "9", "2.16.840.1.113883.10.20.1.54":
					if v := d.values(c); v != "" {
						out.Reactions = append(out.Reactions, v)
					}
				case "8", "2.16.840.1.113883.10.20.1.55":
					if out.Kind == Allergy {
						out.Flag = cmp.Or(out.Flag, value())
					}
				case "145":
					out.Flag = value()
				case "6", "28", "2.16.840.1.113883.10.20.1.50", "2.16.840.1.113883.10.20.1.39":
					out.Status = cmp.Or(value(), out.Status)
				case "64", "2.16.840.1.113883.10.20.1.40":
					out.Note = strings.TrimSpace(out.Note + "\n" + clip(d.textOf(c.get("text"))))
				}
			}
		}
	}
}
