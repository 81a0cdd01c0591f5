package browser

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"time"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// ErrMissing says that there is no chromium on this machine.
var ErrMissing = errors.New("there is no chromium in the PATH: apt-get install chromium")

// Browser is a running chromium.
type Browser struct {
	ctx context.Context
	end func()
}

// Start starts a browser.
func Start(ctx context.Context) (*Browser, error) {
	path, err := exec.LookPath("chromium")
	if err != nil {
		return nil, ErrMissing
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Flag("lang", "ru"))
	ctx, endAllocator := chromedp.NewExecAllocator(ctx, options...)
	ctx, endTab := chromedp.NewContext(ctx)
	b := &Browser{ctx: ctx, end: func() { endTab(); endAllocator() }}
	if err := chromedp.Do(ctx); err != nil {
		b.end()
		return nil, fmt.Errorf("browser: %w", err)
	}
	return b, nil
}

// Close ends the browser with all its tabs.
func (b *Browser) Close() { b.end() }

// Tab is one tab of the browser.
type Tab struct {
	ctx context.Context

	mu       sync.Mutex
	failures []string
}

// Device is a tab that shares nothing with others, as on a device of its own; the function closes it.
func (b *Browser) Device() (*Tab, func(), error) {
	ctx, end := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	return open(ctx, end)
}

// Another is another tab on the same device.
func (t *Tab) Another() (*Tab, func(), error) {
	ctx, end := chromedp.NewContext(t.ctx)
	return open(ctx, end)
}

func open(ctx context.Context, end func()) (*Tab, func(), error) {
	t := &Tab{ctx: ctx}
	err := chromedp.Listen(ctx, t.listen)
	if err == nil {
		_, err = chromedp.Call(ctx, log.Enable, cdp.Empty{})
	}
	if err != nil {
		end()
		return nil, nil, fmt.Errorf("browser: %w", err)
	}
	return t, end, nil
}

// SaveTo lets the device save downloads in a folder, under their names.
func (t *Tab) SaveTo(folder string) error {
	_, err := chromedp.CallBrowser(t.ctx, cdpbrowser.SetDownloadBehavior, cdpbrowser.SetDownloadBehaviorParams{
		Behavior: cdpbrowser.SetDownloadBehaviorBehaviorAllow, DownloadPath: folder, BrowserContextID: chromedp.FromContext(t.ctx).BrowserContextID,
	})
	return err
}

// Forget drops the cookies of the device whose names begin with a text.
func (t *Tab) Forget(name string) error {
	all, err := chromedp.Call(t.ctx, network.GetCookies, network.GetCookiesParams{})
	if err != nil {
		return err
	}
	for _, c := range all.Cookies {
		if !strings.HasPrefix(c.Name, name) {
			continue
		}
		if _, err := chromedp.Call(t.ctx, network.DeleteCookies, network.DeleteCookiesParams{Name: c.Name, Domain: c.Domain, Path: c.Path}); err != nil {
			return err
		}
	}
	return nil
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

// patience is how long one step may take on a machine that has much else to do.
const patience = 2 * time.Minute

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
	return t.Do(Width(width), chromedp.Navigate(address), Settled())
}

// Width makes the window as wide as that; narrow ones are those of phones.
func Width(width int64) Step {
	options := []chromedp.EmulateViewportOption{}
	if width < 600 {
		options = append(options, chromedp.EmulateMobile)
	}
	return chromedp.EmulateViewport(width, 900, options...)
}

// Await waits until an expression is true in the page, whichever page that is by then.
func (t *Tab) Await(expression string) error {
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(30 * time.Millisecond) {
		var is bool
		if is, err = Read[bool](t, expression); err == nil && is {
			return nil
		}
	}
	at, _ := Read[string](t, "location.href + ': ' + document.body.innerText.slice(0, 600)")
	return errors.Join(err, fmt.Errorf("%s does not come true at %s", expression, at))
}

// WithoutScripts turns scripts off.
func (t *Tab) WithoutScripts() error {
	_, err := chromedp.Call(t.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	return err
}

// Offline takes the network away from the device, or gives it back.
func (t *Tab) Offline(offline bool) error {
	_, err := chromedp.Call(t.ctx, network.OverrideNetworkState, network.OverrideNetworkStateParams{
		Offline: offline, DownloadThroughput: -1, UploadThroughput: -1,
	})
	if err != nil {
		return err
	}
	_, err = chromedp.Call(t.ctx, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{{Offline: offline, DownloadThroughput: -1, UploadThroughput: -1}},
	})
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
