//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package main

// tryLock locks nothing where the system has no locks that end with the process.
func tryLock(string) (release func() error, ok bool, err error) {
	return func() error { return nil }, true, nil
}
