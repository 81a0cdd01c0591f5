package wording_test

import (
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/wording"
)

var certificates = map[string]wording.Forms{
	"ru": {One: "сертификат", Few: "сертификата", Many: "сертификатов", Other: "сертификата"},
	"be": {One: "сертыфікат", Few: "сертыфікаты", Many: "сертыфікатаў", Other: "сертыфіката"},
	"en": {One: "certificate", Other: "certificates"},
}

func TestFormsAfterNumbers(t *testing.T) {
	for tag, want := range map[string]map[string]string{
		"ru": {
			"0": "сертификатов", "1": "сертификат", "2": "сертификата", "4": "сертификата", "5": "сертификатов", "11": "сертификатов", "12": "сертификатов",
			"21": "сертификат", "22": "сертификата", "111": "сертификатов", "1.5": "сертификата", "1000000000001": "сертификат", "99000000000011": "сертификатов",
		},
		"be": {
			"0": "сертыфікатаў", "1": "сертыфікат", "2": "сертыфікаты", "5": "сертыфікатаў", "11": "сертыфікатаў", "14": "сертыфікатаў", "21": "сертыфікат",
			"101": "сертыфікат", "1.5": "сертыфіката",
		},
		"en": {"0": "certificates", "1": "certificate", "2": "certificates", "11": "certificates", "21": "certificates", "1.5": "certificates", "1000000001": "certificates"},
	} {
		for number, form := range want {
			require.Equal(t, form, certificates[tag].After(tag, number), "%s %s", tag, number)
		}
	}
}

// TestFormsFollowTheRuleOfGrammar: a second, plain writing of the rule agrees for all whole numbers.
func TestFormsFollowTheRuleOfGrammar(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 1<<52).Draw(t, "n")
		want := "many"
		if tens := n % 100; tens < 11 || tens > 14 {
			switch n % 10 {
			case 1:
				want = "one"
			case 2, 3, 4:
				want = "few"
			}
		}
		number := strconv.Itoa(n)
		for _, tag := range []string{"ru", "be"} {
			if got := wording.Category(tag, number); got != want {
				t.Fatalf("%s %d: %s, not %s", tag, n, got, want)
			}
		}
		if got := wording.Category("en", number); (got == "one") != (n == 1) {
			t.Fatalf("en %d: %s", n, got)
		}
	})
}

func TestMoneyHasOneFormat(t *testing.T) {
	require.Equal(t, "79,80\u00a0BYN", wording.Money("ru", 7980))
	require.Equal(t, "1\u00a0112,40\u00a0BYN", wording.Money("be", 111240))
	require.Equal(t, "BYN\u00a079.80", wording.Money("en", 7980))
	local, english := regexp.MustCompile(`^\d{1,3}(\x{a0}\d{3})*,\d\d\x{a0}BYN$`), regexp.MustCompile(`^BYN\x{a0}\d+\.\d\d$`)
	rapid.Check(t, func(t *rapid.T) {
		k := order.Kopecks(rapid.Int64Min(0).Draw(t, "kopecks"))
		for _, tag := range []string{"ru", "be"} {
			if s := wording.Money(tag, k); !local.MatchString(s) {
				t.Fatal(s)
			}
		}
		if s := wording.Money("en", k); !english.MatchString(s) {
			t.Fatal(s)
		}
	})
}

func TestD2_InstantsAreMinskTime(t *testing.T) {
	midnight := time.Date(2026, 3, 12, 21, 0, 0, 0, time.UTC)
	require.Equal(t, "13.03.2026", wording.Date(midnight))
	require.Equal(t, "13.03.2026 00:00", wording.DateTime(midnight))
}

func FuzzCategory(f *testing.F) {
	for _, number := range []string{"", "-1", "1.5", "1.", ".5", "1,5", "\x00", "99999999999999999999999", "٣"} {
		f.Add("ru", number)
	}
	f.Fuzz(func(t *testing.T, tag, number string) {
		require.Contains(t, []string{"one", "few", "many", "other"}, wording.Category(tag, number))
	})
}
