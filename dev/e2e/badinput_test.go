package e2e_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/dev/caller"
	"github.com/remote-issuance/remote-issuance/dev/oidc"
	"github.com/remote-issuance/remote-issuance/dev/persons"
	"github.com/remote-issuance/remote-issuance/dev/registers"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Who may call: no token, a broken one, one of another scope; an order that never was and one of somebody else are the same.
func TestCallersAreToldApart(t *testing.T) {
	w := newWorld(t, all.ordinary(t))
	ctx := t.Context()
	p, other := w.employee(), w.employee()
	o := w.open(p)
	anonymous := &caller.Caller{Base: p.Base, HTTP: w.http}
	broken := &caller.Caller{Base: p.Base, HTTP: w.http, Token: p.Token + "x"}
	expired, err := w.stack.Issuer().Issue(func() oidc.Claims {
		c := p.SignIn().Claims
		c.Lifetime = -time.Hour
		return c
	}())
	require.NoError(t, err)
	for name, tc := range map[string]struct {
		caller *caller.Caller
		path   string
		status int
		slug   string
	}{
		"no token":        {anonymous, "/v1/orders", 401, "unauthenticated"},
		"broken token":    {broken, "/v1/orders", 401, "token-invalid"},
		"expired token":   {&caller.Caller{Base: p.Base, HTTP: w.http, Token: expired}, "/v1/orders", 401, "token-invalid"},
		"not a manager":   {p.Caller, "/v1/organisation/orders", 403, "forbidden"},
		"not an operator": {w.gateway, "/v1/payments", 403, "forbidden"},
		"somebody else's": {other.Caller, caller.OfOrder(o.ID), 404, "not-found"},
		"never was":       {p.Caller, "/v1/orders/" + uuid.NewString(), 404, "not-found"},
		"not an id":       {p.Caller, "/v1/orders/one", 404, "not-found"},
		"no such page":    {p.Caller, "/v1/nothing", 404, "not-found"},
	} {
		t.Run(name, func(t *testing.T) {
			var got contract.Order
			refused := problem(t, tc.caller.Get(ctx, tc.path, &got))
			require.Equal(t, tc.status, refused.Status)
			require.Equal(t, tc.slug, refused.Slug())
		})
	}
}

// M1: being manager is decided by the registers and not by the token.
func TestM1_OnlyTheHeadIsTheManager(t *testing.T) {
	w := newWorld(t, all.ordinary(t))
	p := w.employee()
	claims := p.SignIn().Claims
	claims.Scopes = append(claims.Scopes, oidc.Manager)
	token, err := w.stack.Issuer().Issue(claims)
	require.NoError(t, err)
	pretender := &caller.Caller{Base: p.Base, Token: token, HTTP: w.http}
	_, err = pretender.Organisation(t.Context(), 1)
	require.Equal(t, "not-manager", problem(t, err).Slug())
}

// The request file and the contacts: each fault is named, nothing is lost, a good file goes through afterwards.
func TestS2_S6_BadRequests(t *testing.T) {
	w := newWorld(t, all.ordinary(t))
	p, other := w.employee(), w.employee()
	o := w.open(p)
	good := w.upload(p, 1)
	with := func(change func(*caller.Upload)) caller.Upload {
		u := good
		change(&u)
		return u
	}
	late, err := p.Request(time.Now().AddDate(0, 0, 3), 1)
	require.NoError(t, err)
	flipped := bytes.Clone(good.File)
	flipped[len(flipped)-3] ^= 1
	for name, tc := range map[string]struct {
		upload caller.Upload
		slug   string
		check  string
	}{
		"garbage":             {with(func(u *caller.Upload) { u.File = []byte("no request") }), "request-rejected", "request-file"},
		"empty":               {with(func(u *caller.Upload) { u.File = nil }), "validation", ""},
		"too large":           {with(func(u *caller.Upload) { u.File = bytes.Repeat([]byte{0x30}, 65<<10) }), "body-too-large", ""},
		"S3: another's key":   {with(func(u *caller.Upload) { u.File = flipped }), "request-rejected", "proof-of-possession"},
		"S4: another person":  {with(func(u *caller.Upload) { u.File = w.upload(other, 1).File }), "request-rejected", "subject"},
		"S5: another day":     {with(func(u *caller.Upload) { u.File = late }), "request-rejected", "start-date"},
		"S6: three years":     {w.upload(p, 3), "request-rejected", "term"},
		"phone of a landline": {with(func(u *caller.Upload) { u.Phone = "+375171234567" }), "validation", ""},
		"no e-mail":           {with(func(u *caller.Upload) { u.Email = "nobody" }), "validation", ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := p.Submit(t.Context(), o.ID, tc.upload)
			refused := problem(t, err)
			require.Equal(t, tc.slug, refused.Slug(), refused)
			if tc.check != "" {
				require.Contains(t, failed(refused.Checks), tc.check)
			}
			require.Equal(t, order.StageRequest, w.read(p, o.ID).Stage)
		})
	}
	_, _, err = p.Submit(t.Context(), o.ID, good)
	require.NoError(t, err)
	w.await(p, o.ID, "awaiting-approval")
	_, _, err = p.Submit(t.Context(), o.ID, good)
	wrong := problem(t, err)
	require.Equal(t, "wrong-stage", wrong.Slug())
	require.Equal(t, order.StageAwaitingApproval, wrong.Stage)
}

// S4: a difference names the field and both values, in the reader's language.
func TestS4_TheDifferenceIsNamedInEveryLanguage(t *testing.T) {
	w := newWorld(t, all.ordinary(t))
	p := w.employee()
	o := w.open(p)
	texts := map[string]bool{}
	for _, language := range []string{"ru", "be", "en"} {
		p.Language = language
		_, _, err := p.Submit(t.Context(), o.ID, w.upload(p, 1, func(s *order.Subject) { s.Surname = "Иная" }))
		refused := problem(t, err)
		var named *contract.Check
		for i, c := range refused.Checks {
			if c.Field == "surname" {
				named = &refused.Checks[i]
			}
		}
		require.NotNil(t, named)
		require.Equal(t, [2]string{"Иная", p.Subject.Surname}, [2]string{named.Found, named.Expected})
		texts[refused.Detail] = true
	}
	require.Len(t, texts, 3)
}

// S7: a register that is silent only delays the order; the applicant may leave and come back.
func TestS7_SilentRegistersDelay(t *testing.T) {
	w := newWorld(t, all.ordinary(t))
	p := w.private(order.KindIndividual)
	silent := w.stack.Registers()
	require.NoError(t, silent.SetFault(registers.Population, registers.Fault{Down: true}))
	t.Cleanup(func() { require.NoError(t, silent.SetFault(registers.Population, registers.Fault{})) })
	o := w.open(p)
	before := silent.Calls(registers.Population)
	_, _, err := p.Submit(t.Context(), o.ID, w.upload(p, 1))
	require.NoError(t, err)
	require.Eventually(t, func() bool { return silent.Calls(registers.Population) > before+1 }, 20*time.Second, 20*time.Millisecond)
	require.Equal(t, order.StageChecking, w.read(p, o.ID).Stage)
	next, err := p.Open(t.Context(), "6.0.00")
	require.NoError(t, err, "a register that is silent keeps nobody from the next order (A6)")
	require.NotEqual(t, o.ID, next.ID)
	require.NoError(t, silent.SetFault(registers.Population, registers.Fault{}))
	w.await(p, o.ID, "awaiting-payment")
}

// S7: a register that knows better ends the order.
func TestS7_RegistersThatDiffer(t *testing.T) {
	w := newWorld(t, all.ordinary(t))
	p := w.employee()
	entry := persons.Entries([]persons.Person{p.Person}).Persons[0]
	entry.GivenName = "Иная"
	require.NoError(t, w.stack.Registers().PutPerson(entry))
	o := w.open(p)
	_, _, err := p.Submit(t.Context(), o.ID, w.upload(p, 1))
	require.NoError(t, err)
	ended := w.await(p, o.ID, "ended")
	require.Equal(t, [2]any{order.EndRefused, order.ReasonRegistersDiffer}, [2]any{ended.End, ended.Reason})
	require.True(t, hasCheck(ended.Checks, "person", "givenName", "failed"), "%v", ended.Checks)
}

// M6: nothing is approved on a bad signature.
func TestM6_BadSignatures(t *testing.T) {
	w := newWorld(t, all.ordinary(t))
	ctx := t.Context()
	p := w.employee()
	o := w.waiting(p, w.upload(p, 1))
	c, err := w.director.MakeList(ctx, []order.ID{o.ID})
	require.NoError(t, err)
	list, err := w.director.List(ctx, c.ID)
	require.NoError(t, err)
	byEmployee, err := p.Holder.Sign(list, time.Now())
	require.NoError(t, err)
	otherBytes, err := w.director.Holder.Sign(append(bytes.Clone(list), ' '), time.Now())
	require.NoError(t, err)
	stranger, err := newWorld(t, w.stack).director.Holder.Sign(list, time.Now())
	require.NoError(t, err)
	for name, signature := range map[string][]byte{
		"an employee's": byEmployee, "over other bytes": otherBytes, "of another organisation's head": stranger, "no signature": []byte("x"),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.director.Caller.Sign(ctx, c.ID, signature)
			refused := problem(t, err)
			require.Equal(t, http.StatusUnprocessableEntity, refused.Status)
			require.Equal(t, order.StageAwaitingApproval, w.read(p, o.ID).Stage)
		})
	}
	w.signed(c)
}

// Bodies that are not what they should be are refused before anything is done.
func TestMalformedBodies(t *testing.T) {
	w := newWorld(t, all.ordinary(t))
	p := w.employee()
	for name, tc := range map[string]struct{ media, body, slug string }{
		"not JSON":         {"application/json", "{", "malformed"},
		"unknown field":    {"application/json", `{"service":"6.0.01","x":1}`, "malformed"},
		"unknown service":  {"application/json", `{"service":"6.0.02"}`, "validation"},
		"other media type": {"text/plain", `{"service":"6.0.01"}`, "media-type"},
		"too large":        {"application/json", `{"service":"` + strings.Repeat("6", 300<<10) + `"}`, "body-too-large"},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := p.Do(t.Context(), http.MethodPost, "/v1/orders", tc.media, []byte(tc.body))
			require.NoError(t, err)
			require.Equal(t, tc.slug, problem(t, r.Decode(nil)).Slug())
		})
	}
	r, err := p.Do(t.Context(), http.MethodDelete, "/v1/orders", "", nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusMethodNotAllowed, r.Status)
}

func failed(checks []contract.Check) []string {
	var codes []string
	for _, c := range checks {
		if c.Verdict == "failed" {
			codes = append(codes, c.Code)
		}
	}
	return codes
}
