package codeset

type pcsTables struct{}

func (s *Set) pcsChildren(prefix string) []Code { return nil }
func (s *Set) pcsAncestors(code string) []Code  { return nil }

type searcher struct{}
