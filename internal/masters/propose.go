package masters

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"chartroom/internal/gate"
	"chartroom/internal/seal"
)

// Proposal is an entry, or a change of one, that waits for somebody who may
// change the masters.
type Proposal struct {
	ID         string
	Kind       Kind
	Master     string // entry it would change, "" for a new one
	Number     int    // version it was made on
	Source     string // "person", or "message" where a message named a provider
	Values     Values
	Reason     string
	ProposedAt time.Time
	ProposedBy string
}

// keyOwner is whose key seals what is proposed.
const keyOwner = "masters"

type sealedProposal struct {
	Values Values `json:"v"`
	Reason string `json:"r,omitempty"`
}

// Propose asks for an entry to be entered or changed. Values that cannot be kept
// are refused as Put refuses them.
func (s *Service) Propose(ctx context.Context, actor gate.Actor, e Entry, reason string) (Proposal, error) {
	if reason = strings.TrimSpace(reason); reason == "" {
		return Proposal{}, ErrReason
	}
	e.Values = e.Values.trimmed()
	if faults := Check(e.Kind, e.Values); len(faults) > 0 {
		return Proposal{}, &FaultsError{faults}
	}
	var p Proposal
	err := s.gate.Change(ctx, actor, ActionPropose, subject(e.ID), func(tx *gate.Tx) error {
		if e.ID != "" {
			now, err := newest(ctx, tx, e.ID)
			if err != nil {
				return err
			}
			if now.Kind != e.Kind {
				return ErrNotFound
			}
			if now.Number != e.Number {
				return fmt.Errorf("%w: version %d, newest %d", ErrStale, e.Number, now.Number)
			}
		}
		p = Proposal{ID: tx.NewID(), Kind: e.Kind, Master: e.ID, Number: e.Number, Source: "person", Values: e.Values, Reason: reason}
		return s.keep(ctx, tx, &p, []byte(p.ID))
	})
	if err != nil {
		return Proposal{}, fmt.Errorf("propose: %w", err)
	}
	return p, nil
}

func (s *Service) keep(ctx context.Context, tx *gate.Tx, p *Proposal, token []byte) error {
	key, err := s.key(ctx, tx)
	if err != nil {
		return err
	}
	plain, err := json.Marshal(sealedProposal{p.Values, p.Reason})
	if err != nil {
		return fmt.Errorf("proposal: %w", err)
	}
	p.ProposedAt, p.ProposedBy = tx.Now(), tx.Actor().ID
	_, err = tx.Exec(ctx, sqlPropose, p.ID, token, string(p.Kind), p.Master, p.Number, p.Source, key.Seal(plain, proposalPlace(p.ID)),
		p.ProposedAt.UnixMicro(), p.ProposedBy, tx.EntryID())
	if err != nil {
		return fmt.Errorf("store proposal: %w", err)
	}
	return nil
}

func proposalPlace(id string) string { return seal.Place("master_proposal", "sealed", id, 1) }

// key is the key that proposals are sealed with, made when first asked for.
func (s *Service) key(ctx context.Context, tx *gate.Tx) (*seal.Key, error) {
	key, err := s.ring.KeyOrNew(ctx, tx, keyOwner)
	if err != nil {
		return nil, fmt.Errorf("key of the masters: %w", err)
	}
	return key, nil
}

// maxProposals bounds how many proposals are shown at once.
const maxProposals = 200

// Proposals reads the open proposals of a kind, oldest first.
func (s *Service) Proposals(ctx context.Context, actor gate.Actor, k Kind) ([]Proposal, error) {
	var out []Proposal
	err := s.gate.Read(ctx, actor, ActionRead, gate.Department(), func(tx *gate.Tx) error {
		rows, err := readProposals(ctx, tx, sqlOpenOfKind, string(k), maxProposals)
		if err != nil {
			return err
		}
		out = make([]Proposal, 0, len(rows))
		for _, row := range rows {
			p, err := s.open(ctx, tx, row)
			if err != nil {
				return err
			}
			out = append(out, p)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("proposals: %w", err)
	}
	return out, nil
}

func (s *Service) open(ctx context.Context, tx *gate.Tx, row proposalRow) (Proposal, error) {
	key, err := s.ring.Key(ctx, tx, keyOwner)
	if err != nil {
		return Proposal{}, fmt.Errorf("key of the masters: %w", err)
	}
	plain, err := key.Open(row.sealed, proposalPlace(row.ID))
	if err != nil {
		return Proposal{}, fmt.Errorf("open proposal: %w", err)
	}
	var c sealedProposal
	if err := json.Unmarshal(plain, &c); err != nil {
		return Proposal{}, fmt.Errorf("content of proposal %s: %w", row.ID, err)
	}
	row.Values, row.Reason = c.Values, c.Reason
	return row.Proposal, nil
}

// Accept enters what was proposed, with the values as they were corrected while
// they were looked at. Errors are those of Put, and ErrSettled.
func (s *Service) Accept(ctx context.Context, actor gate.Actor, proposal string, values Values, reason string) (Entry, error) {
	var stored Entry
	err := s.settle(ctx, actor, proposal, "accepted", func(tx *gate.Tx, p Proposal) (err error) {
		stored, err = s.PutTx(ctx, tx, Entry{ID: p.Master, Kind: p.Kind, Number: p.Number, Values: values}, reason)
		return err
	})
	return stored, err
}

// Decline closes a proposal without a change.
func (s *Service) Decline(ctx context.Context, actor gate.Actor, proposal string) error {
	return s.settle(ctx, actor, proposal, "declined", func(*gate.Tx, Proposal) error { return nil })
}

func (s *Service) settle(ctx context.Context, actor gate.Actor, id, outcome string, with func(*gate.Tx, Proposal) error) error {
	err := s.gate.Change(ctx, actor, ActionChange, gate.Subject{Kind: "master-proposal", ID: id}, func(tx *gate.Tx) error {
		rows, err := readProposals(ctx, tx, sqlOneProposal, id)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return ErrNotFound
		}
		if rows[0].outcome != "" {
			return ErrSettled
		}
		p, err := s.open(ctx, tx, rows[0])
		if err != nil {
			return err
		}
		if err := with(tx, p); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, sqlSettle, outcome, tx.Now().UnixMicro(), tx.Actor().ID, tx.EntryID(), id)
		return err
	})
	if err != nil {
		return fmt.Errorf("settle proposal: %w", err)
	}
	return nil
}

// Seen is a provider as a message named them.
type Seen struct {
	Number string // NPI or another number, "" where none was sent
	Name   string
	Role   string
}

// SeenTx proposes the providers that nobody has entered yet. It belongs into the
// action that stores the message's facts and costs nothing for providers that were
// seen before.
func (s *Service) SeenTx(ctx context.Context, tx *gate.Tx, seen []Seen) error {
	var fresh []string
	for _, p := range seen {
		p.Number, p.Name = strings.TrimSpace(p.Number), strings.Join(strings.Fields(p.Name), " ")
		if p.Number == "" && p.Name == "" {
			continue
		}
		id := p.Number
		if id == "" {
			id = seal.Fold(p.Name)
		}
		if s.seen.has(id) {
			continue
		}
		if err := s.seenOne(ctx, tx, id, p); err != nil {
			return err
		}
		fresh = append(fresh, id)
	}
	if len(fresh) > 0 {
		tx.OnCommit(func() { s.seen.add(fresh) })
	}
	return nil
}

func (s *Service) seenOne(ctx context.Context, tx *gate.Tx, id string, p Seen) error {
	token := s.ring.Token("master-seen", id)
	before, err := exists(ctx, tx, sqlProposed, token)
	if err != nil || before {
		return err
	}
	if _, err := s.ProviderTx(ctx, tx, p.Number, p.Name); !isNotFound(err) {
		return err
	}
	v := Values{}
	family, given := splitName(p.Name)
	v["family"], v["given"], v["roles"] = family, given, p.Role
	if _, after, comma := strings.Cut(p.Name, ","); comma && strings.TrimSpace(after) != "" && isCredential(after) {
		v["credentials"] = strings.Join(strings.FieldsFunc(after, func(r rune) bool { return r == ',' || r == ' ' }), "; ")
	}
	if ValidNPI(p.Number) {
		v["npi"] = p.Number
	} else {
		v["local"] = p.Number
	}
	proposal := Proposal{ID: tx.NewID(), Kind: Provider, Source: "message", Values: v.trimmed()}
	return s.keep(ctx, tx, &proposal, token)
}

// seenBefore remembers whom messages have named, so that a provider is looked up
// once and not with every message.
type seenBefore struct {
	mu sync.Mutex
	by map[string]bool
}

// maxSeen bounds the memory; a department has far fewer providers.
const maxSeen = 50_000

func (b *seenBefore) has(id string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.by[id]
}

func (b *seenBefore) add(ids []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.by == nil || len(b.by) > maxSeen {
		b.by = map[string]bool{}
	}
	for _, id := range ids {
		b.by[id] = true
	}
}
