package hl7v2

import (
	"errors"
	"strings"
)

// Order is one order group of a result or document message: an OBR with what
// belongs to it.
type Order struct {
	ORC          ORC
	OBR          OBR
	Segment      Segment // the OBR, or the ORC or OBX that stands alone
	Notes        []NTE
	Observations []Observation
}

// Observation is an OBX with its comments.
type Observation struct {
	OBX
	Segment Segment
	Notes   []NTE
}

// PatientGroup is one patient of a result message (ORU allows many) with the
// orders that follow.
type PatientGroup struct {
	PID    Segment
	PV1    Segment // zero if there is none
	Orders []Order
}

// ReadPatients groups the segments of a message by PID, and orders by OBR. The
// errors of fields are joined, the first 100; the groups are complete all the same.
// Segments before the first PID belong to none.
func ReadPatients(m *Message) ([]PatientGroup, error) {
	var g grouping
	for s := range m.Segments() {
		g.add(s)
	}
	return g.patients, errors.Join(g.errors...)
}

type grouping struct {
	patients []PatientGroup
	errors   []error
	orc      Segment // an ORC whose OBR has not come yet
	inOBX    bool
}

// maxComplaints bounds the errors that are gathered of one message.
const maxComplaints = 100

func (g *grouping) complain(err error) {
	if err != nil && len(g.errors) < maxComplaints {
		g.errors = append(g.errors, err)
	}
}

func (g *grouping) add(s Segment) {
	if s.Is("PID") {
		g.patients = append(g.patients, PatientGroup{PID: s})
		g.orc, g.inOBX = Segment{}, false
		return
	}
	if len(g.patients) == 0 {
		return
	}
	p := &g.patients[len(g.patients)-1]
	switch {
	case s.Is("PV1"):
		p.PV1 = s
	case s.Is("ORC"):
		g.orc = s
	case s.Is("OBR"):
		g.order(p, s)
	case s.Is("OBX"):
		g.observation(p, s)
	case s.Is("NTE"):
		g.note(p, s)
	}
}

func (g *grouping) order(p *PatientGroup, s Segment) {
	o := Order{Segment: s}
	var err error
	if g.orc.Present() {
		o.ORC, err = ReadORC(g.orc)
		g.complain(err)
	}
	o.OBR, err = ReadOBR(s)
	g.complain(err)
	p.Orders = append(p.Orders, o)
	g.orc, g.inOBX = Segment{}, false
}

func (g *grouping) observation(p *PatientGroup, s Segment) {
	if len(p.Orders) == 0 || g.orc.Present() {
		// An OBX without an OBR: in ADT and MDM messages there is none.
		p.Orders = append(p.Orders, Order{Segment: s})
		g.orc = Segment{}
	}
	o := &p.Orders[len(p.Orders)-1]
	if o.Observations == nil {
		o.Observations = make([]Observation, 0, observationsFrom(s))
	}
	x, err := ReadOBX(s)
	g.complain(err)
	o.Observations = append(o.Observations, Observation{OBX: x, Segment: s})
	g.inOBX = true
}

// observationsFrom counts the observations that stand together from s on.
func observationsFrom(s Segment) int {
	n := 0
	for ; s.Is("OBX") || s.Is("NTE"); s = s.Next() {
		if s.Is("OBX") {
			n++
		}
	}
	return n
}

func (g *grouping) note(p *PatientGroup, s Segment) {
	if len(p.Orders) == 0 {
		return
	}
	o := &p.Orders[len(p.Orders)-1]
	if n := len(o.Observations); g.inOBX && n > 0 {
		o.Observations[n-1].Notes = append(o.Observations[n-1].Notes, ReadNTE(s))
		return
	}
	o.Notes = append(o.Notes, ReadNTE(s))
}

// Merge is one pair of a merge, move or change message: what PID keeps and MRG
// gives up. A visit is moved to PV1 if there is one (A45).
type Merge struct {
	PID Segment
	MRG Segment
	PV1 Segment
}

// ReadMerges returns the pairs of an ADT A34, A40, A41, A45 or A47, in order. A
// message may hold several, also several MRG for one PID. A PID without MRG or
// an MRG without PID is an error.
func ReadMerges(m *Message) ([]Merge, error) {
	var merges []Merge
	var pid Segment
	used := true
	for s := range m.Segments() {
		switch {
		case s.Is("PID"):
			if !used {
				return nil, m.fail(CodeSegmentSequence, pid.Number(), 0, 0, "no MRG segment follows this PID")
			}
			pid, used = s, false
		case s.Is("MRG"):
			if !pid.Present() {
				return nil, m.fail(CodeSegmentSequence, s.Number(), 0, 0, "no PID segment stands before this MRG")
			}
			merges = append(merges, Merge{PID: pid, MRG: s})
			used = true
		case s.Is("PV1") && len(merges) > 0 && used:
			merges[len(merges)-1].PV1 = s
		}
	}
	if !used {
		return nil, m.fail(CodeSegmentSequence, pid.Number(), 0, 0, "no MRG segment follows this PID")
	}
	if len(merges) == 0 {
		return nil, m.fail(CodeSegmentSequence, 0, 0, 0, "message has no pair of PID and MRG")
	}
	return merges, nil
}

// DocumentText returns the text of a document message: the texts of its
// observations, in order, one line each. Documents of type ED are left out; see
// [OBX.Document].
func DocumentText(m *Message) (string, error) {
	var lines []string
	var errs []error
	for s := range m.All("OBX") {
		x, err := ReadOBX(s)
		if err != nil && len(errs) < maxComplaints {
			errs = append(errs, err)
		}
		if x.Type == "ED" || x.Type == "RP" || x.Value.State() != Valued {
			continue
		}
		lines = append(lines, x.Text())
	}
	return strings.Join(lines, "\n"), errors.Join(errs...)
}
