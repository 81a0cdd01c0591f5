// Package payments is what all ways of paying share: the message of a gateway,
// what it may pay for, and the one place where the two are compared.
//
// Everything here is a pure function of its arguments. The adapters of the
// gateways (assist, erip, clientbank) turn foreign bytes into a Notification;
// a ledger stores it before the gateway is answered (P6) and calls Match.
package payments
