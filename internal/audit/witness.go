package audit

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// WitnessName is the name of the file beside the data that holds the newest
// checkpoint. A database that was put back to an earlier state does not reach it.
const WitnessName = "audit-checkpoint.txt"

// WitnessFile keeps the newest checkpoint in a file: what Options.Witness may be.
func WitnessFile(path string) func(Checkpoint) error {
	return func(c Checkpoint) error {
		temp, err := os.CreateTemp(filepath.Dir(path), ".audit-*.new")
		if err != nil {
			return fmt.Errorf("audit: keep a checkpoint: %w", err)
		}
		_, err = temp.WriteString(c.Note)
		err = errors.Join(err, temp.Sync(), temp.Close())
		if err == nil {
			err = os.Rename(temp.Name(), path)
		}
		if err != nil {
			return fmt.Errorf("audit: keep a checkpoint: %w", errors.Join(err, os.Remove(temp.Name())))
		}
		return nil
	}
}

// ReadWitness reads the note that WitnessFile kept; "" where there is none.
func ReadWitness(path string) (string, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("audit: read the checkpoint beside the data: %w", err)
	}
	return string(text), nil
}
