package ui

// Admin is the page Administration.
type Admin struct {
	People    []AdminPerson
	Tokens    []AdminToken
	Editions  []AdminEdition
	Roles     []string
	MayManage bool
	Fault     string
	Secret    string // of a token just made, shown once
	SecretOf  string
}

// AdminPerson is a member of staff.
type AdminPerson struct {
	ID, Login, Name, Units, Since string
	Roles                         []string
	Active                        bool
}

// AdminToken is an API token.
type AdminToken struct{ ID, Name, Role, Made, By, Used, Revoked string }

// AdminEdition is an edition of a code set.
type AdminEdition struct {
	System, Name, From, To, Source, Checksum string
	Codes, Billable                          int
}
