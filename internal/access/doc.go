// Package access says who works in the department and what they may do: people,
// their roles, units, credentials and privileges; sign-in, sessions and API
// tokens; the labels of records that decisions need; and the policy itself,
// which is the Cedar file policy.cedar.
//
// What always holds:
//
//   - What the policy does not permit is refused, and a forbid outweighs every
//     permit. An action that the policy does not name is an error, not a refusal:
//     somebody forgot it.
//   - A privilege counts on an unexpired credential only, on the day of the action.
//   - Neither a password nor a session token nor an API token is stored: of the
//     first there is an Argon2id hash, of the others a SHA-256 hash (they are 256
//     bits of chance, so nothing slower is needed).
//   - Failed sign-ins of names that do not exist take as long, count and lock like
//     those of names that do.
//   - Changing a person's roles, switching them off or signing them out reaches
//     every process within [sessionMemory].
package access
