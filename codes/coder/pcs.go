package coder

import "chartroom/codes/codeset"

type procedures struct{ set *codeset.Set }

func compilePCS(set *codeset.Set) (*procedures, error) { return &procedures{set: set}, nil }

type procedureRun struct {
	p         *procedures
	questions []Question
}

func newProcedureRun(p *procedures) *procedureRun { return &procedureRun{p: p} }

func (r *procedureRun) read(doc int, d Document, s sentence, means []assertion) {}

func (r *procedureRun) finish() []Suggestion { return nil }
