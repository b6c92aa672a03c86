package access

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	cedar "github.com/cedar-policy/cedar-go"

	"chartroom/internal/gate"
)

//go:embed policy.cedar
var defaultPolicy []byte

// DefaultPolicy is the text of the policy that Chartroom comes with.
func DefaultPolicy() []byte { return slices.Clone(defaultPolicy) }

// notPermitted is what a person is told where no rule permits the action.
const notPermitted = "your roles do not permit this"

// Policy decides by a Cedar policy file. It is immutable but for a memory of
// decisions, and safe for concurrent use.
type Policy struct {
	rules map[gate.Action]*rules

	mu     sync.RWMutex
	memory map[question]answer
}

// rules are the policies that can concern one action.
type rules struct {
	set *cedar.PolicySet
	why map[cedar.PolicyID]string
	// What of the context the rules look at, so that nothing else is looked up.
	standing, labels, glass bool
}

// question is all that a decision depends on.
type question struct {
	actor, roles string
	kind         gate.ActorKind
	action       gate.Action
	subject      string // kind
	facts        string
}

type answer struct {
	permit bool
	why    string
}

// memorySize bounds the remembered decisions; a department asks far fewer
// different questions.
const memorySize = 1 << 14

// NewPolicy compiles a policy file; nil gives the one Chartroom comes with.
// Errors name the line.
func NewPolicy(policyFile []byte) (*Policy, error) {
	if policyFile == nil {
		policyFile = defaultPolicy
	}
	list, err := cedar.NewPolicyListFromBytes("policy.cedar", policyFile)
	if err != nil {
		return nil, fmt.Errorf("access: the policy file: %w", err)
	}
	var parsed []scoped
	named := map[string]bool{} // single actions, not groups
	for i, p := range list {
		s, err := scopeOf(p)
		if err != nil {
			return nil, fmt.Errorf("access: the policy file, line %d: %w", p.Position().Line, err)
		}
		s.id = cedar.PolicyID(fmt.Sprintf("%03d", i))
		parsed = append(parsed, s)
		for _, a := range s.actions {
			if strings.Contains(a, ".") {
				named[a] = true
			}
		}
	}
	pol := &Policy{rules: map[gate.Action]*rules{}, memory: map[question]answer{}}
	for a := range named {
		pol.rules[gate.Action(a)] = rulesFor(a, parsed)
	}
	return pol, nil
}

// Actions gives every action the policy names, sorted.
func (p *Policy) Actions() []gate.Action {
	var all []gate.Action
	for a := range p.rules {
		all = append(all, a)
	}
	slices.Sort(all)
	return all
}

// scoped is a parsed policy with the actions its head names; all is set where it
// names none.
type scoped struct {
	id      cedar.PolicyID
	policy  *cedar.Policy
	actions []string
	all     bool
	text    string
}

// scopeOf reads which actions a policy's head names. Policies that name single
// people or things are refused: decisions are remembered by kind.
func scopeOf(p *cedar.Policy) (scoped, error) {
	text, err := p.MarshalJSON()
	if err != nil {
		return scoped{}, fmt.Errorf("write it as JSON: %w", err)
	}
	type entity struct {
		Type string `json:"type"`
		ID   string `json:"id"`
	}
	var head struct {
		Action struct {
			Op       string   `json:"op"`
			Entity   entity   `json:"entity"`
			Entities []entity `json:"entities"`
		} `json:"action"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return scoped{}, fmt.Errorf("read its head: %w", err)
	}
	s := scoped{policy: p, text: string(text)}
	entities := head.Action.Entities
	switch head.Action.Op {
	case "All":
		s.all = true
	case "==":
		entities = []entity{head.Action.Entity}
	case "in":
		if head.Action.Entity.ID != "" {
			entities = append(entities, head.Action.Entity)
		}
	default:
		return scoped{}, fmt.Errorf("unknown form of action %q", head.Action.Op)
	}
	for _, e := range entities {
		if e.Type != "Action" {
			return scoped{}, fmt.Errorf("action of type %q", e.Type)
		}
		s.actions = append(s.actions, e.ID)
	}
	return s, nil
}

// rulesFor picks the policies that can concern an action.
func rulesFor(action string, parsed []scoped) *rules {
	domain, _, _ := strings.Cut(action, ".")
	r := &rules{set: cedar.NewPolicySet(), why: map[cedar.PolicyID]string{}}
	for _, s := range parsed {
		if !s.all && !slices.Contains(s.actions, action) && !slices.Contains(s.actions, domain) {
			continue
		}
		r.set.Add(s.id, s.policy)
		if why, ok := s.policy.Annotations()["why"]; ok {
			r.why[s.id] = string(why)
		}
		mentions := func(attribute string) bool { return strings.Contains(s.text, `"`+attribute+`"`) }
		r.standing = r.standing || mentions("privileges") || mentions("otherUnit") || mentions("careTeam")
		r.labels = r.labels || mentions("otherUnit") || mentions("careTeam") || mentions("ownRecord") || mentions("sensitivity")
		r.glass = r.glass || mentions("breakGlass")
	}
	return r
}

// Decide asks the policy. It returns nil, a *gate.Denied, or another error where
// the action is not in the policy file or a look-up failed.
func (p *Policy) Decide(ctx context.Context, tx *gate.Tx, req gate.Request) error {
	r, ok := p.rules[req.Action]
	if !ok {
		return fmt.Errorf("access: the policy does not name the action %s", req.Action)
	}
	f, err := gather(ctx, tx, r, req)
	if err != nil {
		return fmt.Errorf("access: decide %s: %w", req.Action, err)
	}
	a, err := p.answer(r, req, f)
	if err != nil {
		return err
	}
	if !a.permit {
		return &gate.Denied{Request: req, Why: a.why}
	}
	return nil
}

// answer decides from the facts alone; equal questions are asked of Cedar once.
func (p *Policy) answer(r *rules, req gate.Request, f facts) (answer, error) {
	q := question{
		actor: req.Actor.ID, roles: strings.Join(req.Actor.Roles, ","), kind: req.Actor.Kind,
		action: req.Action, subject: req.Subject.Kind, facts: f.key(),
	}
	p.mu.RLock()
	a, ok := p.memory[q]
	p.mu.RUnlock()
	if ok {
		return a, nil
	}
	a, err := ask(r, req, f)
	if err != nil {
		return answer{}, err
	}
	p.mu.Lock()
	if len(p.memory) >= memorySize {
		clear(p.memory)
	}
	p.memory[q] = a
	p.mu.Unlock()
	return a, nil
}

// ask puts one question to Cedar.
func ask(r *rules, req gate.Request, f facts) (answer, error) {
	principal := cedar.NewEntityUID(principalType(req.Actor.Kind), cedar.String(req.Actor.ID))
	action := cedar.NewEntityUID("Action", cedar.String(req.Action))
	resource := cedar.NewEntityUID("Subject", cedar.String(req.Subject.Kind))
	var roles []cedar.EntityUID
	for _, role := range req.Actor.Roles {
		roles = append(roles, cedar.NewEntityUID("Role", cedar.String(role)))
	}
	domain, _, _ := strings.Cut(string(req.Action), ".")
	entities := cedar.EntityMap{
		principal: {UID: principal, Parents: cedar.NewEntityUIDSet(roles...)},
		action:    {UID: action, Parents: cedar.NewEntityUIDSet(cedar.NewEntityUID("Action", cedar.String(domain)))},
		resource:  {UID: resource},
	}
	decision, diagnostic := cedar.Authorize(r.set, entities, cedar.Request{
		Principal: principal, Action: action, Resource: resource, Context: f.record(),
	})
	// A rule that cannot be evaluated counts for nothing in Cedar. A forbid lost
	// that way would permit, so it is an error here.
	if len(diagnostic.Errors) > 0 {
		var all error
		for _, e := range diagnostic.Errors {
			all = errors.Join(all, fmt.Errorf("access: policy at line %d: %s", e.Position.Line, e.Message))
		}
		return answer{}, all
	}
	if decision == cedar.Allow {
		return answer{permit: true}, nil
	}
	for _, reason := range diagnostic.Reasons {
		if why := r.why[reason.PolicyID]; why != "" {
			return answer{why: why}, nil
		}
	}
	return answer{why: notPermitted}, nil
}

func principalType(k gate.ActorKind) cedar.EntityType {
	switch k {
	case gate.Person:
		return "Person"
	case gate.Program:
		return "Program"
	case gate.System:
		return "System"
	default:
		return "Unknown"
	}
}
