//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package main

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// tryLock locks a file, which it makes, until release is called or the process
// ends, however it ends. It reports false if another process has the lock.
func tryLock(path string) (release func() error, ok bool, err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, false, err //nolint:wrapcheck // names the file
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, false, file.Close() //nolint:wrapcheck // names the file
	}
	if err != nil {
		return nil, false, errors.Join(fmt.Errorf("lock %s: %w", path, err), file.Close())
	}
	return file.Close, true, nil
}
