package charset

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTextIsRecognised(t *testing.T) {
	const text = "Оплата ў «РУЦ» №1"
	require.Equal(t, text, Text([]byte(text)))
	require.Equal(t, text, Text([]byte("\xef\xbb\xbf"+text)))
	require.Equal(t, text, Text(ToWindows1251(text)))
	require.Equal(t, "Док", CP866([]byte{0x84, 0xae, 0xaa}))
	require.Equal(t, []byte("?\xc0"), ToWindows1251("字А"))
}

func TestOneCutLetterDoesNotChangeTheEncodingOfAFile(t *testing.T) {
	const text = "Оплата по заказу ROAIS000092239"
	require.Equal(t, text+"\ufffd", Guess([]byte(text+"\xd0"))([]byte(text+"\xd0")))
	require.Equal(t, text, Guess([]byte("\xef\xbb\xbf"+text))([]byte(text)))
	require.Equal(t, text, Guess(ToWindows1251(text))(ToWindows1251(text)))
	require.Equal(t, "plain", Guess([]byte("plain"))([]byte("plain")))
}

func TestXMLDecoder(t *testing.T) {
	for _, c := range []struct{ encoding, body string }{
		{"windows-1251", string(ToWindows1251("<a>Привет</a>"))},
		{"UTF-8", "<a>Привет</a>"},
		{"cp866", "<a>\x8f\xe0\xa8\xa2\xa5\xe2</a>"},
	} {
		var got struct {
			Text string `xml:",chardata"`
		}
		doc := `<?xml version="1.0" encoding="` + c.encoding + `"?>` + c.body
		require.NoError(t, XMLDecoder(strings.NewReader(doc)).Decode(&got), c.encoding)
		require.Equal(t, "Привет", got.Text)
	}
	var v struct{}
	require.Error(t, XMLDecoder(strings.NewReader(`<?xml version="1.0" encoding="koi8-z"?><a/>`)).Decode(&v))
	require.Error(t, XMLDecoder(strings.NewReader(`<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>`)).Decode(&v))
}
