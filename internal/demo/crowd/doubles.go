package crowd

import (
	"math/rand/v2"

	"chartroom/internal/demo/charts"
)

// Of a thousand persons, so many are registered a second time, and so many are
// the twin of the person before.
const (
	doublesPerMille = 10
	twinsPerMille   = 4
)

// nicknames are what people call themselves at the desk.
var nicknames = map[string]string{
	"Abigail": "Abby", "Alexander": "Alex", "Andrew": "Drew", "Anthony": "Tony", "Benjamin": "Ben", "Catherine": "Cathy", "Charles": "Chuck",
	"Christopher": "Chris", "Daniel": "Dan", "David": "Dave", "Deborah": "Deb", "Edward": "Ted", "Elizabeth": "Betty", "Eugene": "Gene",
	"Frances": "Fran", "Gerald": "Jerry", "Gregory": "Greg", "Harold": "Hal", "Henry": "Hank", "James": "Jim", "Joseph": "Joe", "Josefina": "Pepa",
	"Judith": "Judy", "Kathleen": "Kathy", "Kenneth": "Ken", "Lawrence": "Larry", "Lillian": "Lily", "Margaret": "Peggy", "Martha": "Patsy",
	"Matthew": "Matt", "Michael": "Mike", "Nathan": "Nate", "Nicholas": "Nick", "Patricia": "Pat", "Patrick": "Paddy", "Peter": "Pete",
	"Philip": "Phil", "Raymond": "Ray", "Rebecca": "Becky", "Richard": "Dick", "Robert": "Bob", "Samuel": "Sam", "Stephen": "Steve",
	"Susan": "Sue", "Teresa": "Terry", "Theodore": "Theo", "Thomas": "Tom", "Victor": "Vic", "William": "Bill",
}

// relate makes some persons a second registration, or the twin, of another. It
// makes that other person anew rather than remember them.
func (m maker) relate(seed uint64, i int, p *Person) {
	n := m.IntN(1000)
	if i == 0 || n >= doublesPerMille+twinsPerMille {
		return
	}
	other := i - 1
	if n < doublesPerMille {
		other -= m.IntN(min(i, 60))
	}
	of, related := registered(seed, other)
	switch {
	case related: // is somebody else's double or twin
	case n < doublesPerMille:
		p.Double, p.Patient = other, m.double(of, p.Patient)
	default:
		p.Twin, p.Patient = other, m.twin(of, p.Patient)
	}
}

// registered is how person i was registered, and whether relate changes that.
func registered(seed uint64, i int) (charts.Patient, bool) {
	m := maker{rand.New(rand.NewPCG(seed, uint64(i)))} //nolint:gosec // invented data wants a repeatable source
	p := m.patient(i)
	return p, m.IntN(1000) < doublesPerMille+twinsPerMille
}

// double registers of a second time: another record number, no social security
// number, and one thing told differently.
func (m maker) double(of, anew charts.Patient) charts.Patient {
	out := of
	out.MRN, out.SSN, out.Coverage = anew.MRN, "", of.Coverage
	nick, known := nicknames[of.Given]
	switch n := m.IntN(4); {
	case n == 0 && known:
		out.Given, out.Middle = nick, ""
	case n == 1 && of.Sex == "female":
		out.Family = anew.Family // by marriage
	case n == 2 && of.Born.Day() <= 12 && of.Born.Day() != int(of.Born.Month()):
		out.Born = of.Born.AddDate(0, of.Born.Day()-int(of.Born.Month()), int(of.Born.Month())-of.Born.Day())
	default:
		out.Address, out.Middle = anew.Address, ""
	}
	return out
}

// twin is born the same day in the same house.
func (m maker) twin(of, anew charts.Patient) charts.Patient {
	out := anew
	out.Family, out.Born, out.Address, out.Phone = of.Family, of.Born, of.Address, of.Phone
	out.Coverage = of.Coverage
	for out.Given == of.Given {
		out.Given = pick(m, women)
		if out.Sex == "male" {
			out.Given = pick(m, men)
		}
	}
	return out
}
