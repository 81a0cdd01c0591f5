package payload

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
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
)

// pack makes a payload small: history is kept for weeks and read at every replay.
func pack(raw []byte) ([]byte, error) {
	if len(raw) < worthPacking {
		return append([]byte{packedAsIs}, raw...), nil
	}
	out := bytes.NewBuffer([]byte{packedDeflate})
	w, err := flate.NewWriter(out, flate.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(raw); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	if out.Len() > len(raw) {
		return append([]byte{packedAsIs}, raw...), nil
	}
	return out.Bytes(), nil
}

func unpack(plain []byte) ([]byte, error) {
	if len(plain) == 0 {
		return nil, errors.New("nothing is packed")
	}
	switch body := plain[1:]; plain[0] {
	case packedAsIs:
		return body, nil
	case packedDeflate:
		raw, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(body)), maxUnpacked+1))
		if err == nil && len(raw) > maxUnpacked {
			err = errors.New("the unpacked payload is too large")
		}
		return raw, err
	default:
		return nil, fmt.Errorf("unknown packing %d", plain[0])
	}
}
