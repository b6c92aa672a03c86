package server

import (
	"slices"

	"chartroom/internal/access"
	"chartroom/internal/gate"
)

// What roles let an actor do, as far as pages offer it: a button that would be
// refused is not shown. The policy has the last word.

// holds reports whether an actor has one of the roles.
func holds(a gate.Actor, roles ...access.Role) bool {
	return slices.ContainsFunc(roles, func(r access.Role) bool { return slices.Contains(a.Roles, string(r)) })
}

// mayCode: change codings.
func mayCode(a gate.Actor) bool {
	return holds(a, access.Technician, access.Coder, access.Supervisor, access.ProgramRole)
}

// mayTake: take work from the lists.
func mayTake(a gate.Actor) bool {
	return holds(a, access.Technician, access.Coder, access.CDI, access.Identity, access.Supervisor, access.Clinician)
}

// mayIndex: change things at the incoming desk.
func mayIndex(a gate.Actor) bool { return holds(a, access.Technician, access.Supervisor) }

// mayKeepPaper: sign volumes of paper out and in.
func mayKeepPaper(a gate.Actor) bool {
	return holds(a, access.Technician, access.Release, access.Supervisor)
}

// mayChangeMasters: change the masters, rather than propose.
func mayChangeMasters(a gate.Actor) bool { return holds(a, access.Supervisor, access.Administrator) }

// mayAsk: ask whoever settles a finding.
func mayAsk(a gate.Actor) bool {
	return holds(a, access.Technician, access.Coder, access.CDI, access.Supervisor)
}
