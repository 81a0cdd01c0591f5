package web

import (
	"net/http"
	"net/url"
	"strings"
)

// secure forbids browsers to guess, to tell, to keep and to frame.
func secure(h http.Header, tls bool) {
	if tls {
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
}

// policy is the content security policy of a page: its own files and nothing else.
func policy(p Page) string {
	script := "script-src 'self'"
	rules := []string{
		"default-src 'none'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'", "base-uri 'none'", "frame-ancestors 'none'",
		"form-action " + strings.Join(append([]string{"'self'"}, origins(p.FormTargets)...), " "),
	}
	if p.WebAssembly {
		script += " 'wasm-unsafe-eval'"
		rules = append(rules, "worker-src 'self'")
	}
	return strings.Join(append(rules, script), "; ")
}

// origins are scheme and host of addresses; what is no address is left out.
func origins(addresses []string) []string {
	var out []string
	for _, address := range addresses {
		u, err := url.Parse(address)
		if err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && !strings.ContainsAny(u.Host, "; ,'\"") {
			out = append(out, u.Scheme+"://"+u.Host)
		}
	}
	return out
}
