package intake

import (
	"context"
	"fmt"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/identity"
	"chartroom/wire/fhir"
)

// patientLink is what a Patient says of another: that they are one person, and
// which of the two records stands (Patient.link). Placeholders stand for records.
type patientLink struct {
	survivor, subsumed string
	path               string
}

// links notes the links of a Patient that say who stands for whom. "seealso" and
// "refer" join nobody.
func (m *fhirMapping) links(p fhir.Patient) error {
	for _, l := range p.Link {
		if l.Type != "replaced-by" && l.Type != "replaces" {
			continue
		}
		other, err := m.record(l.Other)
		if err != nil {
			return err
		}
		if other == "" {
			continue // a RelatedPerson
		}
		link := patientLink{survivor: other, subsumed: m.self, path: m.path}
		if l.Type == "replaces" {
			link.survivor, link.subsumed = m.self, other
		}
		m.u.links = append(m.u.links, link)
	}
	return nil
}

// whyNoOther is the reason of a link to a patient who never came.
const whyNoOther = "the patient it is linked to is not known; the registration was stored, the link was not"

// linkPatients joins the records of a unit's links. Those of which a patient is
// not known yet come back as waiting.
func (s *Service) linkPatients(ctx context.Context, tx *gate.Tx, u *unit, links []patientLink, records map[string]string) (refused []chart.Refusal, waiting []patientLink, err error) {
	for _, l := range links {
		survivor, subsumed := records[l.survivor], records[l.subsumed]
		if survivor == "" || subsumed == "" {
			waiting = append(waiting, l)
			continue
		}
		why, err := s.join(ctx, tx, identity.Link{
			Survivor: survivor, Subsumed: subsumed, Message: u.id, Cause: "Patient.link", Reason: "Patient.link",
		})
		if err != nil {
			return nil, nil, err
		}
		if why != "" {
			refused = append(refused, chart.Refusal{Path: l.path, Why: why + "; the registration was stored, the link was not"})
		}
	}
	return refused, waiting, nil
}

// waitingLinks are links of one unit whose patients were not known yet.
type waitingLinks struct {
	file   int
	prefix string
	unit   *unit
	links  []patientLink
}

// settleLinks joins what waited, now that all files were read.
func (r *run) settleLinks(ctx context.Context) error {
	for _, w := range r.links {
		res := &r.files[w.file].result
		var refused []chart.Refusal
		err := r.s.change(ctx, r.actor, gate.Department(), func(tx *gate.Tx) error {
			records, err := r.recordsLate(ctx, tx, w.unit)
			if err != nil {
				return err
			}
			var rest []patientLink
			if refused, rest, err = r.s.linkPatients(ctx, tx, w.unit, w.links, records); err != nil {
				return err
			}
			for _, l := range rest {
				refused = append(refused, chart.Refusal{Path: l.path, Why: whyNoOther})
			}
			if len(refused) == 0 {
				return nil
			}
			if err := r.s.recount(ctx, tx, w.unit.id, len(refused)); err != nil {
				return err
			}
			var late Result
			late.refuse(refused)
			return r.s.late(ctx, tx, &w.unit.envelope, late.Rejections)
		})
		if err != nil {
			return fmt.Errorf("join what waited: %w", err)
		}
		for i := range refused {
			refused[i].Path = w.prefix + shortPlace(refused[i].Path)
		}
		res.refuse(refused)
		r.files[w.file].waiting--
	}
	r.links = nil
	return nil
}
