package inbox

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseMailRefusesWhatIsNoMail(t *testing.T) {
	t.Parallel()
	_, err := parseMail([]byte("no header at all"))
	require.ErrorIs(t, err, errNotMail)
	m, err := parseMail([]byte("Subject: plain\r\n\r\nline\r\nnext"))
	require.NoError(t, err)
	require.Equal(t, "line\nnext", m.Text)
}

func FuzzParseMail(f *testing.F) {
	f.Add([]byte(letter))
	f.Add([]byte("Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\n--a--"))
	f.Add([]byte("Subject: =?utf-8?Q?=?=\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := parseMail(raw)
		if err != nil {
			require.ErrorIs(t, err, errNotMail)
			return
		}
		require.True(t, bytes.Equal(raw, m.Raw), "the mail is kept as it came")
		require.Equal(t, Mail, m.Channel)
	})
}
