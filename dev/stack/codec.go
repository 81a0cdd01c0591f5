package stack

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"time"

	"github.com/remote-issuance/remote-issuance/dev/persons"
)

// startCodec puts the operator's token before the API's codec endpoint. In
// production the Temporal UI signs its users in and passes their token on; the
// local UI has no sign-in, and whoever sits before it is the operator.
func (s *Stack) startCodec() error {
	api, err := url.Parse(s.URLs.API)
	if err != nil {
		return err
	}
	if _, err := s.issuer.Token(persons.Operator); err != nil {
		return fmt.Errorf("token of the operator: %w", err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(api)
		if token, err := s.issuer.Token(persons.Operator); err == nil && r.In.Method != http.MethodOptions {
			r.Out.Header.Set("Authorization", "Bearer "+token)
		}
	}}
	listener, err := net.Listen("tcp", s.ports.listen(serviceCodec))
	if err != nil {
		return err
	}
	s.URLs.Codec = s.ports.url(serviceCodec) + "/codec"
	server := &http.Server{Handler: proxy, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }()
	s.onClose(func() error {
		if err := server.Close(); err != nil && !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	return nil
}
