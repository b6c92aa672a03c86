package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// FileName is the name of the embedded database in its folder.
const FileName = "chartroom.db"

// prepareFile makes the folder and the file of the database, for their owner
// alone, and gives the file's path. SQLite by itself would let everybody read;
// its log takes the permissions of the file. The folders are flushed, so that a
// power cut does not take a new database away as a whole.
func prepareFile(dir string) (string, error) {
	if dir == "" {
		return "", errors.New("no folder was named for the database")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("finding the folder of the database: %w", err)
	}
	path := filepath.Join(dir, FileName)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if err := makeFolder(dir); err != nil {
		return "", fmt.Errorf("making the folder of the database: %w", err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return "", fmt.Errorf("making the database file: %w", err)
	}
	if err := errors.Join(f.Sync(), f.Close(), flushFolder(dir)); err != nil {
		return "", fmt.Errorf("making the database file: %w", err)
	}
	return path, nil
}

// makeFolder makes a folder and those above it that are missing, and flushes
// each one's parent.
func makeFolder(dir string) error {
	err := os.Mkdir(dir, 0o700)
	switch {
	case errors.Is(err, os.ErrNotExist):
		if err := makeFolder(filepath.Dir(dir)); err != nil {
			return err
		}
		return makeFolder(dir)
	case errors.Is(err, os.ErrExist):
		return nil
	case err != nil:
		return err //nolint:wrapcheck // names the folder
	}
	return flushFolder(filepath.Dir(dir))
}

// flushFolder flushes the names in a folder to the disk. Windows cannot, and
// needs not.
func flushFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return err //nolint:wrapcheck // names the folder
	}
	return errors.Join(f.Sync(), f.Close())
}
