package coder

// facts is what the record says outright about the patient as a whole.
type facts struct {
	pregnant  bool
	newborn   bool
	aftercare bool
}

func newFacts() *facts { return &facts{} }

func (f *facts) read(r *run, doc int, text string, s sentence, means []assertion, who author) {}

func (f *facts) finish(r *run) {}
