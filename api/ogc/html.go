package ogc

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"

	"github.com/gin-gonic/gin"

	"vigie/api/web"
	"vigie/data"
)

//go:embed page.gohtml style.css
var pages embed.FS

var pageTemplate = template.Must(template.ParseFS(pages, "page.gohtml"))

// stylePath is where pages find their style sheet: none of theirs is inline.
const stylePath = "/style.css"

func style(c *gin.Context) error {
	web.Revalidate(c)
	body, err := pages.ReadFile("style.css")
	if err != nil {
		return err
	}
	return web.Bytes(c, http.StatusOK, "text/css; charset=utf-8", body)
}

// page is a document for people.
type page struct {
	Title, Description string
	// Crumbs lead here.
	Crumbs []web.Link
	Links  []web.Link
	Tables []table
}

type table struct {
	Title string
	Head  []string
	Rows  [][]cell
}

// cell is a text, which may link somewhere.
type cell struct{ Text, Href string }

// words are those that every page says.
type words struct{ Links, Other, OtherLang, Next, Previous string }

func (s *Service) page(c *gin.Context, p page) error {
	call := web.CallOf(c)
	tr := func(fr, en string) string { return call.Text(data.Text{FR: fr, EN: en}) }
	other := tr("en", "fr")
	content := struct {
		page
		Lang, Style, OtherURL string
		Words                 words
		Next, Previous        string
	}{
		page: p, Lang: call.Lang(), Style: call.URL(stylePath, nil),
		// Of this very address: what it asks for stays.
		OtherURL: "?" + with(call.Query, "lang", other).Encode(),
		Words:    words{tr("Liens", "Links"), tr("English", "Français"), other, call.Text(nextText), call.Text(previousText)},
	}
	for _, l := range p.Links {
		switch l.Rel {
		case "next":
			content.Next = l.Href
		case "prev":
			content.Previous = l.Href
		}
	}
	var body bytes.Buffer
	if err := pageTemplate.Execute(&body, content); err != nil {
		return err
	}
	c.Header("Content-Language", call.Lang())
	return web.Bytes(c, http.StatusOK, typeHTML+"; charset=utf-8", body.Bytes())
}
