// Package catalogue holds every word of the portal in Russian, Belarusian and
// English. A text is found by its key, which begins with the name of the file
// it stands in; the same keys stand in all languages. Numbers choose among the
// forms of a text by the rules of its language (CLDR).
package catalogue
