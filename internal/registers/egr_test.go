package registers

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

const (
	shortPath = "/api/v2/egr/getShortInfoByRegNum/190000020"
	namesPath = "/api/v2/egr/getJurNamesByRegNum/190000020"
	ownerPath = "/api/v2/egr/getIPFIOByRegNum/190000020"
)

func newTestEGR(t *testing.T, r *register) *EGR {
	t.Helper()
	egr, err := NewEGR(Options{BaseURL: r.URL + "/api/v2/egr/"})
	require.NoError(t, err)
	return egr
}

func TestS7_EGRAnswers(t *testing.T) {
	t.Parallel()
	const full, short = "Общество с ограниченной ответственностью «Пример»", "ООО «Пример»"
	tests := map[string]struct {
		files map[string]string
		want  Organisation
		asked int
	}{
		"legal entity with names in the short answer": {
			files: map[string]string{shortPath: "egr-short-legal.json"},
			want: Organisation{
				UNP: testUNP, Kind: KindLegalEntity, FullName: full, ShortName: short,
				State:          State{Code: 1, Text: "Действующий"},
				RegisteredFrom: order.Date{Year: 1999, Month: time.May, Day: 17},
			},
			asked: 1,
		},
		"upper-case keys, being liquidated": {
			files: map[string]string{shortPath: "egr-short-upper.json"},
			want: Organisation{
				UNP: testUNP, Kind: KindLegalEntity, FullName: full, ShortName: short,
				State:          State{Code: 3, Text: "В процессе ликвидации"},
				RegisteredFrom: order.Date{Year: 2009, Month: time.July, Day: 15},
			},
			asked: 1,
		},
		"names asked for separately, the current of two, winter time before 2011": {
			files: map[string]string{shortPath: "egr-short-bare.json", namesPath: "egr-names-history.json"},
			want: Organisation{
				UNP: testUNP, Kind: KindLegalEntity, FullName: full, ShortName: short,
				State:          State{Code: 1, Text: "Действующий"},
				RegisteredFrom: order.Date{Year: 2004, Month: time.February, Day: 1},
			},
			asked: 2,
		},
		"sole proprietor": {
			files: map[string]string{shortPath: "egr-short-proprietor.json", ownerPath: "egr-proprietor-name.json"},
			want: Organisation{
				UNP: testUNP, Kind: KindSoleProprietor, ProprietorName: "Образцов Пример Примерович",
				State:          State{Code: 1, Text: "Действующий"},
				RegisteredFrom: order.Date{Year: 2012, Month: time.November, Day: 8},
			},
			asked: 2,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRegister(t)
			for path, file := range tt.files {
				r.file(path, file)
			}
			got, err := newTestEGR(t, r).Organisation(t.Context(), testUNP)
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
			require.Len(t, r.questions(), tt.asked)
			require.Equal(t, tt.want.State.Code == 1, got.State.Active())
		})
	}
}

func TestS7_EGRKindUnknownAndNoLegalNames(t *testing.T) {
	t.Parallel()
	r := newRegister(t).file(shortPath, "egr-short-bare.json").
		body(namesPath, http.StatusOK, "").file(ownerPath, "egr-proprietor-name.json")
	got, err := newTestEGR(t, r).Organisation(t.Context(), testUNP)
	require.NoError(t, err)
	require.Equal(t, KindSoleProprietor, got.Kind)
	require.Equal(t, "Образцов Пример Примерович", got.ProprietorName)
}

func TestS7_EGREmptyAnswerIsDefinite(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"nothing": "", "null": "null", "empty list": " [] \n", "BOM only": "\xef\xbb\xbf",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRegister(t).body(shortPath, http.StatusOK, body)
			_, err := newTestEGR(t, r).Organisation(t.Context(), testUNP)
			require.ErrorIs(t, err, ErrNotFound)
			require.NotErrorIs(t, err, ErrUnavailable)
			none, err := Definite(newTestEGR(t, r).Organisation(t.Context(), testUNP))
			require.NoError(t, err)
			require.Zero(t, none)
		})
	}
	r := newRegister(t).body(shortPath, http.StatusNoContent, "")
	_, err := newTestEGR(t, r).Organisation(t.Context(), testUNP)
	require.ErrorIs(t, err, ErrNotFound)
}

func TestS7_EGRUnusableAnswerIsRetried(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status      int
		short       string
		names       string
		wantInError string
	}{
		"page of a proxy":         {200, "<html>работы</html>", "", "not the JSON"},
		"moved":                   {404, "", "", "status 404"},
		"overloaded":              {503, "", "", "status 503"},
		"too many requests":       {429, "", "", "status 429"},
		"another number":          {200, `[{"ngrn":190000021,"nsi00219":{"nksost":1}}]`, "", "another record"},
		"no state":                {200, `[{"ngrn":190000020,"vnaim":"А"}]`, "", "state"},
		"state in words":          {200, `[{"ngrn":190000020,"vnaim":"А","nsi00219":{"nksost":"ok"}}]`, "", "state"},
		"date of no form":         {200, `[{"ngrn":190000020,"dfrom":"вчера","vnaim":"А","nsi00219":{"nksost":1}}]`, "", "date"},
		"a state without a name":  {200, `[{"ngrn":190000020,"nsi00211":{"nkvob":1},"nsi00219":{"nksost":1}}]`, "[]", "lacks"},
		"names without the names": {200, `[{"ngrn":190000020,"nsi00219":{"nksost":1}}]`, `[{"ngrn":190000020}]`, "lacks"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRegister(t).body(shortPath, tt.status, tt.short).body(namesPath, http.StatusOK, tt.names)
			_, err := newTestEGR(t, r).Organisation(t.Context(), testUNP)
			require.ErrorIs(t, err, ErrUnavailable)
			require.NotErrorIs(t, err, ErrNotFound)
			require.ErrorContains(t, err, tt.wantInError)
			require.NotContains(t, err.Error(), string(testUNP))
		})
	}
}

func FuzzEGR(f *testing.F) {
	for _, name := range []string{"egr-short-legal.json", "egr-short-upper.json", "egr-names-history.json", "egr-proprietor-name.json"} {
		f.Add(golden(f, name))
	}
	f.Add([]byte(`[{"ngrn":"190000020","nsi00219":{"nksost":99999999999999999999}}]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		row, err := parseEGR(body, testUNP)
		if err != nil {
			require.Zero(t, row)
			return
		}
		require.True(t, sameUNP(testUNP, row.Number))
		if found, err := row.organisation(testUNP); err == nil {
			require.True(t, found.FullName != "" || found.ProprietorName != "")
		}
	})
}
