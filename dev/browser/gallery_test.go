package browser_test

import (
	"fmt"
	"net/url"
	"os"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/dev/browser"
)

const (
	maxWeight = 60_000
	// zoomed is the width of a window of 1280 at 400 %.
	zoomed = 320
)

// gallery looks at pages one after another in one tab.
type gallery struct {
	tab  *browser.Tab
	base string
	// widths are those of the windows, the one in which pages are judged first.
	widths []int64
	// judged are the forms of pages that axe has seen at a width, in any language.
	judged *sync.Map
}

func newGallery(t *testing.T, base string, judged *sync.Map, widths ...int64) *gallery {
	t.Helper()
	return &gallery{tab: device(t), base: base, widths: widths, judged: judged}
}

// look holds a page to WCAG, its width, its weight and the content security policy.
func (g *gallery) look(t *testing.T, s shot) {
	t.Helper()
	require.NoError(t, g.tab.Go(g.base+s.path, g.widths[0]), s.path)
	require.NoError(t, g.tab.Do(s.act...), s.name)
	weight, err := g.tab.Weight()
	require.NoError(t, err)
	require.Less(t, weight, maxWeight, "%s is too heavy", s.name)
	g.judge(t, s.name)
	for _, width := range append(g.widths, zoomed) {
		require.NoError(t, g.tab.Do(browser.Width(width)))
		over, err := g.tab.Overflow()
		require.NoError(t, err)
		require.LessOrEqual(t, over, 0, "%s is wider than %d", s.name, width)
		if width == 1280 {
			hidden, err := g.tab.Hidden()
			require.NoError(t, err)
			require.Empty(t, hidden, "%s hides columns at %d", s.name, width)
		}
		if width != zoomed {
			g.keep(t, s.name, width)
		}
	}
	require.Empty(t, g.tab.Failures(), s.name)
}

// judge lets axe see a page, unless it has seen one that differs in nothing but
// words, addresses and values.
func (g *gallery) judge(t *testing.T, name string) {
	t.Helper()
	form, err := g.tab.Form()
	require.NoError(t, err)
	if _, seen := g.judged.LoadOrStore(fmt.Sprintf("%d %s", g.widths[0], form), true); seen {
		return
	}
	violations, err := g.tab.Axe()
	require.NoError(t, err)
	require.Empty(t, violations, "%s at %d", name, g.widths[0])
}

func (g *gallery) keep(t *testing.T, name string, width int64) {
	t.Helper()
	if os.Getenv("SCREENSHOTS") == "" {
		return
	}
	lang, err := browser.Read[string](g.tab, "document.documentElement.lang")
	require.NoError(t, err)
	keep(t, g.tab, fmt.Sprintf("%s-%s-%d", name, lang, width))
}

func TestEveryPageIsAccessibleInEachLanguageAndFitsItsWindow(t *testing.T) {
	t.Parallel()
	judged := new(sync.Map)
	for language, widths := range map[string][]int64{"ru": {1280, 360}, "be": {360}, "en": {360}} {
		if os.Getenv("SCREENSHOTS") != "" {
			widths = []int64{1280, 360}
		}
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			s := madeUp(t)
			g := newGallery(t, s.URL, judged, widths...)
			require.NoError(t, g.tab.Go(s.URL+"/language/"+language+"?to=/", 1280))
			for _, page := range slices.Concat(publicShots(), diagnosisShots(t, ""), cardShots(t)) {
				g.look(t, page)
			}
			require.NoError(t, g.tab.Go(s.URL+"/sign-in?to="+url.QueryEscape("/orders"), 1280))
			pages := append(append(applicantShots(t), managerShots(t, s)...), failureShots(s)...)
			pages = append(append(pages, diagnosisShots(t, "-signed-in")...), registerShots(t, s)...)
			for _, page := range pages {
				g.look(t, page)
			}
			g.look(t, shot{"operator-account", "/operator", nil})
			s.Issuer.Scope = "openid profile operator"
			require.NoError(t, g.tab.Go(s.URL+"/sign-in?to="+url.QueryEscape("/operator"), 1280))
			g.look(t, shot{"operator-concerns", "/operator", nil})
			s.API.Status.Clear, s.API.Status.Concerns = true, []contract.OperatorConcern{}
			g.look(t, shot{"operator-clear", "/operator", nil})
			lang, err := browser.Read[string](g.tab, "document.documentElement.lang")
			require.NoError(t, err)
			require.Equal(t, language, lang)
		})
	}
}
