package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// disk is a small file system that PostgreSQL has for itself: data, log and temporary files.
type disk struct{ dir string }

// errNoMount tells why the disk is the machine's.
var errNoMount = errors.New("no file system can be mounted here: the disk is not filled")

// mountDisk gives the cluster of a data directory a file system of so many megabytes. It has to be root.
func mountDisk(data string, megabytes int) (*disk, error) {
	d := &disk{dir: filepath.Join(data, "postgres")}
	// Not only we but the user of PostgreSQL has to come there.
	if err := errors.Join(os.MkdirAll(d.dir, 0o755), os.Chmod(data, 0o755)); err != nil {
		return nil, err
	}
	if err := syscall.Mount("tmpfs", d.dir, "tmpfs", 0, fmt.Sprintf("size=%dm,mode=0700", megabytes)); err != nil {
		return nil, fmt.Errorf("%w: %w", errNoMount, err)
	}
	return d, nil
}

func (d *disk) unmount() error { return syscall.Unmount(d.dir, syscall.MNT_DETACH) }

// ballast is the file that fills the disk.
func (d *disk) ballast() string { return filepath.Join(d.dir, "ballast") }

// fill takes all the space that is left, to the last block.
func (d *disk) fill() error {
	f, err := os.OpenFile(d.ballast(), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	for at, block := int64(0), int64(64<<20); block >= 4<<10; {
		err := syscall.Fallocate(int(f.Fd()), 0, at, block)
		switch {
		case err == nil:
			at += block
		case errors.Is(err, syscall.ENOSPC):
			block /= 2
		case !errors.Is(err, syscall.EINTR):
			return err
		}
	}
	return nil
}

// clear gives the space back.
func (d *disk) clear() error {
	if err := os.Remove(d.ballast()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
