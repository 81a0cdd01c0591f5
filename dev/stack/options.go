package stack

import (
	"time"

	"github.com/remote-issuance/remote-issuance/dev/authority"
	"github.com/remote-issuance/remote-issuance/dev/persons"
)

// Options say what stack is started.
type Options struct {
	// DataDir keeps everything; it is created when absent.
	DataDir string
	// Quick makes a day of the deadlines one minute long.
	Quick bool
	// PolicyDay is the length of a day of the deadlines; 0 means 24 hours, or a minute with Quick.
	PolicyDay time.Duration
	// Families are the algorithms of the sandbox CAs; none means all.
	Families []authority.Family
	// Persons are the sample persons; nil means persons.Sample.
	Persons []persons.Person
	// FixedPorts asks for the well-known ports where they are free; without it every port is a free one.
	FixedPorts bool
	// WithoutUI leaves the Temporal Web UI out.
	WithoutUI bool
	// Prometheus runs a Prometheus with the alerts of deploy/prometheus, where one is installed.
	Prometheus bool
	// TimeSkipping lets workflows skip time, for tests.
	TimeSkipping bool
	// Product starts the product; nil runs API, worker and portal as child processes of Executable.
	Product func(Environment) Product
	// Executable is the program that runs the product when its first argument is "issuance"; empty means the one that runs.
	Executable string
	// DatabaseURL and TemporalAddress, when set, are used in place of servers of the stack's own.
	DatabaseURL, TemporalAddress string
	// Environment are variables of the product over those that the stack gives it.
	Environment Environment
	// PostgresSettings are parameters of the private PostgreSQL server, as name=value.
	PostgresSettings []string
	// TemporalSettings are dynamic settings of the stack's own Temporal server, by its keys.
	TemporalSettings map[string]any
	// TemporalAlone runs the Temporal server in a child process of Executable, so that its costs can be told from those of the
	// sandboxes; such a program has to call ServeTemporal when its first argument is TemporalArgument. It has no Web UI.
	TemporalAlone bool
	// TemporalMoves lets days pass for such a server too.
	TemporalMoves bool
	// Rewire changes the whole environment of one of the product's processes, such as ProcessWorker, before it is started for the first
	// time; nil leaves them as they are. The servers run by then.
	Rewire func(process string, e Environment) (Environment, error)
	// Report is told of each step as it is done, with the time it took; nil means silence.
	Report func(step string, took time.Duration)
}

func (o Options) withDefaults() Options {
	if o.PolicyDay == 0 {
		o.PolicyDay = 24 * time.Hour
		if o.Quick {
			o.PolicyDay = time.Minute
		}
	}
	if len(o.Families) == 0 {
		o.Families = []authority.Family{authority.Bign, authority.ECDSA}
	}
	if o.Persons == nil {
		o.Persons = persons.Sample(o.Families...)
	}
	if o.Report == nil {
		o.Report = func(string, time.Duration) {}
	}
	return o
}
