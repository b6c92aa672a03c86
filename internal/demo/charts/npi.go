package charts

// ValidNPI reports whether a National Provider Identifier has ten digits and
// the right check digit: Luhn over the identifier with the prefix 80840 of the
// United States health card issuer (45 CFR 162.406, ISO/IEC 7812). The invented
// identifiers of this package begin with 2, a first digit the standard allows
// and the enumerator has not reached.
func ValidNPI(npi string) bool {
	if len(npi) != 10 || npi[0] != '1' && npi[0] != '2' {
		return false
	}
	sum := 24 // what the prefix 80840 adds
	for i := range 10 {
		d := int(npi[i]) - '0'
		if d < 0 || d > 9 {
			return false
		}
		if i%2 == 0 { // every second digit, counted from the check digit
			d *= 2
			if d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}
