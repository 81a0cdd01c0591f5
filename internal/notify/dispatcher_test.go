package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

func TestI4_CredentialsAreAskedOnlyForTheirMessage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, stop := start(t)
		email, sms := b.outbox.add(notice(order.NoticeIssued, ChannelEmail)), b.outbox.add(notice(order.NoticePaid, ChannelSMS))
		b.wake <- struct{}{}
		synctest.Wait()
		stop()
		require.Equal(t, "id-"+email.ID.String(), email.provider)
		require.Equal(t, "id-"+sms.ID.String(), sms.provider)
		require.Equal(t, 1, b.secrets.asked)
		for _, part := range []string{"KX7P-4WQM", "https://portal.example/cabinet", "https://storage.example/", "01.04.2026 10:30"} {
			require.Contains(t, b.email.sent[0].Message.Text, part)
		}
		require.Equal(t, email.ID, b.email.sent[0].ID)
		require.Equal(t, mobile, b.sms.sent[0].To)
		for _, secret := range []string{recipient, mobile, "KX7P-4WQM", "h7Rk-pt4W"} {
			require.NotContains(t, string(b.logs.b), secret)
		}
	})
}

func TestI6_WakesByItselfAndWhenWoken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, stop := start(t)
		synctest.Wait()
		first := b.outbox.add(notice(order.NoticePaid, ChannelEmail))
		b.wake <- struct{}{}
		synctest.Wait()
		require.False(t, b.outbox.pending(first), "woken")
		second := b.outbox.add(notice(order.NoticePaid, ChannelEmail))
		synctest.Wait()
		require.True(t, b.outbox.pending(second))
		time.Sleep(5 * time.Second)
		synctest.Wait()
		require.False(t, b.outbox.pending(second), "by the interval")
		close(b.wake)
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Less(t, b.outbox.asked(ChannelSMS), 20, "a closed wake-up does not spin")
		stop()
	})
}

func TestI6_WhatIsWrittenCloseTogetherIsClaimedTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, stop := startWith(t, func(o *DispatcherOptions) { o.Gather = 200 * time.Millisecond })
		synctest.Wait()
		before := b.outbox.asked(ChannelSMS)
		var rows []*row
		for range 20 {
			rows = append(rows, b.outbox.add(notice(order.NoticePaid, ChannelEmail)))
			b.wake <- struct{}{}
			time.Sleep(20 * time.Millisecond)
		}
		time.Sleep(200 * time.Millisecond)
		synctest.Wait()
		for _, r := range rows {
			require.False(t, b.outbox.pending(r))
		}
		require.LessOrEqual(t, b.outbox.asked(ChannelSMS)-before, 4, "every wake-up is heard by both lanes")
		stop()
	})
}

func TestI6_BackOffAndGivingUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, stop := start(t)
		b.sms.answer = func(context.Context, Envelope) error { return errors.New("sms: status 503") }
		r := b.outbox.add(notice(order.NoticePaid, ChannelSMS))
		begin := time.Now()
		time.Sleep(4 * 24 * time.Hour)
		synctest.Wait()
		stop()
		for i, want := range []time.Duration{5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600} {
			gap := r.attempts[i+1].Sub(r.attempts[i])
			require.InDelta(t, want, gap.Seconds(), 5, "attempt %d", i)
		}
		require.Equal(t, "sms: status 503", r.causes[0])
		require.Equal(t, "not sent in 72h0m0s: sms: status 503", r.gaveUp)
		last := r.attempts[len(r.attempts)-1].Sub(begin)
		require.Greater(t, last, 70*time.Hour)
		require.LessOrEqual(t, last, 72*time.Hour)
	})
}

func TestI6_FinalFailuresAreNotRetried(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		prepare func(*bundle, *Notice)
		gaveUp  string
		cause   string
		sent    int
	}{
		"refused for good": {func(b *bundle, _ *Notice) {
			b.email.answer = func(context.Context, Envelope) error { return fmt.Errorf("mail: code 550: %w", ErrPermanent) }
		}, "mail: code 550", "", 1},
		"nothing to say": {func(_ *bundle, n *Notice) { n.Data.OrderNumber = "" }, "lacks order number", "", 0},
		"no such kind":   {func(_ *bundle, n *Notice) { n.Kind = "birthday" }, "no text", "", 0},
		"credentials gone": {func(b *bundle, n *Notice) {
			n.Kind, b.secrets.err = order.NoticeIssued, fmt.Errorf("erased: %w", ErrNoSecret)
		}, "credentials are gone", "", 0},
		"credentials locked for now": {func(b *bundle, n *Notice) {
			n.Kind, b.secrets.err = order.NoticeIssued, errors.New("database says secret")
		}, "", "the credentials cannot be opened", 0},
		"a sender that panics": {func(b *bundle, _ *Notice) {
			b.email.answer = func(context.Context, Envelope) error { panic(recipient) }
		}, "", "the sender panicked", 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b, stop := start(t)
				synctest.Wait()
				n := notice(order.NoticePaid, ChannelEmail)
				tt.prepare(b, &n)
				r := b.outbox.add(n)
				b.wake <- struct{}{}
				synctest.Wait()
				stop()
				require.Equal(t, tt.sent, b.email.count())
				require.NotContains(t, string(b.logs.b), recipient)
				if tt.gaveUp != "" {
					require.Contains(t, r.gaveUp, tt.gaveUp)
					return
				}
				require.True(t, b.outbox.pending(r))
				require.Equal(t, []string{tt.cause}, r.causes)
			})
		})
	}
}

func TestI6_OneChannelNeverDelaysAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, stop := start(t)
		b.sms.answer = func(ctx context.Context, _ Envelope) error { <-ctx.Done(); return ctx.Err() }
		for range 40 {
			b.outbox.add(notice(order.NoticePaid, ChannelSMS))
		}
		mails := make([]*row, 40)
		for i := range mails {
			mails[i] = b.outbox.add(notice(order.NoticePaid, ChannelEmail))
		}
		b.wake <- struct{}{}
		synctest.Wait()
		for _, r := range mails {
			require.False(t, b.outbox.pending(r))
		}
		require.Equal(t, 4, b.sms.count(), "the gateway that hangs holds its own lane only")
		stop()
	})
}

func TestI6_AnUnrecordedAcceptanceIsNotSentTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, stop := start(t)
		synctest.Wait()
		b.outbox.broken = 2
		r := b.outbox.add(notice(order.NoticePaid, ChannelEmail))
		time.Sleep(20 * time.Minute)
		synctest.Wait()
		stop()
		require.Equal(t, "id-"+r.ID.String(), r.provider)
		require.Len(t, r.attempts, 3)
		require.Equal(t, 1, b.email.count())
	})
}

func TestI6_StopsGracefully(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, stop := start(t)
		release := make(chan struct{})
		b.email.answer = func(ctx context.Context, _ Envelope) error {
			select {
			case <-release:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		r := b.outbox.add(notice(order.NoticePaid, ChannelEmail))
		b.wake <- struct{}{}
		synctest.Wait()
		stopped := make(chan struct{})
		go func() { stop(); close(stopped) }()
		synctest.Wait()
		late := b.outbox.add(notice(order.NoticePaid, ChannelEmail))
		close(release)
		<-stopped
		require.Equal(t, "id-"+r.ID.String(), r.provider, "what was under way is finished and recorded")
		require.True(t, b.outbox.pending(late))
		require.Empty(t, late.attempts)
	})
}

func TestI6_AnOutboxThatIsDownIsAskedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, stop := start(t)
		synctest.Wait()
		b.outbox.goDown(errors.New("no database"))
		time.Sleep(12 * time.Second)
		synctest.Wait()
		b.outbox.goDown(nil)
		r := b.outbox.add(notice(order.NoticePaid, ChannelEmail))
		time.Sleep(5 * time.Second)
		synctest.Wait()
		stop()
		require.False(t, b.outbox.pending(r))
		require.Contains(t, string(b.logs.b), "outbox cannot be read")
	})
}

func TestDispatcherOptionsAreChecked(t *testing.T) {
	t.Parallel()
	b := &bundle{outbox: &fakeOutbox{}, secrets: &fakeSecrets{}, email: &fakeSender{}, sms: &fakeSender{}, logs: &logs{}}
	for name, change := range map[string]func(*DispatcherOptions){
		"no outbox":     func(o *DispatcherOptions) { o.Outbox = nil },
		"no secrets":    func(o *DispatcherOptions) { o.Secrets = nil },
		"no renderer":   func(o *DispatcherOptions) { o.Renderer = nil },
		"no logger":     func(o *DispatcherOptions) { o.Logger = nil },
		"no SMS sender": func(o *DispatcherOptions) { delete(o.Senders, ChannelSMS) },
		"no portal":     func(o *DispatcherOptions) { o.PortalURL = "" },
		"no storage":    func(o *DispatcherOptions) { o.StorageURL = "" },
		"short lease":   func(o *DispatcherOptions) { o.Lease = time.Second },
		"negative age":  func(o *DispatcherOptions) { o.MaxAge = -1 },
		"negative room": func(o *DispatcherOptions) { o.Concurrency = -1 },
	} {
		o := b.options(t)
		change(&o)
		_, err := NewDispatcher(o)
		require.Error(t, err, name)
	}
}

func TestI5_CredentialsAreNeverPrinted(t *testing.T) {
	t.Parallel()
	c := Credentials{Login: "KX7P-4WQM", Password: "h7Rk-pt4W"}
	l := &logs{}
	slog.New(slog.NewJSONHandler(l, nil)).Info("x", "c", c)
	for _, printed := range []string{fmt.Sprint(c), fmt.Sprintf("%v %+v %#v %s", c, c, c, c), string(l.b)} {
		require.NotContains(t, printed, c.Login)
		require.NotContains(t, printed, c.Password)
	}
}
