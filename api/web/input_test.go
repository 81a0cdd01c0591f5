package web

import (
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
		var p *Problem
		require.ErrorAs(t, Decode([]byte(raw), new(body)), &p, raw)
		require.Equal(t, ProblemValidation, p.Slug, raw)
		require.Equal(t, []string{want}, p.Fields, raw)
	}
	for _, raw := range []string{`{"a\u0000":1}`, `"\u0000"`, `{"reason":1`, `{}{}`, strings.Repeat("[", 9999)} {
		var p *Problem
		require.ErrorAs(t, Decode([]byte(raw), new(body)), &p, raw)
		require.Equal(t, ProblemMalformed, p.Slug, raw)
	}
	var in body
	require.NoError(t, Decode([]byte(`{"reason":"нет,\nне наш"}`), &in))
	require.Equal(t, "нет,\nне наш", in.Reason)
	require.NoError(t, Decode(nil, &in))
}
