package mailbox_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/mailbox"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

func TestS2_DomainsGoInALabels(t *testing.T) {
	for address, want := range map[string]string{
		"vera@пример.бел": "vera@xn--e1afmkfd.xn--90ais", "vera@ПРИМЕР.БЕЛ": "vera@xn--e1afmkfd.xn--90ais",
		"v.obraztsova+cert@example.by": "v.obraztsova+cert@example.by", "Vera@EXAMPLE.by": "Vera@example.by",
		"vera@faß.de": "vera@xn--fa-hia.de", "vera@xn--e1afmkfd.xn--90ais": "vera@xn--e1afmkfd.xn--90ais",
		"vera@r3---sn.example.by": "vera@r3---sn.example.by", "vera@ｅxample.by": "vera@example.by",
	} {
		for _, r := range []mailbox.Reach{{}, {UTF8: true}} {
			got, err := r.Wire(address)
			require.NoError(t, err, address)
			require.Equal(t, want, got)
		}
	}
	for _, address := range []string{
		"vera@xn--zzzzzz---.by", "vera@exa_mple.by", "vera@-a.by", "vera@a..by", "vera@", "vera", "@a.by", "vera@א1b.by",
		"vera@" + strings.Repeat("я", 63) + ".бел", "vera@\u0301a.by",
	} {
		_, err := mailbox.Reach{UTF8: true}.Wire(address)
		require.ErrorIs(t, err, mailbox.ErrDomain, address)
	}
}

func TestS2_NamesOfOtherAlphabetsNeedSMTPUTF8(t *testing.T) {
	_, err := mailbox.Reach{}.Wire("вера@пример.бел")
	require.ErrorIs(t, err, mailbox.ErrLocalPart)
	got, err := mailbox.Reach{UTF8: true}.Wire("вера@пример.бел")
	require.NoError(t, err)
	require.Equal(t, "вера@xn--e1afmkfd.xn--90ais", got)
}

// The contacts of the field cases, with their right verdicts: what is kept and
// what goes on the wire, "" where it is refused at the upload.
func TestS2_FieldCases(t *testing.T) {
	for id, c := range map[string]struct{ typed, kept, wire string }{
		"email-zwsp-inside":     {"vera\u200b@example.by", "vera@example.by", "vera@example.by"},
		"email-zwsp-end":        {"vera@example.by\u200b", "vera@example.by", "vera@example.by"},
		"email-bom":             {"\ufeffvera@example.by", "vera@example.by", "vera@example.by"},
		"email-nbsp":            {typed: "vera\u00a0o@example.by"},
		"email-cyrillic-letter": {typed: "v\u0435ra@example.by"},
		"email-two-dots":        {typed: "vera@example..by"},
		"email-trailing-dot":    {typed: "vera@example.by."},
		"email-underscore":      {typed: "vera@exa_mple.by"},
		"mail-vera":             {"vera@пример.бел", "vera@пример.бел", "vera@xn--e1afmkfd.xn--90ais"},
		"mail-cyrillic-local":   {typed: "вера@пример.бел"},
		"mail-plus":             {"v.obraztsova+cert@example.by", "v.obraztsova+cert@example.by", "v.obraztsova+cert@example.by"},
	} {
		kept, err := order.ParseEmail(c.typed)
		var wire string
		if err == nil {
			wire, err = mailbox.Reach{}.Wire(kept)
		}
		if c.kept == "" {
			require.Error(t, err, id)
			continue
		}
		require.NoError(t, err, id)
		require.Equal(t, c.kept, kept, id)
		require.Equal(t, c.wire, wire, id)
	}
}

func FuzzWire(f *testing.F) {
	for _, seed := range []string{"vera@пример.бел", "вера@example.by", "a@xn--a.b", "a@b", "a@\u200d.by", "a@faß.de"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, address string) {
		wire, err := mailbox.Reach{}.Wire(address)
		if err != nil {
			return
		}
		require.LessOrEqual(t, len(wire), 254)
		domain := wire[strings.LastIndexByte(wire, '@')+1:]
		require.Regexp(t, `^[a-z0-9.-]+$`, domain)
		again, err := mailbox.Reach{}.Wire(wire)
		require.NoError(t, err)
		require.Equal(t, wire, again)
	})
}
