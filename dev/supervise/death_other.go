//go:build !linux

package supervise

import "syscall"

// Only Linux can tie a child to its parent's life; elsewhere a killed parent leaves its children, and they are found again by
// their ports being taken.
func dieWithParent(*syscall.SysProcAttr, syscall.Signal) {}
