package api

import (
	"context"
	_ "embed" // the contract is part of the program
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/storage"
)

//go:embed openapi.yaml
var document []byte

// Pinger answers when the database can be reached.
type Pinger interface {
	Ping(ctx context.Context) error
}

// health is what the service rests on.
type health struct {
	database Pinger
	temporal interface {
		Healthy(ctx context.Context) error
	}
	// issuer is nil where no issuer of tokens is asked.
	issuer func(ctx context.Context) error
}

func (s *Server) getHealth(c *gin.Context) error {
	c.JSON(http.StatusOK, contract.Health{Status: contract.Ok})
	return nil
}

// getReadiness asks database and Temporal, and the issuer of tokens until it has
// answered once, for at most two seconds.
func (s *Server) getReadiness(c *gin.Context) error {
	ctx, cancel := context.WithTimeout(c.Request.Context(), 2*time.Second)
	defer cancel()
	view := contract.Health{Status: contract.Ok, Checks: map[string]string{"database": "ok", "temporal": "ok"}}
	// Beside the others: one that is slow must not hide why another fails.
	issuer := make(chan error, 1)
	if s.health.issuer != nil {
		go func() { issuer <- s.health.issuer(ctx) }()
	}
	if err := s.health.database.Ping(ctx); err != nil {
		s.unready(c, "database does not answer", err)
		view.Status, view.Checks["database"] = contract.Unavailable, "unavailable"
	}
	if err := s.health.temporal.Healthy(ctx); err != nil {
		s.unready(c, "temporal does not answer", err)
		view.Status, view.Checks["temporal"] = contract.Unavailable, "unavailable"
	}
	if s.health.issuer != nil {
		view.Checks["issuer"] = "ok"
		if err := <-issuer; err != nil {
			s.unready(c, "the issuer of tokens has never answered, nobody can sign in", err)
			view.Status, view.Checks["issuer"] = contract.Unavailable, "has never answered"
		}
	}
	status := http.StatusOK
	if view.Status != contract.Ok {
		status = http.StatusServiceUnavailable
	}
	c.JSON(status, view)
	return nil
}

// unready logs what does not answer; whoever did not wait for it has found out nothing.
func (s *Server) unready(c *gin.Context, what string, err error) {
	level := slog.LevelError
	if c.Request.Context().Err() != nil {
		level = slog.LevelInfo
	}
	s.log.Log(c.Request.Context(), level, what, "error", err)
}

// problemPages are those of the API's own problems and of the storage's.
func problemPages(base string) (*web.Pages, error) {
	others, err := storage.Problems()
	if err != nil {
		return nil, err
	}
	foreign := map[web.Slug]web.Foreign{}
	for slug, p := range others {
		foreign[web.Slug(slug)] = web.Foreign(p)
	}
	return web.NewPages(base, foreign)
}

func (s *Server) getContract(c *gin.Context) error {
	c.Data(http.StatusOK, "application/yaml", document)
	return nil
}
