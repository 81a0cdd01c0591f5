package main

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/dev/faults/judge"
	"github.com/remote-issuance/remote-issuance/dev/stack"
	"github.com/remote-issuance/remote-issuance/internal/cli"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

func TestMain(m *testing.M) {
	if code, ok := stack.Child(os.Args, cli.Main); ok {
		os.Exit(code)
	}
	os.Exit(m.Run())
}

// A few orders meet a few faults, so that the bench does not rot; what it is for takes an hour.
func TestI1_P4_AFewOrdersMeetAFewFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a stack")
	}
	var out bytes.Buffer
	err := run(t.Context(), []string{"-orders", "20", "-faults", "6", "-seed", "7", "-disk", "0", "-data", t.TempDir(), "-patience", "2m", "-rest", "4s"}, &out)
	require.NoError(t, err, out.String())
	require.Contains(t, out.String(), "seed 7: 20 orders, 6 faults, 0 violations")
}

func TestPlan(t *testing.T) {
	p, err := parse([]string{"-orders", "7", "-events", "worker,temporal"}, io.Discard)
	require.NoError(t, err)
	require.Equal(t, []string{stack.ProcessWorker, processTemporal}, p.events)
	require.NotZero(t, p.seed, "one is drawn")
	for _, wrong := range [][]string{{"-orders", "0"}, {"-faults", "-1"}, {"-lanes", "0"}, {"-events", "portal"}, {"-x"}} {
		_, err := parse(wrong, io.Discard)
		require.Error(t, err, wrong)
	}
}

// The same seed draws the same stories and faults, every story there is and exactly as many orders as were asked for.
func TestDraws(t *testing.T) {
	list := units(5, 10_000)
	require.Equal(t, list, units(5, 10_000))
	require.NotEqual(t, list, units(6, 10_000))
	made, stories := 0, map[story]int{}
	for _, u := range list {
		made += u.orders()
		stories[u.story]++
		require.NotEmpty(t, u.story.ends(), u.story)
		require.False(t, u.each == 0 && (u.story == rejected || u.story == unconfirmed || u.story == oneLeaves), "%+v", u)
	}
	require.Equal(t, 10_000, made)
	for _, w := range append(both(), weighed{rejected, 0}, weighed{unconfirmed, 0}, weighed{oneLeaves, 0}) {
		require.Positive(t, stories[w.story], w.story)
	}
	rnd, seen := rand.New(rand.NewPCG(1, 1)), map[string]int{}
	for range 5000 {
		seen[draw(kinds(true), rnd).name]++
	}
	require.Len(t, seen, len(kinds(true)))
	require.Len(t, kinds(false), len(kinds(true))-1)
}

func TestEndsThatDaysBring(t *testing.T) {
	for _, s := range []story{unconfirmed, unpaid, tooLate} {
		require.Equal(t, order.EndAnnulled, s.ends()[0].End, s)
	}
	d := &driver{}
	d.done.Orders = []judge.Order{{ID: order.NewID(), Ends: unpaid.ends()}, {ID: order.NewID(), Ends: race.ends()}}
	require.Equal(t, []string{d.done.Orders[0].ID.String()}, d.waits())
}

func TestTheNetworkIsCutAndStalls(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = l.Close() }()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(c, c) }()
		}
	}()
	p, err := startProxy(l.Addr().String())
	require.NoError(t, err)
	defer func() { _ = p.close() }()
	dial := func() net.Conn {
		c, err := net.Dial("tcp", p.address())
		require.NoError(t, err)
		require.NoError(t, c.SetDeadline(time.Now().Add(10*time.Second)))
		return c
	}
	echo := func(c net.Conn) error {
		if _, err := c.Write([]byte{1}); err != nil {
			return err
		}
		_, err := io.ReadFull(c, make([]byte, 1))
		return err
	}
	c := dial()
	require.NoError(t, echo(c))
	flow, began := p.stall(), time.Now()
	time.AfterFunc(200*time.Millisecond, flow)
	require.NoError(t, echo(c))
	require.GreaterOrEqual(t, time.Since(began), 200*time.Millisecond)
	p.refuse(true)
	p.cut()
	require.Error(t, echo(c), "cut in the middle")
	require.Error(t, echo(dial()), "and nobody comes in")
	p.refuse(false)
	require.NoError(t, echo(dial()))
}
