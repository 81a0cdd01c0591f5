package activities

import "context"

// Probe looks at one thing that a build needs and changes nothing.
type Probe struct {
	// Name is what it looks at, such as "database" or "register egr".
	Name string
	// Look returns why the thing cannot be used.
	Look func(ctx context.Context) error
}

// CanaryFinding is what a probe came to.
type CanaryFinding struct {
	// Name is that of the probe; Fault is empty when all is well.
	Name  string `json:"name"`
	Fault string `json:"fault,omitempty"`
}

// CanaryReport is what a build says of itself.
type CanaryReport struct {
	// Build is the build that has worked; Patches is adopt or hold.
	Build   string `json:"build"`
	Patches string `json:"patches"`
	// Findings are one for each probe, in a fixed order.
	Findings []CanaryFinding `json:"findings"`
}

// Canary tries a build without touching an order.
type Canary struct {
	Build, Patches string
	// Database is looked at as workflows use it, by a local activity.
	Database Probe
	// Neighbours are keys and systems outside.
	Neighbours []Probe
}

// ProbeDatabase looks at the database.
func (c *Canary) ProbeDatabase(ctx context.Context) (CanaryFinding, error) {
	return c.Database.find(ctx), nil
}

// ProbeNeighbours looks at the keys and at the systems outside. What is found
// is an answer, never an error: a build that is tried again looks no better.
func (c *Canary) ProbeNeighbours(ctx context.Context) (CanaryReport, error) {
	r := CanaryReport{Build: c.Build, Patches: c.Patches}
	for _, p := range c.Neighbours {
		r.Findings = append(r.Findings, p.find(ctx))
	}
	return r, nil
}

func (p Probe) find(ctx context.Context) CanaryFinding {
	f := CanaryFinding{Name: p.Name}
	if err := p.Look(ctx); err != nil {
		f.Fault = err.Error()
	}
	return f
}
