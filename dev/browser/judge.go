package browser

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/chromedp/chromedp"
)

//go:embed testdata/axe.min.js
var axe string

// violation is one rule of axe-core that a page breaks.
type violation struct {
	ID    string `json:"id"`
	Help  string `json:"help"`
	Nodes []struct {
		HTML    string `json:"html"`
		Summary string `json:"failureSummary"`
	} `json:"nodes"`
}

// Axe lets axe-core judge the page by WCAG 2.2 AA and its best practices.
func (t *Tab) Axe() ([]string, error) {
	there, err := Read[bool](t, "typeof axe !== 'undefined'")
	if err == nil && !there {
		err = t.Do(chromedp.Evaluate[chromedp.Void](axe))
	}
	if err != nil {
		return nil, err
	}
	raw, err := Read[string](t, `axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
		resultTypes: ['violations'], preload: false})
		.then((r) => JSON.stringify(r.violations))`)
	if err != nil {
		return nil, err
	}
	var found []violation
	if err := json.Unmarshal([]byte(raw), &found); err != nil {
		return nil, err
	}
	var out []string
	for _, v := range found {
		var where []string
		for _, n := range v.Nodes {
			where = append(where, n.HTML+" — "+n.Summary)
		}
		out = append(out, fmt.Sprintf("%s: %s: %s", v.ID, v.Help, strings.Join(where, "; ")))
	}
	return out, nil
}

// Form is what the page is built of: its markup without words, addresses and
// values, where axe-core finds what it finds in another page of the same form.
func (t *Tab) Form() (string, error) {
	return Read[string](t, `document.documentElement.outerHTML.replace(/>[^<]*[^<\s][^<]*</g, '>x<')
		.replace(/ (href|action|content|data-[a-z-]+)="[^"]+"/g, ' $1="x"').replace(/ value="[^"]+"/g, ' value="x"')`)
}

// Weight is what the page and its files weigh as they travel, in octets.
func (t *Tab) Weight() (int, error) {
	return Read[int](t, `[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
		.filter((e) => e.initiatorType !== 'fetch').reduce((sum, e) => sum + e.encodedBodySize, 0)`)
}

// Overflow is by how many pixels the page is wider than its window.
func (t *Tab) Overflow() (int, error) {
	return Read[int](t, `document.documentElement.scrollWidth - document.documentElement.clientWidth`)
}

// Hidden are the wide parts of the page that have to be scrolled aside to be read whole.
func (t *Tab) Hidden() (string, error) {
	return Read[string](t, `[...document.querySelectorAll('.portal-scroll')].filter((e) => e.scrollWidth > e.clientWidth)
		.map((e) => e.textContent.trim().slice(0, 60) + ' by ' + (e.scrollWidth - e.clientWidth)).join('; ')`)
}

// Picture is the whole page as PNG.
func (t *Tab) Picture() ([]byte, error) {
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.FullScreenshot(100))
}
