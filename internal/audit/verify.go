package audit

import (
	"context"
	"crypto/hmac"
	"errors"
	"fmt"
	"math"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"

	"chartroom/internal/gate"
)

// ProblemKind says what is wrong with a log.
type ProblemKind string

// The kinds of problem.
const (
	Changed       ProblemKind = "changed"    // an entry is not as it was written
	Missing       ProblemKind = "missing"    // an entry is gone
	Inserted      ProblemKind = "inserted"   // an entry was put in
	Reordered     ProblemKind = "reordered"  // entries changed places
	BadTree       ProblemKind = "tree"       // a stored hash of the tree is wrong
	BadCheckpoint ProblemKind = "checkpoint" // a checkpoint is changed, missing or not ours
	BadHead       ProblemKind = "head"       // the row that says how far the tree has grown
	BadLane       ProblemKind = "lane"       // a row that says where a lane ends
	BadIndex      ProblemKind = "index"      // the index of subjects does not fit the entries
)

// Problem is the first thing found that is not whole. It is an error.
type Problem struct { //nolint:errname // people ask a report for its problem
	Kind     ProblemKind
	Position int64  // of the entry, from 0; -1 where it is in the tail or no entry
	Entry    string // its identifier, "" where it has none
	What     string // for people
}

func (p *Problem) Error() string {
	at := ""
	switch {
	case p.Position >= 0 && p.Entry != "":
		at = fmt.Sprintf(" at position %d, entry %s", p.Position, p.Entry)
	case p.Position >= 0:
		at = fmt.Sprintf(" at position %d", p.Position)
	case p.Entry != "":
		at = " in the tail, entry " + p.Entry
	}
	return "audit log: " + string(p.Kind) + at + ": " + p.What
}

// Report is the outcome of Verify.
type Report struct {
	Entries     int64 // in the tree, proved
	Tail        int64 // waiting for their place, proved
	Checkpoints int64
	Root        tlog.Hash
	Problem     *Problem // nil: the log is whole
}

// Whole says whether nothing was found.
func (r Report) Whole() bool { return r.Problem == nil }

// VerifyOptions are what Verify may be given.
type VerifyOptions struct {
	Progress func(done, total int64) // called now and then
	Witness  string                  // a checkpoint kept outside the database, see ReadWitness
}

const verifyPage = 2000 // entries read at a time

// Verify proves the whole log on one snapshot: it makes the tree anew from the
// entries and compares it with every stored hash, every signed checkpoint, the
// ends of the lanes, the index of subjects, and then proves the tail. It reports
// the first problem; its error is about the proving, not about the log.
func (l *Log) Verify(ctx context.Context, actor gate.Actor, o VerifyOptions) (Report, error) {
	var report Report
	known := l.recorder.committed()
	err := l.gate.Read(ctx, actor, ActionVerify, gate.Department(), func(tx *gate.Tx) error {
		v := &verification{
			ctx: ctx, tx: tx, log: l, options: o, known: known,
			lanes: map[laneKey]*laneEnd{}, stored: hashStream{ctx: ctx, tx: tx}, notes: noteStream{ctx: ctx, tx: tx, log: l},
		}
		err := v.run()
		report = v.report
		if errors.As(err, &report.Problem) {
			err = nil
		}
		tx.Detail("whole", strconv.FormatBool(report.Whole()))
		tx.Detail("entries", strconv.FormatInt(report.Entries, 10))
		return err
	})
	if err != nil {
		return Report{}, err
	}
	return report, nil
}

// verification is one run of Verify.
type verification struct {
	ctx     context.Context //nolint:containedctx // it lives within one call
	tx      *gate.Tx
	log     *Log
	options VerifyOptions
	known   map[int64]int64

	report Report
	head   head
	edge   edge
	lanes  map[laneKey]*laneEnd
	about  multiset
	stored hashStream
	notes  noteStream
	outer  *Checkpoint // the witness
	buf    []byte
}

func (v *verification) run() error {
	if err := v.start(); err != nil {
		return err
	}
	if err := v.entries(); err != nil {
		return err
	}
	if err := v.finish(); err != nil {
		return err
	}
	return v.tail()
}

// start reads the head and the witness.
func (v *verification) start() error {
	h, _, found, err := readHead(v.ctx, v.tx, v.log.headMACs)
	if errors.Is(err, errHead) {
		return &Problem{Kind: BadHead, Position: -1, What: "the row that says how far the tree has grown was changed"}
	}
	if err != nil {
		return err
	}
	v.head = h
	if !found {
		var rest int64
		if err := v.tx.QueryRow(v.ctx, sqlHasAnything).Scan(&rest); err != nil {
			return fmt.Errorf("audit: look for what belongs to the tree: %w", err)
		}
		if rest > 0 {
			return &Problem{Kind: BadHead, Position: -1, What: "the row that says how far the tree has grown is missing"}
		}
	}
	if v.options.Witness == "" {
		return nil
	}
	c, err := readNote(v.options.Witness, v.log.signer.verify)
	if err != nil {
		return &Problem{Kind: BadCheckpoint, Position: -1, What: "the checkpoint kept outside the database is not signed by this log"}
	}
	v.outer = &c
	if c.Size > h.size {
		return &Problem{Kind: Missing, Position: h.size, What: fmt.Sprintf(
			"the checkpoint kept outside the database states %d entries, the log has %d: it was cut or put back to an earlier state", c.Size, h.size)}
	}
	return nil
}

// entries makes the tree anew.
func (v *verification) entries() error {
	from := int64(math.MinInt64)
	for {
		rows, err := readRows(v.ctx, v.tx, true, sqlReadEntries, from, verifyPage)
		if err != nil {
			return err
		}
		for i := range rows {
			if err := v.entry(&rows[i]); err != nil {
				return err
			}
		}
		if v.options.Progress != nil {
			v.options.Progress(v.edge.size, v.head.size)
		}
		if len(rows) < verifyPage {
			return nil
		}
		from = rows[len(rows)-1].position + 1
	}
}

// entry proves the next entry of the tree.
func (v *verification) entry(r *row) error {
	p := v.edge.size
	switch {
	case r.position < p:
		return &Problem{Kind: Inserted, Position: r.position, Entry: r.id, What: "there is no such position in the tree"}
	case p >= v.head.size:
		return &Problem{Kind: Inserted, Position: r.position, Entry: r.id, What: "the tree ends before this entry"}
	case r.position > p:
		return &Problem{Kind: Missing, Position: p, What: fmt.Sprintf("the next entry there is has position %d", r.position)}
	}
	var hash tlog.Hash
	hash, v.buf = r.leafHash(v.buf)
	nth := 0
	var differs error
	err := v.edge.add(hash, func(h tlog.Hash) error {
		same, err := v.stored.compare(h)
		if err == nil && !same && differs == nil {
			differs = v.differs(r, hash, nth)
		}
		nth++
		return err
	})
	if err != nil {
		return err
	}
	if differs != nil {
		return differs
	}
	if !v.follows(r, v.buf) {
		return &Problem{Kind: Changed, Position: p, Entry: r.id, What: "its keyed hash does not fit"}
	}
	for _, id := range r.about() {
		v.about.add(id, p)
	}
	v.report.Entries = v.edge.size
	return v.checkpoints()
}

// differs explains a hash that is not the stored one: of the leaf (nth 0) or of a
// node above it.
func (v *verification) differs(r *row, hash tlog.Hash, nth int) error {
	if nth > 0 {
		return &Problem{Kind: BadTree, Position: r.position, What: fmt.Sprintf(
			"the stored hash %d levels above this entry is not the hash of what lies below it", nth)}
	}
	return v.diagnose(r, hash)
}

// follows says whether r follows the entry before in its lane, and moves the end
// of the lane on.
func (v *verification) follows(r *row, leaf []byte) bool {
	key := laneKey{r.writer, r.lane}
	end := v.lanes[key]
	if end == nil {
		end = new(laneEnd)
		v.lanes[key] = end
	}
	if r.counter != end.counter+1 || !hmac.Equal(v.log.recorder.macs.of(end.mac, leaf), r.mac) {
		return false
	}
	end.counter, end.mac = r.counter, r.mac
	return true
}

// checkpoints compares the tree so far with the checkpoints of its size.
func (v *verification) checkpoints() error {
	if v.outer != nil && v.outer.Size == v.edge.size && v.outer.Root != v.edge.root() {
		return &Problem{Kind: Changed, Position: v.edge.size - 1, What: "the entries up to here are not those that the checkpoint kept outside the database states"}
	}
	c, err := v.notes.peek()
	if err != nil || c == nil || c.Size > v.edge.size {
		return err
	}
	if c.Size < v.edge.size {
		return &Problem{Kind: BadCheckpoint, Position: -1, What: fmt.Sprintf("checkpoint %d does not come after the one before", c.Number)}
	}
	if c.Root != v.edge.root() {
		return &Problem{Kind: Changed, Position: c.Size - 1, What: fmt.Sprintf("the entries up to here are not those that checkpoint %d signed", c.Number)}
	}
	v.report.Checkpoints = c.Number
	v.notes.pop()
	return nil
}

// finish compares what is left when all entries are read.
func (v *verification) finish() error {
	if v.edge.size < v.head.size {
		return &Problem{Kind: Missing, Position: v.edge.size, What: fmt.Sprintf("the tree has %d entries", v.head.size)}
	}
	v.report.Root = v.edge.root()
	if v.report.Root != v.head.root {
		return &Problem{Kind: BadHead, Position: -1, What: "its root is not the root of the entries"}
	}
	if err := v.stored.end(); err != nil {
		return err
	}
	c, err := v.notes.peek()
	if err != nil {
		return err
	}
	if c != nil {
		return &Problem{Kind: BadCheckpoint, Position: -1, What: fmt.Sprintf("checkpoint %d states %d entries, the log has %d", c.Number, c.Size, v.edge.size)}
	}
	if v.notes.number != v.head.checkpoints || v.notes.last != v.head.lastNote {
		return &Problem{Kind: BadCheckpoint, Position: -1, What: fmt.Sprintf("there are %d checkpoints, not %d: the last are missing", v.notes.number, v.head.checkpoints)}
	}
	if err := v.compareLanes(); err != nil {
		return err
	}
	return v.compareAbout()
}
