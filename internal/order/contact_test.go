package order_test

import (
	"net/mail"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

func TestS2_BothContactsAreRequired(t *testing.T) {
	got, err := order.NewContacts(" vera@example.by ", "+375 17 123-45-67")
	require.ErrorIs(t, err, order.ErrPhone)
	require.NotErrorIs(t, err, order.ErrEmail)
	require.Zero(t, got)

	got, err = order.NewContacts(" vera@example.by ", "8 (029) 123-45-67")
	require.NoError(t, err)
	require.Equal(t, order.Contacts{Email: "vera@example.by", Phone: "+375291234567"}, got)

	_, err = order.NewContacts("", "")
	require.ErrorIs(t, err, order.ErrEmail)
	require.ErrorIs(t, err, order.ErrPhone)
	_, err = order.NewContacts("vera", "+375291234567")
	require.ErrorIs(t, err, order.ErrEmail)
	require.NotErrorIs(t, err, order.ErrPhone)
}

func TestS2_PhonesAreMobileOnesOfBelarus(t *testing.T) {
	for _, typed := range []string{
		"+375291234567", "375291234567", "80291234567", " +375 (29) 123-45-67 ", "+375\u00a029\u00a01234567",
		"\u202a+375 29 123-45-67\u202c", "+375\u202f29\u202f1234567", "+375 29 123–45–67", "+375.29.123.45.67", "00375 29 1234567", "8 029/1234567",
		"\ufeff+375291234567", "+375\u200b291234567", "+375 29 123\u221245\u201167", "8 10 375 29 123 45 67", "8\u2009029\u20091234567", "375/29/1234567",
	} {
		got, err := order.ParsePhone(typed)
		require.NoError(t, err, typed)
		require.Equal(t, "+375291234567", got)
	}
	for _, operator := range []string{"25", "29", "33", "44"} {
		_, err := order.ParsePhone("+375" + operator + "7654321")
		require.NoError(t, err, operator)
	}
	for _, typed := range []string{
		"", "+", "+375171234567", "+79161234567", "+37529123456", "+3752912345678", "291234567", "+375 29 12345ab", "++375291234567",
		"375+291234567", "+375291234567,+375291234568", "+375２９1234", "8029123456", "+00375291234567",
		"+80291234567", "000375291234567", "+375291234567\x00", "+375 29 1234567 доб. 1", "8029123456７", "+375,291234567", "+375\u0663291234567",
	} {
		_, err := order.ParsePhone(typed)
		require.ErrorIs(t, err, order.ErrPhone, "%q", typed)
	}
}

// The phones of the field cases: each of them is one number to whoever reads it.
func TestS2_PhonesOfTheFieldCases(t *testing.T) {
	for id, typed := range map[string]string{
		"phone-bidi": "\u202a+375 29 123-45-67\u202c", "phone-en-dash": "+375 29 123–45–67", "phone-dots": "+375.29.123.45.67",
		"phone-00": "00375 29 1234567", "phone-narrow-space": "+375\u202f29\u202f1234567", "phone-slash": "8 029/1234567",
	} {
		got, err := order.ParsePhone(typed)
		require.NoError(t, err, id)
		require.Equal(t, "+375291234567", got, id)
	}
}

func TestS2_AddressesAreBareAndHaveADottedDomain(t *testing.T) {
	for _, typed := range []string{"vera@example.by", "v.obraztsova+cert@mail.example.by", "вера@пример.бел", "vera@пример.бел", "a@b.cd",
		"o'brien@example.by", "Vera@example.by", "vera@mail-1.example.by", "vera@xn--e1afmkfd.xn--90ais"} {
		got, err := order.ParseEmail(typed)
		require.NoError(t, err, typed)
		require.Equal(t, typed, got)
	}
	for _, typed := range []string{
		"", "vera", "vera@", "@example.by", "vera@localhost", "vera@.by", "vera@by.", "Vera <vera@example.by>", "<vera@example.by>",
		"vera@example.by, oleg@example.by", "vera@example.by\r\nBcc: oleg@example.by", `"vera o"@example.by`, "vera@example.by (home)",
		"vera@[192.0.2.1]", "vera @example.by", "vera\u00a0o@example.by", "vera@example..by", "vera@example.by.", "vera@exa_mple.by", "vera@-example.by",
		"vera@example-.by", "vera@192.0.2.1", ".vera@example.by", "vera.@example.by", "ve..ra@example.by", "vera@@example.by", "vera@example.by\x00",
		"ve\xffra@example.by", "🙂@example.by", "vera@🙂.by", strings.Repeat("v", 65) + "@example.by", "vera@" + strings.Repeat("e", 64) + ".by", strings.Repeat("v", 250) + "@example.by",
	} {
		_, err := order.ParseEmail(typed)
		require.ErrorIs(t, err, order.ErrEmail, "%q", typed)
	}
}

func TestS2_InvisibleCharactersOfAnAddressAreDropped(t *testing.T) {
	for typed, want := range map[string]string{
		"vera\u200b@example.by": "vera@example.by", "vera@example.by\u200b": "vera@example.by", "\ufeffvera@example.by": "vera@example.by",
		"\u202avera@example.by\u202c": "vera@example.by", "ve\u00adra@example.by": "vera@example.by", "\u00a0vera@example.by\u2007": "vera@example.by",
		"Vera@Example.BY": "Vera@example.by", "vera@ПРИМЕР.бел": "vera@пример.бел",
	} {
		got, err := order.ParseEmail(typed)
		require.NoError(t, err, "%q", typed)
		require.Equal(t, want, got)
	}
}

func TestS2_AlphabetsAreNotMixedInAnAddress(t *testing.T) {
	for _, typed := range []string{"v\u0435ra@example.by", "vera@ex\u0430mple.by", "vera@example.b\u0443", "\u03b1lfa@example.by"} {
		_, err := order.ParseEmail(typed)
		require.ErrorIs(t, err, order.ErrEmailAlphabets, "%q", typed)
		require.ErrorIs(t, err, order.ErrEmail)
	}
}

func FuzzParseEmail(f *testing.F) {
	for _, seed := range []string{"vera@example.by", "Vera <vera@example.by>", "vera@[192.0.2.1]", "a@b\r\nc", "\"@\"@b.c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		got, err := order.ParseEmail(typed)
		if err != nil {
			require.ErrorIs(t, err, order.ErrEmail)
			return
		}
		require.NotContains(t, got, "\n")
		require.NotContains(t, got, "\r")
		require.NotContains(t, got, " ")
		parsed, err := mail.ParseAddress(got)
		require.NoError(t, err)
		require.Equal(t, got, parsed.Address)
		again, err := order.ParseEmail(got)
		require.NoError(t, err)
		require.Equal(t, got, again)
	})
}

func FuzzParsePhone(f *testing.F) {
	for _, seed := range []string{"+375291234567", "80291234567", "+375 (29) 123-45-67", "++375291234567", "\u00a0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		got, err := order.ParsePhone(typed)
		if err != nil {
			require.ErrorIs(t, err, order.ErrPhone)
			return
		}
		require.Regexp(t, `^\+375(25|29|33|44)[0-9]{7}$`, got)
		again, err := order.ParsePhone(got)
		require.NoError(t, err)
		require.Equal(t, got, again)
	})
}
