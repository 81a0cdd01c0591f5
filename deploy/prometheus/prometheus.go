// Package prometheus holds the rules of the alerts and the console page, for
// programs that run a Prometheus beside the service.
package prometheus

import "embed"

// Files are alerts.yml and consoles/index.html.
//
//go:embed alerts.yml consoles
var Files embed.FS
