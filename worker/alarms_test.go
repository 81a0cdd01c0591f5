package worker

import (
	"bytes"
	"context"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/issuance"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/status"
	"github.com/remote-issuance/remote-issuance/internal/telemetry"
)

// alarmed is a bench whose gate's refusals are heard as those of the worker.
func alarmed(t *testing.T) (*bench, gateAlarms, *issuance.Authority, *bytes.Buffer) {
	t.Helper()
	b := newBench(t)
	log := &bytes.Buffer{}
	metrics, err := telemetry.NewMetrics(slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	alarms, err := newGateAlarms(metrics, slog.New(slog.NewTextHandler(log, nil)), b.audit)
	require.NoError(t, err)
	authority, err := b.Authority(b.issuers, b.Certificates)
	require.NoError(t, err)
	store, err := b.Store(b.Certificates)
	require.NoError(t, err)
	store.Alarms = alarms
	authority.Service, err = ca.NewService(b.issuers, store)
	require.NoError(t, err)
	return b, alarms, authority, log
}

func counted(a gateAlarms, r issuance.Refusal) float64 {
	return testutil.ToFloat64(a.refusals.WithLabelValues(string(r)))
}

func (b *bench) gateConcern(at time.Time) *status.Concern {
	b.t.Helper()
	r, err := status.Look(b.t.Context(), status.Sources{Store: postgres.NewStatus(b.Pool), SealedEvery: time.Hour}, at)
	require.NoError(b.t, err)
	for _, c := range r.Concerns {
		if c.Code == status.GateRefused {
			return &c
		}
	}
	return nil
}

func TestM6_P4_I1_ARefusalOfTheGateIsHeard(t *testing.T) {
	b, alarms, authority, log := alarmed(t)
	saved, bill := b.Saved(t, "applicant")
	require.Equal(t, len(issuance.Refusals()), testutil.CollectAndCount(alarms.refusals), "each reason is there before its first refusal")
	require.Nil(t, b.gateConcern(time.Now()))
	for range 2 {
		_, err := authority.Issue(t.Context(), saved.ID)
		require.ErrorIs(t, err, issuance.ErrNotProven)
	}
	require.EqualValues(t, 2, counted(alarms, issuance.RefusedPayment))
	require.Zero(t, counted(alarms, issuance.RefusedStage))
	require.Equal(t, 2, strings.Count(log.String(), "refusal=payment"))

	entries, err := b.audit.OrderEntries(t.Context(), saved.ID.String())
	require.NoError(t, err)
	last := entries[len(entries)-1]
	require.Equal(t, audit.ActionIssueRefused, last.Action)
	require.Equal(t, "payment", last.Evidence["missing"])
	require.NotEmpty(t, last.Evidence["key"])
	require.Equal(t, 1, strings.Count(strings.Join(b.actions(saved.ID), " "), string(audit.ActionIssueRefused)), "once, however often it is asked for")

	c := b.gateConcern(time.Now())
	require.NotNil(t, c, "issuance status names it")
	require.Equal(t, []string{strconv.FormatInt(saved.Number, 10)}, c.Names())

	b.Pay(t, bill)
	_, err = authority.Issue(t.Context(), saved.ID)
	require.NoError(t, err)
	require.NotNil(t, b.gateConcern(time.Now()), "what nearly was stays to be looked into")
	require.Nil(t, b.gateConcern(time.Now().Add(25*time.Hour)))
}

func TestA1c_ARevocationEndsTheOrderAndIsNoAlarm(t *testing.T) {
	b, alarms, _, log := alarmed(t)
	id := order.NewID()
	require.NoError(t, alarms.Refused(t.Context(), id, "k", []issuance.Refusal{issuance.RefusedRevocation}))
	require.EqualValues(t, 1, counted(alarms, issuance.RefusedRevocation))
	require.Empty(t, b.actions(id))
	require.Empty(t, log.String())
}

func TestM6_ARefusalThatNobodyCouldHearIsAskedForAgain(t *testing.T) {
	b, _, authority, _ := alarmed(t)
	saved, _ := b.Saved(t, "applicant")
	b.exec("ALTER TABLE audit_entries ADD CONSTRAINT full_disk CHECK (action <> 'issue-refused')")
	_, err := authority.Issue(t.Context(), saved.ID)
	require.Error(t, err)
	require.NotErrorIs(t, err, issuance.ErrNotProven, "that error would end the activity for good")
	b.exec("ALTER TABLE audit_entries DROP CONSTRAINT full_disk")
	_, err = authority.Issue(context.WithoutCancel(t.Context()), saved.ID)
	require.ErrorIs(t, err, issuance.ErrNotProven)
	require.Contains(t, b.actions(saved.ID), string(audit.ActionIssueRefused))
}
