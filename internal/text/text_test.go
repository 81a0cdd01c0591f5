package text_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/text"
)

// hostile are strings of each kind that the gate knows, with why they are refused.
var hostile = map[string]text.Reason{
	"a\x00b": text.ReasonNUL, "\x00": text.ReasonNUL, "a\x07": text.ReasonControl, "\x7f": text.ReasonControl, "a\u0081": text.ReasonControl,
	"a\nb": text.ReasonControl, "a\tb": text.ReasonControl, "a\u2028b": text.ReasonControl, "a\u0085": text.ReasonControl,
	"a\xff": text.ReasonEncoding, "\xc0\x80": text.ReasonEncoding, "\xed\xa0\x80": text.ReasonEncoding, "\xf4\x90\x80\x80": text.ReasonEncoding,
	"\u202eabc": text.ReasonBidi, "a\u2066b\u2069": text.ReasonBidi, "\U000e0041": text.ReasonHidden, "\ufff9": text.ReasonHidden,
	"\u206a": text.ReasonHidden, "\ufffe": text.ReasonUnassigned, "\ufdd0": text.ReasonUnassigned, "\U0010ffff": text.ReasonUnassigned,
	"\ue000": text.ReasonUnassigned, "\U000f0000": text.ReasonUnassigned,
}

// good are strings that pass as they are.
var good = []string{
	"", "Вера Образцова", "ООО «Ромашка» № 1", "Ўладзіслаў", "e\u0301", "a\u200bb", "\ufeffa", "a\u200eb", "a\u00a0b", "🙂", "\ufffd", "<b>&amp;", "it's; --",
}

func reasonOf(t testing.TB, err error) text.Reason {
	t.Helper()
	var refused *text.Error
	require.ErrorAs(t, err, &refused)
	return refused.Reason
}

func TestRefusalsOfEachKind(t *testing.T) {
	for s, reason := range hostile {
		require.Equal(t, reason, reasonOf(t, text.Refuse(s)), "%q", s)
		require.NotContains(t, text.Refuse(s).Error(), "abc")
	}
	for _, s := range good {
		require.NoError(t, text.Refuse(s), "%q", s)
	}
}

func TestFormsAllowWhatTheirFieldsNeed(t *testing.T) {
	note, pasted := text.Form{Lines: true, Max: 5}, text.Form{Pasted: true}
	require.NoError(t, note.Refuse("а\r\n\tб"))
	require.Equal(t, text.ReasonLength, reasonOf(t, note.Refuse("абвгде")), "characters are counted, not octets")
	require.Equal(t, text.ReasonNUL, reasonOf(t, note.Refuse("a\x00")))
	require.NoError(t, pasted.Refuse("\u202a+375 29 123-45-67\u202c"))
	require.Equal(t, text.ReasonControl, reasonOf(t, pasted.Refuse("a\n")))
	err := text.Refuse("абв\x00")
	require.EqualError(t, err, "text refused: nul at character 4")
}

func TestReplaceLeavesGoodTextsAndNothingElse(t *testing.T) {
	for _, s := range []string{"", "Вера Образцова", "ООО «Ромашка»", "🙂", "a\u00a0b"} {
		require.Equal(t, s, text.Replace(s))
	}
	for in, want := range map[string]string{
		"Пробный\x00": "Пробный\ufffd", "a\nb\tc": "a b c", "a\u200bb\ufeff": "ab", "\u202ea": "\ufffda", "a\xffb": "a\ufffdb",
		"\xed\xa0\x80": "\ufffd\ufffd\ufffd", "\ue000": "\ufffd", "\U000e0041a": "\ufffda",
	} {
		require.Equal(t, want, text.Replace(in), "%q", in)
	}
	long := text.Replace(strings.Repeat("ё", 64<<10))
	require.Equal(t, text.MaxReplaced, utf8.RuneCountInString(long))
	require.True(t, strings.HasSuffix(long, "ё…"))
	require.Equal(t, strings.Repeat("ё", text.MaxReplaced), text.Replace(strings.Repeat("ё", text.MaxReplaced)))
}

func anyText() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
		rapid.Map(rapid.SliceOf(rapid.RuneFrom([]rune("aя\x00\n\u0085\u200b\u202e\u2066\ue000\ufffe\ufeff\U000e0041\ufffd"))),
			func(r []rune) string { return string(r) }),
	)
}

func TestReplacedTextsPassAndStay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anyText().Draw(t, "s")
		out := text.Replace(s)
		require.NoError(t, text.Refuse(out))
		require.Equal(t, out, text.Replace(out))
		require.LessOrEqual(t, utf8.RuneCountInString(out), text.MaxReplaced)
		for _, r := range out {
			require.False(t, text.Invisible(r))
		}
	})
}

func TestWhatPassesIsUTF8WithoutNUL(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anyText().Draw(t, "s")
		for _, form := range []text.Form{{}, {Lines: true}, {Pasted: true}} {
			if form.Refuse(s) == nil {
				require.True(t, utf8.ValidString(s))
				require.NotContains(t, s, "\x00")
			}
		}
	})
}

type row struct {
	Name   string            `json:"name"`
	Codes  []string          `json:"codes"`
	Inner  *row              `json:"inner,omitempty"`
	Extra  map[string]string `json:"extra"`
	Any    any               `json:"any"`
	N      int               `json:"n"`
	hidden string
}

func TestEveryStringOfARecordIsReplaced(t *testing.T) {
	r := row{
		Name: "a\x00", Codes: []string{"ok", "b\x00"}, Inner: &row{Name: "c\x00"}, Extra: map[string]string{"k\x00": "v\x00", "n": "1"},
		Any: []any{"x\x00", map[string]any{"y\x00": "z\x00"}, 1.0, nil}, hidden: "h\x00",
	}
	text.ReplaceIn(&r)
	require.Equal(t, row{
		Name: "a\ufffd", Codes: []string{"ok", "b\ufffd"}, Inner: &row{Name: "c\ufffd"}, Extra: map[string]string{"k\ufffd": "v\ufffd", "n": "1"},
		Any: []any{"x\ufffd", map[string]any{"y\ufffd": "z\ufffd"}, 1.0, nil}, hidden: "h\x00",
	}, r)
	text.ReplaceIn(nil)
	text.ReplaceIn((*row)(nil))
}

func TestTheFirstBadStringOfARecordIsNamed(t *testing.T) {
	for want, r := range map[string]row{
		"name": {Name: "a\x00"}, "codes/1": {Codes: []string{"a", "\x00"}}, "inner/name": {Inner: &row{Name: "\x00"}},
		"extra/k": {Extra: map[string]string{"k": "\x00"}}, "any/0": {Any: []any{"\x00"}}, "extra": {Extra: map[string]string{"\x00": ""}},
	} {
		var refused *text.Error
		require.ErrorAs(t, text.Fields{}.In(r), &refused)
		require.Equal(t, want, refused.Field)
	}
	require.NoError(t, text.Fields{"name": {Lines: true}}.In(row{Name: "a\nb", N: 1}))
}

func TestParametersAndHeaders(t *testing.T) {
	fields := text.Fields{"note": {Lines: true}}
	require.NoError(t, fields.Values(map[string][]string{"note": {"a\nb"}, "page": {"1"}}, true))
	for want, values := range map[string]map[string][]string{
		"page": {"page": {"1", "2"}}, "q": {"q": {"\x00"}}, "": {"\x00": {"1"}}, "x": {"x": {"\xff"}},
	} {
		var refused *text.Error
		require.ErrorAs(t, fields.Values(values, true), &refused)
		require.Equal(t, want, refused.Field)
	}
	require.NoError(t, fields.Values(map[string][]string{"accept": {"a", "b"}}, false))
}
