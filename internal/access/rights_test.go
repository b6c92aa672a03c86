package access_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"chartroom/internal/access"
	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
)

func TestTokens(t *testing.T) {
	both(t, func(h *house) {
		ctx := t.Context()
		secret, tok, err := h.CreateToken(ctx, h.admin, "lab interface", "", time.Time{})
		if err != nil {
			h.t.Fatal(err)
		}
		a, err := h.ByToken(ctx, secret)
		if err != nil || a.Kind != gate.Program || a.ID != tok.ID || a.Roles[0] != "program" {
			h.t.Errorf("%+v, %v", a, err)
		}
		for _, action := range []gate.Action{"chart.read", "chart.write-note", "coding.code"} {
			if err := h.gate.Read(ctx, a, action, gate.Encounter("r", "e"), func(*gate.Tx) error { return nil }); err != nil {
				h.t.Errorf("%s: %v", action, err)
			}
		}
		if err := h.gate.Read(ctx, a, access.ActionManage, gate.Department(), func(*gate.Tx) error { return nil }); err == nil {
			h.t.Error("a program manages people")
		}
		h.clock.add(time.Second)
		ending, _, err := h.CreateToken(ctx, access.Console(), "for a day", access.Coder, h.clock.now().Add(24*time.Hour))
		if err != nil {
			h.t.Fatal(err)
		}
		if a, err := h.ByToken(ctx, ending); err != nil || a.Roles[0] != "coder" {
			h.t.Errorf("%+v, %v", a, err)
		}
		h.clock.add(25 * time.Hour)
		if _, err := h.ByToken(ctx, ending); !errors.Is(err, access.ErrNoToken) {
			h.t.Errorf("an expired token: %v", err)
		}
		if err := h.RevokeToken(ctx, h.admin, tok.ID); err != nil {
			h.t.Fatal(err)
		}
		if _, err := h.ByToken(ctx, secret); !errors.Is(err, access.ErrNoToken) {
			h.t.Errorf("a revoked token: %v", err)
		}
		for _, bad := range []string{"", "x", "chartroom_", "chartroom_x", secret + "x"} {
			if _, err := h.ByToken(ctx, bad); !errors.Is(err, access.ErrNoToken) {
				h.t.Errorf("%q: %v", bad, err)
			}
		}
		if _, _, err := h.CreateToken(ctx, h.admin, "x", "king", time.Time{}); err == nil {
			h.t.Error("a token with an unknown role")
		}
		if _, _, err := h.CreateToken(ctx, h.admin, " ", "", time.Time{}); err == nil {
			h.t.Error("a token without a name")
		}
		all, err := h.Tokens(ctx, h.admin)
		if err != nil || len(all) != 2 || all[1].UsedAt.IsZero() || all[1].Revoked.IsZero() {
			h.t.Errorf("%+v, %v", all, err)
		}
	})
}

func TestPrivilegesRestOnCredentials(t *testing.T) {
	both(t, func(h *house) {
		ctx := t.Context()
		p := h.hire("tess", access.Technician)
		finalise := func() error {
			return h.gate.Change(ctx, p.Actor(), "coding.finalise", gate.Encounter("r", "e"), func(*gate.Tx) error { return nil })
		}
		var denied *gate.Denied
		if err := finalise(); !errors.As(err, &denied) {
			h.t.Errorf("without the privilege: %v", err)
		}
		if err := h.Grant(ctx, h.admin, p.ID, access.FinalCoding, ""); err == nil {
			h.t.Error("granted without a credential")
		}
		c, err := h.PutCredential(ctx, h.admin, access.Credential{Staff: p.ID, Kind: "CCS", Number: "C-1", Issuer: "AHIMA", Expires: "2026-09-02", Hours: 12, Needed: 20})
		if err != nil {
			h.t.Fatal(err)
		}
		if err := h.Grant(ctx, h.admin, h.hire("other", access.Coder).ID, access.FinalCoding, c.ID); err == nil {
			h.t.Error("granted on somebody else's credential")
		}
		if err := h.Grant(ctx, h.admin, p.ID, access.FinalCoding, c.ID); err != nil {
			h.t.Fatal(err)
		}
		if err := finalise(); err != nil {
			h.t.Errorf("with the privilege: %v", err)
		}
		if list, err := h.Expiring(ctx, h.admin, "2026-09-30"); err != nil || len(list) != 1 {
			h.t.Errorf("%v, %v", list, err)
		}
		h.clock.add(36 * time.Hour) // the evening of the last day
		if err := finalise(); err != nil {
			h.t.Errorf("on the last day: %v", err)
		}
		h.clock.add(12 * time.Hour)
		if err := finalise(); !errors.As(err, &denied) {
			h.t.Errorf("after the credential expired: %v", err)
		}
		if err := h.Grant(ctx, h.admin, p.ID, access.FinalCoding, c.ID); err == nil {
			h.t.Error("granted on an expired credential")
		}
		c.Expires = "2028-09-02"
		if _, err := h.PutCredential(ctx, h.admin, c); err != nil {
			h.t.Fatal(err)
		}
		if err := finalise(); err != nil {
			h.t.Errorf("renewed: %v", err)
		}
		if err := h.Withdraw(ctx, h.admin, p.ID, access.FinalCoding); err != nil {
			h.t.Fatal(err)
		}
		if err := finalise(); !errors.As(err, &denied) {
			h.t.Errorf("withdrawn: %v", err)
		}
		credentials, held, err := h.Credentials(ctx, h.admin, p.ID)
		if err != nil || len(credentials) != 1 || len(held) != 0 || credentials[0].Hours != 12 {
			h.t.Errorf("%v, %v, %v", credentials, held, err)
		}
	})
}

func TestBreakGlass(t *testing.T) {
	both(t, func(h *house) {
		ctx := t.Context()
		p := h.hire("tess", access.Technician)
		err := h.gate.Change(ctx, gatetest.Actor(), "test.label", gate.Department(), func(tx *gate.Tx) error {
			return errors.Join(
				access.Label(ctx, tx, "r1", "", access.Sensitivity, access.SensitiveVIP),
				access.Label(ctx, tx, "r2", "", access.Sensitivity, access.SensitiveVIP),
				access.Label(ctx, tx, "own", "", access.Self, access.StaffRelation(p.ID)),
				access.Label(ctx, tx, "own", "", access.Self, access.StaffRelation(p.ID)))
		})
		if err != nil {
			h.t.Fatal(err)
		}
		read := func(record string) error {
			return h.gate.Read(ctx, p.Actor(), "chart.read", gate.Record(record), func(*gate.Tx) error { return nil })
		}
		var denied *gate.Denied
		if err := read("r1"); !errors.As(err, &denied) || !strings.Contains(denied.Safe(), "special protection") {
			h.t.Errorf("before: %v", err)
		}
		if _, err := h.BreakGlass(ctx, p.Actor(), "r1", "curiosity"); err == nil {
			h.t.Error("opened for a reason that is none")
		}
		until, err := h.BreakGlass(ctx, p.Actor(), "r1", "emergency treatment")
		if err != nil {
			h.t.Fatal(err)
		}
		if err := read("r1"); err != nil {
			h.t.Errorf("opened: %v", err)
		}
		if err := read("r2"); !errors.As(err, &denied) {
			h.t.Errorf("another record: %v", err)
		}
		h.clock.add(until.Sub(h.clock.now()))
		if err := read("r1"); !errors.As(err, &denied) {
			h.t.Errorf("after the time: %v", err)
		}
		if _, err := h.BreakGlass(ctx, p.Actor(), "r1", "emergency treatment"); err != nil {
			h.t.Error(err)
		}
		if err := read("r1"); err != nil {
			h.t.Errorf("opened again: %v", err)
		}
		if _, err := h.BreakGlass(ctx, p.Actor(), "own", "emergency treatment"); !errors.As(err, &denied) {
			h.t.Errorf("own record: %v", err)
		}
		if _, err := h.BreakGlass(ctx, h.admin, "r1", "emergency treatment"); !errors.As(err, &denied) {
			h.t.Errorf("an administrator opened a record: %v", err)
		}
	})
}

// What the tables say of a person and a record reaches the rules.
func TestLabels(t *testing.T) {
	both(t, func(h *house) {
		ctx := t.Context()
		p := h.hire("tess", access.Technician)
		doc := h.hire("doc", access.Clinician)
		change := func(fn func(tx *gate.Tx) error) {
			h.t.Helper()
			if err := h.gate.Change(ctx, gatetest.Actor(), "test.label", gate.Department(), fn); err != nil {
				h.t.Fatal(err)
			}
		}
		change(func(tx *gate.Tx) error {
			return errors.Join(
				access.Label(ctx, tx, "west", "", access.Unit, "4 West"),
				access.Label(ctx, tx, "east", "", access.Unit, "4 East"),
				access.Label(ctx, tx, "both", "", access.Unit, "4 East"),
				access.Label(ctx, tx, "both", "e1", access.Unit, "4 West"),
				access.Label(ctx, tx, "east", "e9", access.Relation, access.ProviderRelation(h.ring, "1234567893")),
				access.Label(ctx, tx, "west", "", access.Relation, access.StaffRelation(doc.ID)),
				access.Label(ctx, tx, "west", "e2", access.Sensitivity, access.SensitivePart2),
				access.Label(ctx, tx, "own", "", access.Self, access.StaffRelation(p.ID)))
		})
		may := func(who access.Staff, s gate.Subject) bool {
			h.t.Helper()
			err := h.gate.Read(ctx, who.Actor(), "chart.read", s, func(*gate.Tx) error { return nil })
			var denied *gate.Denied
			if err != nil && !errors.As(err, &denied) {
				h.t.Error(err)
			}
			return err == nil
		}
		check := func(what string, got, want bool) {
			h.t.Helper()
			if got != want {
				h.t.Errorf("%s: %v", what, got)
			}
		}
		check("without units, east", may(p, gate.Record("east")), true)
		if _, err := h.ChangeStaff(ctx, h.admin, p.ID, func(s *access.Staff) { s.Units = []string{"4 West", "5 West"} }); err != nil {
			h.t.Fatal(err)
		}
		check("west", may(p, gate.Record("west")), true)
		check("east", may(p, gate.Record("east")), false)
		check("a record of no unit", may(p, gate.Record("none")), true)
		check("both, the record", may(p, gate.Record("both")), false)
		check("both, the encounter in the west", may(p, gate.Encounter("both", "e1")), true)
		check("Part 2 encounter", may(p, gate.Encounter("west", "e2")), false)
		check("another encounter of that record", may(p, gate.Encounter("west", "e3")), true)
		check("own record", may(p, gate.Record("own")), false)

		check("a clinician, own patient", may(doc, gate.Record("west")), true)
		check("a clinician, own patient, Part 2", may(doc, gate.Encounter("west", "e2")), true)
		check("a clinician, another's patient", may(doc, gate.Encounter("east", "e9")), false)
		if _, err := h.ChangeStaff(ctx, h.admin, doc.ID, func(s *access.Staff) { s.Providers = []string{"1234567893"} }); err != nil {
			h.t.Fatal(err)
		}
		check("a clinician, by provider number", may(doc, gate.Encounter("east", "e9")), true)

		if err := h.Grant(ctx, h.admin, p.ID, access.Part2, ""); err != nil {
			h.t.Fatal(err)
		}
		check("Part 2 with the privilege", may(p, gate.Encounter("west", "e2")), true)
		change(func(tx *gate.Tx) error {
			return access.Unlabel(ctx, tx, "own", "", access.Self, access.StaffRelation(p.ID))
		})
		check("no longer own record", may(p, gate.Record("own")), true)

		privacy := h.hire("priv", access.Privacy)
		if err := h.SetSensitivity(ctx, privacy.Actor(), "none", "", access.SensitiveVIP, true); err != nil {
			h.t.Fatal(err)
		}
		check("VIP", may(p, gate.Record("none")), false)
		if err := h.SetSensitivity(ctx, privacy.Actor(), "none", "", access.SensitiveVIP, false); err != nil {
			h.t.Fatal(err)
		}
		check("no longer VIP", may(p, gate.Record("none")), true)
		if err := h.SetSensitivity(ctx, p.Actor(), "none", "", access.SensitiveVIP, true); err == nil {
			h.t.Error("a technician marked a record")
		}
		if err := h.SetSensitivity(ctx, privacy.Actor(), "none", "", "secret", true); err == nil {
			h.t.Error("marked with an unknown sensitivity")
		}
		if err := h.SetOwnRecord(ctx, privacy.Actor(), "none", p.ID, true); err != nil {
			h.t.Fatal(err)
		}
		check("marked as own", may(p, gate.Record("none")), false)
		if err := h.SetOwnRecord(ctx, privacy.Actor(), "none", p.ID, false); err != nil {
			h.t.Fatal(err)
		}
		check("not own after all", may(p, gate.Record("none")), true)
		change(func(tx *gate.Tx) error { return access.Treated(ctx, tx, h.ring, "new", "9 North", "1234567893") })
		check("treated in another unit", may(p, gate.Record("new")), false)
		check("treated by this clinician", may(doc, gate.Record("new")), true)
		if err := access.Label(ctx, nil, "", "", access.Unit, "x"); err == nil {
			h.t.Error("a label of no record")
		}
	})
}
