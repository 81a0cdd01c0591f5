package browser_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/dev/browser"
	"github.com/remote-issuance/remote-issuance/dev/persons"
	"github.com/remote-issuance/remote-issuance/dev/stack"
	"github.com/remote-issuance/remote-issuance/portal/catalogue"
)

// person sits before a tab and does what the page says.
type person struct {
	t     *testing.T
	tab   *browser.Tab
	texts catalogue.Texts
	// base is the portal.
	base string
	// files has the person's certificate and key, saved what they download.
	files, saved string
	holder       persons.Holder
	// steps counts what they did.
	steps int
}

// sit puts a holder of the real stack before a device of their own, at the start page.
func sit(t *testing.T, s *stack.Stack, h persons.Holder) *person {
	t.Helper()
	texts, err := catalogue.Load()
	require.NoError(t, err)
	p := &person{t: t, tab: device(t), texts: texts.Pick("ru", ""), base: s.URLs.Portal, files: s.FilesDir(), saved: t.TempDir(), holder: h}
	require.NoError(t, p.tab.SaveTo(p.saved))
	require.NoError(t, p.tab.Go(p.base+"/language/ru?to=/", 1280))
	return p
}

func (p *person) do(steps ...browser.Step) {
	p.t.Helper()
	p.steps++
	require.NoError(p.t, p.tab.Do(steps...))
}

// press clicks what bears the text of a key: a link, a button or the label of a box.
func (p *person) press(key string, values ...any) {
	p.t.Helper()
	p.pressText(p.texts.T(key, values...))
}

func (p *person) pressText(text string) {
	p.t.Helper()
	p.do(chromedp.Click(`//main//*[self::a or self::button or self::label][not(@aria-hidden='true')][starts-with(normalize-space(.),'` + text + `')]`))
}

func (p *person) click(selector string) { p.t.Helper(); p.do(chromedp.Click(selector)) }

func (p *person) fill(selector, text string) {
	p.t.Helper()
	_, err := browser.Read[bool](p.tab, "document.querySelector("+quoted(selector)+").value = '', true")
	require.NoError(p.t, err)
	p.do(chromedp.SendKeys(selector, text))
}

func (p *person) choose(selector, file string) {
	p.t.Helper()
	p.do(chromedp.SetUploadFiles(selector, []string{filepath.Join(p.files, file)}))
}

// upload gives a file field a content.
func (p *person) upload(selector, name string, content []byte) {
	p.t.Helper()
	file := filepath.Join(p.t.TempDir(), name)
	require.NoError(p.t, os.WriteFile(file, content, 0o600))
	p.do(chromedp.SetUploadFiles(selector, []string{file}))
}

// at waits until the page is one whose path matches, with its scripts run.
func (p *person) at(pattern string) {
	p.t.Helper()
	require.NoError(p.t, p.tab.Await(`/^`+strings.ReplaceAll(pattern, "/", `\/`)+`$/.test(location.pathname) && document.readyState === 'complete' &&
		(!document.querySelector('[data-frontend]') || document.body.classList.contains('govuk-frontend-supported'))`))
}

// reads waits until the page holds the text of a key.
func (p *person) reads(key string, values ...any) {
	p.t.Helper()
	require.NoError(p.t, p.tab.Await(`document.body.innerText.replaceAll('\u00a0', ' ').includes(`+quoted(strings.ReplaceAll(p.texts.T(key, values...), "\u00a0", " "))+`)`))
}

func quoted(text string) string {
	return "`" + strings.NewReplacer("`", "\\`", "\\", "\\\\").Replace(text) + "`"
}

// text is what an element reads.
func (p *person) text(selector string) string {
	p.t.Helper()
	text, err := browser.Read[string](p.tab, "document.querySelector(`"+selector+"`).textContent.trim()")
	require.NoError(p.t, err)
	return text
}

// signsIn goes from the page that asks to sign in through the page of persons of the local issuer.
func (p *person) signsIn() {
	p.t.Helper()
	p.pressText(p.texts.T("common.sign-in.button"))
	p.choosesThemselves()
}

func (p *person) choosesThemselves() {
	p.t.Helper()
	p.at("/authorize")
	p.do(chromedp.Click(`button[value="` + p.holder.ID + `"]`))
	require.NoError(p.t, p.tab.Await(`location.origin === '`+p.base+`' && document.readyState === 'complete'`))
}

// download waits for a file that the person saves; a star stands for any part of its name.
func (p *person) download(name string) []byte {
	p.t.Helper()
	var content []byte
	require.Eventually(p.t, func() bool {
		found, err := filepath.Glob(filepath.Join(p.saved, name))
		if err != nil || len(found) != 1 {
			return false
		}
		content, err = os.ReadFile(found[0])
		return err == nil && len(content) > 0
	}, eventually, 30*time.Millisecond, "%s is not downloaded", name)
	return content
}

// clean holds the browser to having complained of nothing.
func (p *person) clean() {
	p.t.Helper()
	require.Empty(p.t, p.tab.Failures())
}
