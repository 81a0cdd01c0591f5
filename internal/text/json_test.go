package text_test

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/text"
)

var body = text.Fields{"reason": {Lines: true, Max: 10}, "phone": {Pasted: true}}

func TestJSONNamesTheFieldAndTheReason(t *testing.T) {
	type refusal struct {
		field  string
		reason text.Reason
		at     int
	}
	for raw, want := range map[string]refusal{
		`{"reason":"не наш сотрудник\u0000"}`:             {"reason", text.ReasonNUL, 17},
		`{"reason":"\ud800"}`:                             {"reason", text.ReasonEncoding, 1},
		`{"reason":"a\ud800b"}`:                           {"reason", text.ReasonEncoding, 2},
		`{"reason":"\ud800\u0041"}`:                       {"reason", text.ReasonEncoding, 1},
		`{"reason":"\ud800\n"}`:                           {"reason", text.ReasonEncoding, 1},
		`{"reason":"\udc00\ud800"}`:                       {"reason", text.ReasonEncoding, 1},
		"{\"reason\":\"\xff\"}":                           {"reason", text.ReasonEncoding, 1},
		`{"reason":"\u202eabc"}`:                          {"reason", text.ReasonBidi, 1},
		`{"note":"a\nb"}`:                                 {"note", text.ReasonControl, 2},
		`{"reason":"12345678901"}`:                        {"reason", text.ReasonLength, 0},
		`{"REASON":"12345678901"}`:                        {"REASON", text.ReasonLength, 0},
		`{"orders":["a","b",{"id":"\u0000"}]}`:            {"orders/2/id", text.ReasonNUL, 1},
		`{"phone":["\u202a1","\u0000"]}`:                  {"phone/1", text.ReasonNUL, 1},
		`{"a":1,"a":1}`:                                   {"a", text.ReasonRepeated, 0},
		`{"a":1,"A":1}`:                                   {"A", text.ReasonRepeated, 0},
		`{"k":1,"\u212a":1}`:                              {"\u212a", text.ReasonRepeated, 0},
		`{"a":1,"\u0061":1}`:                              {"a", text.ReasonRepeated, 0},
		`{"x":{"b":[],"b":[]}}`:                           {"x/b", text.ReasonRepeated, 0},
		`{"\u0000":1}`:                                    {"", text.ReasonNUL, 1},
		`{"a/b":{"c~d":"\u0000"}}`:                        {"a~1b/c~0d", text.ReasonNUL, 1},
		`"\ufffe"`:                                        {"", text.ReasonUnassigned, 1},
		`{"a":1} {}`:                                      {"", text.ReasonSyntax, 0},
		`{"a":}`:                                          {"", text.ReasonSyntax, 0},
		strings.Repeat("[", 99999):                        {"", text.ReasonSyntax, 0},
		strings.Repeat("[", 80) + strings.Repeat("]", 80): {"", text.ReasonSyntax, 0},
	} {
		var refused *text.Error
		require.ErrorAs(t, body.JSON([]byte(raw)), &refused, raw)
		require.Equal(t, want, refusal{refused.Field, refused.Reason, refused.At}, raw)
	}
	for _, raw := range []string{
		"", " \n", "null", "1e400", `{}`, `[]`, ` { "a" : [ 1 , true , null , -0.5e+1 ] , "b" : { } } `, `{"reason":"a\r\nb\t"}`,
		`{"phone":"\u202a+375 29 123-45-67\u202c"}`, `{"a":"\ud83d\ude42🙂"}`, `{"a":"\"\\\/é"}`, `{"a":{"x":1},"b":{"x":1}}`, `{"email":"\ufeffa@b.by"}`,
	} {
		require.NoError(t, body.JSON([]byte(raw)), raw)
	}
}

func TestNamesThatOthersChooseAreCut(t *testing.T) {
	name := strings.Repeat("я", 64<<10)
	var refused *text.Error
	require.ErrorAs(t, body.JSON([]byte(`{"`+name+`":"\u0000"}`)), &refused)
	require.Less(t, len(refused.Error()), 300)
}

// A value passes exactly when each of its strings passes: nothing is lost between
// the raw text and the decoded value.
func TestJSONJudgesAsTheDecodedValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := map[string]any{}
		for i, s := range rapid.SliceOfN(anyText(), 0, 4).Draw(t, "strings") {
			if !utf8.ValidString(s) {
				continue
			}
			value["f"+strconv.Itoa(i)] = []any{s, map[string]any{"in": s}}
		}
		raw, err := json.Marshal(value)
		require.NoError(t, err)
		want := text.Fields{}.In(value)
		got := text.Fields{}.JSON(raw)
		require.Equal(t, want == nil, got == nil, "%s", raw)
	})
}

func FuzzJSON(f *testing.F) {
	for _, seed := range []string{
		`{"reason":"\ud800"}`, `{"a":[1,{"b":"\u0000"}],"A":2}`, `"\\ud800"`, `[[[["x"]]]]`, "{\"a\":\"\xed\xa0\x80\"}", ``, ` 12 `, `{"":""}`, `"\ud83d\ude42"`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		err := body.JSON(raw)
		if err != nil {
			require.ErrorAs(t, err, new(*text.Error))
			return
		}
		if len(bytes.TrimSpace(raw)) == 0 {
			return
		}
		var value any
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		require.NoError(t, d.Decode(&value))
		require.NoError(t, body.In(value), "the decoded value has nothing that the raw text had not")
	})
}
