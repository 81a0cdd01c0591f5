package erip

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// LockTime is how long a started payment keeps others from starting one for
// the same number.
const LockTime = 30 * time.Minute

// ContentType is the media type of our answers.
const ContentType = "text/xml; charset=windows-1251"

// Config is a provider's contract with ERIP.
type Config struct {
	// ServiceNo is the code of our leaf in the ERIP tree; messages for another
	// one are refused. Zero takes any.
	ServiceNo int64
	// Salt signs messages in the iPay flavour. When it is set, a message
	// without the right signature is refused and answers are signed.
	Salt payments.Secret
}

// Provider answers ERIP. It is safe for use by several goroutines as far as
// its store is.
type Provider struct {
	cfg   Config
	store Store
	now   func() time.Time
}

// New connects a contract with a store. The clock is usually time.Now.
func New(cfg Config, store Store, now func() time.Time) (*Provider, error) {
	if store == nil || now == nil {
		return nil, errors.New("erip: a store and a clock are required")
	}
	if cfg.ServiceNo < 0 {
		return nil, errors.New("erip: service number is negative")
	}
	return &Provider{cfg: cfg, store: store, now: now}, nil
}

// Handle answers one HTTP request: the body to send with HTTP 200, whatever
// happened, and its headers. A payment is in the ledger before Handle answers
// it (P6). The error is for the log only; it holds no personal data.
func (p *Provider) Handle(ctx context.Context, body []byte, contentType string, header http.Header) ([]byte, http.Header, error) {
	response, err := p.answer(ctx, body, contentType, header)
	out := response.Encode()
	h := http.Header{"Content-Type": {ContentType}}
	if !p.cfg.Salt.IsZero() {
		h.Set(SignatureHeader, Sign(p.cfg.Salt, out))
	}
	return out, h, err
}

func (p *Provider) answer(ctx context.Context, body []byte, contentType string, header http.Header) (Response, error) {
	doc, err := Extract(body, contentType)
	if err != nil && p.cfg.Salt.IsZero() {
		return p.unreadable(ctx, "", body, err)
	}
	if err != nil {
		return refuse("", textBadMessage), err
	}
	if !p.cfg.Salt.IsZero() && !Verify(p.cfg.Salt, doc, header.Get(SignatureHeader)) {
		return refuse("", textBadMessage), ErrSignature
	}
	request, err := DecodeRequest(doc)
	if err != nil {
		return p.unreadable(ctx, request.Type, doc, err)
	}
	if p.cfg.ServiceNo != 0 && request.ServiceNo != 0 && request.ServiceNo != p.cfg.ServiceNo {
		return refuse(request.Type, textOtherService), fmt.Errorf("erip: message for service %d", request.ServiceNo)
	}
	return p.Serve(ctx, request, doc)
}

// unreadable keeps a message that is ERIP's and cannot be understood, and
// refuses it. It waits for an operator unless it only asked for consent: then no
// money has moved (P4).
func (p *Provider) unreadable(ctx context.Context, t RequestType, raw []byte, problem error) (Response, error) {
	n := payments.Unreadable(payments.SourceERIP, raw, p.now())
	switch t {
	case ServiceInfo, TransactionStart, StornStart:
		n.Kind = payments.KindNoMoney
	case TransactionResult, StornResult:
	}
	err := p.store.InTx(ctx, func(tx Tx) error {
		_, err := tx.Record(ctx, n)
		return err
	})
	if err != nil {
		return refuse("", textTryLater), errors.Join(problem, err)
	}
	return refuse("", textBadMessage), problem
}

// Serve answers one decoded message; raw is kept in the ledger. When the store
// fails, the answer is a refusal, so that ERIP asks again.
func (p *Provider) Serve(ctx context.Context, r Request, raw []byte) (Response, error) {
	var response Response
	err := p.store.InTx(ctx, func(tx Tx) error {
		var err error
		s := step{ctx: ctx, tx: tx, now: p.now(), request: r, raw: raw}
		response, err = s.serve()
		return err
	})
	if err != nil {
		return refuse(r.Type, textTryLater), fmt.Errorf("erip: %s: %w", r.Type, err)
	}
	return response, nil
}

func refuse(t RequestType, text string) Response { return Response{Type: t, Errors: []string{text}} }
