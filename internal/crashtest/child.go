package crashtest

import (
	"context"
	"fmt"
	"os"
	"sync"

	"chartroom/internal/gate"
)

const (
	sqlMakeMessages = `CREATE TABLE IF NOT EXISTS crash_message (cycle BIGINT NOT NULL, client BIGINT NOT NULL, seq BIGINT NOT NULL,
		entry TEXT NOT NULL UNIQUE, parts BIGINT NOT NULL, body BYTEA NOT NULL, PRIMARY KEY (cycle, client, seq))`
	sqlMakeParts = `CREATE TABLE IF NOT EXISTS crash_part (entry TEXT NOT NULL REFERENCES crash_message (entry), number BIGINT NOT NULL,
		body BYTEA NOT NULL, PRIMARY KEY (entry, number))`
	sqlInsertMessage = `INSERT INTO crash_message (cycle, client, seq, entry, parts, body) VALUES ($1, $2, $3, $4, $5, $6)`
	sqlInsertPart    = `INSERT INTO crash_part (entry, number, body) VALUES ($1, $2, $3)`
	sqlSelectParts   = `SELECT COUNT(*) FROM crash_part WHERE entry = $1`
)

// writer is who the child acts as.
func writer() gate.Actor {
	return gate.Actor{ID: "crashtest", Kind: gate.System, Name: "Crash test", Roles: []string{"administrator"}}
}

const (
	actionSetUp = gate.Action("crashtest.setup")
	actionStore = gate.Action("crashtest.store")
	actionLook  = gate.Action("crashtest.look")
)

// write stores messages for all clients until the process is killed. It returns
// only where something fails.
func (s Suite) write(ctx context.Context, place string, cycle int) error {
	d, err := s(ctx, place)
	if err != nil {
		return err
	}
	g := d.Gate
	if err := setUp(ctx, g); err != nil {
		return err
	}
	if _, err := os.Stdout.WriteString(ready + "\n"); err != nil {
		return fmt.Errorf("telling the parent: %w", err)
	}
	failed := make(chan error)
	var once sync.Mutex // one line at a time
	for client := range Clients {
		go func() {
			for seq := 0; ; seq++ {
				a, err := storeOne(ctx, g, cycle, client, seq)
				if err != nil {
					failed <- err
					return
				}
				once.Lock()
				_, err = os.Stdout.WriteString(a.String()) // not buffered: the pipe outlives this process
				once.Unlock()
				if err != nil {
					failed <- fmt.Errorf("telling the parent: %w", err)
					return
				}
			}
		}()
	}
	return <-failed
}

func setUp(ctx context.Context, g *gate.Gate) error {
	return g.Change(ctx, writer(), actionSetUp, gate.Department(), func(tx *gate.Tx) error {
		for _, query := range []string{sqlMakeMessages, sqlMakeParts} {
			if _, err := tx.Exec(ctx, query); err != nil {
				return err
			}
		}
		return nil
	})
}

// storeOne stores a message and its parts. Now and then it reads instead of
// storing parts of its own, so that reads are killed too.
func storeOne(ctx context.Context, g *gate.Gate, cycle, client, seq int) (ack, error) {
	parts := (client + seq) % 5
	body := make([]byte, 64+(seq*37+client*101)%4000)
	var entry string
	err := g.Change(ctx, writer(), actionStore, gate.Record(fmt.Sprintf("record-%d", client)), func(tx *gate.Tx) error {
		entry = tx.EntryID()
		if _, err := tx.Exec(ctx, sqlInsertMessage, cycle, client, seq, entry, parts, body); err != nil {
			return err
		}
		for n := range parts {
			if _, err := tx.Exec(ctx, sqlInsertPart, entry, n, body[:64]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return ack{}, err
	}
	if seq%16 == client {
		var n int
		err = g.Read(ctx, writer(), actionLook, gate.Record(fmt.Sprintf("record-%d", client)), func(tx *gate.Tx) error {
			return tx.QueryRow(ctx, sqlSelectParts, entry).Scan(&n)
		})
		if err == nil && n != parts {
			err = fmt.Errorf("%d parts where %d were stored", n, parts)
		}
	}
	return ack{client: client, seq: seq, entry: entry}, err
}
