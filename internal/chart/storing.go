package chart

import (
	"bytes"
	"context"
	"fmt"

	"chartroom/internal/access"
	"chartroom/internal/gate"
	"chartroom/internal/identity"
	"chartroom/internal/seal"
)

// Stored says what became of a batch. Added + Changed + Unchanged + Refused is
// its length.
type Stored struct {
	Added, Changed, Unchanged int
	Refused                   []Refusal
}

// Refusal is a fact that was not stored, and why; no patient data.
type Refusal struct {
	Path string // its place in the message
	Why  string
}

// The reasons of a Refusal.
const (
	whyOtherRecord    = "the same identifier arrived before for another patient"
	whyOtherEncounter = "it names an encounter of another patient"
)

// rowsAtOnce is how many facts one statement stores. More saves little and makes
// statements that engines prepare slowly.
const rowsAtOnce = 16

// StoreTx stores a batch inside an action. A fact that would cross from one
// patient to another is refused and listed; all others are stored.
func (s *Service) StoreTx(ctx context.Context, tx *gate.Tx, b *Batch) (Stored, error) {
	if b.err != nil {
		return Stored{}, b.err
	}
	st := storing{s: s, tx: tx, reason: b.Reason, born: b.Born, touched: map[string]bool{}}
	if err := st.about(ctx, b.items); err != nil {
		return Stored{}, err
	}
	if err := st.findKnown(ctx, b.items); err != nil {
		return Stored{}, err
	}
	if err := st.findOwners(ctx, b.items); err != nil {
		return Stored{}, err
	}
	for i := range b.items {
		if err := st.put(ctx, &b.items[i]); err != nil {
			return Stored{}, err
		}
	}
	if err := st.flush(ctx); err != nil {
		return Stored{}, err
	}
	if err := st.countTexts(ctx); err != nil {
		return Stored{}, err
	}
	return st.done, s.tell(ctx, tx, st.news)
}

// storeAll is StoreTx for facts typed in, where a refusal fails the action.
func (s *Service) storeAll(ctx context.Context, tx *gate.Tx, b *Batch) error {
	done, err := s.StoreTx(ctx, tx, b)
	if err != nil {
		return err
	}
	if len(done.Refused) > 0 {
		return fmt.Errorf("%w: %s", ErrInvalid, done.Refused[0].Why)
	}
	return nil
}

type knownFact struct {
	number int
	record string
	digest []byte
}

// storing is the state of one StoreTx.
type storing struct {
	s       *Service
	tx      *gate.Tx
	reason  string
	born    string // record made in this action
	known   map[string]knownFact
	owners  map[string]string // encounter -> record
	touched map[string]bool   // encounters whose texts are to be counted
	key     *seal.Key
	rows    []any
	news    []News
	done    Stored
}

func (st *storing) about(ctx context.Context, items []item) error {
	last := ""
	for i := range items {
		record := items[i].version.Record
		if record == "" || record == last {
			continue
		}
		last = record
		if err := st.tx.About(ctx, gate.Record(record)); err != nil {
			return err
		}
		message := items[i].version.Source.Message
		if message == "" {
			continue
		}
		if _, err := st.tx.Later(ctx, sqlPutMessageRecord, message, record); err != nil {
			return fmt.Errorf("note what a message told of: %w", err)
		}
	}
	return nil
}

// findKnown looks up the newest version of every fact that could have one.
func (st *storing) findKnown(ctx context.Context, items []item) error {
	st.known = map[string]knownFact{}
	var ids []string
	for i := range items {
		if id := items[i].version.ID; !items[i].fresh && id != st.born {
			ids = append(ids, id)
		}
	}
	return inGroups(ids, func(group []any) error {
		rows, err := st.tx.Query(ctx, inList(sqlKnownFact, len(group)), group...)
		if err != nil {
			return fmt.Errorf("look up facts: %w", err)
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var id string
			var k knownFact
			if err := rows.Scan(&id, &k.number, &k.record, &k.digest); err != nil {
				return fmt.Errorf("look up facts: %w", err)
			}
			st.known[id] = k
		}
		return wrap(rows.Err(), "look up facts")
	})
}

// findOwners learns whose the encounters are that facts belong to.
func (st *storing) findOwners(ctx context.Context, items []item) error {
	st.owners = map[string]string{}
	for i := range items {
		if v := &items[i].version; items[i].kind == kindEncounter {
			st.owners[v.ID] = v.Record
		}
	}
	var ids []string
	asked := map[string]bool{}
	for i := range items {
		enc := items[i].version.Encounter
		if _, here := st.owners[enc]; enc != "" && !here && !asked[enc] {
			asked[enc] = true
			ids = append(ids, enc)
		}
	}
	return inGroups(ids, func(group []any) error {
		rows, err := st.tx.Query(ctx, inList(sqlEncounterOwners, len(group)), group...)
		if err != nil {
			return fmt.Errorf("look up encounters: %w", err)
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var id, record string
			if err := rows.Scan(&id, &record); err != nil {
				return fmt.Errorf("look up encounters: %w", err)
			}
			st.owners[id] = record
		}
		return wrap(rows.Err(), "look up encounters")
	})
}

// inGroups calls fn with the ids in groups of fixed sizes, the last one filled
// up with "", so that few different statements are prepared.
func inGroups(ids []string, fn func([]any) error) error {
	for len(ids) > 0 {
		size := 64
		if len(ids) <= 4 {
			size = 4
		}
		n := min(size, len(ids))
		group := make([]any, size)
		for i := range group {
			group[i] = ""
			if i < n {
				group[i] = ids[i]
			}
		}
		ids = ids[n:]
		if err := fn(group); err != nil {
			return err
		}
	}
	return nil
}

// put decides what a fact is, new, changed, unchanged or refused, and stores it.
func (st *storing) put(ctx context.Context, it *item) error {
	v := &it.version
	if why, err := st.refuse(ctx, it); err != nil || why != "" {
		if why != "" {
			st.done.Refused = append(st.done.Refused, Refusal{Path: v.Source.Path, Why: why})
		}
		return err
	}
	if err := st.useKey(ctx, v.Record); err != nil {
		return err
	}
	digest := st.key.MAC(digested(it))
	before, known := st.known[v.ID]
	switch {
	case !known:
		v.Number = 1
		st.done.Added++
	case bytes.Equal(before.digest, digest):
		st.done.Unchanged++
		return nil
	default:
		v.Number = before.number + 1
		st.done.Changed++
		if v.Reason == "" {
			v.Reason = st.reason
		}
		// The rows gathered may hold the version that is superseded.
		if err := st.flush(ctx); err != nil {
			return err
		}
		if _, err := st.tx.Later(ctx, sqlSupersede, v.ID, before.number); err != nil {
			return fmt.Errorf("supersede: %w", err)
		}
	}
	st.known[v.ID] = knownFact{number: v.Number, record: v.Record, digest: digest}
	if len(st.s.watchers) > 0 && v.Record != "" {
		st.news = append(st.news, it.news())
	}
	st.gather(it, digest)
	if len(st.rows) == rowsAtOnce*factColumns {
		if err := st.flush(ctx); err != nil {
			return err
		}
	}
	return st.beside(ctx, it)
}

func (st *storing) refuse(ctx context.Context, it *item) (string, error) {
	v := &it.version
	if before, known := st.known[v.ID]; known && before.record != v.Record {
		return whyOtherRecord, nil
	}
	if v.Encounter == "" || it.kind == kindEncounter {
		return "", nil
	}
	owner, known := st.owners[v.Encounter]
	if !known || owner == v.Record {
		return "", nil
	}
	same, err := st.s.identity.SamePerson(ctx, st.tx, owner, v.Record)
	if err != nil || same {
		return "", err
	}
	return whyOtherEncounter, nil
}

func (st *storing) useKey(ctx context.Context, record string) error {
	owner := keyOwner(record)
	if st.key != nil && st.key.Owner() == owner {
		return nil
	}
	keyOf := st.s.ring.Key
	if record == "" {
		keyOf = st.s.ring.KeyOrNew
	}
	key, err := keyOf(ctx, st.tx, owner)
	if err != nil {
		return fmt.Errorf("key of the record: %w", err)
	}
	st.key = key
	return nil
}

// digested is what two versions are compared by: all they say, not when, why or
// from where.
func digested(it *item) []byte {
	v := &it.version
	out := make([]byte, 0, len(it.plain)+len(it.body)+len(v.Encounter)+4)
	out = append(out, it.plain...)
	out = append(out, 0)
	out = append(out, v.Encounter...)
	if v.Withdrawn {
		out = append(out, 1)
	} else {
		out = append(out, 0)
	}
	return append(out, it.body...)
}

const factColumns = 15

func (st *storing) gather(it *item, digest []byte) {
	v := &it.version
	plain := it.plain
	if v.Reason != "" {
		plain = append(append(append(make([]byte, 0, len(plain)+1+len(v.Reason)), plain...), '\n'), v.Reason...)
	}
	var body any
	if it.kind == kindDocument {
		body = st.key.Seal(it.body, place("body", v.ID, v.Number))
	}
	withdrawn := int64(0)
	if v.Withdrawn {
		withdrawn = 1
	}
	st.rows = append(st.rows, v.ID, int64(v.Number), it.kind, v.Record, v.Encounter, it.state, withdrawn,
		st.tx.Now().UnixMicro(), st.tx.Actor().ID, v.Source.Message, gate.ClearText(v.Source.Path, 200), st.tx.EntryID(), digest,
		st.key.Seal(plain, place("sealed", v.ID, v.Number)), body)
}

// flush writes the rows gathered, many a statement.
func (st *storing) flush(ctx context.Context) error {
	rows := st.rows
	for len(rows) > 0 {
		group := insertFacts[0]
		for _, g := range insertFacts {
			if len(rows) >= g.rows*factColumns {
				group = g
			}
		}
		if _, err := st.tx.Later(ctx, group.statement, rows[:group.rows*factColumns]...); err != nil {
			return fmt.Errorf("store facts: %w", err)
		}
		rows = rows[group.rows*factColumns:]
	}
	st.rows = st.rows[:0]
	return nil
}

type insertGroup struct {
	rows      int
	statement string
}

// insertFacts are the statements that store 1, 2, 4 … facts at once.
var insertFacts = func() []insertGroup {
	var groups []insertGroup
	for n := 1; n <= rowsAtOnce; n *= 2 {
		groups = append(groups, insertGroup{n, repeatRows(sqlInsertFact, factColumns, n)})
	}
	return groups
}()

// beside keeps up what lies beside the facts: the list of encounters, the
// search tokens and the record numbers.
func (st *storing) beside(ctx context.Context, it *item) error {
	v := &it.version
	switch it.kind {
	case kindPatient:
		return st.patient(ctx, it)
	case kindEncounter:
		e := it.enc
		withdrawn := 0
		if v.Withdrawn {
			withdrawn = 1
		}
		query, args := sqlListEncounter, []any{
			v.ID, v.Record, gate.ClearText(string(e.Setting), 40), gate.ClearText(e.Status, 40), gate.ClearText(e.Unit, 80), gate.Micros(e.Start), gate.Micros(e.End),
		}
		if v.Number == 1 && (st.born == "" || v.Record != st.born) {
			query, args = sqlPutEncounter, append(args, v.Record, v.ID, v.Record, v.ID)
		}
		_, err := st.tx.Later(ctx, query, append(args, withdrawn)...)
		if err != nil {
			return fmt.Errorf("list the encounter: %w", err)
		}
		// Who treated the patient decides who may open the record.
		return access.Treated(ctx, st.tx, st.s.ring, v.Record, gate.ClearText(e.Unit, 80), e.Attending.ID)
	case kindDocument:
		if v.Encounter != "" {
			st.touched[v.Encounter] = true
		}
	}
	return nil
}

func (st *storing) patient(ctx context.Context, it *item) error {
	v := &it.version
	if v.Number > 1 {
		if _, err := st.tx.Later(ctx, sqlDropTokens, v.Record); err != nil {
			return fmt.Errorf("search tokens: %w", err)
		}
	}
	tokens := st.s.ring.Tokens(patientTerms(*it.patient))
	for len(tokens) > 0 {
		args := make([]any, 0, 2*tokensAtOnce)
		for i := range tokensAtOnce {
			// The last statement is filled up with its last token, which is then
			// there already: fewer statements to prepare, fewer to send.
			args = append(args, tokens[min(i, len(tokens)-1)], v.Record)
		}
		if _, err := st.tx.Later(ctx, putManyTokens, args...); err != nil {
			return fmt.Errorf("search tokens: %w", err)
		}
		tokens = tokens[min(tokensAtOnce, len(tokens)):]
	}
	return st.s.identity.Number(ctx, st.tx, v.Record, recordKeys(it.patient.Identifiers))
}

const tokensAtOnce = 24

var putManyTokens = repeatRows(sqlPutToken, 2, tokensAtOnce)

func (st *storing) countTexts(ctx context.Context) error {
	for enc := range st.touched {
		if _, err := st.tx.Later(ctx, sqlCountTexts, enc); err != nil {
			return fmt.Errorf("count texts: %w", err)
		}
	}
	return nil
}

// recordKeys are the identifiers that decide which record is meant.
func recordKeys(numbers []Identifier) []identity.Key {
	var keys []identity.Key
	for _, n := range numbers {
		if n.Kind == "MR" && n.Value != "" {
			keys = append(keys, identity.Key{Kind: n.Kind, Assigner: n.Assigner, Value: n.Value})
		}
	}
	return keys
}

func wrap(err error, what string) error {
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
