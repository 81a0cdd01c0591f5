// Package browser drives the portal in a real browser, Debian's chromium, as a
// person does: it looks at pages, fills them in, and lets axe-core judge them.
package browser
