package payload_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/sdk/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/proto"

	"github.com/remote-issuance/remote-issuance/internal/payload"
	"github.com/remote-issuance/remote-issuance/internal/payload/keyring"
)

const marker = "Marker-Value-Of-A-Person"

type person struct {
	Name  string
	Phone *string
}

func newCache(t testing.TB, store keyring.Store) *payload.Cache {
	t.Helper()
	cache, err := payload.NewCache(store, 100)
	require.NoError(t, err)
	return cache
}

// of is the converter the SDK tailors to a workflow id.
func of(cache *payload.Cache, workflowID string) converter.DataConverter {
	return converter.WithDataConverterSerializationContext(payload.NewDataConverter(cache),
		converter.WorkflowSerializationContext{Namespace: "test", WorkflowID: workflowID})
}

func keyIDOf(p *commonpb.Payload) string {
	id, _ := uuid.FromBytes(p.GetMetadata()[payload.MetadataKeyID])
	return id.String()
}

func TestValuesAreEncryptedAndComeBack(t *testing.T) {
	dc := of(newCache(t, newStore()), "order-1")
	text := marker
	for name, value := range map[string]any{
		"struct": person{Name: marker, Phone: &text}, "pointer": &person{Name: marker}, "bytes": []byte(marker),
		"slice": []string{marker}, "map": map[string]string{marker: marker}, "proto": &commonpb.WorkflowType{Name: marker},
		"string pointer": &text, "named string": namedString(marker), "number": 4711, "bool": true,
	} {
		t.Run(name, func(t *testing.T) {
			p, err := dc.ToPayload(value)
			require.NoError(t, err)
			require.Equal(t, payload.Encoding, string(p.Metadata["encoding"]))
			raw, err := proto.Marshal(p)
			require.NoError(t, err)
			require.NotContains(t, string(raw), marker)
			require.NotContains(t, string(raw), "json")
			require.Equal(t, "[encrypted]", dc.ToString(p))

			var back converter.RawValue
			require.NoError(t, dc.FromPayload(p, &back))
			plain, err := converter.GetDefaultDataConverter().ToPayload(value)
			require.NoError(t, err)
			require.True(t, proto.Equal(plain, back.Payload()))
		})
	}
}

type namedString string

func TestReadableValuesStayReadable(t *testing.T) {
	store := newStore()
	dc := of(newCache(t, store), "order-1")
	details, err := converter.GetDefaultDataConverter().ToPayload(&sdk.WorkflowMetadata{CurrentDetails: "waits for the manager"})
	require.NoError(t, err)
	for name, value := range map[string]any{
		"summary":         "waits for the manager",
		"metadata answer": converter.NewRawValue(details),
	} {
		t.Run(name, func(t *testing.T) {
			p, err := dc.ToPayload(value)
			require.NoError(t, err)
			plain, err := converter.GetDefaultDataConverter().ToPayload(value)
			require.NoError(t, err)
			require.True(t, proto.Equal(plain, p))
		})
	}
	require.Zero(t, store.asked(), "readable values need no key")
}

func TestRawValuesAreEncryptedOnce(t *testing.T) {
	dc := of(newCache(t, newStore()), "order-1")
	plain, err := converter.GetDefaultDataConverter().ToPayload(marker)
	require.NoError(t, err)
	p, err := dc.ToPayload(converter.NewRawValue(plain))
	require.NoError(t, err)
	require.NotContains(t, string(p.Data), marker)
	again, err := dc.ToPayload(converter.NewRawValue(p))
	require.NoError(t, err)
	require.True(t, proto.Equal(p, again))
}

func TestListsKeepTheirOrderAndLength(t *testing.T) {
	dc := of(newCache(t, newStore()), "order-1")
	none, err := dc.ToPayloads()
	require.NoError(t, err)
	require.Nil(t, none)
	list, err := dc.ToPayloads(person{Name: "a"}, "readable", person{Name: "b"})
	require.NoError(t, err)
	var first, third person
	var second string
	require.NoError(t, dc.FromPayloads(list, &first, &second, &third))
	require.Equal(t, []string{"a", "readable", "b"}, []string{first.Name, second, third.Name})
	require.NoError(t, dc.FromPayloads(list, &first), "fewer targets than values")
	require.Equal(t, []string{"[encrypted]", `"readable"`, "[encrypted]"}, dc.ToStrings(list))
	_, err = dc.ToPayloads(make(chan int))
	require.Error(t, err)
}

func TestEachWorkflowHasItsOwnKey(t *testing.T) {
	cache := newCache(t, newStore())
	first, err := of(cache, "order-1").ToPayload(person{Name: marker})
	require.NoError(t, err)
	second, err := of(cache, "order-2").ToPayload(person{Name: marker})
	require.NoError(t, err)
	require.NotEqual(t, keyIDOf(first), keyIDOf(second))

	activity := converter.WithDataConverterSerializationContext(payload.NewDataConverter(cache),
		converter.ActivitySerializationContext{WorkflowID: "order-1", ActivityType: "VerifyRequest"})
	result, err := activity.ToPayload(person{Name: marker})
	require.NoError(t, err)
	require.Equal(t, keyIDOf(first), keyIDOf(result))
}

func TestWithoutWorkflowNothingIsEncryptedButAllIsRead(t *testing.T) {
	cache := newCache(t, newStore())
	bare := payload.NewDataConverter(cache)
	_, err := bare.ToPayload(person{Name: marker})
	require.ErrorIs(t, err, payload.ErrNoWorkflow)
	p, err := of(cache, "order-1").ToPayload(person{Name: marker})
	require.NoError(t, err)
	var back person
	require.NoError(t, bare.FromPayload(p, &back))
	require.Equal(t, marker, back.Name)
}

func TestChangedPayloadsDoNotOpen(t *testing.T) {
	cache := newCache(t, newStore())
	dc := of(cache, "order-1")
	p, err := dc.ToPayload(person{Name: marker})
	require.NoError(t, err)
	other, err := of(cache, "order-2").ToPayload(person{Name: "other"})
	require.NoError(t, err)
	for name, change := range map[string]func(*commonpb.Payload){
		"data":        func(p *commonpb.Payload) { p.Data[len(p.Data)/2] ^= 1 },
		"cut":         func(p *commonpb.Payload) { p.Data = p.Data[:10] },
		"empty":       func(p *commonpb.Payload) { p.Data = nil },
		"no key id":   func(p *commonpb.Payload) { delete(p.Metadata, payload.MetadataKeyID) },
		"other's key": func(p *commonpb.Payload) { p.Metadata[payload.MetadataKeyID] = other.Metadata[payload.MetadataKeyID] },
		"key id as text": func(p *commonpb.Payload) {
			p.Metadata[payload.MetadataKeyID] = []byte(keyIDOf(p))
		},
	} {
		t.Run(name, func(t *testing.T) {
			changed := proto.Clone(p).(*commonpb.Payload)
			change(changed)
			var back person
			err := dc.FromPayload(changed, &back)
			if name == "other's key" {
				require.ErrorIs(t, err, payload.ErrForeignKey)
			} else {
				require.ErrorIs(t, err, payload.ErrTampered)
			}
			require.Empty(t, back.Name)
		})
	}
}

func FuzzFromPayload(f *testing.F) {
	cache := newCache(f, newStore())
	dc := of(cache, "order-1")
	p, err := dc.ToPayload(person{Name: marker})
	require.NoError(f, err)
	f.Add([]byte(payload.Encoding), p.Metadata[payload.MetadataKeyID], p.Data)
	f.Add([]byte("json/plain"), []byte{}, []byte(`{"Name":"x"}`))
	f.Fuzz(func(t *testing.T, encoding, keyID, data []byte) {
		var back person
		err := dc.FromPayload(&commonpb.Payload{
			Metadata: map[string][]byte{"encoding": encoding, payload.MetadataKeyID: keyID}, Data: data,
		}, &back)
		if err != nil {
			return
		}
		require.Equal(t, marker, back.Name, "opened what nobody encrypted")
	})
}
