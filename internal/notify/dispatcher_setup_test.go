package notify

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// row is a notice of the fake outbox with what became of it.
type row struct {
	Notice
	due      time.Time
	provider string
	gaveUp   string
	causes   []string
	attempts []time.Time
}

func (r *row) open() bool { return r.provider == "" && r.gaveUp == "" }

// fakeOutbox keeps rows in memory and leases them by the clock, as the real one does.
type fakeOutbox struct {
	mu     sync.Mutex
	rows   []*row
	claims map[Channel]int
	// broken makes the next so many calls of Accepted fail.
	broken int
	down   error
}

func (o *fakeOutbox) add(n Notice) *row {
	o.mu.Lock()
	defer o.mu.Unlock()
	n.ID, n.Created = uuid.New(), time.Now()
	r := &row{Notice: n, due: time.Now()}
	o.rows = append(o.rows, r)
	return r
}

func (o *fakeOutbox) Claim(_ context.Context, channel Channel, limit int, lease time.Duration) ([]Notice, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.claims[channel]++
	if o.down != nil {
		return nil, o.down
	}
	var found []Notice
	for _, r := range o.rows {
		if len(found) < limit && r.Channel == channel && r.open() && !r.due.After(time.Now()) {
			r.due = time.Now().Add(lease)
			r.attempts = append(r.attempts, time.Now())
			found = append(found, r.Notice)
		}
	}
	return found, nil
}

func (o *fakeOutbox) pending(r *row) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return r.open()
}

func (o *fakeOutbox) asked(channel Channel) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.claims[channel]
}

func (o *fakeOutbox) goDown(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.down = err
}

func (o *fakeOutbox) change(id uuid.UUID, change func(*row)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	change(o.rows[slices.IndexFunc(o.rows, func(r *row) bool { return r.ID == id })])
}

func (o *fakeOutbox) Accepted(_ context.Context, id uuid.UUID, provider string) error {
	o.mu.Lock()
	if o.broken > 0 {
		o.broken--
		o.mu.Unlock()
		return io.ErrUnexpectedEOF
	}
	o.mu.Unlock()
	o.change(id, func(r *row) { r.provider = provider })
	return nil
}

func (o *fakeOutbox) Retry(_ context.Context, id uuid.UUID, at time.Time, cause string) error {
	o.change(id, func(r *row) {
		r.due = at
		r.Notice.Attempts++
		r.causes = append(r.causes, cause)
	})
	return nil
}

func (o *fakeOutbox) GiveUp(_ context.Context, id uuid.UUID, cause string) error {
	o.change(id, func(r *row) { r.gaveUp = cause })
	return nil
}

// fakeSender answers as told and keeps what it was given.
type fakeSender struct {
	mu   sync.Mutex
	sent []Envelope
	// answer may be nil: everything is accepted.
	answer func(context.Context, Envelope) error
}

func (s *fakeSender) Send(ctx context.Context, e Envelope) (string, error) {
	s.mu.Lock()
	s.sent = append(s.sent, e)
	answer := s.answer
	s.mu.Unlock()
	if answer != nil {
		if err := answer(ctx, e); err != nil {
			return "", err
		}
	}
	return "id-" + e.ID.String(), nil
}

func (s *fakeSender) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sent)
}

type fakeSecrets struct {
	err   error
	asked int
}

func (s *fakeSecrets) Credentials(context.Context, string) (Credentials, error) {
	s.asked++
	until := time.Date(2026, 4, 1, 7, 30, 0, 0, time.UTC)
	return Credentials{Login: "KX7P-4WQM", Password: "h7Rk-pt4W", Until: until}, s.err
}

// bundle is a dispatcher with its surroundings, run inside a synctest bubble.
type bundle struct {
	outbox  *fakeOutbox
	secrets *fakeSecrets
	email   *fakeSender
	sms     *fakeSender
	wake    chan struct{}
	logs    *logs
}

type logs struct {
	mu sync.Mutex
	b  []byte
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.b = append(l.b, p...)
	return len(p), nil
}

// start runs a dispatcher until the test ends or stop is called.
func start(t *testing.T) (b *bundle, stop func()) {
	t.Helper()
	return startWith(t, func(*DispatcherOptions) {})
}

func startWith(t *testing.T, change func(*DispatcherOptions)) (b *bundle, stop func()) {
	t.Helper()
	b = &bundle{
		outbox: &fakeOutbox{claims: map[Channel]int{}}, secrets: &fakeSecrets{},
		email: &fakeSender{}, sms: &fakeSender{}, wake: make(chan struct{}), logs: &logs{},
	}
	options := b.options(t)
	change(&options)
	d, err := NewDispatcher(options)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); d.Run(ctx) }()
	var once sync.Once
	stop = func() { once.Do(func() { cancel(); <-done }) }
	t.Cleanup(stop)
	time.Sleep(time.Nanosecond) // the first look is over, so that the next wake-up is heard at once
	return b, stop
}

func (b *bundle) options(t *testing.T) DispatcherOptions {
	return DispatcherOptions{
		Outbox: b.outbox, Secrets: b.secrets, Renderer: renderer(t), Wake: b.wake,
		Senders:   map[Channel]Sender{ChannelEmail: b.email, ChannelSMS: b.sms},
		PortalURL: "https://portal.example/cabinet", StorageURL: "https://storage.example/",
		ERIPPaths: map[order.Service][]string{order.ServiceEmployee: {"ЕРИП", "путь"}},
		Gather:    time.Nanosecond,
		Logger:    slog.New(slog.NewTextHandler(b.logs, nil)),
	}
}

func notice(kind Kind, channel Channel) Notice {
	n := Notice{OrderID: "order-1", Kind: kind, Channel: channel, Language: Russian, To: recipient, Data: full()}
	n.Data.Login, n.Data.Password = "", ""
	n.Data.PortalURL, n.Data.StorageURL, n.Data.ERIPPath, n.Data.CredentialsUntil = "", "", "", time.Time{}
	if channel == ChannelSMS {
		n.To = mobile
	}
	return n
}
