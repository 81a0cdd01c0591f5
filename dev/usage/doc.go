// Package usage measures what processes take of the machine: processor time
// and memory, as Linux tells in /proc.
package usage
