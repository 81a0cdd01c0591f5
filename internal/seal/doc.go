// Package seal keeps secrets at rest: AES-256-GCM under named master keys.
//
// A sealed envelope carries the name of the key that sealed it, so that keys
// can be rotated by putting a new one in front and leaving the old ones behind
// it until everything has been sealed anew.
package seal
