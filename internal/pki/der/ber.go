package der

import (
	"bytes"

	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

// Definite rewrites outer layers with indefinite lengths and content in pieces,
// which BER allows and some programs write into signed data, as DER;
// elements of definite length, and with them everything signed, stay as they
// are. The result is never longer than the input plus four octets a level.
func Definite(ber []byte) ([]byte, error) {
	out, rest, err := definiteElement(ber, 0)
	if err != nil {
		return nil, err
	}
	if len(rest) != 0 {
		return nil, fault.New(fault.Trailing, "%d octets follow the structure", len(rest))
	}
	return out, nil
}

// maxIndefinite is how deep indefinite lengths may nest; each level copies its content.
const maxIndefinite = 10

func definiteElement(in []byte, depth int) (out, rest []byte, err error) {
	if depth > maxIndefinite {
		return nil, nil, fault.New(fault.Malformed, "nested too deep")
	}
	if len(in) < 2 || in[1] != 0x80 {
		rest, err := skipDER(in, depth)
		if err != nil {
			return nil, nil, err
		}
		return in[:len(in)-len(rest)], rest, nil
	}
	if in[0]&0x20 == 0 || in[0]&lowTagMask == lowTagMask {
		return nil, nil, fault.New(fault.Malformed, "an indefinite length where none can be")
	}
	tag, rest := in[0], in[2:]
	var body []byte
	for {
		if len(rest) < 2 {
			return nil, nil, fault.New(fault.Truncated, "an element of indefinite length without end")
		}
		if rest[0] == 0 && rest[1] == 0 {
			rest = rest[2:]
			break
		}
		var child []byte
		if child, rest, err = definiteElement(rest, depth+1); err != nil {
			return nil, nil, err
		}
		body = append(body, child...)
	}
	if tag == 0x24 {
		return JoinOctets(body, rest)
	}
	return appendTLV(nil, tag, body), rest, nil
}

// JoinOctets makes one OCTET STRING of the pieces of a constructed one.
func JoinOctets(body, rest []byte) ([]byte, []byte, error) {
	var whole bytes.Buffer
	for len(body) > 0 {
		head, length, err := Header(body)
		if err != nil {
			return nil, nil, err
		}
		if body[0] != 0x04 || length > len(body)-head {
			return nil, nil, fault.New(fault.Malformed, "a piece of an octet string that is none")
		}
		whole.Write(body[head : head+length])
		body = body[head+length:]
	}
	return appendTLV(nil, 0x04, whole.Bytes()), rest, nil
}

func appendTLV(out []byte, tag byte, body []byte) []byte {
	n := len(body)
	out = append(out, tag)
	switch {
	case n < 0x80:
		out = append(out, byte(n))
	case n < 0x100:
		out = append(out, 0x81, byte(n))
	case n < 0x10000:
		out = append(out, 0x82, byte(n>>8), byte(n))
	case n < 0x1000000:
		out = append(out, 0x83, byte(n>>16), byte(n>>8), byte(n))
	default:
		out = append(out, 0x84, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	}
	return append(out, body...)
}
