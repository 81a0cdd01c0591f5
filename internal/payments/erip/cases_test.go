package erip

import (
	"net/http"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// Messages made after reports of people who implement the protocol, and what
// is right to answer them.
func TestP2_P4_MessagesFromTheField(t *testing.T) {
	begun := func(d *providerFixture) { d.ask(t, message(TransactionStart, 900200300)) }
	paid := func(d *providerFixture) {
		begun(d)
		d.ask(t, message(TransactionResult, 900200300))
	}
	for file, c := range map[string]struct {
		before func(*providerFixture)
		// refused is the line of the refusal, line one of the answer.
		refused, line string
		state         State
		kept          payments.Reason
	}{
		"erip-01-info.xml":                     {line: "Сертификатов: 2"},
		"erip-02-info-cyrillic-lower.xml":      {line: "Сертификатов: 2"},
		"erip-03-info-digits-only.xml":         {refused: textUnknownOrder},
		"erip-04-start-dot.xml":                {state: Started},
		"erip-05-start-one-decimal.xml":        {state: Started},
		"erip-06-start-kopecks.xml":            {refused: textWrongAmount},
		"erip-07-start-three-decimals.xml":     {refused: textBadMessage},
		"erip-08-start-short.xml":              {refused: textWrongAmount},
		"erip-09-start-byr.xml":                {refused: textWrongCurrency},
		"erip-10-result-ok.xml":                {before: begun, line: textPaid, state: Committed},
		"erip-11-result-error-empty.xml":       {before: begun, line: textCancelled, state: Cancelled},
		"erip-12-result-error-blank.xml":       {before: begun, line: textCancelled, state: Cancelled},
		"erip-13-result-error.xml":             {before: begun, line: textCancelled, state: Cancelled},
		"erip-14-dtd-entity.xml":               {refused: textBadMessage, kept: payments.ReasonUnreadable},
		"erip-15-xxe.xml":                      {refused: textBadMessage, kept: payments.ReasonUnreadable},
		"erip-16-deep.xml":                     {line: "Сертификатов: 2"},
		"erip-17-utf8-declared-1251.xml":       {refused: textUnknownOrder},
		"erip-18-utf8-bom.xml":                 {line: "Сертификатов: 2"},
		"erip-19-decl-CP1251-upper.xml":        {line: "Сертификатов: 2"},
		"erip-20-decl-win1251.xml":             {refused: textBadMessage, kept: payments.ReasonUnreadable},
		"erip-21-account-twice.xml":            {refused: textBadMessage, kept: payments.ReasonUnreadable},
		"erip-22-requestid-64bit-unsigned.xml": {refused: textBadMessage},
		"erip-23-other-service.xml":            {refused: textOtherService},
		"erip-24-no-service.xml":               {line: "Сертификатов: 2"},
		"erip-25-storn-other-amount.xml":       {before: paid, refused: textOtherPayment, state: Committed},
	} {
		t.Run(file, func(t *testing.T) {
			d := newProviderFixture(Config{ServiceNo: 1234567})
			if c.before != nil {
				c.before(d)
			}
			answer, _, _ := d.Handle(t.Context(), golden(t, "cases/"+file), "text/xml", http.Header{})
			response, err := DecodeResponse(answer)
			require.NoError(t, err)
			if c.refused != "" {
				require.Equal(t, []string{c.refused}, response.Errors)
			} else {
				require.Empty(t, response.Errors)
			}
			if c.line != "" {
				require.Contains(t, response.Lines, c.line)
			}
			require.Equal(t, c.state, d.store.data.transactions[900200300].State)
			require.Equal(t, c.kept, d.reason())
		})
	}
	files, err := os.ReadDir("testdata/cases")
	require.NoError(t, err)
	require.Len(t, files, 25)
}

// reason is why something waits for an operator; none when nothing does.
func (d *providerFixture) reason() payments.Reason {
	for _, decision := range d.store.data.ledger {
		if decision.Outcome == payments.Unapplied {
			return decision.Reason
		}
	}
	return payments.ReasonNone
}

func TestP4_WhatCannotBeReadIsOnDiskBeforeItIsRefused(t *testing.T) {
	const garbage = "<ServiceProvider_Request><Version>1</Version><RequestType>TransactionResult</RequestType></ServiceProvider_Request>"
	d := newProviderFixture(Config{})
	for range 2 {
		answer, _, err := d.Handle(t.Context(), []byte(garbage), "text/xml", http.Header{})
		require.ErrorIs(t, err, ErrMessage)
		response, err := DecodeResponse(answer)
		require.NoError(t, err)
		require.Equal(t, []string{textBadMessage}, response.Errors)
	}
	require.Len(t, d.store.data.ledger, 1)
	require.Equal(t, payments.ReasonUnreadable, d.reason())

	d = newProviderFixture(Config{})
	d.store.fail = true
	answer, _, err := d.Handle(t.Context(), []byte(garbage), "text/xml", http.Header{})
	require.ErrorIs(t, err, errStore)
	response, err := DecodeResponse(answer)
	require.NoError(t, err)
	require.Equal(t, []string{textTryLater}, response.Errors, "ERIP asks again")

	d = newProviderFixture(Config{Salt: payments.NewSecret("SALT")})
	_, _, err = d.Handle(t.Context(), []byte(garbage), "text/xml", http.Header{})
	require.ErrorIs(t, err, ErrSignature)
	require.Empty(t, d.store.data.ledger, "who has not signed is nobody")
}
