package api

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStringsThatCannotBeStoredAreRefusedWithTheirField(t *testing.T) {
	t.Parallel()
	type body struct {
		Reason string   `json:"reason"`
		Number string   `json:"number"`
		Orders []string `json:"orders"`
	}
	for raw, want := range map[string]string{
		`{"reason":"не наш сотрудник\u0000"}`: "reason", `{"number":"\ud800"}`: "number", `{"orders":["a","\u202e"]}`: "orders/1",
		`{"number":"a\nb"}`: "number", `{"number":"1","number":"2"}`: "number", `{"number":"1","Number":"2"}`: "Number",
	} {
		var p *problem
		require.True(t, errors.As(decode(strings.NewReader(raw), new(body)), &p), raw)
		require.Equal(t, problemValidation, p.slug, raw)
		require.Equal(t, []string{want}, p.fields, raw)
	}
	for _, raw := range []string{`{"a\u0000":1}`, `"\u0000"`, `{"reason":1`, `{}{}`, strings.Repeat("[", 9999)} {
		var p *problem
		require.True(t, errors.As(decode(strings.NewReader(raw), new(body)), &p), raw)
		require.Equal(t, problemMalformed, p.slug, raw)
	}
	var in body
	require.NoError(t, decode(strings.NewReader(`{"reason":"нет,\nне наш"}`), &in))
	require.Equal(t, "нет,\nне наш", in.Reason)
	require.NoError(t, decode(strings.NewReader(""), &in))
}
