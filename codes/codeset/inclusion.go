package codeset

import "chartroom/codes/codeset/internal/pack"

// InclusionTerms returns the inclusion terms that stand at the code itself, in
// the order of the Tabular List. It does not look for the codes that other
// notes name and so costs far less than Notes.
func (s *Set) InclusionTerms(code string) []string {
	t := s.list()
	keys, _ := s.owners(code)
	if len(keys) == 0 {
		return nil
	}
	var out []string
	from, to := t.notes.at(keys[0])
	for i := from; i < to; i++ {
		if NoteKind(t.notes.tag[i]) == InclusionTerm {
			out = append(out, t.texts.Text(pack.U32(t.notes.text, i)))
		}
	}
	return out
}
