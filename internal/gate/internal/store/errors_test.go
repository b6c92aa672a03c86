package store

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

func TestErrorsTellNoValues(t *testing.T) {
	for _, err := range []error{
		&pgconn.PgError{Severity: "ERROR", Code: "22P02", Message: `invalid input syntax for type bigint: "Testperson"`},
		&pgconn.PgError{Severity: "ERROR", Code: "23505", Message: "duplicate key", Detail: "Key (name)=(Testperson) already exists."},
		errors.New(`failed to encode args[0]: unable to encode "Testperson" into binary format for int8 (OID 20)`),
	} {
		hidden := fmt.Errorf("wrapped: %w", redacted(err))
		if strings.Contains(hidden.Error(), "Testperson") {
			t.Errorf("%v", hidden)
		}
		if !errors.Is(hidden, err) {
			t.Errorf("%v is lost", err)
		}
	}
	if redacted(nil) != nil {
		t.Error("an error out of nothing")
	}
}

func TestRedactHidesThePassword(t *testing.T) {
	for address, want := range map[string]string{
		"postgres://ann:secret@db.example/x": "postgres://…@db.example/x",
		"postgres://db.example/x":            "postgres://db.example/x",
		"postgres://a:p@ss@db.example/x":     "postgres://…@db.example/x",
	} {
		if got := Redact(address); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
