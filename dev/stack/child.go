package stack

import (
	"fmt"
	"os"
)

// Child runs the part of a stack that the first argument of the program names, if
// it names one: the service by command, or the Temporal server.
func Child(args []string, command func(args []string) int) (code int, ok bool) {
	if len(args) < 2 {
		return 0, false
	}
	switch args[1] {
	case Argument:
		return command(args[2:]), true
	case TemporalArgument:
		if err := ServeTemporal(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1, true
		}
		return 0, true
	default:
		return 0, false
	}
}
