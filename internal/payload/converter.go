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
// context; without one, encrypting fails with ErrNoWorkflow. It reads nothing
// that is plain, belongs to another workflow or was encrypted for another
// purpose: ErrNotEncrypted, ErrForeignKey, ErrMisplaced, ErrTampered.
//
// Inside workflow code an unavailable key store, and an activity's result that
// is not its own, panic: that blocks the workflow task, which the server
// repeats, while an error would become part of the workflow's own story.
func NewDataConverter(cache *Cache) converter.DataConverter {
	return workflow.DataConverterWithoutDeadlockDetection(newConverter(cache))
}

func newConverter(cache *Cache) *dataConverter {
	return &dataConverter{parent: converter.GetDefaultDataConverter(), cache: cache, ctx: context.Background()}
}

// dataConverter is immutable; the With methods make changed copies.
type dataConverter struct {
	parent converter.DataConverter
	cache  *Cache
	ctx    context.Context //nolint:containedctx // the SDK's ContextAware hands it over this way
	at     place
	// failures is set for the parts of errors, which the SDK writes in the
	// context of an activity and may read in another.
	failures bool
	// workflow is the workflow code that writes or reads; nil outside of it.
	workflow   workflow.Context
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
	tailored.at = placeOf(sc)
	return &tailored
}

// WithWorkflowContext marks calls from workflow code.
func (c *dataConverter) WithWorkflowContext(ctx workflow.Context) converter.DataConverter {
	tailored := *c
	tailored.workflow, tailored.inWorkflow = ctx, true
	return &tailored
}

// WithContext bounds key look-ups by the caller's context.
func (c *dataConverter) WithContext(ctx context.Context) converter.DataConverter {
	tailored := *c
	tailored.ctx = ctx
	return &tailored
}

// purpose is what a value is written for: the message that an Interceptor has
// named, or what the SDK says of the place.
func (c *dataConverter) purpose() purpose {
	if c.failures {
		return ofFailure
	}
	if c.at.exact {
		return c.at.purpose
	}
	if message, ok := c.ctx.Value(purposeKey{}).(purpose); ok {
		return message
	}
	if c.workflow != nil {
		message, _ := c.workflow.Value(purposeKey{}).(purpose)
		return message
	}
	return ofWorkflow
}

// ToPayload converts and encrypts one value.
func (c *dataConverter) ToPayload(value any) (*commonpb.Payload, error) {
	p, err := c.parent.ToPayload(value)
	if err != nil || p == nil || encrypted(p) {
		return p, err
	}
	if readable(value, p) || c.at.workflowID == "" && isNil(p) {
		return p, nil
	}
	key, err := c.cache.currentKey(c.ctx, c.at.workflowID)
	if err != nil {
		return nil, c.blockWorkflow(fmt.Errorf("encrypt payload: %w", err))
	}
	return encrypt(key, c.purpose(), p)
}

// FromPayload decrypts and converts one value.
func (c *dataConverter) FromPayload(p *commonpb.Payload, valuePtr any) error {
	plain, err := c.decrypted(p, valuePtr)
	if err != nil {
		return c.blockWorkflow(err)
	}
	return c.parent.FromPayload(plain, valuePtr)
}

func (c *dataConverter) decrypted(p *commonpb.Payload, valuePtr any) (*commonpb.Payload, error) {
	if plain, ok := c.cache.seen.plain(p); ok {
		return plain, nil
	}
	if !encrypted(p) {
		if readableInto(valuePtr) || c.at.workflowID == "" && isNil(p) {
			return p, nil
		}
		return nil, ErrNotEncrypted
	}
	if !c.accepts(purposeOf(p)) {
		return nil, fmt.Errorf("%w: %s", ErrMisplaced, purposeOf(p))
	}
	plain, _, err := c.cache.decrypt(c.ctx, c.at.workflowID, p)
	return plain, err
}

// accepts tells whether a value for the purpose may stand where it is read. A
// place that the SDK does not name takes all: nothing acts on what is read there.
func (c *dataConverter) accepts(p purpose) bool {
	switch {
	case c.failures:
		return p == ofFailure
	case c.at.workflowID == "":
		return true
	case c.at.exact:
		return p == c.at.purpose
	case p == ofWorkflow:
		return true
	default:
		// Signals are opened by the Interceptor, which knows their names.
		return c.workflow != nil && p == inputOf(workflow.GetInfo(c.workflow).WorkflowType.Name)
	}
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

// FromPayloads decrypts and converts as many values as are wanted; one that is
// missing is not taken for its zero value.
func (c *dataConverter) FromPayloads(payloads *commonpb.Payloads, valuePtrs ...any) error {
	if len(payloads.GetPayloads()) < len(valuePtrs) {
		return c.blockWorkflow(fmt.Errorf("%d of %d values: %w", len(payloads.GetPayloads()), len(valuePtrs), ErrNotEncrypted))
	}
	for i, valuePtr := range valuePtrs {
		if err := c.FromPayload(payloads.GetPayloads()[i], valuePtr); err != nil {
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
	if c.inWorkflow && (errors.Is(err, ErrKeysUnavailable) || c.at.activity && refused(err)) {
		panic(err)
	}
	return err
}
