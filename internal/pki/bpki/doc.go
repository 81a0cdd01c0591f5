// Package bpki reads and writes the documents of STB 34.101.78 (draft of version
// 2, 2026): containers of private keys and of partial secrets, enveloped and
// signed data, the requests and responses of its processes, the attribute
// challengePassword, and the proof of work of the header Nonce. Over them lie the
// processes of a renewal: a request made from the present certificate, and the
// certificate that comes back.
//
// Everything is DER with nothing after it, only the national algorithms and only
// the forms that the standard prescribes are taken; what is read is bounded by
// [MaxContainer] and [MaxMessage]. Certificates are read as far as the documents
// name them: whether one is to be trusted is for package pki to say.
//
// The package is made to run in a browser as well: it keeps away from package
// pki, from crypto/x509 and from net.
package bpki
