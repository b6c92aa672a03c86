package hl7v2

// span is a stretch of a message.
type span struct{ start, end uint32 }

// maxParts is the largest number of components that a data type of the
// standard has (PPN, with 25).
const maxParts = 25

// parts are the components of one repetition, found in one go. Parts are
// counted from 1; those that are not there are empty.
type parts struct {
	m  *Message
	n  int
	at [maxParts]span
}

// components splits the first repetition of a field, or the repetition or
// component that v is.
func (v Value) components(p *parts) bool {
	p.n = 0
	if !v.there || v.start == v.end {
		return false
	}
	p.m = v.m
	repetition, component := v.separator(levelRepetition), v.separator(levelComponent)
	switch v.level {
	case levelField:
	case levelRepetition:
		repetition = 0
	case levelComponent, levelSubcomponent:
		repetition, component = 0, v.separator(levelSubcomponent)
	}
	from := v.start
	text := v.m.text[:v.end]
	for i := v.start; i < v.end; i++ {
		c := text[i]
		if c == component && c != 0 {
			if p.n < maxParts {
				p.at[p.n] = span{from, i}
				p.n++
			}
			from = i + 1
			continue
		}
		if c == repetition && c != 0 {
			p.end(from, i)
			return true
		}
	}
	p.end(from, v.end)
	return true
}

func (p *parts) end(from, to uint32) {
	if p.n < maxParts {
		p.at[p.n] = span{from, to}
		p.n++
	}
}

// text returns component i as it is.
func (p *parts) text(i int) string {
	if i > p.n {
		return ""
	}
	s := p.at[i-1]
	if s.start == s.end || s.end-s.start == 2 && p.m.text[s.start:s.end] == `""` {
		return ""
	}
	return p.m.decode(s.start, s.end)
}

// sub returns the first subcomponent of component i.
func (p *parts) sub(i int) string {
	if i > p.n || p.at[i-1].start == p.at[i-1].end {
		return ""
	}
	return p.value(i).Subcomponent(1).String()
}

// value returns component i as a Value, without its place.
func (p *parts) value(i int) Value {
	if i > p.n {
		return Value{}
	}
	return Value{m: p.m, start: p.at[i-1].start, end: p.at[i-1].end, level: levelComponent, there: true}
}

// hd returns component i as a hierarchic designator.
func (p *parts) hd(i int) HD {
	if i > p.n || p.at[i-1].start == p.at[i-1].end {
		return HD{}
	}
	return p.value(i).HD()
}

// name returns the name whose parts begin at component i.
func (p *parts) name(i int) XPN {
	return XPN{
		Family: p.sub(i), Given: p.text(i + 1), Middle: p.text(i + 2), Suffix: p.text(i + 3),
		Prefix: p.text(i + 4), Degree: p.text(i + 5), Type: p.text(i + 6),
	}
}
