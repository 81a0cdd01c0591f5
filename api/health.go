package api

import (
	"context"
	_ "embed" // the contract is part of the program
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/api/contract"
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
}

func (s *Server) getHealth(c *gin.Context) error {
	c.JSON(http.StatusOK, contract.Health{Status: contract.Ok})
	return nil
}

// getReadiness asks database and Temporal, each for at most two seconds.
func (s *Server) getReadiness(c *gin.Context) error {
	ctx, cancel := context.WithTimeout(c, 2*time.Second)
	defer cancel()
	view := contract.Health{Status: contract.Ok, Checks: map[string]string{"database": "ok", "temporal": "ok"}}
	if err := s.health.database.Ping(ctx); err != nil {
		s.log.ErrorContext(c, "database does not answer", "error", err)
		view.Status, view.Checks["database"] = contract.Unavailable, "unavailable"
	}
	if err := s.health.temporal.Healthy(ctx); err != nil {
		s.log.ErrorContext(c, "temporal does not answer", "error", err)
		view.Status, view.Checks["temporal"] = contract.Unavailable, "unavailable"
	}
	status := http.StatusOK
	if view.Status != contract.Ok {
		status = http.StatusServiceUnavailable
	}
	c.JSON(status, view)
	return nil
}

func (s *Server) getContract(c *gin.Context) error {
	c.Data(http.StatusOK, "application/yaml", document)
	return nil
}
