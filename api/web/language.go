package web

import (
	"net/http"

	"golang.org/x/text/language"
)

// Languages of the interface, the default first.
var languages = [...]string{"fr", "en"}

func newMatcher() language.Matcher {
	return language.NewMatcher([]language.Tag{language.French, language.English})
}

// negotiateLanguage chooses "fr" or "en": the query's lang when it is one of
// them, otherwise the best match of Accept-Language, otherwise French.
func negotiateLanguage(m language.Matcher, lang string, h http.Header) string {
	for _, l := range languages {
		if lang == l {
			return l
		}
	}
	accept := h.Get("Accept-Language")
	if accept == "" {
		return languages[0]
	}
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil {
		return languages[0]
	}
	_, i, confidence := m.Match(tags...)
	if confidence == language.No {
		return languages[0]
	}
	return languages[i]
}
