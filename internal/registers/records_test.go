package registers

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestS7_TaxpayerBothForms(t *testing.T) {
	t.Parallel()
	const full, short = `Общество с ограниченной ответственностью "Пример"`, `ООО "Пример"`
	for file, active := range map[string]bool{"grp-upper.json": true, "grp-lower.json": false} {
		r := newRegister(t).file("/grp/getData", file)
		grp, err := NewGRP(Options{BaseURL: r.URL + "/grp/getData"})
		require.NoError(t, err)
		got, err := grp.Taxpayer(t.Context(), testUNP)
		require.NoError(t, err)
		require.Equal(t, Taxpayer{UNP: testUNP, FullName: full, ShortName: short, Active: active}, got)
		require.Equal(t, []string{"/grp/getData?charset=UTF-8&type=json&unp=190000020"}, r.questions())
	}
}

func TestS7_TaxpayerActiveStatesAreConfigured(t *testing.T) {
	t.Parallel()
	r := newRegister(t).file("/data", "grp-lower.json")
	grp, err := NewGRP(Options{BaseURL: r.URL + "/data"}, "2", "3")
	require.NoError(t, err)
	got, err := grp.Taxpayer(t.Context(), testUNP)
	require.NoError(t, err)
	require.True(t, got.Active)
}

func TestS7_TaxpayerDefiniteAndNot(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		body string
		want error
	}{
		"empty body":     {"", ErrNotFound},
		"empty object":   {"{}", ErrNotFound},
		"null row":       {`{"ROW":null}`, ErrNotFound},
		"empty row":      {`{"row":{}}`, ErrNotFound},
		"empty text row": {`{"ROW":""}`, ErrNotFound},
		"text":           {"Сервис недоступен", ErrUnavailable},
		"row of text":    {`{"row":"?"}`, ErrUnavailable},
		"another UNP":    {`{"row":{"vunp":"190000021","ckodsost":"1"}}`, ErrUnavailable},
		"no state":       {`{"row":{"vunp":"190000020"}}`, ErrUnavailable},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := parseGRP([]byte(tt.body), testUNP, []string{"1"})
			if errors.Is(tt.want, ErrNotFound) {
				require.ErrorIs(t, err, ErrNotFound)
				return
			}
			require.Error(t, err)
			require.NotErrorIs(t, err, ErrNotFound)
		})
	}
}

// ask asks one register of the agreed shape for the test's person or organisation.
type ask func(context.Context, Options) (any, error)

func agreed() map[string]struct {
	path, file string
	want       any
	ask        ask
} {
	return map[string]struct {
		path, file string
		want       any
		ask        ask
	}{
		"population": {
			"/population/v1/persons/3010190A001PB9", "person.json",
			Person{
				PersonalNumber: testNumber, Surname: "Образцова", GivenName: "Проба", Patronymic: "Примеровна",
				Citizenship: "BY", Resident: true, Status: StatusAlive,
			},
			func(ctx context.Context, o Options) (any, error) {
				c, err := NewPopulation(o)
				if err != nil {
					return nil, err
				}
				return c.Person(ctx, testNumber)
			},
		},
		"heads": {
			"/heads/v1/organisations/190000020", "head.json",
			Head{
				UNP: testUNP, PersonalNumber: testNumber, Surname: "Образцова", GivenName: "Проба",
				Patronymic: "Примеровна", Position: "Директор", Since: "2021-04-05",
			},
			func(ctx context.Context, o Options) (any, error) {
				c, err := NewHeads(o)
				if err != nil {
					return nil, err
				}
				return c.Head(ctx, testUNP)
			},
		},
		"subscribers": {
			"/subscribers/v1/organisations/190000020", "subscriber.json",
			Subscriber{UNP: testUNP, PublicContract: true, OwnFunds: true},
			func(ctx context.Context, o Options) (any, error) {
				c, err := NewSubscribers(o)
				if err != nil {
					return nil, err
				}
				return c.Subscriber(ctx, testUNP)
			},
		},
	}
}

func TestS7_AgreedRegisters(t *testing.T) {
	t.Parallel()
	for name, tt := range agreed() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRegister(t).file(tt.path, tt.file)
			got, err := tt.ask(t.Context(), Options{BaseURL: r.URL})
			require.NoError(t, err)
			require.Equal(t, tt.want, got)

			_, err = tt.ask(t.Context(), Options{BaseURL: newRegister(t).URL})
			require.ErrorIs(t, err, ErrNotFound)

			for status, body := range map[int]string{
				http.StatusOK: `{"personalNumber":"3010190A001PB9","unp":"190000020"}`, http.StatusBadGateway: "",
				http.StatusUnauthorized: "",
			} {
				_, err = tt.ask(t.Context(), Options{BaseURL: newRegister(t).body(tt.path, status, body).URL})
				require.ErrorIs(t, err, ErrUnavailable)
				require.NotContains(t, err.Error(), string(testNumber))
			}
		})
	}
}

func TestS7_PersonOfAnotherNumberOrStatus(t *testing.T) {
	t.Parallel()
	_, err := parsePerson(golden(t, "person.json"), "3010190A002PB9")
	require.ErrorIs(t, err, errOtherRecord)
	_, err = parsePerson([]byte(`{"personalNumber":"3010190A001PB9","surname":"А","givenName":"Б","resident":true,"status":"?"}`), testNumber)
	require.ErrorIs(t, err, errUnknownValue)
	_, err = parsePerson([]byte(`{"personalNumber":"3010190A001PB9","surname":"А","givenName":"Б","status":"alive"}`), testNumber)
	require.ErrorIs(t, err, errIncomplete, "a missing residence is not a refusal")
}

func FuzzGRP(f *testing.F) {
	f.Add(golden(f, "grp-upper.json"))
	f.Add(golden(f, "grp-lower.json"))
	f.Fuzz(func(t *testing.T, body []byte) {
		if got, err := parseGRP(body, testUNP, []string{"1"}); err == nil {
			require.Equal(t, testUNP, got.UNP)
		}
	})
}

func FuzzAgreed(f *testing.F) {
	for _, tt := range agreed() {
		f.Add(golden(f, tt.file))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if got, err := parsePerson(body, testNumber); err == nil {
			require.Equal(t, testNumber, got.PersonalNumber)
		}
		if got, err := parseHead(body, testUNP); err == nil {
			require.Equal(t, testUNP, got.UNP)
		}
		if got, err := parseSubscriber(body, testUNP); err == nil {
			require.Equal(t, testUNP, got.UNP)
		}
	})
}
