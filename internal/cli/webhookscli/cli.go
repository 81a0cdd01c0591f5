// Package webhookscli holds the commands that look after the webhooks of clients.
package webhookscli

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/remote-issuance/remote-issuance/internal/cli/operator"
	"github.com/remote-issuance/remote-issuance/internal/clock"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/webhook"
)

// Command is "webhooks".
func Command() *cobra.Command {
	return operator.Group("webhooks", "Look after the webhooks of clients", listCommand(), replayCommand(),
		switchCommand("enable", "Enable a webhook; what waits for it is sent", true),
		switchCommand("disable", "Disable a webhook; its client cannot enable it", false))
}

// view is a webhook as programs read it.
type view struct {
	ID           string     `json:"id"`
	URL          string     `json:"url"`
	Description  string     `json:"description,omitempty"`
	UNP          string     `json:"unp,omitempty"`
	State        string     `json:"state"`
	Cause        string     `json:"cause,omitempty"`
	Pending      int64      `json:"pending"`
	FailingSince *time.Time `json:"failingSince,omitempty"`
	CreatedAt    time.Time  `json:"createdAt"`
}

func viewOf(e postgres.WaitingEndpoint) view {
	v := view{
		ID: e.ID.String(), URL: e.URL, Description: e.Description, UNP: e.Client.UNP, State: string(e.State), Cause: string(e.Cause),
		Pending: e.Pending, CreatedAt: e.CreatedAt.In(order.Minsk()),
	}
	if !e.FailingSince.IsZero() {
		since := e.FailingSince.In(order.Minsk())
		v.FailingSince = &since
	}
	return v
}

func listCommand() *cobra.Command {
	var asJSON, failing bool
	cmd := &cobra.Command{
		Use: "list", Short: "List the webhooks of all clients with how many events wait for them", Args: cobra.NoArgs,
		RunE: operator.Run(func(cmd *cobra.Command, _ []string, s *operator.Session) error {
			all, err := postgres.NewWebhooks(s.Pool, nil).All(cmd.Context())
			if err != nil {
				return err
			}
			views := make([]view, 0, len(all))
			for _, e := range all {
				if failing && e.FailingSince.IsZero() && e.State == webhook.StateEnabled {
					continue
				}
				views = append(views, viewOf(e))
			}
			if asJSON {
				return operator.PrintJSON(cmd.OutOrStdout(), views)
			}
			return table(cmd, views)
		}),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&failing, "failing", false, "only those that fail or are disabled")
	return cmd
}

func table(cmd *cobra.Command, views []view) error {
	w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "ID\tSTATE\tWAITING\tFAILING SINCE\tORGANISATION\tURL\tNOTE")
	for _, v := range views {
		state, since := v.State, "-"
		if v.Cause != "" {
			state += " (" + v.Cause + ")"
		}
		if v.FailingSince != nil {
			since = v.FailingSince.Format(time.DateTime)
		}
		_, _ = fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\t%s\t%s\n", v.ID, state, v.Pending, since, cmp.Or(v.UNP, "all"), v.URL, v.Description)
	}
	return w.Flush()
}

func replayCommand() *cobra.Command {
	var after int64
	cmd := &cobra.Command{
		Use: "replay WEBHOOK", Short: "Send the events after a position to a webhook once more", Args: cobra.ExactArgs(1),
		Long: "Sends all events after --after, those that the webhook has missed too. Events are kept for 90 days; 0 begins with the\n" +
			"oldest of them. The worker sends them; a webhook that is disabled gets them when it is enabled.",
	}
	account := operator.AccountFlag(cmd)
	cmd.Flags().Int64Var(&after, "after", 0, "position of the last event that is not to be sent")
	_ = cmd.MarkFlagRequired("after")
	cmd.RunE = operator.Run(func(cmd *cobra.Command, args []string, s *operator.Session) error {
		id, by, err := who(cmd.Context(), s, args[0], account)
		if err != nil {
			return err
		}
		store, total := postgres.NewWebhooks(s.Pool, nil), 0
		for {
			queued, until, err := store.OperatorReplay(cmd.Context(), id, after, by, clock.Now())
			if err != nil {
				return err
			}
			total, after = total+queued, until
			if queued < postgres.ReplayLimit {
				operator.Printf(cmd, "%d events are on their way, up to position %d", total, until)
				return nil
			}
		}
	})
	return cmd
}

func switchCommand(use, short string, enabled bool) *cobra.Command {
	cmd := &cobra.Command{Use: use + " WEBHOOK", Short: short, Args: cobra.ExactArgs(1)}
	account := operator.AccountFlag(cmd)
	cmd.RunE = operator.Run(func(cmd *cobra.Command, args []string, s *operator.Session) error {
		id, by, err := who(cmd.Context(), s, args[0], account)
		if err != nil {
			return err
		}
		if err := postgres.NewWebhooks(s.Pool, nil).Switch(cmd.Context(), id, enabled, by, clock.Now()); err != nil {
			return err
		}
		operator.Printf(cmd, "webhook %s is %sd", args[0], use)
		return nil
	})
	return cmd
}

// who finds the webhook that is meant: by its address or its host where only
// one leads there, or by its id.
func who(ctx context.Context, s *operator.Session, text string, account func() (string, error)) (order.ID, string, error) {
	by, err := account()
	if err != nil {
		return order.ID{}, "", err
	}
	if id, err := order.ParseID(text); err == nil {
		return id, by, nil
	}
	all, err := postgres.NewWebhooks(s.Pool, nil).All(ctx)
	if err != nil {
		return order.ID{}, "", err
	}
	var found []order.ID
	for _, e := range all {
		if u, err := url.Parse(e.URL); e.URL == text || err == nil && u.Host == text {
			found = append(found, e.ID)
		}
	}
	if len(found) != 1 {
		return order.ID{}, "", fmt.Errorf("%d webhooks lead to %q: want the address, host or id of one, as issuance webhooks list shows them", len(found), text)
	}
	return found[0], by, nil
}
