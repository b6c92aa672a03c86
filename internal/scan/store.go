package scan

import (
	"bytes"
	"compress/flate"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"chartroom/internal/gate"
	"chartroom/internal/seal"
)

const (
	sqlInsertScan = `INSERT INTO scan (id, arrived_at, arrived_by, entry, message, media, size, pages, waiting, lease, tries, repeat_key, name)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, $10, $11)`
	sqlInsertPart = `INSERT INTO scan_part (scan, number, sealed) VALUES ($1, $2, $3)`
	sqlInsertPage = `INSERT INTO scan_page (scan, page, state, turn, width, height, words, record, encounter, document, sealed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`
	sqlScanRepeat  = `SELECT id FROM scan WHERE repeat_key = $1`
	sqlScan        = `SELECT id, arrived_at, arrived_by, entry, message, media, size, pages, waiting, name FROM scan WHERE id = $1`
	sqlScanMessage = `SELECT id FROM scan WHERE message = $1 ORDER BY id LIMIT 1`
	sqlParts       = `SELECT number, sealed FROM scan_part WHERE scan = $1 ORDER BY number`
	sqlPages       = `SELECT page, state, turn, width, height, words, record, encounter, document FROM scan_page
		WHERE scan = $1 AND page >= $2 AND page <= $3 ORDER BY page`
	sqlPageTexts = `SELECT page, sealed FROM scan_page WHERE scan = $1 AND page >= $2 AND page <= $3 AND sealed IS NOT NULL ORDER BY page`
	sqlAssign    = `UPDATE scan_page SET record = $1, encounter = $2, document = $3 WHERE scan = $4 AND page = $5`

	sqlLook      = `SELECT id FROM scan WHERE waiting > 0 AND lease < $1 ORDER BY lease, id LIMIT 1`
	sqlClaim     = `UPDATE scan SET lease = $1, tries = tries + 1 WHERE id = $2 AND waiting > 0 AND lease < $3`
	sqlTries     = `SELECT tries FROM scan WHERE id = $1`
	sqlWaiting   = `SELECT page FROM scan_page WHERE scan = $1 AND state = 'pending' ORDER BY page`
	sqlPutWords  = `UPDATE scan_page SET state = $1, turn = $2, words = $3, sealed = $4 WHERE scan = $5 AND page = $6 AND state = 'pending'`
	sqlRenew     = `UPDATE scan SET waiting = waiting - $1, lease = $2, tries = 0 WHERE id = $3`
	sqlLetGo     = `UPDATE scan SET lease = 0, tries = 0 WHERE id = $1`
	sqlOwnersFor = `SELECT page, record, document FROM scan_page WHERE scan = $1 AND page >= $2 AND page <= $3 AND document <> '' ORDER BY page`
)

// partSize is how many bytes are sealed as one.
const partSize = 1 << 20

// sealedPaper is what of a file is sealed, made once however often the action runs.
type sealedPaper struct {
	id    string
	key   *seal.Drawn
	name  []byte
	parts [][]byte
	words map[int][]byte // of pages that were read already
}

// Prepare seals a file before the action that keeps it, so that others need not
// wait. KeepTx does it where it was not done.
func (s *Service) Prepare(p *Paper) error {
	if p.sealed != nil && p.sealed.id == p.ID && len(p.sealed.words) == len(p.layer) {
		return nil
	}
	key, err := s.ring.DrawKey(p.ID)
	if err != nil {
		return fmt.Errorf("key of the scan: %w", err)
	}
	sealed := &sealedPaper{id: p.ID, key: key, name: key.Seal([]byte(p.Name), seal.Place("scan", "name", p.ID, 1))}
	for n, rest := 0, p.raw; len(rest) > 0; n++ {
		size := min(partSize, len(rest))
		sealed.parts = append(sealed.parts, key.Seal(rest[:size], seal.Place("scan_part", "sealed", p.ID, n)))
		rest = rest[size:]
	}
	sealed.words = map[int][]byte{}
	for n, words := range p.layer {
		if sealed.words[n], err = sealWords(key.Key, p.ID, n, words); err != nil {
			return err
		}
	}
	p.sealed = sealed
	return nil
}

// repeatKey is what equal files are known by. A paper with an id of its own is the
// same if its id is.
func (s *Service) repeatKey(p *Paper, owner Owner) []byte {
	if p.own != p.ID {
		return s.ring.Token("scan.id", p.ID)
	}
	if p.sum == "" {
		sum := sha256.Sum256(p.raw)
		p.sum = hex.EncodeToString(sum[:])
	}
	return s.ring.Token("scan.repeat", owner.Record+"\x00"+p.sum)
}

// KeepTx is Keep inside another action. message is the intake message that brought
// it, "" for none; owner is whose it is, zero for nobody's yet. Of nobody's scans
// equal bytes are one scan; of a record's, equal bytes for that record; a paper
// whose ID was set is known by that.
func (s *Service) KeepTx(ctx context.Context, tx *gate.Tx, p *Paper, message string, owner Owner) (kept Scan, repeated bool, err error) {
	repeat := s.repeatKey(p, owner)
	var before string
	err = tx.QueryRow(ctx, sqlScanRepeat, repeat).Scan(&before)
	if err == nil {
		kept, err = s.headTx(ctx, tx, before)
		return kept, true, err
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return Scan{}, false, fmt.Errorf("look for the scan: %w", err)
	}
	if err := s.Prepare(p); err != nil {
		return Scan{}, false, err
	}
	if err := s.aboutOwners(ctx, tx, []Owner{owner}, true); err != nil {
		return Scan{}, false, err
	}
	if _, err := tx.Exec(ctx, sqlInsertScan, p.ID, tx.Now().UnixMicro(), tx.Actor().ID, tx.EntryID(), message, p.Media,
		int64(len(p.raw)), p.Pages, p.Pages-len(p.layer), repeat, p.sealed.name); err != nil {
		return Scan{}, false, fmt.Errorf("keep a scan: %w", err)
	}
	if err := s.ring.StoreKey(ctx, tx, p.sealed.key); err != nil {
		return Scan{}, false, fmt.Errorf("key of the scan: %w", err)
	}
	for n, part := range p.sealed.parts {
		if _, err := tx.Later(ctx, sqlInsertPart, p.ID, n, part); err != nil {
			return Scan{}, false, fmt.Errorf("bytes of the scan: %w", err)
		}
	}
	for i, size := range p.sizes {
		state, words := Pending, p.layer[i+1]
		var body any
		if b := p.sealed.words[i+1]; b != nil {
			state, body = Text, b
		}
		_, err := tx.Later(ctx, sqlInsertPage, p.ID, i+1, string(state), words.turn, size.w, size.h, len(words.list),
			owner.Record, owner.Encounter, owner.Document, body)
		if err != nil {
			return Scan{}, false, fmt.Errorf("pages of the scan: %w", err)
		}
	}
	tx.OnCommit(s.worker.Wake)
	return Scan{
		ID: p.ID, ArrivedAt: tx.Now(), ArrivedBy: tx.Actor().ID, Message: message, Name: p.Name, Media: p.Media,
		Size: int64(len(p.raw)), Pages: p.Pages, Pending: p.Pages - len(p.layer), Entry: tx.EntryID(),
	}, false, nil
}

// headTx reads what is known of a scan without its pages.
func (s *Service) headTx(ctx context.Context, tx *gate.Tx, id string) (Scan, error) {
	var sc Scan
	var at int64
	var name []byte
	err := tx.QueryRow(ctx, sqlScan, id).Scan(&sc.ID, &at, &sc.ArrivedBy, &sc.Entry, &sc.Message, &sc.Media, &sc.Size, &sc.Pages, &sc.Pending, &name)
	if errors.Is(err, sql.ErrNoRows) {
		return Scan{}, ErrNotFound
	}
	if err != nil {
		return Scan{}, fmt.Errorf("scan: %w", err)
	}
	sc.ArrivedAt = time.UnixMicro(at).UTC()
	key, err := s.ring.Key(ctx, tx, id)
	if err != nil {
		return Scan{}, fmt.Errorf("key of the scan: %w", err)
	}
	plain, err := key.Open(name, seal.Place("scan", "name", id, 1))
	if err != nil {
		return Scan{}, fmt.Errorf("name of scan %s: %w", id, err)
	}
	sc.Name = string(plain)
	return sc, nil
}

// pagesTx reads pages from to last, in order, without asking about them.
func pagesTx(ctx context.Context, tx *gate.Tx, id string, from, last int) ([]Page, error) {
	rows, err := tx.Query(ctx, sqlPages, id, from, last)
	if err != nil {
		return nil, fmt.Errorf("pages of the scan: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all []Page
	for rows.Next() {
		p := Page{Scan: id}
		err := rows.Scan(&p.Number, &p.State, &p.Turn, &p.Width, &p.Height, &p.Words, &p.Owner.Record, &p.Owner.Encounter, &p.Owner.Document)
		if err != nil {
			return nil, fmt.Errorf("pages of the scan: %w", err)
		}
		all = append(all, p)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("pages of the scan: %w", err)
	}
	return all, nil
}

// bytesTx opens the bytes of a scan.
func (s *Service) bytesTx(ctx context.Context, tx *gate.Tx, sc Scan) ([]byte, error) {
	key, err := s.ring.Key(ctx, tx, sc.ID)
	if err != nil {
		return nil, fmt.Errorf("key of the scan: %w", err)
	}
	rows, err := tx.Query(ctx, sqlParts, sc.ID)
	if err != nil {
		return nil, fmt.Errorf("bytes of the scan: %w", err)
	}
	defer func() { _ = rows.Close() }()
	raw := make([]byte, 0, sc.Size)
	var sealed sql.RawBytes
	for n := 0; rows.Next(); n++ {
		var number int
		if err := rows.Scan(&number, &sealed); err != nil {
			return nil, fmt.Errorf("bytes of the scan: %w", err)
		}
		part, err := key.Open(sealed, seal.Place("scan_part", "sealed", sc.ID, n))
		if err != nil || number != n {
			return nil, fmt.Errorf("part %d of scan %s: %w", n, sc.ID, errors.Join(err, seal.ErrOpen))
		}
		raw = append(raw, part...)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("bytes of the scan: %w", err)
	}
	if int64(len(raw)) != sc.Size {
		return nil, fmt.Errorf("bytes of scan %s: %w", sc.ID, seal.ErrOpen)
	}
	return raw, nil
}

// sealWords packs and seals what was read on a page.
func sealWords(key *seal.Key, id string, page int, w pageWords) ([]byte, error) {
	plain, err := json.Marshal(storedWords{Text: w.text, List: w.list})
	if err != nil {
		return nil, fmt.Errorf("words of a page: %w", err)
	}
	var packed bytes.Buffer
	z, err := flate.NewWriter(&packed, flate.BestSpeed)
	if err != nil {
		return nil, fmt.Errorf("words of a page: %w", err)
	}
	if _, err := z.Write(plain); err != nil {
		return nil, fmt.Errorf("words of a page: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("words of a page: %w", err)
	}
	return key.Seal(packed.Bytes(), seal.Place("scan_page", "sealed", id, page)), nil
}

// storedWords is how the words of a page are kept.
type storedWords struct {
	Text string `json:"text"`
	List []Word `json:"words"`
}

func openWords(key *seal.Key, id string, page int, sealed []byte) (storedWords, error) {
	packed, err := key.Open(sealed, seal.Place("scan_page", "sealed", id, page))
	if err != nil {
		return storedWords{}, fmt.Errorf("words of page %d of scan %s: %w", page, id, err)
	}
	plain, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
	if err != nil {
		return storedWords{}, fmt.Errorf("unpack the words of page %d of scan %s: %w", page, id, seal.ErrOpen)
	}
	var w storedWords
	if err := json.Unmarshal(plain, &w); err != nil {
		return storedWords{}, fmt.Errorf("words of page %d of scan %s: %w", page, id, seal.ErrOpen)
	}
	return w, nil
}

// textsTx reads what is written on pages from to last.
func (s *Service) textsTx(ctx context.Context, tx *gate.Tx, id string, from, last int) (map[int]storedWords, error) {
	key, err := s.ring.Key(ctx, tx, id)
	if err != nil {
		return nil, fmt.Errorf("key of the scan: %w", err)
	}
	rows, err := tx.Query(ctx, sqlPageTexts, id, from, last)
	if err != nil {
		return nil, fmt.Errorf("words of the scan: %w", err)
	}
	defer func() { _ = rows.Close() }()
	all := map[int]storedWords{}
	for rows.Next() {
		var page int
		var sealed []byte
		if err := rows.Scan(&page, &sealed); err != nil {
			return nil, fmt.Errorf("words of the scan: %w", err)
		}
		if all[page], err = openWords(key, id, page, sealed); err != nil {
			return nil, err
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("words of the scan: %w", err)
	}
	return all, nil
}

// clean keeps of a file's name what is one line.
func clean(name string) string {
	name = strings.ToValidUTF8(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, name), "")
	if len(name) > 200 {
		name = strings.ToValidUTF8(name[:200], "")
	}
	return name
}
