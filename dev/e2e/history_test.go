package e2e_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/workflowservice/v1"
	sdkclient "go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/dev/caller"
	"github.com/remote-issuance/remote-issuance/dev/stack"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// The history of a full 6.0.01 is small, whatever the size of the documents, and neither it nor what the server lists carries
// anything of the person. A machine that stands still for seconds makes a workflow task time out, which costs an event: what an order
// takes by itself is the least of three.
func TestHistoryIsSmallAndCarriesNoPersonalData(t *testing.T) {
	w := newWorld(t, all.ordinary(t))
	events, octets := int64(math.MaxInt64), int64(math.MaxInt64)
	for range 3 {
		n, size := w.measuredOrder()
		events, octets = min(events, n), min(octets, size)
		if events <= maxEvents && octets <= maxOctets {
			return
		}
	}
	require.LessOrEqual(t, events, int64(maxEvents))
	require.LessOrEqual(t, octets, int64(maxOctets))
}

// The bounds of the history of a full 6.0.01.
const (
	maxEvents = 40
	maxOctets = 9 << 10
)

// maxTogether bounds the events of a confirmation of ten orders.
const maxTogether = 45

func TestHistoryOfAConfirmationOfTenIsSmall(t *testing.T) {
	w := newWorld(t, all.ordinary(t))
	var orders []order.ID
	var people []*party
	for range 10 {
		p := w.employee()
		people = append(people, p)
		orders = append(orders, w.waiting(p, w.upload(p, 1)).ID)
	}
	c := w.confirmed(orders...)
	w.paid(w.director, caller.OfConfirmation(c.ID))
	for i, p := range people {
		w.issued(p, orders[i])
	}
	_, err := w.director.AwaitConfirmation(t.Context(), c.ID, "finished")
	require.NoError(t, err)
	described, err := w.temporal().DescribeWorkflowExecution(t.Context(), confirmationWorkflow(c), "")
	require.NoError(t, err)
	info := described.GetWorkflowExecutionInfo()
	fmt.Printf("history of a confirmation of ten: %d events, %d octets\n", info.GetHistoryLength(), info.GetHistorySizeBytes())
	require.LessOrEqual(t, info.GetHistoryLength(), int64(maxTogether))
}

// confirmationWorkflow is the workflow of a confirmation, whose id says its number.
func confirmationWorkflow(c contract.Confirmation) string {
	return c.Number + "-confirmation-" + c.ID.String()
}

// measuredOrder takes an order through to its certificate, searches both histories for personal data and tells how large the order's is.
func (w *world) measuredOrder() (events, octets int64) {
	t := w.t
	t.Helper()
	p := w.employee()
	u := w.upload(p, 1)
	o := w.waiting(p, u)
	c := w.confirmed(o.ID)
	w.paid(w.director, caller.OfConfirmation(c.ID))
	w.issued(p, o.ID)
	_, err := w.director.AwaitConfirmation(t.Context(), c.ID, "finished")
	require.NoError(t, err)

	temporal := w.temporal()
	marks := marks(p, w.director, u.File)
	for _, kind := range []string{"confirmation", "order"} {
		id := confirmationWorkflow(c)
		if kind == "order" {
			id = w.workflowOf(temporal, o.Number)
		}
		// It ends with the last message delivered.
		require.NoError(t, temporal.GetWorkflow(t.Context(), id, "").Get(t.Context(), nil))
		list := w.history(temporal, id)
		described, err := temporal.DescribeWorkflowExecution(t.Context(), id, "")
		require.NoError(t, err)
		info := described.GetWorkflowExecutionInfo()
		events, octets = info.GetHistoryLength(), info.GetHistorySizeBytes()
		fmt.Printf("history of the %s: %d events, %d octets, %d state transitions\n", kind, events, octets, info.GetStateTransitionCount())
		require.Len(t, list, int(events))
		requireUnmarked(t, kind, marks, &history.History{Events: list}, described)
		require.NotEmpty(t, described.GetExecutionConfig().GetUserMetadata().GetSummary().GetData(), "a summary for operators")
	}
	return events, octets
}

// temporal reads and writes what the server holds with the worker's token, but without any key.
func (w *world) temporal() sdkclient.Client {
	w.t.Helper()
	o, err := w.stack.TemporalOptions(stack.TemporalWorker)
	require.NoError(w.t, err)
	o.Logger = sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler))
	c, err := sdkclient.Dial(o)
	require.NoError(w.t, err)
	w.t.Cleanup(c.Close)
	return c
}

// workflowOf is the workflow of an order; the list of workflows lags a little behind.
func (w *world) workflowOf(c sdkclient.Client, number string) string {
	w.t.Helper()
	query := fmt.Sprintf("%s = '%s' AND WorkflowType = '%s'", workflows.AttributeNumber.GetName(), number, workflows.OrderWorkflow)
	var id string
	require.Eventually(w.t, func() bool {
		found, err := c.ListWorkflow(w.t.Context(), &workflowservice.ListWorkflowExecutionsRequest{Namespace: stack.Namespace, Query: query})
		if err != nil || len(found.GetExecutions()) == 0 {
			return false
		}
		id = found.GetExecutions()[0].GetExecution().GetWorkflowId()
		return true
	}, 20*time.Second, 20*time.Millisecond)
	return id
}

func (w *world) history(c sdkclient.Client, workflowID string) []*history.HistoryEvent {
	w.t.Helper()
	var events []*history.HistoryEvent
	iterator := c.GetWorkflowHistory(w.t.Context(), workflowID, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for iterator.HasNext() {
		event, err := iterator.Next()
		require.NoError(w.t, err)
		events = append(events, event)
	}
	return events
}

// marks are values that must not be found, by what they are.
func marks(p, director *party, file []byte) map[string][]byte {
	m := map[string][]byte{"request file": file, "middle of the request file": file[len(file)/3 : len(file)/2]}
	for _, x := range []*party{p, director} {
		s := x.Subject
		for field, value := range map[string]string{
			"surname": s.Surname, "given name": s.GivenName, "patronymic": s.Patronymic, "personal number": s.PersonalNumber,
			"e-mail": s.Email, "phone": x.Phone, "phone without plus": x.Phone[1:], "organisation": s.Organisation,
		} {
			m[x.ID+" "+field] = []byte(value)
		}
		m[x.ID+" certificate"] = x.Certificate.Raw
	}
	return m
}

// requireUnmarked looks for each mark as it is, in hexadecimal and in base64 at each of its three alignments, in the messages as they
// come over the wire and in the JSON that people copy.
func requireUnmarked(t *testing.T, kind string, marks map[string][]byte, messages ...proto.Message) {
	t.Helper()
	for _, message := range messages {
		wire, err := proto.Marshal(message)
		require.NoError(t, err)
		text, err := protojson.Marshal(message)
		require.NoError(t, err)
		for name, mark := range marks {
			for encoding, form := range forms(mark) {
				require.Falsef(t, bytes.Contains(wire, form) || bytes.Contains(text, form), "%s in %s, %s", name, encoding, kind)
			}
		}
	}
}

func forms(mark []byte) map[string][]byte {
	list := map[string][]byte{"plain": mark, "hexadecimal": []byte(hex.EncodeToString(mark)),
		"upper-case hexadecimal": bytes.ToUpper([]byte(hex.EncodeToString(mark)))}
	for skip := range 3 {
		if len(mark) < skip+6 {
			continue
		}
		// A mark inside of a longer text starts at any of three places of a group; whole groups in between look the same.
		inner := mark[skip:]
		inner = inner[:len(inner)/3*3]
		list[fmt.Sprintf("base64 from octet %d", skip)] = []byte(base64.StdEncoding.EncodeToString(inner))
		list[fmt.Sprintf("base64url from octet %d", skip)] = []byte(base64.RawURLEncoding.EncodeToString(inner))
	}
	return list
}

// The search itself finds what is there.
func TestMarksAreFoundInEveryEncoding(t *testing.T) {
	mark := []byte("4010190A002PB9")
	for _, before := range []string{"", "x", "xy"} {
		text := []byte(base64.StdEncoding.EncodeToString([]byte(before + string(mark) + "tail")))
		found := false
		for _, form := range forms(mark) {
			found = found || bytes.Contains(text, form)
		}
		require.True(t, found, "after %d octets", len(before))
	}
}
