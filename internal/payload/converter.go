package payload

import (
	"context"
	"errors"
	"fmt"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"
)

// NewDataConverter is the data converter for client and worker options. It
// encrypts under the key of the workflow id in the SDK's serialization
// context; without one, encrypting fails with ErrNoWorkflow and reading works.
//
// Inside workflow code an unavailable key store panics: that blocks the
// workflow task, which the server repeats, while an error would become part of
// the workflow's own story.
func NewDataConverter(cache *Cache) converter.DataConverter {
	return workflow.DataConverterWithoutDeadlockDetection(newConverter(cache))
}

func newConverter(cache *Cache) *dataConverter {
	return &dataConverter{
		parent: converter.GetDefaultDataConverter(), cache: cache,
		ctx: context.Background(), workflowID: "", inWorkflow: false,
	}
}

// dataConverter is immutable; the With methods make changed copies.
type dataConverter struct {
	parent     converter.DataConverter
	cache      *Cache
	ctx        context.Context //nolint:containedctx // the SDK's ContextAware hands it over this way
	workflowID string
	inWorkflow bool
}

var (
	_ converter.DataConverterWithSerializationContext = (*dataConverter)(nil)
	_ workflow.ContextAware                           = (*dataConverter)(nil)
)

// WithSerializationContext is called by the SDK with the workflow the values
// belong to: for signals to others, the one that receives them.
func (c *dataConverter) WithSerializationContext(sc converter.SerializationContext) converter.DataConverter {
	tailored := *c
	tailored.workflowID = workflowOf(sc)
	return &tailored
}

func workflowOf(sc converter.SerializationContext) string {
	switch sc := sc.(type) {
	case converter.WorkflowSerializationContext:
		return sc.WorkflowID
	case converter.ActivitySerializationContext:
		return sc.WorkflowID
	default:
		return ""
	}
}

// WithWorkflowContext marks calls from workflow code.
func (c *dataConverter) WithWorkflowContext(workflow.Context) converter.DataConverter {
	tailored := *c
	tailored.inWorkflow = true
	return &tailored
}

// WithContext bounds key look-ups by the caller's context.
func (c *dataConverter) WithContext(ctx context.Context) converter.DataConverter {
	tailored := *c
	tailored.ctx = ctx
	return &tailored
}

// ToPayload converts and encrypts one value.
func (c *dataConverter) ToPayload(value any) (*commonpb.Payload, error) {
	p, err := c.parent.ToPayload(value)
	if err != nil || p == nil || readable(value, p) {
		return p, err
	}
	key, err := c.cache.currentKey(c.ctx, c.workflowID)
	if err != nil {
		return nil, c.blockWorkflow(fmt.Errorf("encrypt payload: %w", err))
	}
	return encrypt(key, p)
}

// FromPayload decrypts and converts one value.
func (c *dataConverter) FromPayload(p *commonpb.Payload, valuePtr any) error {
	plain, err := c.decrypted(p)
	if err != nil {
		return c.blockWorkflow(err)
	}
	return c.parent.FromPayload(plain, valuePtr)
}

func (c *dataConverter) decrypted(p *commonpb.Payload) (*commonpb.Payload, error) {
	if !encrypted(p) {
		return p, nil
	}
	plain, _, err := c.cache.decrypt(c.ctx, c.workflowID, p)
	return plain, err
}

// ToPayloads converts and encrypts each value.
func (c *dataConverter) ToPayloads(values ...any) (*commonpb.Payloads, error) {
	if len(values) == 0 {
		return nil, nil //nolint:nilnil // what the SDK's own converters answer
	}
	result := &commonpb.Payloads{Payloads: make([]*commonpb.Payload, len(values))}
	for i, value := range values {
		p, err := c.ToPayload(value)
		if err != nil {
			return nil, fmt.Errorf("values[%d]: %w", i, err)
		}
		result.Payloads[i] = p
	}
	return result, nil
}

// FromPayloads decrypts and converts as many values as both sides have.
func (c *dataConverter) FromPayloads(payloads *commonpb.Payloads, valuePtrs ...any) error {
	for i, p := range payloads.GetPayloads() {
		if i >= len(valuePtrs) {
			break
		}
		if err := c.FromPayload(p, valuePtrs[i]); err != nil {
			return fmt.Errorf("payload item %d: %w", i, err)
		}
	}
	return nil
}

// ToString shows an encrypted payload as what it is: this form ends up in
// logs and consoles, where personal data must not be.
func (c *dataConverter) ToString(p *commonpb.Payload) string {
	if encrypted(p) {
		return "[encrypted]"
	}
	return c.parent.ToString(p)
}

// ToStrings applies ToString to each payload.
func (c *dataConverter) ToStrings(payloads *commonpb.Payloads) []string {
	texts := make([]string, 0, len(payloads.GetPayloads()))
	for _, p := range payloads.GetPayloads() {
		texts = append(texts, c.ToString(p))
	}
	return texts
}

func (c *dataConverter) blockWorkflow(err error) error {
	if c.inWorkflow && errors.Is(err, ErrKeysUnavailable) {
		panic(err)
	}
	return err
}
