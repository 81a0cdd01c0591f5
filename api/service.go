package api

import (
	"context"
	_ "embed"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"go.temporal.io/sdk/client"
)

//go:embed openapi.yaml
var contract []byte

// healthView says whether the service and what it rests on are well.
type healthView struct {
	Status string            `json:"status"`
	Checks map[string]string `json:"checks,omitempty"`
}

func (s *Server) getHealth(c *gin.Context) error {
	c.JSON(http.StatusOK, healthView{Status: "ok"})
	return nil
}

// getReadiness asks database and Temporal, and the issuer of tokens until it has
// answered once, for at most two seconds.
func (s *Server) getReadiness(c *gin.Context) error {
	ctx, cancel := context.WithTimeout(c, 2*time.Second)
	defer cancel()
	view := healthView{Status: "ok", Checks: map[string]string{"database": "ok", "temporal": "ok"}}
	// Beside the others: one that is slow must not hide why another fails.
	issuer := make(chan error, 1)
	if s.Issuer != nil {
		go func() { issuer <- s.Issuer(ctx) }()
	}
	if err := s.Store.Ping(ctx); err != nil {
		s.log.ErrorContext(c, "database does not answer", "error", err)
		view.Status, view.Checks["database"] = "unavailable", "unavailable"
	}
	if _, err := s.Temporal.CheckHealth(ctx, &client.CheckHealthRequest{}); err != nil {
		s.log.ErrorContext(c, "temporal does not answer", "error", err)
		view.Status, view.Checks["temporal"] = "unavailable", "unavailable"
	}
	if s.Issuer != nil {
		view.Checks["issuer"] = "ok"
		if err := <-issuer; err != nil {
			s.log.ErrorContext(c, "the issuer of tokens has never answered, nobody can sign in", "error", err)
			view.Status, view.Checks["issuer"] = "unavailable", "has never answered"
		}
	}
	status := http.StatusOK
	if view.Status != "ok" {
		status = http.StatusServiceUnavailable
	}
	c.JSON(status, view)
	return nil
}

func (s *Server) getContract(c *gin.Context) error {
	c.Data(http.StatusOK, "application/yaml", contract)
	return nil
}
