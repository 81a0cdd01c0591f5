// Package registers has the local stack's sandboxes of the state registers: EGR and GRP in their public wire formats, and the
// population register, the register of heads and the contract register, which have no public format, in ours.
//
// The data are Go values given at start; tests change them, take a register down, slow it or limit its rate, from Go or over HTTP.
package registers
