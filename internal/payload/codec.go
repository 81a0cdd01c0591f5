package payload

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/proto"
)

// Metadata of an encrypted payload, in the names Temporal's samples use.
const (
	// Encoding is the value of the "encoding" entry.
	Encoding = "binary/encrypted"
	// MetadataKeyID is the entry with the key's id: the 16 octets of a UUID.
	MetadataKeyID = "encryption-key-id"
)

// encrypt packs and seals the whole payload, its original encoding included.
// The key id is the associated data: the codec endpoint knows nothing else
// about a payload.
func encrypt(key *opened, p *commonpb.Payload) (*commonpb.Payload, error) {
	raw, err := proto.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("encrypt payload: %w", err)
	}
	plain, err := pack(raw)
	if err != nil {
		return nil, fmt.Errorf("encrypt payload: %w", err)
	}
	id := key.id[:]
	return &commonpb.Payload{
		Metadata: map[string][]byte{converter.MetadataEncoding: []byte(Encoding), MetadataKeyID: id},
		Data:     key.aead.Seal(nil, nil, plain, id),
	}, nil
}

// decrypt opens an encrypted payload; workflowID says whose payload is being
// read and may be empty. Errors: ErrTampered and those of Cache.keyByID.
func (c *Cache) decrypt(ctx context.Context, workflowID string, p *commonpb.Payload) (*commonpb.Payload, *opened, error) {
	id, err := uuid.FromBytes(p.GetMetadata()[MetadataKeyID])
	if err != nil {
		return nil, nil, fmt.Errorf("%w: bad key id", ErrTampered)
	}
	key, err := c.keyByID(ctx, id, workflowID)
	if err != nil {
		return nil, nil, fmt.Errorf("decrypt payload of key %s: %w", id, err)
	}
	plain, err := key.aead.Open(nil, nil, p.GetData(), id[:])
	if err != nil {
		return nil, key, fmt.Errorf("decrypt payload of key %s: %w", id, ErrTampered)
	}
	raw, err := unpack(plain)
	result := &commonpb.Payload{}
	if err = errors.Join(err, proto.Unmarshal(raw, result)); err != nil {
		return nil, key, fmt.Errorf("decrypt payload of key %s: %w", id, errors.Join(ErrTampered, err))
	}
	return result, key, nil
}

func encrypted(p *commonpb.Payload) bool {
	return string(p.GetMetadata()[converter.MetadataEncoding]) == Encoding
}
