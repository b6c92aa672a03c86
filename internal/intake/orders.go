package intake

import (
	"cmp"
	"strings"

	"chartroom/internal/chart"
	"chartroom/wire/fhir"
	"chartroom/wire/hl7v2"
)

// orderMessage reports whether a message asks for something, rather than telling
// what came of it.
func orderMessage(h hl7v2.Header) bool {
	switch h.Type {
	case "ORM", "OML", "OMG", "OMI", "OMN":
		return true
	}
	return false
}

// orderFacts maps the orders of an order message: each ORC with its OBR, and an
// ORC alone, which changes the state of an order that came before.
func (m *mapping) orderFacts(pid hl7v2.Segment) {
	if !orderMessage(m.x.header) {
		return
	}
	var orc hl7v2.Segment
	alone := func() {
		if !orc.Present() {
			return
		}
		control, fault := hl7v2.ReadORC(orc)
		m.x.fault(fault)
		m.orderState(orc, control)
		orc = hl7v2.Segment{}
	}
	for seg := pid.Next(); seg.Present() && !seg.Is("PID"); seg = seg.Next() {
		switch seg.Name() {
		case "ORC":
			alone()
			orc = seg
		case "OBR":
			m.orderFact(orc, seg)
			orc = hl7v2.Segment{}
		case "RXO", "RXE", "RXD", "ODS", "RQD": // mapped where they stand
			orc = hl7v2.Segment{}
		}
	}
	alone()
}

func (m *mapping) orderFact(orc, obr hl7v2.Segment) {
	var c hl7v2.ORC
	if orc.Present() {
		c, _ = hl7v2.ReadORC(orc) // what cannot be read of it was told when the message was read
	}
	o, _ := hl7v2.ReadOBR(obr) // as above
	placer, filler := cmp.Or(c.Placer.ID, o.Placer.ID), cmp.Or(c.Filler.ID, o.Filler.ID)
	system, code, text := coding(o.Service)
	if code == "" && text == "" {
		return
	}
	f := chart.Fact{Kind: chart.Order, System: system, Code: code, Display: text, Status: orderStatus(c), Note: chart.WithOrder("", placer, filler)}
	for _, at := range []hl7v2.Timestamp{c.Time, o.Observed, m.x.header.Time} {
		if !at.IsZero() {
			f.Effective = m.at(at)
			break
		}
	}
	who := first(c.Ordering)
	if who.ID == "" && who.Name.Family == "" {
		who = first(o.Ordering)
	}
	f.Author = m.author(who, "")
	id := ""
	if placer != "" || filler != "" {
		// One placer's number may head several tests: each is an order.
		id = m.s.stableID("order", m.record, cmp.Or(placer, filler), code, text)
	}
	f.Version = m.version(id, pathOf(obr))
	m.batch.AddFact(f)
}

// orderState notes what an ORC alone says of an order: cancelled, held,
// completed. The order that it names is not looked for: what was asked for stays,
// and this stands beside it.
func (m *mapping) orderState(seg hl7v2.Segment, c hl7v2.ORC) {
	if c.Placer.ID == "" && c.Filler.ID == "" {
		return
	}
	f := chart.Fact{
		Version: m.version(m.s.stableID("order-state", m.record, c.Placer.ID, c.Filler.ID, c.Control, c.Status), pathOf(seg)),
		Kind:    chart.Other, Display: "Order " + orderStatus(c), Status: orderStatus(c),
		Note: chart.WithOrder("", c.Placer.ID, c.Filler.ID), Effective: m.at(c.Time), Author: m.author(first(c.Ordering), ""),
	}
	m.batch.AddFact(f)
}

// orderStatus is the state of an order in words: by its status (table 0038), or
// what is to be done with it (table 0119).
func orderStatus(c hl7v2.ORC) string {
	switch c.Control {
	case "CA", "OC", "CR":
		return cancelled
	case "DC", "OD", "DR":
		return "discontinued"
	case "HD", "OH", "HR":
		return "on hold"
	case "UA", "UC", "UD", "UH", "UX":
		return "not possible"
	}
	switch c.Status {
	case "CA":
		return cancelled
	case "DC":
		return "discontinued"
	case "CM":
		return "completed"
	case "HD":
		return "on hold"
	case "IP", "SC", "A":
		return "in progress"
	}
	return "active"
}

// order maps a ServiceRequest.
func (m *fhirMapping) order(r *fhir.Resource) error {
	o, err := r.ServiceRequest()
	if err != nil {
		return err
	}
	v, err := m.version(o.Subject, o.Encounter)
	if err != nil {
		return err
	}
	v.Withdrawn = withdrawn(o.Status)
	f := chart.Fact{Version: v, Kind: chart.Order, Status: o.Status}
	f.System, f.Code, f.Display = code(o.Code)
	switch {
	case o.Refused != nil && *o.Refused:
		f.Kind, f.Display = chart.Other, "Not to be done: "+f.Display
	case o.Intent == "proposal" || o.Intent == "plan":
		f.Kind, f.Display = chart.Other, "Planned: "+f.Display
	}
	f.Effective = m.time(o.Authored)
	if f.Effective.IsZero() {
		f.Effective = m.time(o.Occurrence)
	}
	f.Author = m.author(o.Requester, "")
	var numbers []string
	for _, id := range o.Identifier {
		numbers = append(numbers, id.Value)
	}
	numbers = append(numbers, r.ID, strings.TrimPrefix(m.url, "urn:uuid:"))
	if strings.HasPrefix(m.url, "http") {
		numbers = numbers[:len(numbers)-1]
	}
	f.Note = chart.WithOrder(notes(o.Note), numbers...)
	return m.addFact(f, r)
}

// ordered adds the numbers of the orders that a resource is based on to a note.
func (m *fhirMapping) ordered(note string, r *fhir.Resource) string {
	var numbers []string
	for _, ref := range r.BasedOn() {
		t, err := ref.Target()
		if err != nil {
			continue
		}
		numbers = append(numbers, cmp.Or(t.Value, t.ID, strings.TrimPrefix(t.URL, "urn:uuid:")))
		if ref.Identifier != nil {
			numbers = append(numbers, ref.Identifier.Value)
		}
	}
	return chart.WithOrder(note, numbers...)
}
