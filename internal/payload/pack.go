package payload

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"sync"

	commonpb "go.temporal.io/api/common/v1"
	"google.golang.org/protobuf/proto"
)

// The first octet of what is sealed says how the rest is packed.
const (
	packedAsIs    byte = 0
	packedDeflate byte = 1
)

const (
	// worthPacking is the length from which deflate pays: JSON repeats its names.
	worthPacking = 200
	// maxUnpacked bounds what a packed payload can grow to; Temporal itself
	// takes payloads of 2 MiB at most.
	maxUnpacked = 16 << 20
	// maxKept bounds the buffers that wait for their next use.
	maxKept = 64 << 10
)

// buffers are used again and again: a compressor alone takes more than half a
// megabyte, and every message of every order needs one.
type buffers struct {
	raw, sealed []byte
	packed      bytes.Buffer
	deflate     *flate.Writer
	inflate     io.ReadCloser
	source      bytes.Reader
}

var pool = sync.Pool{New: func() any { return new(buffers) }}

func takeBuffers() *buffers { return pool.Get().(*buffers) }

func (b *buffers) giveBack() {
	if cap(b.raw) > maxKept || cap(b.sealed) > maxKept || b.packed.Cap() > maxKept {
		return
	}
	b.source.Reset(nil)
	pool.Put(b)
}

// pack makes a payload small: history is kept for weeks and read at every
// replay. The result is valid until the buffers are given back.
func (b *buffers) pack(p *commonpb.Payload) ([]byte, error) {
	framed, err := proto.MarshalOptions{}.MarshalAppend(append(b.raw[:0], packedAsIs), p)
	if err != nil {
		return nil, err
	}
	b.raw = framed
	if len(framed) <= worthPacking {
		return framed, nil
	}
	b.packed.Reset()
	_ = b.packed.WriteByte(packedDeflate)
	if b.deflate == nil {
		if b.deflate, err = flate.NewWriter(&b.packed, flate.BestCompression); err != nil {
			return nil, err
		}
	} else {
		b.deflate.Reset(&b.packed)
	}
	if _, err := b.deflate.Write(framed[1:]); err != nil {
		return nil, err
	}
	if err := b.deflate.Close(); err != nil {
		return nil, err
	}
	if b.packed.Len() >= len(framed) {
		return framed, nil
	}
	return b.packed.Bytes(), nil
}

// unpack reads what pack made.
func (b *buffers) unpack(plain []byte, into *commonpb.Payload) error {
	if len(plain) == 0 {
		return errors.New("nothing is packed")
	}
	switch body := plain[1:]; plain[0] {
	case packedAsIs:
		return proto.Unmarshal(body, into)
	case packedDeflate:
		if err := b.grow(body); err != nil {
			return err
		}
		return proto.Unmarshal(b.packed.Bytes(), into)
	default:
		return fmt.Errorf("unknown packing %d", plain[0])
	}
}

func (b *buffers) grow(body []byte) error {
	b.source.Reset(body)
	if b.inflate == nil {
		b.inflate = flate.NewReader(&b.source)
	} else if err := b.inflate.(flate.Resetter).Reset(&b.source, nil); err != nil {
		return err
	}
	b.packed.Reset()
	n, err := b.packed.ReadFrom(io.LimitReader(b.inflate, maxUnpacked+1))
	if err == nil && n > maxUnpacked {
		err = errors.New("the unpacked payload is too large")
	}
	return err
}
