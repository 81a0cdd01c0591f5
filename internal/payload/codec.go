package payload

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
)

// Metadata of an encrypted payload, in the names Temporal's samples use.
const (
	// Encoding is the value of the "encoding" entry.
	Encoding = "binary/encrypted"
	// MetadataKeyID is the entry with the key's id: the 16 octets of a UUID.
	MetadataKeyID = "encryption-key-id"
	// MetadataPurpose is the entry with what the value was encrypted for, such
	// as signal:paid; it is absent for values of the workflow itself.
	MetadataPurpose = "encryption-purpose"
)

// encrypt packs and seals the whole payload, its original encoding included.
// The associated data is the key id, which has a fixed length, and the purpose.
func encrypt(key *opened, to purpose, p *commonpb.Payload) (*commonpb.Payload, error) {
	b := takeBuffers()
	defer b.giveBack()
	plain, err := b.pack(p)
	if err != nil {
		return nil, fmt.Errorf("encrypt payload: %w", err)
	}
	metadata := map[string][]byte{converter.MetadataEncoding: []byte(Encoding), MetadataKeyID: key.id[:]}
	if to != ofWorkflow {
		metadata[MetadataPurpose] = []byte(to)
	}
	return &commonpb.Payload{Metadata: metadata, Data: key.aead.Seal(nil, nil, plain, associated(key.id, to))}, nil
}

func associated(id uuid.UUID, p purpose) []byte { return append(id[:], p...) }

// decrypt opens an encrypted payload; workflowID says whose payload is being
// read and may be empty. Errors: ErrTampered, ErrForeignKey and those of
// Cache.keyByID.
func (c *Cache) decrypt(ctx context.Context, workflowID string, p *commonpb.Payload) (*commonpb.Payload, *opened, error) {
	id, err := uuid.FromBytes(p.GetMetadata()[MetadataKeyID])
	if err != nil {
		return nil, nil, fmt.Errorf("%w: bad key id", ErrTampered)
	}
	key, err := c.keyByID(ctx, id, workflowID)
	if err != nil {
		return nil, nil, fmt.Errorf("decrypt payload of key %s: %w", id, err)
	}
	if workflowID != "" && key.workflowID != workflowID {
		return nil, key, fmt.Errorf("decrypt payload of key %s: %w", id, ErrForeignKey)
	}
	b := takeBuffers()
	defer b.giveBack()
	plain, err := key.aead.Open(b.sealed[:0], nil, p.GetData(), associated(id, purposeOf(p)))
	if err != nil {
		return nil, key, fmt.Errorf("decrypt payload of key %s: %w", id, ErrTampered)
	}
	b.sealed = plain
	result := &commonpb.Payload{}
	if err = b.unpack(plain, result); err != nil {
		return nil, key, fmt.Errorf("decrypt payload of key %s: %w", id, errors.Join(ErrTampered, err))
	}
	return result, key, nil
}

func encrypted(p *commonpb.Payload) bool {
	return string(p.GetMetadata()[converter.MetadataEncoding]) == Encoding
}

func purposeOf(p *commonpb.Payload) purpose { return purpose(p.GetMetadata()[MetadataPurpose]) }
