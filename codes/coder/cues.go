package coder

import (
	"fmt"
	"strings"
)

// assertion says how a mention is meant.
type assertion uint8

const (
	affirmed     assertion = iota
	negated                // "no evidence of"
	ruledOut               // "ruled out"
	uncertain              // "probable"
	historical             // "history of"
	familial               // "father had"
	hypothetical           // "return if", "risk of"
	planned                // "scheduled for"
	others                 // said of somebody else
)

var assertionNames = map[string]assertion{
	"negated": negated, "ruledout": ruledOut, "uncertain": uncertain, "history": historical,
	"family": familial, "hypothetical": hypothetical, "planned": planned, "other": others,
}

// cue is a phrase that changes how the words after it (pre) or before it
// (post) are meant.
type cue struct {
	means assertion
	post  bool
	stop  bool // ends every scope
	mask  bool // looks like a cue and is none: "no increase"
	reach int  // words
}

// cueTree finds the longest cue that begins at a token.
type cueTree struct {
	next map[string]*cueTree
	cue  *cue // bears on what follows, or ends a scope
	post *cue // bears on what stands before
}

// loadCues reads cues.txt: "kind direction = phrase | phrase".
func loadCues() (*cueTree, error) {
	lines, err := lexLines("cues.txt")
	if err != nil {
		return nil, err
	}
	root := &cueTree{}
	for _, l := range lines {
		c, err := cueOf(l)
		if err != nil {
			return nil, err
		}
		for phrase := range strings.SplitSeq(l.right, "|") {
			root.add(phrase, c)
		}
	}
	return root, nil
}

// cueOf reads the left side of a line: what the cue means and where.
func cueOf(l lexLine) (cue, error) {
	f := strings.Fields(l.left)
	c := cue{reach: 40}
	switch {
	case len(f) == 1 && f[0] == "stop":
		c.stop = true
		return c, nil
	case len(f) == 1 && f[0] == "mask":
		c.mask = true
		return c, nil
	case len(f) != 2 || f[1] != "pre" && f[1] != "post":
		return c, fmt.Errorf("coder: lexicon: %s line %d: want \"kind pre|post\", stop or mask", l.file, l.line)
	}
	means, ok := assertionNames[f[0]]
	if !ok {
		return c, fmt.Errorf("coder: lexicon: %s line %d: %q is no assertion", l.file, l.line, f[0])
	}
	c.means, c.post = means, f[1] == "post"
	switch {
	case c.post:
		c.reach = 7
	case means == hypothetical || means == planned:
		c.reach = 12
	case means == historical:
		c.reach = 24
	}
	return c, nil
}

// add enters a phrase.
func (c *cueTree) add(phrase string, q cue) {
	at := c
	for _, t := range tokenize(phrase, 0, len(phrase)) {
		if at.next == nil {
			at.next = map[string]*cueTree{}
		}
		child, ok := at.next[t.low]
		if !ok {
			child = &cueTree{}
			at.next[t.low] = child
		}
		at = child
	}
	if q.post {
		at.post = &q
	} else {
		at.cue = &q
	}
}

// assertions gives, for each token of a sentence, how it is meant.
func (c *cueTree) assertions(dst []assertion, tokens []token) []assertion {
	dst = append(dst[:0], make([]assertion, len(tokens))...)
	for i := 0; i < len(tokens); {
		n, at := c.longest(tokens[i:])
		if at == nil {
			i++
			continue
		}
		if at.post != nil {
			c.backward(dst, tokens, i, at.post)
		}
		if q := at.cue; q != nil && !q.stop && !q.mask {
			c.forward(dst, tokens, i+n, q)
		}
		i += n
	}
	return dst
}

// longest returns how many tokens the longest cue at the start takes, and its
// node; nil if there is none.
func (c *cueTree) longest(tokens []token) (int, *cueTree) {
	at, best, found := c, 0, (*cueTree)(nil)
	for i, t := range tokens {
		child, ok := at.next[t.low]
		if !ok {
			break
		}
		at = child
		if at.cue != nil || at.post != nil {
			best, found = i+1, at
		}
	}
	return best, found
}

// forward marks the tokens after a cue up to a stop, a semicolon or its reach.
func (c *cueTree) forward(dst []assertion, tokens []token, from int, q *cue) {
	words := 0
	for i := from; i < len(tokens); {
		if n, node := c.longest(tokens[i:]); node != nil && node.cue != nil {
			other := node.cue
			if other.stop {
				return
			}
			// A list goes on through further cues of the same sense: "no fever,
			// no chills". Another sense takes over from here on.
			if !other.mask && other.means != q.means && q.means != familial {
				return
			}
			for k := range n {
				dst[i+k] = strongest(dst[i+k], q.means)
			}
			i += n
			continue
		}
		t := tokens[i]
		if t.kind == markToken && (t.low == ";" || t.low == ":" && q.means == negated && i > from+2) {
			return
		}
		if t.kind != markToken {
			words++
		}
		if words > q.reach {
			return
		}
		dst[i] = strongest(dst[i], q.means)
		i++
	}
}

// backward marks the tokens before a cue, back to a comma, stop or its reach.
func (c *cueTree) backward(dst []assertion, tokens []token, before int, q *cue) {
	words := 0
	for i := before - 1; i >= 0; i-- {
		t := tokens[i]
		if t.kind == markToken && (t.low == ";" || t.low == ",") {
			return
		}
		if _, node := c.longest(tokens[i:before]); node != nil && node.cue != nil && node.cue.stop {
			return
		}
		if t.kind != markToken {
			words++
		}
		if words > q.reach {
			return
		}
		dst[i] = strongest(dst[i], q.means)
	}
}

// strongest keeps what weighs more when two cues bear on one word.
func strongest(a, b assertion) assertion {
	if assertionWeight[b] > assertionWeight[a] {
		return b
	}
	return a
}

var assertionWeight = [...]int{affirmed: 0, uncertain: 1, planned: 2, historical: 3, hypothetical: 4, others: 5, negated: 6, ruledOut: 7, familial: 8}
