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
// Where the draft leaves room: a message on the wire and signed data inside an
// envelope are ContentInfo, as CMS and the demonstration of the standard's authors
// have it; signed data in EncapsulatedContentInfo, as the text says, is read too.
// The work for the header Nonce is done on the octets of the header Date as they
// stand, and on the URI as the client names it.
//
// The package is made to run in a browser as well: it keeps away from package
// pki, from crypto/x509 and from net.
package bpki
