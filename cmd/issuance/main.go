// Command issuance is the service: api, worker, migrate, and the tools of
// operators. Run it without arguments for the list.
package main

import (
	"os"
	_ "time/tzdata" // Minsk time on machines without a time zone database

	"github.com/remote-issuance/remote-issuance/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:])) }
