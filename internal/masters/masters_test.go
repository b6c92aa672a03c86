package masters_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"chartroom/internal/gate"
	"chartroom/internal/gate/gatetest"
	"chartroom/internal/masters"
	"chartroom/internal/seal"
)

// house is the masters on a database of their own.
type house struct {
	t *testing.T
	*masters.Service
	gate  *gate.Gate
	actor gate.Actor
}

func open(t *testing.T, g *gate.Gate) *house {
	t.Helper()
	ring, err := seal.OpenRing(seal.File(t.TempDir() + "/" + seal.KeyFile))
	if err != nil {
		t.Fatal(err)
	}
	return &house{t, masters.New(g, ring, nil), g, gatetest.Actor()}
}

func onBoth(t *testing.T, test func(h *house)) {
	t.Helper()
	gatetest.Both(t, func(t *testing.T, g *gate.Gate) { test(open(t, g)) })
}

func (h *house) put(k masters.Kind, v masters.Values) masters.Entry {
	h.t.Helper()
	e, err := h.Put(h.t.Context(), h.actor, masters.Entry{Kind: k, Values: v}, "entered")
	if err != nil {
		h.t.Fatal(err)
	}
	return e
}

func (h *house) read(fn func(tx *gate.Tx) error) {
	h.t.Helper()
	if err := h.gate.Read(h.t.Context(), h.actor, "test.read", gate.Department(), fn); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) provider(number, name string) (masters.Entry, error) {
	h.t.Helper()
	var e masters.Entry
	var found error
	h.read(func(tx *gate.Tx) error {
		e, found = h.ProviderTx(h.t.Context(), tx, number, name)
		return nil
	})
	return e, found
}

func ostrander() masters.Values {
	return masters.Values{"npi": "2555010000", "family": "Ostrander", "given": "Ruth", "credentials": "MD", "specialty": "Hospital medicine"}
}

func TestNPI(t *testing.T) {
	text, err := os.ReadFile("testdata/npi.case")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(text)) {
		npi, want, ok := strings.Cut(line, "|")
		if strings.HasPrefix(line, "#") || !ok {
			continue
		}
		n++
		npi, want = strings.TrimSpace(npi), strings.TrimSpace(want)
		got := "ok"
		if faults := masters.Check(masters.Provider, masters.Values{"npi": npi, "family": "X"}); len(faults) > 0 {
			got = faults[0].Why
		}
		if got != want || masters.ValidNPI(npi) != (want == "ok") {
			t.Errorf("%s: %s, want %s", npi, got, want)
		}
	}
	if n < 10 {
		t.Errorf("%d cases", n)
	}
}

// TestNPIFindsSlips: the check digit finds every single wrong digit and all
// swaps of neighbours but those of 0 and 9, which the Luhn formula cannot see.
func TestNPIFindsSlips(t *testing.T) {
	const npi = "1234567893"
	for i := range npi {
		for d := byte('0'); d <= '9'; d++ {
			wrong := []byte(npi)
			if wrong[i] = d; string(wrong) != npi && masters.ValidNPI(string(wrong)) {
				t.Errorf("%s passes", wrong)
			}
		}
		if i > 0 && npi[i] != npi[i-1] {
			swapped := []byte(npi)
			swapped[i], swapped[i-1] = npi[i-1], npi[i]
			if masters.ValidNPI(string(swapped)) {
				t.Errorf("%s passes", swapped)
			}
		}
	}
}

func TestVersions(t *testing.T) {
	onBoth(t, func(h *house) {
		first := h.put(masters.Provider, ostrander())
		v := ostrander()
		v["specialty"] = "Geriatrics"
		second, err := h.Put(t.Context(), h.actor, masters.Entry{ID: first.ID, Kind: masters.Provider, Number: 1, Values: v}, "changed specialty")
		if err != nil || second.Number != 2 {
			t.Fatalf("%+v, %v", second, err)
		}
		// Saying the same again makes no version.
		again, err := h.Put(t.Context(), h.actor, masters.Entry{ID: first.ID, Kind: masters.Provider, Number: 2, Values: v}, "again")
		if err != nil || again.Number != 2 {
			t.Errorf("%+v, %v", again, err)
		}
		_, err = h.Put(t.Context(), h.actor, masters.Entry{ID: first.ID, Kind: masters.Provider, Number: 1, Values: ostrander()}, "late")
		if !errors.Is(err, masters.ErrStale) {
			t.Errorf("a stale edit: %v", err)
		}
		_, err = h.Put(t.Context(), h.actor, masters.Entry{ID: first.ID, Kind: masters.Provider, Number: 2, Values: ostrander()}, " ")
		if !errors.Is(err, masters.ErrReason) {
			t.Errorf("no reason: %v", err)
		}
		_, err = h.Put(t.Context(), h.actor, masters.Entry{ID: first.ID, Kind: masters.Payer, Number: 2, Values: masters.Values{"code": "1", "name": "x", "type": "other"}}, "x")
		if !errors.Is(err, masters.ErrNotFound) {
			t.Errorf("another kind under its id: %v", err)
		}
		ended, err := h.End(t.Context(), h.actor, first.ID, 2, "2026-06-30", "retired")
		if err != nil || ended.Active("2026-07-01") || !ended.Active("2026-06-30") {
			t.Errorf("%+v, %v", ended, err)
		}
		versions, _, err := h.History(t.Context(), h.actor, first.ID)
		if err != nil || len(versions) != 3 || versions[0].Values["specialty"] != "Hospital medicine" || versions[1].Reason != "changed specialty" || versions[2].Values["to"] != "2026-06-30" {
			t.Errorf("%+v, %v", versions, err)
		}
		if versions[0].RecordedBy != h.actor.ID || versions[0].AuditEntry == "" || versions[0].RecordedAt.IsZero() {
			t.Errorf("who, when: %+v", versions[0])
		}
	})
}

func TestNumbersAreTheirOwn(t *testing.T) {
	onBoth(t, func(h *house) {
		h.put(masters.Provider, ostrander())
		twin := ostrander()
		twin["given"] = "R."
		if _, err := h.Put(t.Context(), h.actor, masters.Entry{Kind: masters.Provider, Values: twin}, "x"); !errors.Is(err, masters.ErrTaken) {
			t.Errorf("the same NPI twice: %v", err)
		}
		a := h.put(masters.Facility, masters.Values{"code": "A", "name": "Hospital A", "zone": "America/New_York"})
		b := h.put(masters.Facility, masters.Values{"code": "B", "name": "Hospital B", "zone": "America/Denver"})
		h.put(masters.Unit, masters.Values{"facility": a.ID, "code": "4W", "name": "4 West"})
		h.put(masters.Unit, masters.Values{"facility": b.ID, "code": "4W", "name": "4 West Annex"})
		if _, err := h.Put(t.Context(), h.actor, masters.Entry{Kind: masters.Unit, Values: masters.Values{"facility": a.ID, "code": "4w", "name": "x"}}, "x"); !errors.Is(err, masters.ErrTaken) {
			t.Errorf("the same unit code in one facility: %v", err)
		}
		_, err := h.Put(t.Context(), h.actor, masters.Entry{Kind: masters.Unit, Values: masters.Values{"facility": "nothing", "code": "9", "name": "x"}}, "x")
		var faults *masters.FaultsError
		if !errors.As(err, &faults) || faults.Faults[0].Field != "facility" {
			t.Errorf("a unit of no facility: %v", err)
		}
	})
}

func TestMergeIsUndoneExactly(t *testing.T) {
	onBoth(t, func(h *house) {
		ctx := t.Context()
		ruth := h.put(masters.Provider, ostrander())
		local := h.put(masters.Provider, masters.Values{"family": "Ostrander", "given": "R", "local": "D0042; d77"})
		if e, err := h.provider("D77", ""); err != nil || e.ID != local.ID {
			t.Errorf("by another number: %+v, %v", e, err)
		}
		merged, err := h.Merge(ctx, h.actor, ruth.ID, local.ID, 1, "same physician")
		if err != nil || merged.MergedInto != ruth.ID {
			t.Fatalf("%+v, %v", merged, err)
		}
		if e, err := h.provider("d0042", ""); err != nil || e.ID != ruth.ID {
			t.Errorf("after the merge: %+v, %v", e, err)
		}
		for what, err := range map[string]error{
			"a ring":      second(h.Merge(ctx, h.actor, local.ID, ruth.ID, 1, "x")),
			"twice":       second(h.Merge(ctx, h.actor, ruth.ID, local.ID, 2, "x")),
			"an edit":     second(h.Put(ctx, h.actor, masters.Entry{ID: local.ID, Kind: masters.Provider, Number: 2, Values: masters.Values{"family": "X"}}, "x")),
			"with itself": second(h.Merge(ctx, h.actor, ruth.ID, ruth.ID, 1, "x")),
		} {
			if err == nil {
				t.Errorf("%s passed", what)
			}
		}
		list, err := h.List(ctx, h.actor, masters.Provider, masters.Filter{})
		if err != nil || len(list) != 1 {
			t.Errorf("the list has %d, %v", len(list), err)
		}
		undone, err := h.Unmerge(ctx, h.actor, local.ID, 2, "two physicians after all")
		if err != nil || undone.MergedInto != "" || fmt.Sprint(undone.Values) != fmt.Sprint(local.Values) {
			t.Errorf("%+v, %v", undone, err)
		}
		if e, err := h.provider("D0042", ""); err != nil || e.ID != local.ID {
			t.Errorf("after the undoing: %+v, %v", e, err)
		}
		if _, err := h.Unmerge(ctx, h.actor, local.ID, 3, "x"); !errors.Is(err, masters.ErrInvalid) {
			t.Errorf("undone twice: %v", err)
		}
	})
}

// second takes the error of two results.
func second[T any](_ T, err error) error { return err }

func TestZoneOfAUnit(t *testing.T) {
	onBoth(t, func(h *house) {
		zone := func(unit, want string) {
			t.Helper()
			h.read(func(tx *gate.Tx) error {
				got, err := h.FacilityZone(t.Context(), tx, unit)
				if err == nil && got.String() != want {
					t.Errorf("%q runs by %s, want %s", unit, got, want)
				}
				return err
			})
		}
		zone("4 West", "UTC") // nothing is entered yet
		a := h.put(masters.Facility, masters.Values{"code": "A", "name": "Hospital A", "zone": "America/New_York"})
		zone("4 West", "America/New_York") // the only facility
		b := h.put(masters.Facility, masters.Values{"code": "B", "name": "Hospital B", "zone": "America/Phoenix"})
		zone("4 West", "UTC") // unknown among two
		h.put(masters.Unit, masters.Values{"facility": a.ID, "code": "4W", "name": "4 West"})
		h.put(masters.Unit, masters.Values{"facility": b.ID, "code": "CLI%", "name": "Desert Clinic"})
		h.put(masters.Unit, masters.Values{"facility": a.ID, "code": "TELE", "name": "Telehealth", "zone": "America/Chicago"})
		zone("4  WEST", "America/New_York")
		zone("4w", "America/New_York")
		zone("Desert Clinic", "America/Phoenix")
		zone("CLI%", "America/Phoenix")
		zone("%", "UTC")
		zone("TELE", "America/Chicago")
		zone("", "UTC")
	})
}

func TestFilingDays(t *testing.T) {
	onBoth(t, func(h *house) {
		payer := h.put(masters.Payer, masters.Values{"code": "MCR", "name": "Medicare", "type": "Medicare", "filing_days": "365"})
		own := h.put(masters.Plan, masters.Values{"payer": payer.ID, "code": "A", "name": "Plan A", "filing_days": "90"})
		of := h.put(masters.Plan, masters.Values{"payer": payer.ID, "code": "B", "name": "Plan B"})
		none := h.put(masters.Payer, masters.Values{"code": "S", "name": "Self", "type": "self-pay"})
		for id, want := range map[string]int{payer.ID: 365, own.ID: 90, of.ID: 365, none.ID: 0} {
			h.read(func(tx *gate.Tx) error {
				got, err := h.FilingDays(t.Context(), tx, id)
				if got != want {
					t.Errorf("%d days, want %d", got, want)
				}
				return err
			})
		}
	})
}

func TestProposals(t *testing.T) {
	onBoth(t, func(h *house) {
		ctx := t.Context()
		ruth := h.put(masters.Provider, ostrander())
		v := ostrander()
		v["credentials"] = "MD; FACP"
		p, err := h.Propose(ctx, h.actor, masters.Entry{ID: ruth.ID, Kind: masters.Provider, Number: 1, Values: v}, "new fellowship")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Propose(ctx, h.actor, masters.Entry{Kind: masters.Provider, Values: masters.Values{"npi": "1"}}, "x"); !errors.Is(err, masters.ErrInvalid) {
			t.Errorf("a bad proposal: %v", err)
		}
		open, err := h.Proposals(ctx, h.actor, masters.Provider)
		if err != nil || len(open) != 1 || open[0].Values["credentials"] != "MD; FACP" || open[0].Reason != "new fellowship" || open[0].Source != "person" {
			t.Fatalf("%+v, %v", open, err)
		}
		if list, _ := h.List(ctx, h.actor, masters.Provider, masters.Filter{}); list[0].Values["credentials"] != "MD" {
			t.Error("a proposal changed the entry")
		}
		stored, err := h.Accept(ctx, h.actor, p.ID, open[0].Values, "seen the certificate")
		if err != nil || stored.Number != 2 {
			t.Errorf("%+v, %v", stored, err)
		}
		if err := h.Decline(ctx, h.actor, p.ID); !errors.Is(err, masters.ErrSettled) {
			t.Errorf("settled twice: %v", err)
		}
		if err := h.Decline(ctx, h.actor, "nothing"); !errors.Is(err, masters.ErrNotFound) {
			t.Errorf("no proposal: %v", err)
		}
	})
}

func TestProvidersOfMessagesAreProposedOnce(t *testing.T) {
	onBoth(t, func(h *house) {
		ctx := t.Context()
		h.put(masters.Provider, ostrander())
		see := func(who *masters.Service, fail bool, seen ...masters.Seen) {
			t.Helper()
			err := h.gate.Change(ctx, h.actor, "test.change", gate.Department(), func(tx *gate.Tx) error {
				if err := who.SeenTx(ctx, tx, seen); err != nil {
					return err
				}
				if fail {
					return errors.New("the action fails")
				}
				return nil
			})
			if (err != nil) != fail {
				t.Fatal(err)
			}
		}
		fresh := masters.Seen{Number: "2555011370", Name: "Emeka Vandermolen, MD", Role: "attending"}
		see(h.Service, true, fresh) // not durable, so not remembered either
		see(h.Service, false, fresh, masters.Seen{Number: "2555010000", Name: "Ruth Ostrander, MD"}, masters.Seen{}, masters.Seen{Name: "Ostrander, Ruth"})
		see(h.Service, false, fresh, masters.Seen{Number: "L-7", Name: "Tamsin Rourke", Role: "nurse"}, masters.Seen{Name: "Night, ,"}, masters.Seen{Name: ","})
		open, err := h.Proposals(ctx, h.actor, masters.Provider)
		if err != nil || len(open) != 4 {
			t.Fatalf("%+v, %v", open, err)
		}
		slices.SortFunc(open, func(a, b masters.Proposal) int {
			return strings.Compare(b.Values["npi"]+b.Values["local"], a.Values["npi"]+a.Values["local"])
		})
		if open[0].Values["local"] == "L-7" {
			open[0], open[1] = open[1], open[0]
		}
		want := masters.Values{"npi": "2555011370", "family": "Vandermolen", "given": "Emeka", "credentials": "MD", "roles": "attending"}
		if fmt.Sprint(open[0].Values) != fmt.Sprint(want) || open[0].Source != "message" {
			t.Errorf("%+v", open[0])
		}
		if open[1].Values["local"] != "L-7" || open[1].Values["family"] != "Rourke" {
			t.Errorf("%+v", open[1])
		}
		// Declined is answered: the next message does not ask again.
		if err := h.Decline(ctx, h.actor, open[0].ID); err != nil {
			t.Fatal(err)
		}
		see(h.Service, false, fresh)
		if open, _ = h.Proposals(ctx, h.actor, masters.Provider); len(open) != 3 {
			t.Errorf("%d proposals", len(open))
		}
	})
}

func TestTitles(t *testing.T) {
	for want, e := range map[string]masters.Entry{
		"Ruth Ostrander, MD, FACP": {Kind: masters.Provider, Values: masters.Values{"family": "Ostrander", "given": "Ruth", "credentials": "MD; FACP"}},
		"Ostrander":                {Kind: masters.Provider, Values: masters.Values{"family": "Ostrander"}},
		"4 West":                   {Kind: masters.Unit, Values: masters.Values{"name": "4 West", "code": "4W"}},
		"4W":                       {Kind: masters.Unit, Values: masters.Values{"code": "4W"}},
	} {
		if got := e.Title(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestEveryFieldIsChecked(t *testing.T) {
	for _, c := range []struct {
		kind  masters.Kind
		field string
		value string
		wrong bool
	}{
		{masters.Facility, "zone", "America/New_York", false},
		{masters.Facility, "zone", "Marrow/Bay", true},
		{masters.Facility, "zone", "Local", true},
		{masters.Facility, "zone", "../../etc/passwd", true},
		{masters.Facility, "ccn", "200055", false},
		{masters.Facility, "ccn", "20-055", true},
		{masters.Facility, "zip", "04998", false},
		{masters.Facility, "zip", "04998-1122", false},
		{masters.Facility, "zip", "4998", true},
		{masters.Facility, "settings", "inpatient; emergency", false},
		{masters.Facility, "settings", "inpatient; garden", true},
		{masters.Unit, "beds", "0", false},
		{masters.Unit, "beds", "-1", true},
		{masters.Unit, "beds", "many", true},
		{masters.Provider, "taxonomy", "207RH0002X", false},
		{masters.Provider, "taxonomy", "207RH", true},
		{masters.Provider, "from", "2024-02-29", false},
		{masters.Provider, "from", "2023-02-29", true},
		{masters.Provider, "specialty", strings.Repeat("x", 501), true},
		{masters.Provider, "specialty", "a\x00b", true},
		{masters.Provider, "favourite", "x", true},
		{masters.Payer, "type", "Medicaid", false},
		{masters.Payer, "type", "medicaid", true},
	} {
		wrong := false
		for _, f := range masters.Check(c.kind, masters.Values{c.field: c.value}) {
			wrong = wrong || f.Field == c.field
		}
		if wrong != c.wrong {
			t.Errorf("%s %s=%.20q: wrong is %v", c.kind, c.field, c.value, wrong)
		}
	}
	if masters.Fields("planet") != nil {
		t.Error("a kind that is none has fields")
	}
}
