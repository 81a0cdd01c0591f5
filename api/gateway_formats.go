package api

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strconv"

	"github.com/remote-issuance/remote-issuance/internal/clock"
	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/assist"
	"github.com/remote-issuance/remote-issuance/internal/payments/erip"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/process"
	"github.com/remote-issuance/remote-issuance/internal/storage"
)

// The addresses that payment gateways post to in formats of their own.
const (
	pathAssist = "/gateways/assist"
	pathERIP   = "/gateways/erip"
)

// gatewayMounts are the gateways that are configured; each proves by itself
// who it is, no bearer token is asked for.
func gatewayMounts(base *process.Base, c config.API, m PaymentMethods, store stores) (map[string]http.Handler, error) {
	out := map[string]http.Handler{}
	if m.Documents.Assist != nil {
		out[pathAssist] = AssistHandler(assist.NewReceiver(m.Documents.Assist, store.ledger), base.Log)
	}
	if !c.ERIP.Enabled() {
		return out, nil
	}
	service, err := strconv.ParseInt(c.ERIP.ServiceNo, 10, 64)
	if err != nil {
		return nil, errors.New("ERIP_SERVICE_NO is not a number")
	}
	contract := erip.Config{ServiceNo: service, Salt: payments.NewSecret(c.ERIP.SignatureSalt.Reveal())}
	provider, err := erip.New(contract, postgres.NewERIP(base.Pool), clock.Now)
	if err != nil {
		return nil, err
	}
	out[pathERIP] = ERIPHandler(provider, c.ERIP.AllowedNetworks, storage.BehindProxies(c.HTTP.TrustedProxies), base.Log)
	return out, nil
}

// AssistHandler answers the pushes of ASSIST: HTTP 200 with the package
// pushpaymentresult, once the message is on disk (P6). The check value of the
// push is its authentication.
func AssistHandler(receiver *assist.Receiver, log *slog.Logger) http.Handler {
	return posted(func(w http.ResponseWriter, r *http.Request) {
		body, err := readUpTo(r, assist.MaxPush)
		if err != nil {
			http.Error(w, "the body broke off", http.StatusBadRequest)
			return
		}
		answer, err := receiver.Handle(r.Context(), body)
		switch {
		case err != nil:
			log.WarnContext(r.Context(), "push of ASSIST not taken", "firstcode", answer.First, "secondcode", answer.Second, "error", err)
		case answer.First != assist.FirstOK:
			log.WarnContext(r.Context(), "push of ASSIST does not fit an order", "firstcode", answer.First, "secondcode", answer.Second)
		}
		w.Header().Set("Content-Type", assist.ContentType)
		_, _ = w.Write(answer.XML())
	})
}

// ERIPHandler answers the dialogue of ERIP: HTTP 200 with XML in windows-1251
// whatever happened, once a payment is on disk (P6). Whoever calls from outside
// the networks is not ERIP and learns nothing: HTTP 403. The address function
// tells who calls when our own proxies stand before us.
func ERIPHandler(
	provider *erip.Provider, networks []netip.Prefix, address func(*http.Request) netip.Addr, log *slog.Logger,
) http.Handler {
	return posted(func(w http.ResponseWriter, r *http.Request) {
		if peer := address(r); !within(peer, networks) {
			log.WarnContext(r.Context(), "message for ERIP's address from outside of its networks", "address", peer)
			http.Error(w, "not from here", http.StatusForbidden)
			return
		}
		body, err := readUpTo(r, erip.MaxBody)
		if err != nil {
			http.Error(w, "the body broke off", http.StatusBadRequest)
			return
		}
		answer, header, err := provider.Handle(r.Context(), body, r.Header.Get("Content-Type"), r.Header)
		if err != nil {
			log.WarnContext(r.Context(), "message of ERIP refused", "error", err)
		}
		for name, values := range header {
			w.Header()[http.CanonicalHeaderKey(name)] = values
		}
		_, _ = w.Write(answer)
	})
}

func posted(h http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			http.Error(w, "POST only", http.StatusMethodNotAllowed)
			return
		}
		h(w, r)
	})
}

// readUpTo reads one octet more than the limit at most: the format's own
// parser then refuses the message in the gateway's own language.
func readUpTo(r *http.Request, limit int64) ([]byte, error) {
	return io.ReadAll(io.LimitReader(r.Body, limit+1))
}

// within tells whether an address is in one of the networks.
func within(a netip.Addr, networks []netip.Prefix) bool {
	return slices.ContainsFunc(networks, func(n netip.Prefix) bool { return n.Contains(a.Unmap().WithZone("")) })
}
