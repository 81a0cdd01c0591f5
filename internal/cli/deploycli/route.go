package deploycli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/cli/operator"
	"github.com/remote-issuance/remote-issuance/internal/cli/requestcli"
	"github.com/remote-issuance/remote-issuance/internal/engine/deployment"
)

func rampCommand(own string) *cobra.Command {
	var build string
	cmd := &cobra.Command{
		Use: "ramp PERCENT", Short: "Give a build a share of the workflows", Args: cobra.ExactArgs(1),
		Long: "Gives a build a share of the workflows, those that wait too when something happens to them. --build names the build; without it\n" +
			"the build of this program is meant.",
	}
	account := operator.AccountFlag(cmd)
	cmd.Flags().StringVar(&build, "build", own, "the build that gets the share")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		percent, err := strconv.ParseFloat(args[0], 32)
		if err != nil || !(percent > 0 && percent < 100) {
			return fmt.Errorf("%q: want more than 0 and less than 100 percent; issuance deploy current gives everything, rollback nothing", args[0])
		}
		if build, err = named(nil, build); err != nil {
			return err
		}
		s, err := open(cmd.Context(), account)
		if err != nil {
			return err
		}
		defer s.close()
		err = s.deployment.Ramp(cmd.Context(), build, float32(percent))
		return s.changed(cmd, err, fmt.Sprintf("%s %% of the workflows go to %s", args[0], build), audit.ActionBuildRamped,
			audit.Evidence{"deployment": s.name, "build": build, "percent": strconv.FormatFloat(percent, 'f', -1, 32)})
	}
	return cmd
}

func currentCommand(own string) *cobra.Command {
	var unversioned bool
	cmd := &cobra.Command{
		Use: "current [BUILD]", Short: "Give a build all workflows", Args: cobra.MaximumNArgs(1),
		Long: "Gives a build all workflows, those that wait too when something happens to them; without a name the build of this program is meant.",
	}
	account := operator.AccountFlag(cmd)
	cmd.Flags().BoolVar(&unversioned, "unversioned", false, "give them to workers without TEMPORAL_DEPLOYMENT")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var build string
		var err error
		switch {
		case unversioned && len(args) > 0:
			err = errors.New("a build or --unversioned, not both")
		case !unversioned:
			build, err = named(args, own)
		}
		if err != nil {
			return err
		}
		s, err := open(cmd.Context(), account)
		if err != nil {
			return err
		}
		defer s.close()
		err = s.deployment.SetCurrent(cmd.Context(), build)
		return s.changed(cmd, err, "current is "+shown(build), audit.ActionBuildCurrent, evidence(s.name, "build", build))
	}
	return cmd
}

func rollbackCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "rollback", Short: "Take all workflows from the newest build", Args: cobra.NoArgs,
		Long: "Ends the ramp when there is one; otherwise makes the build current that was it before.",
	}
	account := operator.AccountFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		s, err := open(cmd.Context(), account)
		if err != nil {
			return err
		}
		defer s.close()
		from, to, err := s.deployment.Rollback(cmd.Context())
		e := evidence(s.name, "build", to)
		e["from"] = from
		return s.changed(cmd, err, fmt.Sprintf("rolled back from %s: all workflows go to %s", from, shown(to)), audit.ActionBuildRolledBack, e)
	}
	return cmd
}

// changed tells and records a change of the routing, also one that every queue has not heard of yet.
func (s *session) changed(cmd *cobra.Command, err error, told string, action audit.Action, e audit.Evidence) error {
	if err != nil && !errors.Is(err, deployment.ErrUnsettled) {
		return advise(err)
	}
	operator.Printf(cmd, "%s", told)
	return errors.Join(advise(err), record(context.WithoutCancel(cmd.Context()), s.pool, s.account, action, e))
}

// evidence leaves out what has no name.
func evidence(deployment, name, value string) audit.Evidence {
	e := audit.Evidence{"deployment": deployment}
	if value != "" {
		e[name] = value
	}
	return e
}

// drainEvery is how often the server is asked whether a build is drained.
const drainEvery = 2 * time.Second

func drainCommand() *cobra.Command {
	var wait time.Duration
	cmd := &cobra.Command{
		Use: "drain BUILD", Short: "Wait until the workers of a build may be stopped", Args: cobra.ExactArgs(1),
		Long: "Waits until nothing is routed or pinned to the build. Orders whose last step it took wait on; the current build takes their next.\n" +
			"Exits with 1 when it is not drained in time.",
		RunE: func(cmd *cobra.Command, args []string) error {
			build, err := named(args, "")
			if err != nil {
				return err
			}
			s, err := open(cmd.Context(), nobody)
			if err != nil {
				return err
			}
			defer s.close()
			for until := time.Now().Add(wait); ; {
				v, done, err := s.deployment.Drained(cmd.Context(), build)
				switch {
				case err != nil:
					return advise(err)
				case done:
					operator.Printf(cmd, "%s is drained: its workers may be stopped; %d workflows whose last step it took go on under the current build", build, v.Waiting)
					return nil
				case time.Now().After(until):
					operator.Printf(cmd, "%s is %s with %d workflows pinned to it: leave its workers running and ask again", build, v.State, v.Pinned)
					return requestcli.ErrVerdict
				}
				select {
				case <-cmd.Context().Done():
					return cmd.Context().Err()
				case <-time.After(drainEvery):
				}
			}
		},
	}
	cmd.Flags().DurationVar(&wait, "wait", 10*time.Minute, "how long to wait; the server takes some minutes to say so")
	return cmd
}
