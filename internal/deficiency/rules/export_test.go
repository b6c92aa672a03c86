package rules

// KindOfType is the kind of document that a type names, "" where the tables know none.
func (e *Engine) KindOfType(name string) string { return classOf(&e.kinds, wordsOf(name)) }
