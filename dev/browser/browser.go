package browser

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

//go:embed testdata/axe.min.js
var axe string

// ErrMissing says that there is no chromium on this machine.
var ErrMissing = errors.New("there is no chromium in the PATH: apt-get install chromium")

// Tab is one tab of the browser.
type Tab struct {
	ctx context.Context

	mu       sync.Mutex
	failures []string
}

// Open starts a browser with one tab; the function ends it.
func Open(ctx context.Context) (*Tab, func(), error) {
	path, err := exec.LookPath("chromium")
	if err != nil {
		return nil, nil, ErrMissing
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Flag("lang", "ru"))
	ctx, endAllocator := chromedp.NewExecAllocator(ctx, options...)
	ctx, endTab := chromedp.NewContext(ctx)
	t := &Tab{ctx: ctx}
	end := func() { endTab(); endAllocator() }
	err = chromedp.Listen(ctx, t.listen)
	if err == nil {
		_, err = chromedp.Call(ctx, log.Enable, cdp.Empty{})
	}
	if err != nil {
		end()
		return nil, nil, fmt.Errorf("browser: %w", err)
	}
	return t, end, nil
}

// listen keeps what the browser complains about: exceptions of scripts and
// breaches of the content security policy.
func (t *Tab) listen(event any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		t.failures = append(t.failures, e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError && e.Entry.Source != log.EntrySourceNetwork {
			t.failures = append(t.failures, e.Entry.Text)
		}
	}
}

// Failures are the complaints since they were last asked for.
func (t *Tab) Failures() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := t.failures
	t.failures = nil
	return out
}

// Step is something a person does in a page.
type Step = chromedp.Action[chromedp.Void]

// patience is how long one step may take.
const patience = 30 * time.Second

// Do makes steps one after another.
func (t *Tab) Do(steps ...Step) error {
	for _, s := range steps {
		ctx, cancel := context.WithTimeout(t.ctx, patience)
		err := chromedp.Do(ctx, s)
		cancel()
		if err != nil {
			return err
		}
	}
	return nil
}

// Go opens an address in a window of a width and waits until its scripts have run.
func (t *Tab) Go(address string, width int64) error {
	options := []chromedp.EmulateViewportOption{}
	if width < 600 {
		options = append(options, chromedp.EmulateMobile)
	}
	return t.Do(chromedp.EmulateViewport(width, 900, options...), chromedp.Navigate(address), Settled())
}

// WithoutScripts turns scripts off.
func (t *Tab) WithoutScripts() error {
	_, err := chromedp.Call(t.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	return err
}

// Prefer makes the browser ask for something of its person: forced-colors active, prefers-reduced-motion reduce.
func (t *Tab) Prefer(feature, value string) error {
	_, err := chromedp.Call(t.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: feature, Value: value}},
	})
	return err
}

// Settled waits until the scripts of the page have run.
func Settled() Step { return chromedp.WaitReady("body.govuk-frontend-supported") }

// Read runs an expression in the page and reads what it, or the promise that it is, comes to.
func Read[T any](t *Tab, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

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
	if err := t.Do(chromedp.Evaluate[chromedp.Void](axe)); err != nil {
		return nil, err
	}
	raw, err := Read[string](t, `axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})
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

// Overflow is by how many pixels the page is wider than its window.
func (t *Tab) Overflow() (int, error) {
	return Read[int](t, `document.documentElement.scrollWidth - document.documentElement.clientWidth`)
}

// Picture is the whole page as PNG.
func (t *Tab) Picture() ([]byte, error) {
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.FullScreenshot(100))
}
