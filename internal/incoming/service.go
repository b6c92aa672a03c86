package incoming

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/scan"
	"chartroom/internal/seal"
	"chartroom/internal/work"
)

// Options are the settings of a Service; zero values give the defaults.
type Options struct {
	Zone *time.Location // of the facility: what day a paper is of; UTC where nil
}

// Service is the door of the desk. It is safe for concurrent use.
type Service struct {
	gate  *gate.Gate
	ring  *seal.Ring
	chart *chart.Service
	scan  *scan.Service
	work  *work.Service
	zone  *time.Location
}

// New makes the door from the doors it stands on.
func New(g *gate.Gate, r *seal.Ring, c *chart.Service, sc *scan.Service, w *work.Service, o Options) *Service {
	return &Service{gate: g, ring: r, chart: c, scan: sc, work: w, zone: cmp.Or(o.Zone, time.UTC)}
}

// deskKey is the key of what belongs to no record.
func (s *Service) deskKey(ctx context.Context, tx *gate.Tx) (*seal.Key, error) {
	key, err := s.ring.KeyOrNew(ctx, tx, deskOwner)
	if err != nil {
		return nil, fmt.Errorf("key of the desk: %w", err)
	}
	return key, nil
}

// put stores one version of a document, all or nothing.
func (s *Service) put(ctx context.Context, tx *gate.Tx, d chart.Document) error {
	var b chart.Batch
	b.AddDocument(d)
	done, err := s.chart.StoreTx(ctx, tx, &b)
	if err != nil {
		return err
	}
	if len(done.Refused) > 0 {
		return fmt.Errorf("%w: %s", ErrBadInput, done.Refused[0].Why)
	}
	return nil
}

// place reads an encounter and says under which record a document of it is kept.
// record, where given, must be of the same person.
func (s *Service) place(ctx context.Context, tx *gate.Tx, record, encounter string) (chart.Encounter, error) {
	enc, err := s.chart.EncounterTx(ctx, tx, encounter)
	if err != nil {
		return chart.Encounter{}, err
	}
	if enc.Withdrawn {
		return chart.Encounter{}, fmt.Errorf("%w: the encounter was withdrawn", ErrBadInput)
	}
	if record == "" || record == enc.Record {
		return enc, nil
	}
	same, err := s.samePerson(ctx, tx, record, enc.Record)
	if err != nil {
		return chart.Encounter{}, err
	}
	if !same {
		return chart.Encounter{}, fmt.Errorf("%w: the encounter is another patient's", ErrBadInput)
	}
	return enc, nil
}

func (s *Service) samePerson(ctx context.Context, tx *gate.Tx, a, b string) (bool, error) {
	if a == b {
		return true, nil
	}
	p, err := s.chart.PatientTx(ctx, tx, a)
	if err != nil {
		return false, err
	}
	q, err := s.chart.PatientTx(ctx, tx, b)
	if err != nil {
		return false, err
	}
	return p.Person == q.Person, nil
}

// current reads the newest version of a document and refuses it where it is not
// the one the actor saw, or is withdrawn.
func (s *Service) current(ctx context.Context, tx *gate.Tx, id string, number int) (chart.Document, error) {
	d, err := s.chart.DocumentTx(ctx, tx, id, 0)
	if err != nil {
		return chart.Document{}, err
	}
	if d.Number != number {
		return chart.Document{}, fmt.Errorf("%w: the document is at version %d", ErrStale, d.Number)
	}
	if d.Withdrawn {
		return chart.Document{}, fmt.Errorf("%w: the document was withdrawn", ErrStale)
	}
	return d, nil
}

// next makes the version after d, to say something else for a reason.
func next(d chart.Document, reason string) chart.Document {
	d.Reason = reason
	d.Source = chart.Source{}
	return d
}

// bound is d showing other sheets.
func bound(d chart.Document, s sheaf) chart.Document {
	d.Text, d.Sheets = s.bind()
	return d
}

// day gives the bounds of a day of the facility.
func (s *Service) day(day string) (from, to time.Time, err error) {
	from, err = time.ParseInLocation(time.DateOnly, day, s.zone)
	if err != nil {
		return time.Time{}, time.Time{}, fmt.Errorf("%w: a date is written YYYY-MM-DD", ErrBadInput)
	}
	return from, from.AddDate(0, 0, 1), nil
}

var idShape = regexp.MustCompile(`^[0-9a-hjkmnp-tv-z]{26}$`)

// checkIDs refuses what cannot be an identifier of ours. The gate writes the
// subjects of what it refuses on the audit log, for good: a name that somebody put
// where an identifier belongs must not get there.
func checkIDs(ids ...string) error {
	for _, id := range ids {
		if id != "" && !idShape.MatchString(id) {
			return fmt.Errorf("%w: that is no identifier", ErrBadInput)
		}
	}
	return nil
}

// tidy makes one line of what a person typed.
func tidy(s string) string { return strings.Join(strings.Fields(s), " ") }
