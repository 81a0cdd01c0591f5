package bpki

import (
	"encoding/asn1"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/remote-issuance/remote-issuance/internal/stb/belt"
)

// NonceOctets is the length of the nonce of a repeated request.
const NonceOctets = 8

// RequestID names a request for all that follows: the belt-hash of its container.
type RequestID [belt.Size]byte

// RequestIDOf computes the name of a request from the octets that were sent.
func RequestIDOf(container []byte) RequestID { return belt.Sum256(container) }

// Status is what became of a request (STB 34.101.78, 8.11).
type Status int

// The statuses that the standard uses, of those of STB 34.101.82 (RFC 3161).
const (
	// StatusGranted: done.
	StatusGranted Status = 0
	// StatusRejection: refused; the response says why.
	StatusRejection Status = 2
	// StatusWaiting: not decided yet; ask again with [RetrieveRequest].
	StatusWaiting Status = 3
)

// Failure is why a request was refused: one more than the number of a bit of
// PKIFailureInfo, so that zero is none.
type Failure int

// The failures of STB 34.101.82 (RFC 3161, 2.4.2).
const (
	FailureNone                Failure = 0
	FailureBadAlgorithm        Failure = 1 + 0
	FailureBadRequest          Failure = 1 + 2
	FailureBadDataFormat       Failure = 1 + 5
	FailureTimeNotAvailable    Failure = 1 + 14
	FailureUnacceptedPolicy    Failure = 1 + 15
	FailureUnacceptedExtension Failure = 1 + 16
	FailureAddInfoNotAvailable Failure = 1 + 17
	FailureSystem              Failure = 1 + 25
)

// What a response may say in words.
const maxComments, maxCommentRunes = 8, 2048

func (f Failure) known() bool {
	switch f {
	case FailureBadAlgorithm, FailureBadRequest, FailureBadDataFormat, FailureTimeNotAvailable, FailureUnacceptedPolicy,
		FailureUnacceptedExtension, FailureAddInfoNotAvailable, FailureSystem:
		return true
	default:
		return false
	}
}

// Response is BPKIResp, which a CA's agent signs as [ContentResponse].
type Response struct {
	Status Status
	// Failure stands with StatusRejection always, Comments may, and neither with others.
	Failure   Failure
	Comments  []string
	RequestID RequestID
	// Nonce is that of the repeated request, nil in an answer to the first one.
	Nonce []byte
}

// check says whether the parts fit together.
func (r Response) check() error {
	rejected := r.Status == StatusRejection
	switch {
	case r.Status != StatusGranted && r.Status != StatusWaiting && !rejected:
		return malformed("response: status")
	case rejected && !r.Failure.known(), !rejected && (r.Failure != FailureNone || len(r.Comments) > 0):
		return malformed("response: reason of a refusal")
	case len(r.Comments) > maxComments:
		return malformed("response: comments")
	case r.Nonce != nil && len(r.Nonce) != NonceOctets:
		return malformed("response: nonce")
	}
	for _, c := range r.Comments {
		if !textWithin(c, maxCommentRunes) {
			return malformed("response: comments")
		}
	}
	return nil
}

// Marshal writes the response in DER. It fails with [ErrMalformed] for parts that
// do not fit together.
func (r Response) Marshal() ([]byte, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	return build(func(b *cryptobyte.Builder) {
		b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1Int64(int64(r.Status))
			if len(r.Comments) > 0 {
				b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
					for _, c := range r.Comments {
						addUTF8(b, c)
					}
				})
			}
			if r.Status == StatusRejection {
				b.AddASN1(tags.BIT_STRING, r.Failure.add)
			}
		})
		b.AddASN1OctetString(r.RequestID[:])
		if r.Nonce != nil {
			b.AddASN1OctetString(r.Nonce)
		}
	})
}

// add writes a list of named bits, which has no zeros at its end.
func (f Failure) add(b *cryptobyte.Builder) {
	bit := f - 1
	raw := make([]byte, bit/8+1)
	raw[bit/8] = 0x80 >> (bit % 8)
	b.AddUint8(uint8(7 - bit%8))
	b.AddBytes(raw)
}

// readFailure reads a list of which one bit is set, the last.
func readFailure(s *cryptobyte.String, out *Failure) bool {
	var bits asn1.BitString
	if !s.ReadASN1BitString(&bits) || bits.BitLength > int(FailureSystem) {
		return false
	}
	for i := range bits.BitLength {
		if (bits.At(i) == 1) != (i == bits.BitLength-1) {
			return false
		}
	}
	*out = Failure(bits.BitLength)
	return out.known()
}

// ParseResponse reads BPKIResp from DER.
func ParseResponse(der []byte) (Response, error) {
	var r Response
	body, err := sequence(der, MaxMessage, "response")
	if err != nil {
		return r, err
	}
	var info cryptobyte.String
	var status int
	if !body.ReadASN1(&info, tags.SEQUENCE) || !info.ReadASN1Integer(&status) || !r.readReason(&info) || !info.Empty() ||
		!readFixed(&body, r.RequestID[:]) {
		return Response{}, malformed("response")
	}
	r.Status = Status(status)
	if !body.Empty() {
		r.Nonce = make([]byte, NonceOctets)
		if !readFixed(&body, r.Nonce) || !body.Empty() {
			return Response{}, malformed("response")
		}
	}
	if err := r.check(); err != nil {
		return Response{}, err
	}
	return r, nil
}

// readReason reads the optional parts of PKIStatusInfo.
func (r *Response) readReason(info *cryptobyte.String) bool {
	if info.PeekASN1Tag(tags.SEQUENCE) {
		var list cryptobyte.String
		if !info.ReadASN1(&list, tags.SEQUENCE) || list.Empty() {
			return false
		}
		for !list.Empty() {
			var c string
			if len(r.Comments) == maxComments || !readUTF8(&list, &c) {
				return false
			}
			r.Comments = append(r.Comments, c)
		}
	}
	return info.Empty() || readFailure(info, &r.Failure)
}

// Answers says whether the response answers the request, and the repeated one
// where a nonce is given. It fails with [ErrMismatch].
func (r Response) Answers(id RequestID, nonce []byte) error {
	if r.RequestID != id || string(r.Nonce) != string(nonce) {
		return fmt.Errorf("%w: a response to another request", ErrMismatch)
	}
	return nil
}
