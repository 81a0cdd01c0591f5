package gateways

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
)

// AddressVariable says where the sandboxes of a stack are; its environment.sh sets it.
const AddressVariable = "ASSIST_HOST"

// DefaultURL is where they are when nothing says so: those of a stack on its well-known ports.
const DefaultURL = "http://127.0.0.1:8094"

const usage = `usage: pay card|erip NUMBER [flags]      pay an order
       pay reversal TRANSACTION [flags]   take an ERIP payment back
       pay register                       send the register of ERIP
       pay bank [flags]                   book a transfer and send the statement
flags: see pay card -h and so on
`

// errUsage is returned for a command line that makes no sense.
var errUsage = errors.New("not a payment command")

// Command plays a payer from the command line against running sandboxes and prints what was answered as JSON.
func Command(ctx context.Context, args []string, out io.Writer) error {
	err := play(ctx, args, out)
	if errors.Is(err, errUsage) {
		_, _ = io.WriteString(out, usage)
	}
	return err
}

func play(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 {
		return errUsage
	}
	c := &command{ctx: ctx, out: out, flags: flag.NewFlagSet("pay "+args[0], flag.ContinueOnError)}
	c.flags.SetOutput(out)
	c.flags.StringVar(&c.url, "sandboxes", cmp.Or(os.Getenv(AddressVariable), DefaultURL), "address of the sandboxes")
	switch kind, rest := args[0], args[1:]; kind {
	case "card":
		return c.card(rest)
	case "erip":
		return c.erip(rest)
	case "reversal":
		return c.reversal(rest)
	case "register":
		return c.run(rest, 0, func([]string) error { return c.post("/api/erip/drops", struct{}{}) })
	case "bank":
		return c.bank(rest)
	default:
		return errUsage
	}
}

type command struct {
	ctx   context.Context //nolint:containedctx // one command's life
	out   io.Writer
	flags *flag.FlagSet
	url   string
}

func (c *command) faults() *Faults {
	f := &Faults{}
	c.flags.IntVar(&f.Repeats, "repeats", 0, "how many times more each message is sent")
	c.flags.IntVar(&f.LoseAnswers, "lose-answers", 0, "how many times the connection breaks before the answer is read")
	c.flags.IntVar(&f.DelayMillis, "delay", 0, "how long each message waits, in milliseconds")
	c.flags.BoolVar(&f.BadSignature, "bad-signature", false, "spoil check value or signature")
	c.flags.BoolVar(&f.Never, "never", false, "take the money and push nothing (card)")
	return f
}

// run parses flags, before or behind the arguments, and wants so many of those.
func (c *command) run(args []string, want int, do func(args []string) error) error {
	var plain []string
	for len(args) > 0 {
		if !strings.HasPrefix(args[0], "-") {
			plain, args = append(plain, args[0]), args[1:]
			continue
		}
		if err := c.flags.Parse(args); err != nil {
			return err
		}
		args = c.flags.Args()
	}
	if len(plain) != want {
		return errUsage
	}
	return do(plain)
}

func (c *command) card(args []string) error {
	var p CardPayment
	faults := c.faults()
	c.flags.StringVar(&p.Amount, "amount", "", "what is taken, when it is not the order's amount")
	c.flags.BoolVar(&p.Declined, "declined", false, "the card is declined")
	return c.run(args, 1, func(args []string) error {
		p.OrderNumber, p.Faults = args[0], *faults
		if p.Amount == "" {
			p.Amount = c.owed(args[0])
		}
		return c.post("/api/cards", p)
	})
}

// owed asks the service, as everybody may who has a payment number, so that a card can pay before anybody opened the card page. It is
// empty when the service does not say; then the sandbox knows the sum or says that it needs one.
func (c *command) owed(number string) string {
	address := cmp.Or(os.Getenv("PUBLIC_URL"), "http://127.0.0.1:8080") + "/v1/payments/status/" + url.PathEscape(number)
	req, err := http.NewRequestWithContext(c.ctx, http.MethodGet, address, nil)
	if err != nil {
		return ""
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return ""
	}
	defer resp.Body.Close()
	var status struct {
		Amount string `json:"amount"`
	}
	if resp.StatusCode != http.StatusOK || json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(&status) != nil {
		return ""
	}
	return status.Amount
}

func (c *command) erip(args []string) error {
	var p ERIPPayment
	faults := c.faults()
	c.flags.StringVar(&p.Amount, "amount", "", "what is paid, when it is not the debt")
	c.flags.BoolVar(&p.Failed, "failed", false, "the payment fails in the end")
	c.flags.BoolVar(&p.LoseResult, "lose-result", false, "take the money and never say so; only the register does")
	return c.run(args, 1, func(args []string) error {
		p.Account, p.Faults = args[0], *faults
		return c.post("/api/erip/payments", p)
	})
}

func (c *command) reversal(args []string) error {
	faults := c.faults()
	return c.run(args, 1, func(args []string) error {
		id, err := strconv.ParseInt(args[0], 10, 64)
		if err != nil {
			return errUsage
		}
		return c.post("/api/erip/reversals", reversal{TransactionID: id, Faults: *faults})
	})
}

func (c *command) bank(args []string) error {
	var credit Credit
	faults := c.faults()
	c.flags.StringVar(&credit.PayerUNP, "unp", "", "taxpayer number of the payer")
	c.flags.StringVar(&credit.Amount, "amount", "", "sum, such as 49.90")
	c.flags.StringVar(&credit.Purpose, "purpose", "", "purpose of the payment with its ROAIS number")
	format := c.flags.String("format", string(StatementText), "statement: text or 1c")
	folder := c.flags.Bool("folder", false, "put the statement into the watched folder instead of uploading it")
	return c.run(args, 0, func([]string) error {
		if err := c.post("/api/bank/credits", credit); err != nil {
			return err
		}
		if *folder {
			return c.post("/api/bank/drops", upload{Format: StatementFormat(*format)})
		}
		return c.post("/api/bank/uploads", upload{Format: StatementFormat(*format), Faults: *faults})
	})
}

func (c *command) post(path string, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(c.ctx, http.MethodPost, c.url+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the sandboxes answered HTTP %d: %s", resp.StatusCode, strings.TrimSpace(string(answer)))
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, answer, "", "  "); err != nil {
		return err
	}
	_, err = pretty.WriteTo(c.out)
	return err
}
