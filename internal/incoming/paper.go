package incoming

import (
	"context"
	"fmt"
	"strings"
	"time"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/seal"
	"chartroom/internal/work"
)

// Volume is a folder of paper of a record.
type Volume struct {
	ID       string
	Barcode  string // opaque; on its label
	Record   string
	Number   int // 1, 2, … of the record
	State    PaperState
	Contents string    // "2019 to 2021, inpatient"
	Place    string    // where it stands when it is in: "Shelf 12 B"
	To       string    // who has it while it is out
	For      string    // what for
	Due      time.Time // back by then, while it is out
	Since    time.Time // in its state
	AskedAt  time.Time // somebody waits for it; zero for nobody
	AskedBy  string    // person or department
	AskedFor string
	Version  int

	Patient chart.Patient // in lists
	sealed  []byte
}

// PaperState says where a volume is.
type PaperState string

// The states.
const (
	PaperIn   PaperState = "in"
	PaperOut  PaperState = "out"
	PaperLost PaperState = "lost"
)

// PaperKind says what happened to a volume.
type PaperKind string

// What can happen to a volume.
const (
	PaperMade      PaperKind = "registered"
	PaperPlaced    PaperKind = "placed"
	PaperSignedOut PaperKind = "signed out"
	PaperReturned  PaperKind = "returned"
	PaperAsked     PaperKind = "requested"
	PaperUnasked   PaperKind = "request withdrawn"
	PaperMissed    PaperKind = "not found"
	PaperFound     PaperKind = "found"
)

// AddVolume registers the next volume of a record.
func (s *Service) AddVolume(ctx context.Context, actor gate.Actor, record, contents, place string) (Volume, error) {
	contents, place = tidy(contents), tidy(place)
	if place == "" || len(contents) > maxTyped || len(place) > maxTyped {
		return Volume{}, fmt.Errorf("%w: a volume has a place; each field at most %d characters", ErrBadInput, maxTyped)
	}
	if err := checkIDs(record); err != nil {
		return Volume{}, err
	}
	var v Volume
	err := s.gate.Change(ctx, actor, ActionPaperKeep, gate.Record(record), func(tx *gate.Tx) error {
		p, err := s.chart.PatientTx(ctx, tx, record)
		if err != nil {
			return err
		}
		if p.Number == 0 {
			return fmt.Errorf("%w: no such record", ErrNotFound)
		}
		var last int
		if err := tx.QueryRow(ctx, sqlVolumeLast, record).Scan(&last); err != nil {
			return fmt.Errorf("read volumes: %w", err)
		}
		v = Volume{
			ID: tx.NewID(), Barcode: newBarcode(), Record: record, Number: last + 1, State: PaperIn, Contents: contents, Place: place,
			Since: tx.Now(), Version: 1, Patient: p,
		}
		key, err := s.ring.Key(ctx, tx, record)
		if err != nil {
			return fmt.Errorf("key of the record: %w", err)
		}
		body, err := v.body(key)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, sqlVolumePut, v.ID, v.Barcode, v.Record, v.Number, string(v.State), 0, gate.Micros(v.Since), 0, v.Version, body)
		if err != nil {
			return fmt.Errorf("write volume: %w", err)
		}
		return v.writeEvent(ctx, tx, key, PaperMade, place)
	})
	if err != nil {
		return Volume{}, fmt.Errorf("register a volume: %w", err)
	}
	return v, nil
}

// SignOut gives a volume that is in to a person or department, to be back at the
// end of a day; one that has passed says that it was written down late. The one
// who asked for it, if it is they, waits no longer.
func (s *Service) SignOut(ctx context.Context, actor gate.Actor, id string, version int, to, what, dueDay string) (Volume, error) {
	to, what = tidy(to), tidy(what)
	if to == "" || len(to) > maxTyped || len(what) > maxTyped {
		return Volume{}, fmt.Errorf("%w: say who takes it", ErrBadInput)
	}
	_, due, err := s.day(dueDay)
	if err != nil {
		return Volume{}, err
	}
	return s.turn(ctx, actor, ActionPaperKeep, id, version, func(tx *gate.Tx, v *Volume) (PaperKind, string, error) {
		if v.State != PaperIn {
			return "", "", fmt.Errorf("%w: the volume is %s", ErrStale, v.State)
		}
		v.State, v.To, v.For, v.Due, v.Since = PaperOut, to, what, due, tx.Now()
		if strings.EqualFold(v.AskedBy, to) {
			v.AskedAt, v.AskedBy, v.AskedFor = time.Time{}, "", ""
		}
		return PaperSignedOut, joinWords(to, what), nil
	})
}

// Return takes a volume back to a place; "" is where it stood before. A volume
// that was missing is found by it.
func (s *Service) Return(ctx context.Context, actor gate.Actor, id string, version int, place string) (Volume, error) {
	place = tidy(place)
	return s.turn(ctx, actor, ActionPaperKeep, id, version, func(tx *gate.Tx, v *Volume) (PaperKind, string, error) {
		kind := PaperReturned
		switch v.State {
		case PaperIn:
			return "", "", fmt.Errorf("%w: the volume is in", ErrStale)
		case PaperLost:
			kind = PaperFound
		case PaperOut:
		}
		if place != "" {
			v.Place = place
		}
		v.State, v.To, v.For, v.Due, v.Since = PaperIn, "", "", time.Time{}, tx.Now()
		return kind, v.Place, nil
	})
}

// Place says where a volume that is in stands from now on, and what is in it.
func (s *Service) Place(ctx context.Context, actor gate.Actor, id string, version int, place, contents string) (Volume, error) {
	place, contents = tidy(place), tidy(contents)
	if place == "" {
		return Volume{}, fmt.Errorf("%w: say where it stands", ErrBadInput)
	}
	return s.turn(ctx, actor, ActionPaperKeep, id, version, func(_ *gate.Tx, v *Volume) (PaperKind, string, error) {
		if v.State != PaperIn {
			return "", "", fmt.Errorf("%w: the volume is %s", ErrStale, v.State)
		}
		v.Place = place
		if contents != "" {
			v.Contents = contents
		}
		return PaperPlaced, place, nil
	})
}

// Ask requests a volume for a person or department.
func (s *Service) Ask(ctx context.Context, actor gate.Actor, id string, version int, who, what string) (Volume, error) {
	who, what = tidy(who), tidy(what)
	if who == "" {
		return Volume{}, fmt.Errorf("%w: say who needs it", ErrBadInput)
	}
	return s.turn(ctx, actor, ActionPaperAsk, id, version, func(tx *gate.Tx, v *Volume) (PaperKind, string, error) {
		if !v.AskedAt.IsZero() {
			return "", "", fmt.Errorf("%w: somebody waits for it already", ErrStale)
		}
		v.AskedAt, v.AskedBy, v.AskedFor = tx.Now(), who, what
		return PaperAsked, joinWords(who, what), nil
	})
}

// Unask withdraws a request.
func (s *Service) Unask(ctx context.Context, actor gate.Actor, id string, version int) (Volume, error) {
	return s.turn(ctx, actor, ActionPaperAsk, id, version, func(_ *gate.Tx, v *Volume) (PaperKind, string, error) {
		if v.AskedAt.IsZero() {
			return "", "", fmt.Errorf("%w: nobody waits for it", ErrStale)
		}
		who := v.AskedBy
		v.AskedAt, v.AskedBy, v.AskedFor = time.Time{}, "", ""
		return PaperUnasked, who, nil
	})
}

// Miss says that a volume is not where it should be.
func (s *Service) Miss(ctx context.Context, actor gate.Actor, id string, version int) (Volume, error) {
	return s.turn(ctx, actor, ActionPaperKeep, id, version, func(tx *gate.Tx, v *Volume) (PaperKind, string, error) {
		if v.State == PaperLost {
			return "", "", fmt.Errorf("%w: it is missing already", ErrStale)
		}
		v.State, v.Since = PaperLost, tx.Now()
		return PaperMissed, joinWords(v.Place, v.To), nil
	})
}

// turn changes a volume as one step of its history, with the work that follows.
func (s *Service) turn(ctx context.Context, actor gate.Actor, action gate.Action, id string, version int, step func(*gate.Tx, *Volume) (PaperKind, string, error)) (Volume, error) {
	var v Volume
	err := s.gate.Change(ctx, actor, action, gate.Subject{Kind: "volume", ID: id}, func(tx *gate.Tx) error {
		var key *seal.Key
		var err error
		if v, key, err = s.volumeTx(ctx, tx, sqlVolume, id); err != nil {
			return err
		}
		if v.Version != version {
			return fmt.Errorf("%w: somebody else changed the volume", ErrStale)
		}
		kind, text, err := step(tx, &v)
		if err != nil {
			return err
		}
		v.Version++
		body, err := v.body(key)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, sqlVolumeUpdate, string(v.State), gate.Micros(v.Due), gate.Micros(v.Since), gate.Micros(v.AskedAt), v.Version, body, v.ID, version)
		if err != nil {
			return fmt.Errorf("write volume: %w", err)
		}
		if err := v.writeEvent(ctx, tx, key, kind, text); err != nil {
			return err
		}
		return s.paperWork(ctx, tx, v)
	})
	if err != nil {
		return Volume{}, fmt.Errorf("volume: %w", err)
	}
	return v, nil
}

// paperWork keeps up what is to be done about a volume: fetch it where somebody
// waits and it is in, get it back where it is out, look for it where it is lost.
func (s *Service) paperWork(ctx context.Context, tx *gate.Tx, v Volume) error {
	wants := map[string]*work.Want{"fetch": nil, "back": nil, "lost": nil}
	if !v.AskedAt.IsZero() && v.State == PaperIn {
		wants["fetch"] = &work.Want{Reason: "volume requested", Since: v.AskedAt, Priority: 2}
	}
	switch v.State {
	case PaperOut:
		wants["back"] = &work.Want{Reason: "volume signed out", Since: v.Since, Due: v.Due, Priority: 4}
	case PaperLost:
		wants["lost"] = &work.Want{Reason: "volume not found", Since: v.Since, Priority: 1}
	case PaperIn:
	}
	for what, w := range wants {
		key := v.ID + "/" + what
		var err error
		if w == nil {
			err = s.work.SettleTx(ctx, tx, work.Paper, key, "done")
		} else {
			w.Queue, w.Key, w.Record, w.Open = work.Paper, key, v.Record, "/incoming/paper/"+v.ID
			err = s.work.PutTx(ctx, tx, *w)
		}
		if err != nil {
			return fmt.Errorf("work of a volume: %w", err)
		}
	}
	return nil
}

func (s *Service) volumeTx(ctx context.Context, tx *gate.Tx, query, arg string) (Volume, *seal.Key, error) {
	all, err := readVolumes(ctx, tx, query, arg)
	if err != nil {
		return Volume{}, nil, err
	}
	if len(all) == 0 {
		return Volume{}, nil, fmt.Errorf("%w: no such volume", ErrNotFound)
	}
	v := all[0]
	if v.Patient, err = s.chart.PatientTx(ctx, tx, v.Record); err != nil {
		return Volume{}, nil, err
	}
	key, err := s.ring.Key(ctx, tx, v.Record)
	if err != nil {
		return Volume{}, nil, fmt.Errorf("key of the record: %w", err)
	}
	return v, key, v.open(key)
}

// Volume reads a volume with its history, oldest first.
func (s *Service) Volume(ctx context.Context, actor gate.Actor, id string) (v Volume, history []PaperEvent, err error) {
	err = s.gate.Read(ctx, actor, ActionPaper, gate.Subject{Kind: "volume", ID: id}, func(tx *gate.Tx) (err error) {
		var key *seal.Key
		if v, key, err = s.volumeTx(ctx, tx, sqlVolume, id); err != nil {
			return err
		}
		history, err = readPaperEvents(ctx, tx, key, id)
		return err
	})
	if err != nil {
		return Volume{}, nil, fmt.Errorf("volume: %w", err)
	}
	return v, history, nil
}

// VolumeByBarcode finds a volume by the number of its label.
func (s *Service) VolumeByBarcode(ctx context.Context, actor gate.Actor, barcode string) (Volume, error) {
	barcode = strings.ToUpper(strings.Join(strings.Fields(barcode), ""))
	if !goodBarcode(barcode) {
		return Volume{}, fmt.Errorf("%w: that is no number of a volume; read it again", ErrBadInput)
	}
	var v Volume
	err := s.gate.Read(ctx, actor, ActionPaper, gate.Department(), func(tx *gate.Tx) (err error) {
		v, _, err = s.volumeTx(ctx, tx, sqlVolumeByBarcode, barcode)
		return err
	})
	if err != nil {
		return Volume{}, fmt.Errorf("volume: %w", err)
	}
	return v, nil
}

// PaperFilter says which volumes a list shows: "" those out, "overdue",
// "requested", "lost" or "all"; or those of one record.
type PaperFilter struct{ Show, Record string }

// Volumes lists volumes, the most pressing first.
func (s *Service) Volumes(ctx context.Context, actor gate.Actor, f PaperFilter) ([]Volume, error) {
	var out []Volume
	err := s.gate.Read(ctx, actor, ActionPaper, gate.Department(), func(tx *gate.Tx) error {
		query, args := f.query(tx.Now())
		all, err := readVolumes(ctx, tx, query, args...)
		if err != nil {
			return err
		}
		out = nil
		for _, v := range all {
			open, err := tx.AboutIf(ctx, gate.Record(v.Record))
			if err != nil {
				return err
			}
			if !open {
				continue
			}
			if v.Patient, err = s.chart.PatientTx(ctx, tx, v.Record); err != nil {
				return err
			}
			key, err := s.ring.Key(ctx, tx, v.Record)
			if err != nil {
				return fmt.Errorf("key of the record: %w", err)
			}
			if err := v.open(key); err != nil {
				return err
			}
			out = append(out, v)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("volumes: %w", err)
	}
	return out, nil
}

func (f PaperFilter) query(now time.Time) (query string, args []any) {
	if f.Record != "" {
		return sqlVolumesOfRecord, []any{f.Record}
	}
	switch f.Show {
	case "overdue":
		return sqlVolumesOverdue, []any{now.UnixMicro(), maxListed}
	case "requested":
		return sqlVolumesAsked, []any{maxListed}
	case "lost":
		return sqlVolumesLost, []any{maxListed}
	case "all":
		return sqlVolumesAll, []any{maxListed}
	}
	return sqlVolumesOut, []any{maxListed}
}

func joinWords(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + " · " + b
}
