// Package inbox is where the local stack's mail and SMS end: an SMTP server, an HTTP SMS gateway that speaks the /simple/send format
// of rocketsms.by, and a page and a JSON list of what arrived. Nothing leaves the machine.
//
// Messages survive a restart: each is a file in the data directory. Faults (a mailbox that rejects, a gateway that is down, slow, or
// takes a message and loses the answer) are switched over HTTP or from Go.
package inbox
