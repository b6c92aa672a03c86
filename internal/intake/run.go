package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"

	"chartroom/internal/chart"
	"chartroom/internal/gate"
	"chartroom/internal/identity"
)

// FileResult is what became of one file of a run.
type FileResult struct {
	File string // path as it was given, or found in a folder
	Result
}

// Options of a run.
type Options struct {
	Jobs    int    // files read side by side; 0 means one a core
	Channel string // "file" or "post"; "" means "file"
	Source  string // in place of Config.Source; "" for that
}

// Import takes in files that may refer to each other, as one run: patients are
// read before what refers to them, whatever the order of the files, and facts
// about a patient who comes later in the run wait for them. Files may be in
// gzip or zip; a folder stands for all files in it.
//
// done is told of each file when all of it is durable, in the order of the
// files. An error means that the run could not go on: a path that cannot be
// opened, or a store that fails. What was reported is durable all the same, and
// running it again finishes it: what is here already is recognised.
func (s *Service) Import(ctx context.Context, actor gate.Actor, paths []string, opt Options, done func(FileResult) error) error {
	var files []string
	for _, p := range paths {
		found, err := expand(p)
		if err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
		files = append(files, found...)
	}
	r := s.newRun(actor, opt, len(files), func(i int, res Result) error { return done(FileResult{File: files[i], Result: res}) })
	var all []piece
	for i, f := range files {
		found, rejected, err := pieces(f, i)
		if err != nil {
			return fmt.Errorf("%s: %w", f, err)
		}
		for _, rej := range rejected {
			r.files[i].result.reject(rej.Place, rej.Reason)
		}
		r.files[i].pieces = len(found)
		for _, p := range found {
			if filepath.Base(f) != p.name {
				p.name = filepath.Base(f)
			}
			all = append(all, p)
		}
	}
	return r.do(ctx, all)
}

// Receive takes in one body that was posted; name is only kept, "" for none.
func (s *Service) Receive(ctx context.Context, actor gate.Actor, name string, body io.Reader) (Result, error) {
	raw, err := io.ReadAll(io.LimitReader(body, maxBody+1))
	if err != nil {
		return Result{}, fmt.Errorf("read the body: %w", err)
	}
	var result Result
	if len(raw) > maxBody {
		result.reject("body", fmt.Sprintf("it is larger than %d bytes; import it as a file", maxBody))
		return result, nil
	}
	r := s.newRun(actor, Options{Channel: "post", Jobs: 1}, 1, func(_ int, res Result) error {
		result = res
		return nil
	})
	p := piece{name: name, open: func() (io.ReadCloser, error) {
		in, err := unpack(newBytes(raw))
		return io.NopCloser(in), err
	}}
	p.sniff()
	r.files[0].pieces = 1
	return result, r.do(ctx, []piece{p})
}

// maxBody is the largest body that may be posted.
const maxBody = 256 << 20

// run is the state of one Import.
type run struct {
	s       *Service
	id      string
	actor   gate.Actor
	opt     Options
	files   []fileState
	told    int // files reported so far
	tell    func(int, Result) error
	waiting []waitingFacts
	held    int // facts waiting
	links   []waitingLinks

	// patients are those of the run by their id alone; two with one id cannot be
	// told apart, and are "" here.
	patients map[string]string
	blocked  blocked
}

type fileState struct {
	result  Result
	pieces  int // not yet finished
	waiting int // units whose facts wait
}

// waitingFacts are facts of one unit whose patients were not known yet.
type waitingFacts struct {
	file   int
	prefix string
	unit   *unit
	batch  *chart.Batch
}

// maxWaiting bounds how many facts wait for their patients in memory.
const maxWaiting = 500_000

func (s *Service) newRun(actor gate.Actor, opt Options, files int, tell func(int, Result) error) *run {
	if opt.Jobs <= 0 {
		opt.Jobs = runtime.GOMAXPROCS(0)
	}
	if opt.Channel == "" {
		opt.Channel = "file"
	}
	if opt.Source == "" {
		opt.Source = s.config.Source
	}
	return &run{s: s, id: gate.NewID(), actor: actor, opt: opt, files: make([]fileState, files), tell: tell, patients: map[string]string{}, blocked: blocked{}}
}

// do reads the pieces side by side, outside any transaction, and stores what was
// read in order.
func (r *run) do(ctx context.Context, all []piece) error {
	slices.SortStableFunc(all, func(a, b piece) int { return a.rank - b.rank })
	ctx, stop := context.WithCancel(ctx)
	var readers sync.WaitGroup
	defer readers.Wait()
	defer stop()
	slots := make(chan struct{}, r.opt.Jobs)
	streams := make(chan chan portion, r.opt.Jobs)
	readers.Go(func() {
		defer close(streams)
		for i := range all {
			select {
			case slots <- struct{}{}:
			case <-ctx.Done():
				return
			}
			stream := make(chan portion, 2)
			streams <- stream
			readers.Go(func() {
				defer func() { <-slots }()
				defer close(stream)
				r.read(ctx, &all[i], stream)
			})
		}
	})
	if err := r.storeAll(ctx, stop, streams); err != nil {
		for stream := range streams {
			for range stream {
				continue // lets the readers end
			}
		}
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("import: %w", err)
	}
	if err := r.settle(ctx); err != nil {
		return err
	}
	return r.report()
}

// portion is what a reader hands over: one of its fields is set.
type portion struct {
	file     int
	prefix   string
	unit     *unit
	messages []*hl7Message
	one      single
	rows     *csvPart
	refused  *envelope // its bytes, to be kept with the rejection
	rejected *Rejection
	notice   *Rejection
	finished bool // the piece ends
}

func (r *run) storeAll(ctx context.Context, stop func(), streams <-chan chan portion) error {
	for stream := range streams {
		for w := range stream {
			if err := r.store(ctx, w); err != nil {
				stop()
				for range stream {
					continue
				}
				return err
			}
		}
	}
	return nil
}

// store makes one piece of work durable.
func (r *run) store(ctx context.Context, w portion) error {
	f := &r.files[w.file]
	switch {
	case w.rejected != nil:
		f.result.reject(w.prefix+w.rejected.Place, w.rejected.Reason)
		if w.refused != nil {
			w.refused.run = r.id
			return r.s.refuse(ctx, r.actor, w.refused, *w.rejected)
		}
	case w.notice != nil:
		f.result.notice(w.prefix+w.notice.Place, w.notice.Reason)
	case w.unit != nil:
		return r.storeUnit(ctx, w)
	case w.messages != nil:
		return r.storeMessages(ctx, w)
	case w.one != nil:
		return r.storeOne(ctx, w)
	case w.rows != nil:
		return r.storeRows(ctx, w)
	case w.finished:
		f.pieces--
		return r.report()
	}
	return nil
}

func (r *run) storeUnit(ctx context.Context, w portion) error {
	u := w.unit
	u.run = r.id
	var res Result
	var rest *chart.Batch
	err := r.s.change(ctx, r.actor, gate.Department(), func(tx *gate.Tx) (err error) {
		res, rest, err = r.s.take(ctx, tx, u, r.blocked)
		return err
	})
	if err != nil {
		return fmt.Errorf("store %s: %w", u.place, err)
	}
	for _, p := range u.patients {
		if p.id == "" || globalID(p.id) {
			continue
		}
		if other, here := r.patients[p.id]; here && other != p.placeholder {
			r.patients[p.id] = ""
		} else {
			r.patients[p.id] = p.placeholder
		}
	}
	f := &r.files[w.file]
	for i := range res.Rejections {
		res.Rejections[i].Place = w.prefix + res.Rejections[i].Place
	}
	f.result.add(res)
	if rest != nil && rest.Len() > 0 {
		r.wait(w, rest)
	}
	if len(u.unlinked) > 0 {
		r.links = append(r.links, waitingLinks{file: w.file, prefix: w.prefix, unit: u, links: u.unlinked})
		f.waiting++
	}
	return nil
}

// wait keeps facts until their patients are known.
func (r *run) wait(w portion, rest *chart.Batch) {
	if r.held += rest.Len(); r.held > maxWaiting {
		r.held -= rest.Len()
		r.files[w.file].result.unknownPatient(w.prefix, rest)
		return
	}
	r.waiting = append(r.waiting, waitingFacts{file: w.file, prefix: w.prefix, unit: w.unit, batch: rest})
	w.unit.raw, w.unit.packed, w.unit.sealed, w.unit.batch = nil, nil, nil, chart.Batch{}
	r.files[w.file].waiting++
}

// whyNoPatient is the reason of facts whose patient never came.
const whyNoPatient = "the patient it is about is not known"

// unknownPatient moves resources from accepted to rejected.
func (r *Result) unknownPatient(prefix string, rest *chart.Batch) {
	for _, p := range rest.Paths() {
		r.Received--
		r.Accepted--
		r.reject(prefix+shortPlace(p), whyNoPatient)
	}
}

// settle stores what waited, now that all files were read.
func (r *run) settle(ctx context.Context) error {
	for _, w := range r.waiting {
		res := &r.files[w.file].result
		var done chart.Stored
		var rest *chart.Batch
		err := r.s.change(ctx, r.actor, gate.Department(), func(tx *gate.Tx) error {
			records, err := r.recordsLate(ctx, tx, w.unit)
			if err != nil {
				return err
			}
			var bound *chart.Batch
			bound, rest = w.batch.Bound(func(p string) (string, bool) { return records[p], records[p] != "" })
			if done, err = r.s.chart.StoreTx(ctx, tx, bound); err != nil {
				return err
			}
			if err := r.s.keepScans(ctx, tx, w.unit, records, done.Refused); err != nil {
				return err
			}
			if err := r.s.recount(ctx, tx, w.unit.id, len(rest.Paths())+len(done.Refused)); err != nil {
				return err
			}
			var late Result
			late.refuse(done.Refused)
			late.unknownPatient("", rest)
			return r.s.late(ctx, tx, &w.unit.envelope, late.Rejections)
		})
		if err != nil {
			return fmt.Errorf("store what waited: %w", err)
		}
		res.refuse(done.Refused)
		res.unknownPatient(w.prefix, rest)
		r.files[w.file].waiting--
	}
	r.waiting = nil
	return r.settleLinks(ctx)
}

// recordsLate finds records when all files were read. Files of one run belong
// together: a patient who came without the address that a reference has, or with
// another one, is the one meant if the run has no other patient of that id.
func (r *run) recordsLate(ctx context.Context, tx *gate.Tx, u *unit) (map[string]string, error) {
	u.patients = nil
	for placeholder, id := range u.ids {
		if known := r.patients[id]; known != "" && known != placeholder {
			u.refs[placeholder] = []identity.Key{fhirKey(placeholder), fhirKey(known)}
		}
	}
	return r.s.records(ctx, tx, u, r.blocked)
}

// recount corrects the counts of a message by what was rejected of it later.
func (s *Service) recount(ctx context.Context, tx *gate.Tx, message string, rejected int) error {
	if rejected == 0 {
		return nil
	}
	// It is no longer whole, so that when it comes again it gets another chance.
	_, err := tx.Exec(ctx, sqlRecount, rejected, rejected, s.ring.Token("message.id", message), message)
	if err != nil {
		return fmt.Errorf("counts of the message: %w", err)
	}
	return nil
}

// report tells of the files that are finished, in order.
func (r *run) report() error {
	for r.told < len(r.files) {
		f := &r.files[r.told]
		if f.pieces > 0 || f.waiting > 0 {
			return nil
		}
		if err := r.tell(r.told, f.result); err != nil {
			return err
		}
		f.result.Rejections = nil
		r.told++
	}
	return nil
}

func (r *run) storeMessages(ctx context.Context, w portion) error {
	f := &r.files[w.file]
	repeated := 0
	err := r.s.change(ctx, r.actor, gate.Department(), func(tx *gate.Tx) error {
		repeated = 0
		for _, x := range w.messages {
			x.run = r.id
			again, err := r.s.storeHL7(ctx, tx, x)
			if err != nil {
				return err
			}
			if again {
				repeated++
			}
		}
		tx.Detail("messages", strconv.Itoa(len(w.messages)))
		return nil
	})
	var no *refusal
	switch {
	case err == nil:
		f.result.add(Result{Received: len(w.messages), Accepted: len(w.messages), Repeated: repeated})
		for _, x := range w.messages {
			for _, n := range x.told {
				f.result.notice(w.prefix+n.Place, n.Reason)
			}
		}
		return nil
	case !errors.As(err, &no):
		return fmt.Errorf("store messages: %w", err)
	case len(w.messages) == 1:
		f.result.reject(w.prefix+w.messages[0].place+", "+no.path, no.why)
		return r.s.refuse(ctx, r.actor, &w.messages[0].envelope, Rejection{Place: no.path, Reason: no.why})
	}
	// One of them is rejected: each gets an action of its own.
	for _, x := range w.messages {
		if err := r.storeMessages(ctx, portion{file: w.file, prefix: w.prefix, messages: []*hl7Message{x}}); err != nil {
			return err
		}
	}
	return nil
}

// storeTries is how often an action is tried when it met another that brought
// the same patient or message for the first time: the next time it finds what
// that one has stored.
const storeTries = 5

// change is gate.Change for what arrives.
func (s *Service) change(ctx context.Context, actor gate.Actor, subject gate.Subject, fn func(*gate.Tx) error) error {
	var err error
	for range storeTries {
		err = s.gate.Change(ctx, actor, ActionReceive, subject, fn)
		if err == nil || !errors.Is(err, gate.ErrBusy) && !gate.IsUnique(err) {
			break
		}
	}
	return err
}

// storeOne takes in a message that is a file of its own.
func (r *run) storeOne(ctx context.Context, w portion) error {
	f := &r.files[w.file]
	var again bool
	e := w.one.kept()
	e.run = r.id
	err := r.s.change(ctx, r.actor, gate.Department(), func(tx *gate.Tx) (err error) {
		again, err = w.one.store(ctx, tx, r.s)
		return err
	})
	var no *refusal
	switch {
	case errors.As(err, &no):
		f.result.reject(w.prefix+no.path, no.why)
		return r.s.refuse(ctx, r.actor, e, Rejection{Place: no.path, Reason: no.why})
	case err != nil:
		return fmt.Errorf("store %s: %w", e.format, err)
	}
	res := Result{Received: 1, Accepted: 1}
	if again {
		res.Repeated = 1
	}
	f.result.add(res)
	for _, n := range w.one.notices() {
		f.result.notice(w.prefix+n.Place, n.Reason)
	}
	return nil
}
