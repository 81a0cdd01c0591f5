package temporal

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/labstack/echo/v4"
	uiserver "github.com/temporalio/ui-server/v2/server"
	"github.com/temporalio/ui-server/v2/server/api"
	uiconfig "github.com/temporalio/ui-server/v2/server/config"
	uioptions "github.com/temporalio/ui-server/v2/server/server_options"
	"google.golang.org/grpc/metadata"
)

type webUI struct {
	server *uiserver.Server
	url    string
	ended  chan struct{}
}

// startUI checks the port before it hands it on: the UI server ends the whole process when it cannot listen.
func startUI(ctx context.Context, opts Options, frontend string) (*webUI, error) {
	port, err := choosePort(opts.UIListen)
	if err != nil {
		return nil, fmt.Errorf("web UI: %w", err)
	}
	host, _, err := net.SplitHostPort(opts.UIListen)
	if err != nil {
		return nil, fmt.Errorf("web UI: %w", err)
	}
	ui := &webUI{url: "http://" + net.JoinHostPort(host, strconv.Itoa(port)), ended: make(chan struct{})}
	var shown []api.Middleware
	if opts.Authorization != nil {
		shown = append(shown, bearer(opts.Authorization.UIToken))
	}
	ui.server = uiserver.NewServer(uioptions.WithAPIMiddleware(shown), uioptions.WithConfigProvider(&uiconfig.Config{
		Host: host, Port: port, TemporalGRPCAddress: frontend, EnableUI: true, DefaultNamespace: opts.Namespace,
		// Operators look; what they change goes through the service's own commands.
		DisableWriteActions: true,
		CORS:                uiconfig.CORS{CookieInsecure: true}, HideLogs: true, DisableNewsFetch: true,
		Codec: uiconfig.Codec{Endpoint: opts.Codec.Endpoint, PassAccessToken: opts.Codec.PassAccessToken,
			IncludeCredentials: opts.Codec.IncludeCredentials},
	}))
	go func() {
		defer close(ui.ended)
		_ = ui.server.Start()
	}()
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := repeat(ctx, func() error { return ui.answers(ctx) }); err != nil {
		ui.close()
		return nil, fmt.Errorf("web UI: %w", err)
	}
	return ui, nil
}

// bearer shows a token to the server in the name of whoever looks.
func bearer(token string) api.Middleware {
	return func(echo.Context) runtime.ServeMuxOption {
		return runtime.WithMetadata(func(context.Context, *http.Request) metadata.MD {
			return metadata.Pairs("authorization", "Bearer "+token)
		})
	}
}

func (u *webUI) answers(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.url+"/healthz", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("status %s", resp.Status)
	}
	return nil
}

func (u *webUI) close() {
	u.server.Stop()
	<-u.ended
}
