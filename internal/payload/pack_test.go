package payload

import (
	"bytes"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"
)

func packed(t require.TestingT, p *commonpb.Payload) []byte {
	b := takeBuffers()
	defer b.giveBack()
	out, err := b.pack(p)
	require.NoError(t, err)
	return bytes.Clone(out)
}

func unpacked(plain []byte) (*commonpb.Payload, error) {
	b := takeBuffers()
	defer b.giveBack()
	p := &commonpb.Payload{}
	return p, b.unpack(plain, p)
}

func TestPack_RoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := &commonpb.Payload{
			Metadata: map[string][]byte{"encoding": []byte("json/plain")},
			Data:     bytes.Repeat(rapid.SliceOfN(rapid.Byte(), 0, 500).Draw(t, "data"), rapid.IntRange(1, 20).Draw(t, "times")),
		}
		plain := packed(t, p)
		require.LessOrEqual(t, len(plain), proto.Size(p)+1)
		back, err := unpacked(plain)
		require.NoError(t, err)
		require.True(t, proto.Equal(p, back))
	})
}

func TestPack_RepetitionShrinks(t *testing.T) {
	plain := packed(t, &commonpb.Payload{Data: bytes.Repeat([]byte(`{"requestId":"x"},`), 100)})
	require.Less(t, len(plain), 200)
}

func TestPack_WhatOneGotNoOtherSees(t *testing.T) {
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for size := range 200 {
				p := &commonpb.Payload{Data: bytes.Repeat([]byte{byte('a' + i)}, size*(i+1))}
				back, err := unpacked(packed(t, p))
				if err != nil || !proto.Equal(p, back) {
					t.Errorf("%d: %v", size, err)
					return
				}
			}
		})
	}
	group.Wait()
}

func TestPack_BuffersAreUsedAgain(t *testing.T) {
	p := &commonpb.Payload{Data: bytes.Repeat([]byte(`{"requestId":"x"},`), 50)}
	b := new(buffers)
	_, err := b.pack(p)
	require.NoError(t, err)
	require.Less(t, testing.AllocsPerRun(50, func() { _, _ = b.pack(p) }), 3.0, "no new compressor for each payload")
}

func TestUnpack_RefusesWhatIsNotPacked(t *testing.T) {
	bomb := packed(t, &commonpb.Payload{Data: make([]byte, maxUnpacked+1)})
	for name, plain := range map[string][]byte{
		"nothing": nil, "unknown packing": {7, 1}, "cut": {packedDeflate, 0x01}, "bomb": bomb,
	} {
		_, err := unpacked(plain)
		require.Error(t, err, name)
	}
}

func FuzzUnpack(f *testing.F) {
	f.Add([]byte{packedAsIs, 1, 2})
	f.Add([]byte{packedDeflate, 3, 0})
	f.Fuzz(func(_ *testing.T, plain []byte) { _, _ = unpacked(plain) })
}
