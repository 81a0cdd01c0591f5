package sheet

import (
	"errors"
	"testing"

	"github.com/signintech/gopdf"
	"github.com/stretchr/testify/require"
)

func TestFontsHaveEveryLetterOfBothLanguages(t *testing.T) {
	s := New(gopdf.PdfInfo{})
	for _, font := range []string{Regular, Bold} {
		s.Use(font, 10)
		for _, r := range "АБВГДЕЁЖЗИІЙКЛМНОПРСТУЎФХЦЧШЩЪЫЬЭЮЯабвгдеёжзиійклмнопрстуўфхцчшщъыьэюя«»—№’" {
			has, err := s.pdf.IsCurrFontContainGlyph(r)
			require.NoError(t, err)
			require.True(t, has, "%s has no %c", font, r)
		}
	}
	s.keep(errors.New("broken"))
	_, err := s.Bytes()
	require.Error(t, err)
}
