package main

import (
	"bufio"
	_ "embed"
	"fmt"
	"regexp"
	"sort"
	"strings"

	"chartroom/codes/codeset/internal/compile"
)

//go:embed pcsaxes.txt
var axesText string

// axisNames knows what each value of each axis is called.
type axisNames struct {
	axes  []compile.AxisRow
	names map[place]string
	fixed map[place]string // of pcsaxes.txt: these come before what titles differ in
	wider map[place]string // what a value is called wherever it is named, "" if not the same everywhere
}

// place is an axis value in a table: the characters before it, three at most,
// and for New Technology the group, since a later one uses values again.
type place struct {
	context string
	axis    int
	value   byte
	group   byte
}

// placeOf is the place of a character of a code.
func placeOf(code string, axis int) place {
	p := place{context: code[:min(axis-1, 3)], axis: axis, value: code[axis-1]}
	if code[0] == 'X' && (axis == 4 || axis == 6) {
		p.group = code[6]
	}
	return p
}

// newAxisNames puts the names together: those of the tree, those of pcsaxes.txt,
// those that the Index gives to whole codes of New Technology, and for the rest
// what titles differ in.
func newAxisNames(tree *pcsTree, titles map[string]string, codes map[string]bool) (*axisNames, error) {
	a := &axisNames{names: map[place]string{}, fixed: map[place]string{}, wider: map[place]string{}}
	if err := a.readAxes(); err != nil {
		return nil, err
	}
	labels := make([]compile.LabelRow, 0, len(tree.labels))
	for l := range tree.labels {
		labels = append(labels, l)
	}
	sort.Slice(labels, func(i, j int) bool { return labels[i].Text < labels[j].Text })
	for _, l := range labels {
		a.set(place{l.Context, int(l.Axis), l.Value, 0}, brokenHyphen.ReplaceAllString(l.Text, "$1-$2"))
	}
	for _, row := range tree.index {
		if row.Depth == 0 && len(row.Code) == 7 && row.Code[0] == 'X' {
			a.set(placeOf(row.Code, 6), row.Title)
		}
	}
	const groups = "123456789ABC"
	for i := range groups { // the seventh character of New Technology counts the groups
		a.fixed[place{"X", 7, groups[i], 0}] = fmt.Sprintf("New Technology Group %d", i+1)
	}
	a.compare(titles, sortedCodes(codes))
	a.widen()
	a.complete(sortedCodes(codes))
	return a, nil
}

// known reports whether a source names the value, so that titles need not be
// compared.
func (a *axisNames) known(p place) bool {
	if _, ok := a.names[p]; ok {
		return true
	}
	p.group = 0
	for n := len(p.context); n >= 0; n-- {
		p.context = p.context[:n]
		if _, ok := a.fixed[p]; ok {
			return true
		}
	}
	return false
}

func (a *axisNames) set(p place, name string) {
	if _, ok := a.names[p]; !ok {
		a.names[p] = name
	}
}

func (a *axisNames) readAxes() error {
	sc := bufio.NewScanner(strings.NewReader(axesText))
	for n := 1; sc.Scan(); n++ {
		fields := strings.Fields(sc.Text())
		switch {
		case len(fields) == 0 || strings.HasPrefix(fields[0], "#"):
		case fields[0] == "section" && len(fields) > 3:
			head, axes, ok := strings.Cut(strings.Join(fields[2:], " "), " : ")
			names := strings.Split(axes, " | ")
			if !ok || len(names) != 6 {
				return fmt.Errorf("pcsaxes.txt line %d: want six axes", n)
			}
			a.set(place{"", 1, fields[1][0], 0}, head)
			for i, name := range names {
				a.axes = append(a.axes, compile.AxisRow{Prefix: fields[1], Axis: byte(i + 2), Title: name})
			}
		case fields[0] == "system" && len(fields) > 3:
			a.set(place{fields[1], 2, fields[2][0], 0}, strings.Join(fields[3:], " "))
		case fields[0] == "value" && len(fields) > 3:
			axis := len(fields[1]) + 1
			if strings.HasSuffix(fields[1], "*") { // an approach, the same in the whole section
				axis = 5
			}
			a.fixed[place{strings.TrimSuffix(fields[1], "*"), axis, fields[2][0], 0}] = strings.Join(fields[3:], " ")
		default:
			return fmt.Errorf("pcsaxes.txt line %d: neither section, system nor value", n)
		}
	}
	if err := sc.Err(); err != nil {
		return fmt.Errorf("pcsaxes.txt: %w", err)
	}
	return nil
}

// compare finds the names that no source gives: two titles whose codes differ in
// one character differ in the name of its value. The longest difference is
// taken, since names often share words ("Right Hand", "Left Hand").
func (a *axisNames) compare(titles map[string]string, codes []string) {
	best := map[place]string{}
	for axis := 3; axis <= 7; axis++ {
		groups := map[string][]string{}
		var order []string
		for _, code := range codes {
			if titles[code] == "" {
				continue
			}
			key := code[:axis-1] + "_" + code[axis:]
			if groups[key] == nil {
				order = append(order, key)
			}
			groups[key] = append(groups[key], code)
		}
		for _, key := range order {
			a.compareGroup(titles, groups[key], axis, best)
		}
	}
	for p, name := range best {
		a.set(p, name)
	}
	for _, code := range codes { // Z is "none of this" on every axis from the fifth
		for axis := 5; axis <= 7; axis++ {
			if code[axis-1] == 'Z' {
				a.set(place{code[:3], axis, 'Z', 0}, "None")
			}
		}
	}
}

// brokenHyphen is a hyphen at which a line was broken in a source.
var brokenHyphen = regexp.MustCompile(`([a-z])- ([a-z])`)

var connectors = map[string]bool{"using": true, "of": true, "into": true, "with": true, "from": true, "to": true, "in": true, "for": true, "and": true}

// compareGroup compares codes that differ on one axis only, and keeps in best the
// longest name found for each place.
func (a *axisNames) compareGroup(titles map[string]string, group []string, axis int, best map[place]string) {
	const most = 60 // others to compare with; one that differs altogether is soon among them
	for i, code := range group {
		p := placeOf(code, axis)
		if a.known(p) {
			continue
		}
		for k := range min(len(group), most) {
			other := group[(i+k)%len(group)]
			if name := difference(titles[code], titles[other]); len(name) > len(best[p]) {
				best[p] = name
			}
		}
	}
}

// complete names the values of codes that have no title by what they are called
// elsewhere.
func (a *axisNames) complete(codes []string) {
	for _, code := range codes {
		for axis := 3; axis <= 7; axis++ {
			p := placeOf(code, axis)
			if a.known(p) {
				continue
			}
			if name := a.name(code, axis); name != "" {
				a.set(p, name)
			}
		}
	}
}

// difference returns the words of a that b has not, at the place where they
// part, without connecting words and "Approach".
func difference(a, b string) string {
	if a == b {
		return ""
	}
	wa, wb := strings.Fields(a), strings.Fields(b)
	same := func(x, y string) bool { return strings.Trim(x, ",") == strings.Trim(y, ",") }
	for len(wa) > 0 && len(wb) > 0 && same(wa[0], wb[0]) {
		wa, wb = wa[1:], wb[1:]
	}
	for len(wa) > 0 && len(wb) > 0 && same(wa[len(wa)-1], wb[len(wb)-1]) {
		wa, wb = wa[:len(wa)-1], wb[:len(wb)-1]
	}
	for len(wa) > 0 && connectors[wa[0]] {
		wa = wa[1:]
	}
	for len(wa) > 0 && (connectors[wa[len(wa)-1]] || wa[len(wa)-1] == "Approach" || wa[len(wa)-1] == "Approach,") {
		wa = wa[:len(wa)-1]
	}
	return strings.Trim(strings.Join(wa, " "), ", ")
}

// name returns the name of a value, or "".
func (a *axisNames) name(code string, axis int) string {
	p := placeOf(code, axis)
	if name, ok := a.names[p]; ok {
		return name
	}
	p.group = 0
	for n := len(p.context); n >= 0; n-- {
		p.context = p.context[:n]
		if name, ok := a.names[p]; ok {
			return name
		}
		if name, ok := a.fixed[p]; ok {
			return name
		}
	}
	return a.wider[widePlace(code[:min(axis-1, 3)], axis, code[axis-1])]
}

// widePlace is the place in which a value is called the same everywhere, if it is
// at all: a body part in its body system (sections 0 and 1) or, in New
// Technology, in its table. Devices and qualifiers are named by table alone.
func widePlace(context string, axis int, value byte) place {
	switch {
	case axis != 4 || len(context) < 3:
		return place{}
	case context[0] == '0' || context[0] == '1':
		return place{context[:2], axis, value, 0}
	case context[0] == 'X':
		return place{context, axis, value, 'X'}
	}
	return place{}
}

// widen notes what each body part is called where that is always the same.
func (a *axisNames) widen() {
	seen := map[place]bool{}
	for p, name := range a.names {
		wide := widePlace(p.context, p.axis, p.value)
		if wide == (place{}) {
			continue
		}
		if seen[wide] && a.wider[wide] != name {
			name = "" // two names: neither can be relied on
		}
		seen[wide] = true
		a.wider[wide] = name
	}
}

// axis returns the name of an axis of a section.
func (a *axisNames) axis(section string, axis int) string {
	for _, r := range a.axes {
		if r.Prefix == section && int(r.Axis) == axis {
			return r.Title
		}
	}
	return "Axis"
}

// title puts a title together for a code that no source has one for. A value
// whose name no source has is shown by its character.
func (a *axisNames) title(code string) string {
	var parts []string
	for _, axis := range []int{3, 4, 6, 5, 7} {
		if code[axis-1] == 'Z' && axis > 4 {
			continue
		}
		name := a.name(code, axis)
		if name == "" {
			name = fmt.Sprintf("%s %c (not named in the sources)", a.axis(code[:1], axis), code[axis-1])
		}
		parts = append(parts, name)
	}
	return strings.Join(parts, ", ")
}

// labels lists the names, sorted.
func (a *axisNames) labels() []compile.LabelRow {
	out := make([]compile.LabelRow, 0, len(a.names)+len(a.fixed))
	add := func(p place, name string) {
		if name != "" {
			out = append(out, compile.LabelRow{Context: p.context, Axis: byte(p.axis), Value: p.value, Group: p.group, Text: name})
		}
	}
	for p, name := range a.names {
		add(p, name)
	}
	for p, name := range a.fixed {
		if _, ok := a.names[p]; !ok {
			add(p, name)
		}
	}
	sort.Slice(out, func(i, j int) bool {
		a, b := out[i], out[j]
		if a.Context != b.Context {
			return a.Context < b.Context
		}
		if a.Axis != b.Axis {
			return a.Axis < b.Axis
		}
		if a.Value != b.Value {
			return a.Value < b.Value
		}
		return a.Group < b.Group
	})
	return out
}
