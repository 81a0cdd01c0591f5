package bpki

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"math/bits"
	"strconv"
	"strings"

	"github.com/remote-issuance/remote-issuance/internal/stb/belt"
)

// MaxWork is the highest level of work that [Work] does: a server that asks for
// more asks for days.
const MaxWork = 28

const saltDigits = 16

// Nonce is the header Nonce of a request: the proof of work done for one message
// at one time for one address (STB 34.101.78, 10.4).
type Nonce struct {
	// Salt is what was searched for.
	Salt [8]byte
	// Level is how many zero bits the hash begins with, at least.
	Level int
}

// String writes the header's value, such as "0123456789ABCDEF:16".
func (n Nonce) String() string {
	return strings.ToUpper(hex.EncodeToString(n.Salt[:])) + ":" + strconv.Itoa(n.Level)
}

// ParseNonce reads the header's value of a request: 16 hexadecimal digits, a
// colon, and the level in decimal digits without leading zeros.
func ParseNonce(header string) (Nonce, error) {
	var n Nonce
	salt, level, found := strings.Cut(header, ":")
	if !found || len(salt) != saltDigits {
		return n, malformed("nonce")
	}
	if _, err := hex.Decode(n.Salt[:], []byte(salt)); err != nil {
		return Nonce{}, malformed("nonce")
	}
	var err error
	if n.Level, err = ParseLevel(level); err != nil {
		return Nonce{}, err
	}
	return n, nil
}

// ParseLevel reads the header Nonce of an answer that asks for more work: the
// level alone, 1 to 256.
func ParseLevel(header string) (int, error) {
	level, err := strconv.Atoi(header)
	if err != nil || level < 1 || level > 8*belt.Size || strconv.Itoa(level) != header {
		return 0, malformed("level of work")
	}
	return level, nil
}

// message is what the work is done for: the hash is of salt, date, address and body.
type message struct {
	buffer []byte
}

func newMessage(date, address string, body []byte) message {
	buffer := make([]byte, 0, saltDigits/2+len(date)+len(address)+len(body))
	buffer = append(buffer[:saltDigits/2], date...)
	return message{append(append(buffer, address...), body...)}
}

// level counts the zero bits that the hash begins with.
func (m message) level(salt *[8]byte) (zeros int) {
	copy(m.buffer, salt[:])
	for _, octet := range belt.Sum256(m.buffer) {
		zeros += bits.LeadingZeros8(octet)
		if octet != 0 {
			break
		}
	}
	return zeros
}

// Work searches for a nonce of the level: about 2^level hashes of the body. The
// date is the value of the header Date, octet by octet, and the address is the URI
// that the request is sent to. It fails with [ErrWork] for levels above [MaxWork]
// and with the context's error when that ends first. The first salt comes from
// random, or from crypto/rand if it is nil.
func Work(ctx context.Context, level int, date, address string, body []byte, random io.Reader) (Nonce, error) {
	if level < 1 || level > MaxWork {
		return Nonce{}, fmt.Errorf("%w: level %d is out of bounds", ErrWork, level)
	}
	if random == nil {
		random = rand.Reader
	}
	n := Nonce{Level: level}
	if _, err := io.ReadFull(random, n.Salt[:]); err != nil {
		return Nonce{}, fmt.Errorf("bpki: read random octets: %w", err)
	}
	m := newMessage(date, address, body)
	const between = 256 // hashes between two looks at the context
	for i := 1; m.level(&n.Salt) < level; i++ {
		if i%between == 0 && ctx.Err() != nil {
			return Nonce{}, ctx.Err()
		}
		binary.LittleEndian.PutUint64(n.Salt[:], binary.LittleEndian.Uint64(n.Salt[:])+1)
	}
	return n, nil
}

// Check verifies the work: the claimed level is at least the least wanted, and the
// hash begins with that many zero bits. Whether the date is near enough, and the
// nonce new, the caller says. It fails with [ErrWork].
func (n Nonce) Check(least int, date, address string, body []byte) error {
	if n.Level < least || newMessage(date, address, body).level(&n.Salt) < n.Level {
		return ErrWork
	}
	return nil
}
