package demo

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"chartroom/internal/access"
	"chartroom/internal/demo/charts"
)

// SignIn is a sign-in of the demo department.
type SignIn struct {
	Login, Name, Roles, Password string
}

// words make passwords that are easy to type and hard to guess: four of 64.
var words = strings.Fields(`anchor barley beacon birch bramble bridge candle canvas cedar chalk clover cobble copper coral
	cotton cradle crane cricket damson drift ember fathom feather fennel ferry flint garnet ginger granite harbor hazel heron
	hollow indigo island juniper kettle lantern linden lupin maple marble meadow mussel nettle oyster pebble pepper plover
	quarry quill reed saddle saffron sorrel spruce tallow teasel thimble timber walnut willow wren yarrow`)

func password() (string, error) {
	parts := make([]string, 4)
	for i := range parts {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(words))))
		if err != nil {
			return "", fmt.Errorf("draw password: %w", err)
		}
		parts[i] = words[n.Int64()]
	}
	return strings.Join(parts, "-"), nil
}

// privileges says what the hospital's own words for a privilege mean here.
var privileges = map[string][]access.Privilege{
	"finalize-drg": {access.FinalCoding}, "finalize-outpatient": {access.FinalCoding}, "reopen": {access.FinalCoding},
	"finalize-provisional": {access.ProvisionalFinal}, "audit-coding": {access.Audit}, "merge": {access.Merge},
	"certify-record": {access.Certify}, "release-part2": {access.ReleasePart2}, "abstract": {access.RegistryAbstract},
}

// hire makes the people of the hospital who sign in, with their credentials and
// privileges.
func (l *loader) hire(ctx context.Context) ([]SignIn, error) {
	people, err := charts.Staff()
	if err != nil {
		return nil, err
	}
	var out []SignIn
	for _, m := range people {
		if m.Login == "" {
			continue
		}
		in, err := l.hireOne(ctx, m)
		if err != nil {
			return nil, fmt.Errorf("demo: staff %s: %w", m.Login, err)
		}
		out = append(out, in)
	}
	return out, nil
}

func (l *loader) hireOne(ctx context.Context, m charts.Member) (SignIn, error) {
	secret, err := password()
	if err != nil {
		return SignIn{}, err
	}
	n := access.NewStaff{Login: m.Login, Name: m.Name, Password: secret}
	for _, r := range m.Roles {
		if role, err := access.ParseRole(r); err == nil { // a clinician's role in documents is no role here
			n.Roles = append(n.Roles, role)
		}
	}
	if m.NPI != "" {
		n.Providers = []string{m.NPI}
	}
	person, err := l.doors.Access.AddStaff(ctx, access.Console(), n)
	if err != nil {
		return SignIn{}, err
	}
	l.staff[m.Login] = person
	if err := l.credentials(ctx, person, m); err != nil {
		return SignIn{}, err
	}
	roles := make([]string, len(person.Roles))
	for i, r := range person.Roles {
		roles[i] = string(r)
	}
	return SignIn{Login: m.Login, Name: m.Name, Roles: strings.Join(roles, ", "), Password: secret}, nil
}

// credentials records a person's credentials and grants the privileges that
// rest on the first of them with an expiry date.
func (l *loader) credentials(ctx context.Context, person access.Staff, m charts.Member) error {
	var first string
	for _, c := range m.Credentials {
		if c.Expires.IsZero() {
			continue
		}
		held, err := l.doors.Access.PutCredential(ctx, access.Console(), access.Credential{
			Staff: person.ID, Kind: c.Name, Number: c.Number, Issuer: issuer(c.Name), Expires: c.Expires.Format(time.DateOnly),
		})
		if err != nil {
			return err
		}
		if first == "" {
			first = held.ID
		}
	}
	var granted []access.Privilege
	for _, name := range m.Privileges {
		for _, p := range privileges[name] {
			if slices.Contains(granted, p) {
				continue
			}
			if err := l.doors.Access.Grant(ctx, access.Console(), person.ID, p, first); err != nil {
				return err
			}
			granted = append(granted, p)
		}
	}
	return nil
}

// issuer is the body that awards a credential.
func issuer(credential string) string {
	switch credential {
	case "RHIT", "RHIA", "CCS", "CCA", "CHPS":
		return "AHIMA"
	case "CPC":
		return "AAPC"
	case "ODS-C":
		return "NCRA"
	case "CCDS":
		return "ACDIS"
	default:
		return ""
	}
}
