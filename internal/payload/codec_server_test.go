package payload_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/remote-issuance/remote-issuance/internal/payload"
)

const origin = "https://temporal.example.by"

type codecBench struct {
	store    *memoryStore
	cache    *payload.Cache
	handler  http.Handler
	readings []payload.Reading
	// authority and audit are what the two callbacks answer.
	authority, audit error
}

func codec(t *testing.T) *codecBench {
	t.Helper()
	b := &codecBench{store: newStore()}
	b.cache = newCache(t, b.store)
	handler, err := payload.NewCodecHandler(payload.CodecOptions{
		Cache: b.cache, Origin: origin,
		Authorize: func(r *http.Request) (string, error) {
			if b.authority == nil && r.Header.Get("Authorization") == "" {
				return "", errors.New("no token")
			}
			return "operator-7", b.authority
		},
		Audit: func(_ context.Context, r payload.Reading) error {
			b.readings = append(b.readings, r)
			return b.audit
		},
	})
	require.NoError(t, err)
	b.handler = handler
	return b
}

func (b *codecBench) ask(method, path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Origin", origin)
	r.Header.Set("Authorization", "Bearer x")
	r.Header.Set("X-Namespace", "remote-issuance")
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	return w
}

func (b *codecBench) decode(t *testing.T, list ...*commonpb.Payload) *httptest.ResponseRecorder {
	t.Helper()
	body, err := protojson.Marshal(&commonpb.Payloads{Payloads: list})
	require.NoError(t, err)
	return b.ask(http.MethodPost, "/codec/decode", string(body))
}

func shownBy(t *testing.T, w *httptest.ResponseRecorder) []*commonpb.Payload {
	t.Helper()
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	var out commonpb.Payloads
	require.NoError(t, protojson.Unmarshal(w.Body.Bytes(), &out))
	return out.Payloads
}

func TestAnOperatorReadsAndIsRecorded(t *testing.T) {
	b := codec(t)
	first, err := of(b.cache, "order-1").ToPayload(person{Name: marker})
	require.NoError(t, err)
	second, err := of(b.cache, "order-2").ToPayload(person{Name: marker})
	require.NoError(t, err)
	plain, err := converter.GetDefaultDataConverter().ToPayload("summary")
	require.NoError(t, err)

	w := b.decode(t, first, plain, second, first)
	list := shownBy(t, w)
	require.Len(t, list, 4)
	require.JSONEq(t, `{"Name":"`+marker+`","Phone":null}`, string(list[0].Data))
	require.JSONEq(t, `"summary"`, string(list[1].Data))
	require.Equal(t, origin, w.Header().Get("Access-Control-Allow-Origin"))
	require.Equal(t, "no-store", w.Header().Get("Cache-Control"))

	require.Len(t, b.readings, 1)
	require.Equal(t, "operator-7", b.readings[0].Operator)
	require.Equal(t, "remote-issuance", b.readings[0].Namespace)
	items := b.readings[0].Items
	require.Len(t, items, 2)
	require.Equal(t, []any{"order-1", 2, 2}, []any{items[0].WorkflowID, items[0].Payloads, items[0].Shown})
	require.Equal(t, []any{"order-2", 1, 1}, []any{items[1].WorkflowID, items[1].Payloads, items[1].Shown})
}

func TestReadableContentNeedsNoRecord(t *testing.T) {
	b := codec(t)
	plain, err := converter.GetDefaultDataConverter().ToPayload("summary")
	require.NoError(t, err)
	require.Len(t, shownBy(t, b.decode(t, plain)), 1)
	require.Empty(t, b.readings)
}

func TestErasedAndDamagedContentHasAPlaceholder(t *testing.T) {
	b := codec(t)
	erased, err := of(b.cache, "order-1").ToPayload(person{Name: marker})
	require.NoError(t, err)
	damaged, err := of(b.cache, "order-2").ToPayload(person{Name: marker})
	require.NoError(t, err)
	b.store.erase("order-1")
	b.cache.Forget("order-1")
	damaged.Data[20] ^= 1
	list := shownBy(t, b.decode(t, erased, damaged, &commonpb.Payload{
		Metadata: map[string][]byte{"encoding": []byte(payload.Encoding)},
	}))
	require.Contains(t, string(list[0].Data), "erased")
	require.Contains(t, string(list[0].Data), "удалено")
	require.Contains(t, string(list[0].Data), "выдалена")
	require.Contains(t, string(list[1].Data), "cannot be read")
	require.Contains(t, string(list[2].Data), "cannot be read")
	for _, item := range b.readings[0].Items {
		require.Zero(t, item.Shown)
	}
}

func TestNothingIsShown(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(*codecBench)
		status  int
	}{
		"not an operator": {func(b *codecBench) { b.authority = fmt.Errorf("x: %w", payload.ErrForbidden) }, http.StatusForbidden},
		"not signed in":   {func(b *codecBench) { b.authority = errors.New("expired") }, http.StatusUnauthorized},
		"issuer down":     {func(b *codecBench) { b.authority = payload.ErrAuthorityUnavailable }, http.StatusServiceUnavailable},
		"audit fails":     {func(b *codecBench) { b.audit = errors.New("disk full") }, http.StatusServiceUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			b := codec(t)
			p, err := of(b.cache, "order-1").ToPayload(person{Name: marker})
			require.NoError(t, err)
			c.prepare(b)
			w := b.decode(t, p)
			require.Equal(t, c.status, w.Code)
			require.NotContains(t, w.Body.String(), marker)
			var doc struct{ Status int }
			require.NoError(t, json.Unmarshal(w.Body.Bytes(), &doc))
			require.Equal(t, c.status, doc.Status)
			require.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
		})
	}
}

func TestNothingIsShownWhileTheKeysAreUnavailable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := codec(t)
		p, err := of(newCache(t, b.store), "order-1").ToPayload(person{Name: marker})
		require.NoError(t, err)
		b.store.fail(1000)
		w := b.decode(t, p)
		require.Equal(t, http.StatusServiceUnavailable, w.Code)
		require.NotContains(t, w.Body.String(), errStoreDown.Error())
		require.Empty(t, b.readings)
	})
}

func TestWhatTheCodecRefuses(t *testing.T) {
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{http.MethodPost, "/codec/encode", "{}", http.StatusForbidden},
		{http.MethodPost, "/codec/other", "{}", http.StatusNotFound},
		{http.MethodGet, "/codec/decode", "", http.StatusMethodNotAllowed},
		{http.MethodPost, "/codec/decode", "[", http.StatusBadRequest},
		{http.MethodPost, "/codec/decode", strings.Repeat(" ", 8<<20) + "{}", http.StatusRequestEntityTooLarge},
	} {
		w := codec(t).ask(c.method, c.path, c.body)
		require.Equal(t, c.status, w.Code, "%s %s", c.method, c.path)
	}
}

func TestOnlyTheUIsOriginIsAllowed(t *testing.T) {
	b := codec(t)
	w := b.ask(http.MethodOptions, "/codec/decode", "")
	require.Equal(t, http.StatusNoContent, w.Code)
	require.Contains(t, w.Header().Get("Access-Control-Allow-Headers"), "Authorization")

	r := httptest.NewRequest(http.MethodOptions, "/codec/decode", nil)
	r.Header.Set("Origin", "https://elsewhere.example")
	w = httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	require.Empty(t, w.Header().Get("Access-Control-Allow-Origin"))
}

func TestNewCodecHandlerRefuses(t *testing.T) {
	whole := payload.CodecOptions{
		Cache: newCache(t, newStore()), Origin: origin,
		Authorize: func(*http.Request) (string, error) { return "x", nil },
		Audit:     func(context.Context, payload.Reading) error { return nil },
	}
	for _, spoil := range []func(*payload.CodecOptions){
		func(o *payload.CodecOptions) { o.Cache = nil },
		func(o *payload.CodecOptions) { o.Authorize = nil },
		func(o *payload.CodecOptions) { o.Audit = nil },
		func(o *payload.CodecOptions) { o.Origin = "" },
		func(o *payload.CodecOptions) { o.Origin = "*" },
		func(o *payload.CodecOptions) { o.Origin += "/" },
	} {
		o := whole
		spoil(&o)
		_, err := payload.NewCodecHandler(o)
		require.Error(t, err)
	}
}

func FuzzCodecDecode(f *testing.F) {
	handler, err := payload.NewCodecHandler(payload.CodecOptions{
		Cache: newCache(f, newStore()), Origin: origin,
		Authorize: func(*http.Request) (string, error) { return "x", nil },
		Audit:     func(context.Context, payload.Reading) error { return nil },
	})
	require.NoError(f, err)
	f.Add(`{"payloads":[{"metadata":{"encoding":"YmluYXJ5L2VuY3J5cHRlZA=="},"data":"AAAA"}]}`)
	f.Add(`{"payloads":[null]}`)
	f.Fuzz(func(t *testing.T, body string) {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/decode", strings.NewReader(body)))
		require.Contains(t, []int{http.StatusOK, http.StatusBadRequest}, w.Code)
	})
}
