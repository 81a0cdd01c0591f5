package web

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/sourcetest"
)

func TestEveryProblemHasAStatusAndTexts(t *testing.T) {
	c, err := LoadCatalogue()
	require.NoError(t, err)
	slugs := sourcetest.Constants(t, "problem.go", "Slug")
	require.Len(t, statuses, len(slugs))
	for _, s := range slugs {
		require.GreaterOrEqual(t, statuses[Slug(s)], 400, s)
		for _, texts := range c.texts {
			require.NotEmpty(t, texts.Problems[Slug(s)][0], "title of %s in %s", s, texts.Language)
			require.NotEmpty(t, texts.Problems[Slug(s)][1], "detail of %s in %s", s, texts.Language)
		}
	}
	for _, texts := range c.texts {
		require.Len(t, texts.Problems, len(slugs), "texts of problems that do not exist, in %s", texts.Language)
	}
	for _, r := range refusals {
		require.Contains(t, statuses, r.slug, r.err)
	}
}

func TestNoTextIsMissingInAnyLanguage(t *testing.T) {
	c, err := LoadCatalogue()
	require.NoError(t, err)
	require.Len(t, c.texts, 3)
	next := append(sourcetest.Constants(t, "../../internal/order/stage.go", "Stage"), sourcetest.Constants(t, "../../internal/order/stage.go", "End")...)
	next = append(slices.DeleteFunc(next, func(s string) bool { return s == string(order.StageEnded) }), "awaiting-payment-employee", "awaiting-payment-lapsed", "activated", "issued-later")
	for _, s := range sourcetest.Constants(t, "../../internal/order/confirmation.go", "ConfirmationStage") {
		next = append(next, "confirmation-"+s)
	}
	var states []string
	for _, s := range sourcetest.Constants(t, "../../internal/payments/match.go", "PayableState") {
		states = append(states, s, s+"-waiting")
	}
	checks := sourcetest.Constants(t, "../../internal/order/check.go", "CheckCode")
	for _, r := range sourcetest.Constants(t, "../../internal/order/stage.go", "EndReason") {
		if end, ok := endOf(order.EndReason(r)); ok {
			next = append(next, string(end)+"-"+r)
		}
	}
	for _, texts := range c.texts {
		require.ElementsMatch(t, next, keysOf(texts.Next), texts.Language)
		require.ElementsMatch(t, checks, keysOf(texts.Checks), texts.Language)
		require.ElementsMatch(t, checks, keysOf(texts.Failed), texts.Language)
		require.ElementsMatch(t, []string{"fszn"}, keysOf(texts.Notes), texts.Language)
		require.ElementsMatch(t, states, keysOf(texts.Payments), texts.Language)
		require.ElementsMatch(t, keysOf(c.texts[0].Fields), keysOf(texts.Fields), texts.Language)
		for _, list := range []map[string]string{texts.Next, texts.Checks, texts.Failed, texts.Fields, texts.Payments, texts.Notes} {
			for key, text := range list {
				require.NotEmpty(t, strings.TrimSpace(text), "%s in %s", key, texts.Language)
			}
		}
	}
}

// endOf is the end whose next step depends on the reason; false where the end
// alone says what to do.
func endOf(r order.EndReason) (order.End, bool) {
	switch r {
	case order.ReasonNotFinished, order.ReasonNotConfirmed, order.ReasonNotPaid:
		return order.EndAnnulled, true
	case order.ReasonNone, order.ReasonByManager, order.ReasonByApplicant:
		return "", false
	default:
		return order.EndRefused, true
	}
}

func TestA4_A5_S7_EachRefusalHasATextOfItsOwn(t *testing.T) {
	c, err := LoadCatalogue()
	require.NoError(t, err)
	for _, texts := range c.texts {
		said := map[string]order.EndReason{}
		for _, name := range sourcetest.Constants(t, "../../internal/order/stage.go", "EndReason") {
			reason := order.EndReason(name)
			end, ok := endOf(reason)
			if !ok {
				continue
			}
			text := texts.Ended(end, reason)
			require.NotEqual(t, texts.Next[string(end)], text, "%s in %s", reason, texts.Language)
			require.Empty(t, said[text], "%s says what another reason says, in %s", reason, texts.Language)
			said[text] = reason
		}
		require.Equal(t, texts.Next["rejected"], texts.Ended(order.EndRejected, order.ReasonByManager))
	}
}

func TestS4_AFailedCheckIsNotNamedAfterWhatItWantedToFind(t *testing.T) {
	c, err := LoadCatalogue()
	require.NoError(t, err)
	for _, texts := range c.texts {
		for _, code := range sourcetest.Constants(t, "../../internal/order/check.go", "CheckCode") {
			check := order.Check{Code: order.CheckCode(code), Verdict: order.VerdictPassed}
			passed := texts.CheckTitle(check)
			for _, verdict := range []order.Verdict{order.VerdictFailed, order.VerdictChanged} {
				check.Verdict = verdict
				require.NotEqual(t, passed, texts.CheckTitle(check), "%s in %s", code, texts.Language)
			}
		}
	}
}

func TestEveryWrongFieldHasAText(t *testing.T) {
	c, err := LoadCatalogue()
	require.NoError(t, err)
	sources, err := filepath.Glob("../*.go")
	require.NoError(t, err)
	own, err := filepath.Glob("*.go")
	require.NoError(t, err)
	named := 0
	for _, file := range append(sources, own...) {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, m := range regexp.MustCompile(`(?:Invalid\(|append\((?:wrong|missing), )"([\w-]+)"`).FindAllSubmatch(text, -1) {
			named++
			require.NotEmpty(t, c.texts[0].Fields[string(m[1])], "%s in %s", m[1], file)
		}
	}
	require.Greater(t, named, 10)
}

func keysOf[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	return keys
}
