package payload

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/proto"
)

// RefusedMessages counts the messages to workflows that had no effect because
// they were not ours.
const RefusedMessages = "issuance_refused_messages"

// NewInterceptor is the interceptor for client options; workers take it from
// their client. On the way out it binds each message to its name. On the way
// in it drops signals that are not encrypted for their name under their
// workflow's own key: they leave a line in the log and a count, and the
// workflow goes on. Updates need not carry a value, so they bring a header that
// is encrypted in the same way, and are rejected without it. Queries are
// refused whole: no workflow has any.
func NewInterceptor(cache *Cache) interceptor.Interceptor { return &guard{cache: cache} }

type guard struct {
	interceptor.InterceptorBase
	cache *Cache
}

// InterceptClient binds what is sent.
func (g *guard) InterceptClient(next interceptor.ClientOutboundInterceptor) interceptor.ClientOutboundInterceptor {
	out := &binding{cache: g.cache}
	out.Next = next
	return out
}

// InterceptWorkflow checks what arrives.
func (g *guard) InterceptWorkflow(_ workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	in := &checking{cache: g.cache}
	in.Next = next
	return in
}

type binding struct {
	interceptor.ClientOutboundInterceptorBase
	cache *Cache
}

// headerSender is the header that proves that an update comes from who has the keys.
const headerSender = "issuance-sender"

// ExecuteWorkflow binds the input to the workflow's type.
func (b *binding) ExecuteWorkflow(ctx context.Context, in *interceptor.ClientExecuteWorkflowInput) (client.WorkflowRun, error) {
	return b.Next.ExecuteWorkflow(withPurpose(ctx, inputOf(in.WorkflowType)), in)
}

// SignalWorkflow binds the argument to the signal's name.
func (b *binding) SignalWorkflow(ctx context.Context, in *interceptor.ClientSignalWorkflowInput) error {
	return b.Next.SignalWorkflow(withPurpose(ctx, signalOf(in.SignalName)), in)
}

// SignalWithStartWorkflow is refused: the SDK encrypts both values at once.
func (b *binding) SignalWithStartWorkflow(
	context.Context, *interceptor.ClientSignalWithStartWorkflowInput,
) (client.WorkflowRun, error) {
	return nil, errors.New("start the workflow first, then signal it: together their values cannot be bound to their names")
}

// UpdateWorkflow adds the header that is bound to the update's name.
func (b *binding) UpdateWorkflow(ctx context.Context, in *interceptor.ClientUpdateWorkflowInput) (client.WorkflowUpdateHandle, error) {
	at := newConverter(b.cache)
	at.at, at.ctx = place{workflowID: in.WorkflowID, purpose: updateOf(in.UpdateName), exact: true}, ctx
	proof, err := at.ToPayload(nil)
	if err != nil {
		return nil, err
	}
	interceptor.Header(ctx)[headerSender] = proof
	return b.Next.UpdateWorkflow(ctx, in)
}

// UpdateWithStartWorkflow is refused: nobody starts a workflow to update it.
func (b *binding) UpdateWithStartWorkflow(
	context.Context, *interceptor.ClientUpdateWithStartWorkflowInput,
) (client.WorkflowUpdateHandle, error) {
	return nil, errors.New("start the workflow first, then update it: together their values cannot be bound to their names")
}

type checking struct {
	interceptor.WorkflowInboundInterceptorBase
	cache *Cache
}

// HandleSignal hands on what opens under the signal's name, and drops the rest.
// Its error, of a key store that does not answer, has the task repeated.
func (c *checking) HandleSignal(ctx workflow.Context, in *interceptor.HandleSignalInput) error {
	opened, err := c.cache.openSignal(workflow.GetInfo(ctx).WorkflowExecution.ID, in.SignalName, in.Arg)
	if errors.Is(err, ErrKeysUnavailable) {
		return err
	}
	if err != nil {
		workflow.GetLogger(ctx).Warn("signal dropped: it was not sent by this installation", "signal", in.SignalName, "error", err)
		workflow.GetMetricsHandler(ctx).Counter(RefusedMessages).Inc(1)
		return nil
	}
	return c.Next.HandleSignal(ctx, &interceptor.HandleSignalInput{SignalName: in.SignalName, Arg: opened})
}

// Init binds what the workflow itself sends.
func (c *checking) Init(next interceptor.WorkflowOutboundInterceptor) error {
	out := &workflowBinding{}
	out.Next = next
	return c.Next.Init(out)
}

type workflowBinding struct {
	interceptor.WorkflowOutboundInterceptorBase
}

// SignalExternalWorkflow binds the argument to the signal's name.
func (b *workflowBinding) SignalExternalWorkflow(ctx workflow.Context, workflowID, runID, name string, arg any) workflow.Future {
	return b.Next.SignalExternalWorkflow(workflow.WithValue(ctx, purposeKey{}, signalOf(name)), workflowID, runID, name, arg)
}

// ValidateUpdate rejects what was not sent by this installation.
func (c *checking) ValidateUpdate(ctx workflow.Context, in *interceptor.UpdateInput) error {
	at := newConverter(c.cache)
	at.at = place{workflowID: workflow.GetInfo(ctx).WorkflowExecution.ID, purpose: updateOf(in.Name), exact: true}
	header := interceptor.WorkflowHeader(ctx)[headerSender]
	reader := workflow.DataConverterWithoutDeadlockDetection(at).(workflow.ContextAware).WithWorkflowContext(ctx)
	if err := reader.FromPayload(header, new(struct{})); err != nil {
		workflow.GetLogger(ctx).Warn("update rejected: it was not sent by this installation", "update", in.Name, "error", err)
		workflow.GetMetricsHandler(ctx).Counter(RefusedMessages).Inc(1)
		return fmt.Errorf("update %q: %w", in.Name, err)
	}
	return c.Next.ValidateUpdate(ctx, in)
}

// HandleQuery refuses every query besides the SDK's own, which do not come here.
func (c *checking) HandleQuery(_ workflow.Context, in *interceptor.HandleQueryInput) (any, error) {
	return nil, fmt.Errorf("query %q refused: workflows answer no queries", in.QueryType)
}

// openSignal decrypts a signal's values. Errors: as NewDataConverter's.
func (c *Cache) openSignal(workflowID, name string, arg *commonpb.Payloads) (*commonpb.Payloads, error) {
	if len(arg.GetPayloads()) == 0 {
		return nil, fmt.Errorf("no value: %w", ErrNotEncrypted)
	}
	out := &commonpb.Payloads{}
	for _, p := range arg.GetPayloads() {
		if !encrypted(p) {
			return nil, ErrNotEncrypted
		}
		if got := purposeOf(p); got != signalOf(name) {
			return nil, fmt.Errorf("%w: %s", ErrMisplaced, got)
		}
		plain, _, err := c.decrypt(context.Background(), workflowID, p)
		if err != nil {
			return nil, err
		}
		out.Payloads = append(out.Payloads, c.seen.mark(plain))
	}
	return out, nil
}

// seen marks payloads that were opened already, on their way from the
// Interceptor to the workflow's channel. The mark is a secret of the process
// and stands on nothing that leaves it.
type seen [16]byte

const metadataSeen = "seen"

func newSeen() seen {
	var s seen
	// It never fails: the program ends when the system has no randomness.
	_, _ = rand.Read(s[:])
	return s
}

func (s *seen) mark(p *commonpb.Payload) *commonpb.Payload {
	p.Metadata[metadataSeen] = s[:]
	return p
}

func (s *seen) plain(p *commonpb.Payload) (*commonpb.Payload, bool) {
	if subtle.ConstantTimeCompare(p.GetMetadata()[metadataSeen], s[:]) != 1 {
		return nil, false
	}
	plain := proto.CloneOf(p)
	delete(plain.Metadata, metadataSeen)
	return plain, true
}
