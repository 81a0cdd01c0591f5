// Package notify writes the messages of remote issuance and brings them to people
// by e-mail and SMS (I4, I6, D6, R1).
//
// A Renderer makes a Message from a kind, a channel, a language and Data; the
// texts are embedded templates, one set for each language. A Dispatcher takes
// notices from an Outbox, one row for each message and channel, and gives them to
// the Sender of their channel. Each row is retried on its own and each channel has
// its own queue, so that a mailbox that refuses or a gateway that is down delays
// nothing else (I6).
//
// Causes that are logged or stored say which step failed and with which code of
// the other side; they never repeat addresses, texts or what a server said.
package notify
