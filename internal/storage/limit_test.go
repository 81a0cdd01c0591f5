package storage

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var ctx = context.Background()

func from(i int) netip.Addr { return netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}) }

// guess tries a wrong password and tells whether it was heard.
func guess(t require.TestingT, s *Service, login string, address netip.Addr) bool {
	_, err := s.Open(ctx, login, "ABCD", address)
	if errors.Is(err, ErrDenied) {
		return true
	}
	require.ErrorAs(t, err, new(*LimitedError))
	return false
}

func TestI5_BruteForceIsLimitedAcrossProcesses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	login, password := b.provide(t, "order-1")
	processes := []*Service{b.process(t), b.process(t)}
	heard := 0
	for i := range 100 {
		if guess(t, processes[i%2], login, home) {
			heard++
		}
	}
	require.Equal(t, DefaultLimits().PerLogin[0].Attempts, heard)

	var limited *LimitedError
	for _, process := range processes {
		_, err := process.Open(t.Context(), login, password, home)
		require.ErrorAs(t, err, &limited, "the guesser's address is not heard, even with the right password")
	}
	_, err := processes[0].Open(t.Context(), login, password, other)
	require.NoError(t, err, "the owner comes from elsewhere")
	*b.clock = limited.Until
	_, err = b.service.Open(t.Context(), login, password, home)
	require.NoError(t, err)
}

func TestI5_NobodyLocksAnOwnerOut(t *testing.T) {
	t.Parallel()
	b := setup(t)
	login, password := b.provide(t, "order-1")
	heard := map[netip.Addr]int{}
	for i := range 3000 {
		if guess(t, b.service, login, from(i%300)) {
			heard[from(i%300)]++
		}
	}
	require.Equal(t, DefaultLimits().UnderAttack, heard[from(299)], "under attack each address has few guesses")
	for range 20 {
		_, err := b.service.Open(t.Context(), login, password, other)
		require.NoError(t, err)
	}
	// An owner may mistype while the attack goes on.
	require.True(t, guess(t, b.service, login, other))
	require.True(t, guess(t, b.service, login, other))
	_, err := b.service.Open(t.Context(), login, password, other)
	require.NoError(t, err)
}

func TestI5_TheDayIsLimitedToo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	login, _ := b.provide(t, "order-1")
	heard := 0
	for range 96 {
		for range 11 {
			if guess(t, b.service, login, home) {
				heard++
			}
		}
		if *b.clock = b.clock.Add(15 * time.Minute); b.clock.UTC().Truncate(24*time.Hour) != time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC) {
			break
		}
	}
	require.Equal(t, DefaultLimits().PerLogin[1].Attempts, heard)
	require.True(t, guess(t, b.service, login, home), "the next day is another one")
}

func TestI5_OneAddressIsLimitedOverManyLogins(t *testing.T) {
	t.Parallel()
	b := setup(t)
	victim, password := b.provide(t, "order-1")
	heard := 0
	for i := range 100 {
		if guess(t, b.service, fmt.Sprintf("RC-0000-%04d", i), home) {
			heard++
		}
	}
	require.Equal(t, DefaultLimits().PerAddress[0].Attempts, heard)
	for range 100 {
		require.False(t, guess(t, b.service, victim, home))
	}
	_, err := b.service.Open(t.Context(), victim, password, other)
	require.NoError(t, err, "an address that is shut out cannot shut out a login")
}

func TestI5_RightPasswordsCostNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	login, password := b.provide(t, "order-1")
	for range 3 * DefaultLimits().PerAddress[0].Attempts {
		_, err := b.service.Open(t.Context(), login, password, home)
		require.NoError(t, err)
	}
	*b.clock = b.clock.Add(DefaultTerm)
	_, err := b.service.Open(t.Context(), login, password, home)
	require.ErrorIs(t, err, ErrExpired)
	require.Zero(t, b.attempts.all())
}

func TestI5_FailuresOfOursCostNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	login, password := b.provide(t, "order-1")
	b.store.fail = errors.New("connection lost")
	for range 100 {
		_, err := b.service.Open(t.Context(), login, password, home)
		require.ErrorIs(t, err, b.store.fail)
	}
	require.Zero(t, b.attempts.all())
}

func TestI5_GuessesAtOnceCannotOutrunTheLimit(t *testing.T) {
	t.Parallel()
	b := setup(t)
	login, _ := b.provide(t, "order-1")
	var all sync.WaitGroup
	var mu sync.Mutex
	heard := 0
	for range 50 {
		process := b.process(t)
		all.Go(func() {
			if guess(t, process, login, home) {
				mu.Lock()
				heard++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	require.Equal(t, DefaultLimits().PerLogin[0].Attempts, heard)
}

// Whatever anybody tries in whatever order, an address that has not guessed wrong
// opens with the right password, and no address gets more guesses than its limit.
func TestI5_AFreshAddressWithTheRightPasswordAlwaysOpens(t *testing.T) {
	t.Parallel()
	b := setup(t)
	login, password := b.provide(t, "order-1")
	rapid.Check(t, func(rt *rapid.T) {
		b.attempts.counts = map[Counter]int{}
		heard := map[netip.Addr]int{}
		for range rapid.IntRange(0, 120).Draw(rt, "steps") {
			address := from(rapid.IntRange(0, 12).Draw(rt, "address"))
			if rapid.Bool().Draw(rt, "right") {
				_, _ = b.service.Open(ctx, login, password, address)
				continue
			}
			if guess(rt, b.service, login, address) {
				heard[address]++
			}
		}
		for address, n := range heard {
			require.LessOrEqual(rt, n, DefaultLimits().PerLogin[0].Attempts, address)
		}
		_, err := b.service.Open(ctx, login, password, other)
		require.NoError(rt, err)
	})
}
