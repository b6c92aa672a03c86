package coder

import (
	"fmt"
	"strings"

	"chartroom/codes/codeset"
)

// siteTable is the Table of Neoplasms as the lexicon gives it: for each site
// the code of each behavior.
type siteTable struct {
	metastasis, cancer stemID
}

// columns of sites.txt.
const (
	sitePrimary = iota
	siteSecondary
	siteInSitu
	siteBenign
	siteUncertain
	siteUnspecified
	siteColumns
)

// loadSites enters, for each site, the words of each behavior:
// "site | site = primary secondary insitu benign uncertain unspecified".
func loadSites(b *termBuilder, set *codeset.Set) (*siteTable, error) {
	lines, err := lexLines("sites.txt")
	if err != nil {
		return nil, err
	}
	for _, l := range lines {
		cells := strings.Fields(l.right)
		if len(cells) != siteColumns {
			return nil, fmt.Errorf("coder: lexicon: %s line %d has %d columns, want %d", l.file, l.line, len(cells), siteColumns)
		}
		for site := range strings.SplitSeq(l.left, "|") {
			addSite(b, set, strings.TrimSpace(site), cells)
		}
	}
	return &siteTable{metastasis: b.v.intern("metastasis"), cancer: b.v.intern("cancer")}, nil
}

// behaviorWords are the words that lead to each column of the table.
var behaviorWords = [siteColumns][][]string{
	sitePrimary:     {{"cancer"}},
	siteSecondary:   {{"metastasis"}},
	siteInSitu:      {{"situ"}, {"situ", "cancer"}},
	siteBenign:      {{"benign", "neoplasm"}, {"adenoma"}},
	siteUncertain:   {{"uncertain", "behavior", "neoplasm"}},
	siteUnspecified: {{"neoplasm"}},
}

func addSite(b *termBuilder, set *codeset.Set, site string, cells []string) {
	words := b.v.stemsOf(site)
	for column, cell := range cells {
		c, ok := set.Code(strings.TrimSuffix(cell, "-"))
		if !ok {
			continue
		}
		for _, behavior := range behaviorWords[column] {
			path := "Neoplasm, " + site + " (" + columnNames[column] + ")"
			b.add(append(append([]string(nil), words...), behavior...), term{code: c.Code, source: fromSite, text: path})
		}
	}
}

var columnNames = [siteColumns]string{"malignant primary", "malignant secondary", "in situ", "benign", "uncertain behavior", "unspecified behavior"}

// misread finds a site that was taken for where a metastasis is, though it is
// the primary's: a word for cancer stands nearer to it than the metastasis
// does, or directly after it ("metastatic breast cancer").
func (t *siteTable) misread(atoms []atom, hit match) bool {
	meta := -1
	for _, i := range hit.atoms {
		switch atoms[i].stem {
		case t.metastasis:
			meta = i
		case t.cancer:
			return false
		}
	}
	if meta < 0 || len(hit.atoms) == 1 {
		return false
	}
	for c := range atoms {
		if atoms[c].stem != t.cancer || atoms[c].clause != atoms[meta].clause {
			continue
		}
		for _, i := range hit.atoms {
			if i != meta && gap(atoms[i], atoms[c]) <= gap(atoms[i], atoms[meta]) && gap(atoms[i], atoms[c]) <= 2 {
				return true
			}
		}
	}
	return false
}

// gap is how many places two atoms are apart.
func gap(a, b atom) int { return max(a.place-b.place, b.place-a.place) }
