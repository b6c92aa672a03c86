package incoming

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"chartroom/internal/gate"
	"chartroom/internal/seal"
)

const (
	sqlVolumePut = `INSERT INTO paper_volume (id, barcode, record, number, state, due_at, since_at, asked_at, version, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

	// The version in the WHERE clause is what keeps two people from both signing
	// out the same volume.
	sqlVolumeUpdate = `UPDATE paper_volume SET state = $1, due_at = $2, since_at = $3, asked_at = $4, version = $5, body = $6
		WHERE id = $7 AND version = $8`

	sqlVolumeColumns = `SELECT id, barcode, record, number, state, due_at, since_at, asked_at, version, body FROM paper_volume`

	sqlVolume          = sqlVolumeColumns + ` WHERE id = $1`
	sqlVolumeByBarcode = sqlVolumeColumns + ` WHERE barcode = $1`
	sqlVolumesOfRecord = sqlVolumeColumns + ` WHERE record = $1 ORDER BY number`
	sqlVolumesAll      = sqlVolumeColumns + ` ORDER BY since_at DESC, id DESC LIMIT $1`
	sqlVolumesOut      = sqlVolumeColumns + ` WHERE state = 'out' ORDER BY due_at, id LIMIT $1`
	sqlVolumesOverdue  = sqlVolumeColumns + ` WHERE state = 'out' AND due_at < $1 ORDER BY due_at, id LIMIT $2`
	sqlVolumesAsked    = sqlVolumeColumns + ` WHERE asked_at > 0 ORDER BY asked_at, id LIMIT $1`
	sqlVolumesLost     = sqlVolumeColumns + ` WHERE state = 'lost' ORDER BY since_at, id LIMIT $1`

	sqlVolumeLast = `SELECT COALESCE(MAX(number), 0) FROM paper_volume WHERE record = $1`

	sqlPaperEventPut = `INSERT INTO paper_event (volume, number, kind, at, actor, entry, due_at, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`

	sqlPaperEvents = `SELECT number, kind, at, actor, entry, due_at, body FROM paper_event WHERE volume = $1 ORDER BY number`
)

// volumeBody is what of a volume is sealed.
type volumeBody struct {
	Contents string `json:"c,omitempty"`
	Place    string `json:"p,omitempty"`
	To       string `json:"t,omitempty"`
	For      string `json:"f,omitempty"`
	AskedBy  string `json:"a,omitempty"`
	AskedFor string `json:"w,omitempty"`
}

func volumePlace(id string, version int) string {
	return seal.Place("paper_volume", "body", id, version)
}

func eventPlace(volume string, number int) string {
	return seal.Place("paper_event", "body", volume, number)
}

// readVolumes reads volumes, still sealed.
func readVolumes(ctx context.Context, tx *gate.Tx, query string, args ...any) ([]Volume, error) {
	all, err := gate.Collect(ctx, tx, func(r gate.Row, v *Volume) error {
		var due, since, asked int64
		if err := r.Scan(&v.ID, &v.Barcode, &v.Record, &v.Number, &v.State, &due, &since, &asked, &v.Version, &v.sealed); err != nil {
			return err
		}
		v.Due, v.Since, v.AskedAt = gate.Moment(due), gate.Moment(since), gate.Moment(asked)
		return nil
	}, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read volumes: %w", err)
	}
	return all, nil
}

// open decrypts what of a volume is sealed.
func (v *Volume) open(key *seal.Key) error {
	plain, err := key.Open(v.sealed, volumePlace(v.ID, v.Version))
	if err != nil {
		return fmt.Errorf("open volume: %w", err)
	}
	var b volumeBody
	if err := json.Unmarshal(plain, &b); err != nil {
		return fmt.Errorf("read volume: %w", err)
	}
	v.Contents, v.Place, v.To, v.For, v.AskedBy, v.AskedFor = b.Contents, b.Place, b.To, b.For, b.AskedBy, b.AskedFor
	return nil
}

func (v *Volume) body(key *seal.Key) ([]byte, error) {
	plain, err := json.Marshal(volumeBody{v.Contents, v.Place, v.To, v.For, v.AskedBy, v.AskedFor})
	if err != nil {
		return nil, fmt.Errorf("write volume: %w", err)
	}
	return key.Seal(plain, volumePlace(v.ID, v.Version)), nil
}

// writeEvent keeps what happened to a volume.
func (v *Volume) writeEvent(ctx context.Context, tx *gate.Tx, key *seal.Key, kind PaperKind, text string) error {
	body := key.Seal([]byte(text), eventPlace(v.ID, v.Version))
	_, err := tx.Later(ctx, sqlPaperEventPut, v.ID, v.Version, string(kind), tx.Now().UnixMicro(), tx.Actor().ID, tx.EntryID(), gate.Micros(v.Due), body)
	if err != nil {
		return fmt.Errorf("write what happened to a volume: %w", err)
	}
	return nil
}

func readPaperEvents(ctx context.Context, tx *gate.Tx, key *seal.Key, volume string) ([]PaperEvent, error) {
	all, err := gate.Collect(ctx, tx, func(r gate.Row, e *PaperEvent) error {
		var at, due int64
		var body []byte
		if err := r.Scan(&e.Number, &e.Kind, &at, &e.By, &e.Entry, &due, &body); err != nil {
			return err
		}
		plain, err := key.Open(body, eventPlace(volume, e.Number))
		if err != nil {
			return fmt.Errorf("open history of a volume: %w", err)
		}
		e.At, e.Due, e.Text = gate.Moment(at), gate.Moment(due), string(plain)
		return nil
	}, sqlPaperEvents, volume)
	if err != nil {
		return nil, fmt.Errorf("read history of a volume: %w", err)
	}
	return all, nil
}

// PaperEvent is one thing that happened to a volume.
type PaperEvent struct {
	Number int
	Kind   PaperKind
	At     time.Time
	By     string
	Entry  string
	Due    time.Time
	Text   string // where to, to whom, what for
}
