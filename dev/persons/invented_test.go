package persons_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/dev/authority"
	"github.com/remote-issuance/remote-issuance/dev/persons"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

func TestEveryInventedPersonDiffers(t *testing.T) {
	like := persons.Sample(authority.Bign)[1]
	seen := map[string]bool{}
	for n := range int64(3000) {
		p := persons.Invent(like, n)
		_, err := order.ParsePersonalNumber(p.Subject.PersonalNumber)
		require.NoError(t, err)
		_, err = order.ParseUNP(persons.UNP(n))
		require.NoError(t, err)
		for _, value := range []string{p.ID, p.Phone, p.Subject.PersonalNumber, p.Subject.Email, p.Subject.Surname, persons.UNP(n)} {
			require.False(t, seen[value], value)
			seen[value] = true
		}
		require.Equal(t, like.Subject.UNP, p.Subject.UNP)
		require.Equal(t, persons.UNP(n), persons.Employ(p, n).Subject.UNP)
	}
}
