package payload

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/google/uuid"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"

	"github.com/remote-issuance/remote-issuance/internal/payload/keyring"
)

// Reading is what the audit learns of one request: who read which keys' content.
type Reading struct {
	// Operator is what Authorize answered.
	Operator string
	// Namespace is what the UI says it shows (header X-Namespace); not verified.
	Namespace string
	// Items has one entry for each key, in a stable order.
	Items []ReadItem
}

// ReadItem counts the payloads of one key in a request.
type ReadItem struct {
	KeyID uuid.UUID
	// WorkflowID is empty when the key is erased or not known.
	WorkflowID string
	// Payloads is how many were asked for, Shown how many were readable.
	Payloads, Shown int
}

// show decrypts what it can and puts a placeholder for what it cannot. The
// error is that of a key store that does not answer.
func (c *Cache) show(ctx context.Context, payloads []*commonpb.Payload) ([]*commonpb.Payload, []ReadItem, error) {
	shown := make([]*commonpb.Payload, len(payloads))
	items := make(map[uuid.UUID]*ReadItem)
	for i, p := range payloads {
		if !encrypted(p) {
			shown[i] = p
			continue
		}
		plain, key, err := c.decrypt(ctx, "", p)
		if errors.Is(err, ErrKeysUnavailable) {
			return nil, nil, err
		}
		item := itemOf(items, p)
		item.Payloads++
		if key != nil {
			item.WorkflowID = key.workflowID
		}
		if err != nil {
			shown[i] = placeholder(err)
			continue
		}
		item.Shown++
		shown[i] = plain
	}
	list := make([]ReadItem, 0, len(items))
	for _, item := range items {
		list = append(list, *item)
	}
	slices.SortFunc(list, func(a, b ReadItem) int {
		return cmp.Or(cmp.Compare(a.WorkflowID, b.WorkflowID), bytes.Compare(a.KeyID[:], b.KeyID[:]))
	})
	return shown, list, nil
}

func itemOf(items map[uuid.UUID]*ReadItem, p *commonpb.Payload) *ReadItem {
	// A malformed id is audited under the nil UUID.
	id, _ := uuid.FromBytes(p.GetMetadata()[MetadataKeyID])
	if items[id] == nil {
		items[id] = &ReadItem{KeyID: id, WorkflowID: "", Payloads: 0, Shown: 0}
	}
	return items[id]
}

// placeholder stands in the UI where content cannot be shown.
func placeholder(err error) *commonpb.Payload {
	text := "Содержимое не читается: ключ неизвестен или данные повреждены. / Змесціва не чытаецца: ключ невядомы або " +
		"даныя пашкоджаны. / The content cannot be read: its key is not known or it was changed."
	if errors.Is(err, keyring.ErrKeyErased) {
		text = "Содержимое удалено вместе с ключом заказа. / Змесціва выдалена разам з ключом заказу. / " +
			"The content was erased together with the order's key."
	}
	data, _ := json.Marshal(text)
	return &commonpb.Payload{
		Metadata: map[string][]byte{converter.MetadataEncoding: []byte(converter.MetadataEncodingJSON)},
		Data:     data,
	}
}
