package ogc

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/paulmach/orb"

	"vigie/api/auth"
	"vigie/api/web"
	"vigie/data"
	"vigie/data/export/geojson"
	"vigie/data/snapshot"
)

func (s *Service) items(cl collection) web.Handler {
	return func(c *gin.Context) error {
		v, err := s.mustOpen(c, cl)
		if err != nil {
			return err
		}
		call := web.CallOf(c)
		asked, err := s.read(c, cl, v)
		if err != nil {
			return err
		}
		if as, ok := fileFormat(c); ok {
			return s.file(c, cl, v, asked, as)
		}
		html := formatAmong(c, itemVariants()) == formatHTML
		if s.notModified(c, v, representation(call, html)...) {
			return nil
		}
		found, err := s.find(c, v, asked)
		if err != nil {
			return err
		}
		// In the journal before any of it leaves.
		if err := s.record(c, v.readPage(asked, &found)); err != nil {
			return err
		}
		setCounts(c, asked, &found)
		if html {
			return s.itemsPage(c, cl, asked, &found)
		}
		return s.writePage(c, cl, asked, &found)
	}
}

// find answers the query of a request; the error of a filter that costs too much, or of an After
// that is not seen, is that of the parameter.
func (s *Service) find(c *gin.Context, v view, asked request) (snapshot.Page, error) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), web.DefaultTimeout)
	defer cancel()
	if asked.Keep != nil && auth.UserOf(c) == nil {
		done, err := s.filters.take(ctx)
		if err != nil {
			return snapshot.Page{}, err
		}
		defer done()
	}
	found, err := v.QueryContext(ctx, asked.Query)
	if err != nil {
		return snapshot.Page{}, filterProblem(web.CallOf(c), err)
	}
	if found.Lost {
		return snapshot.Page{}, web.InvalidParameter("after", asked.After, "l’objet dont part cette page n’existe pas, ou plus\u00a0; reprenez à la première page.",
			"the feature that this page starts from is not there, or no more; start again from the first page.")
	}
	return found, nil
}

// representation distinguishes those of one address.
func representation(call *web.Call, html bool) []string {
	if html {
		return []string{formatHTML, call.Lang()}
	}
	return []string{"geojson"}
}

func (s *Service) writePage(c *gin.Context, cl collection, asked request, found *snapshot.Page) error {
	encoderOf := s.encoderOf
	if asked.columns != nil {
		encoderOf = geojson.NewEncoder // for this request alone
	}
	encoder, err := encoderOf(asked.schema)
	if err != nil {
		return err
	}
	links := pageLinks(c, cl, found)
	member, err := web.Marshal(links)
	if err != nil {
		return err
	}
	setLinks(c, links)
	out := web.NewChunks(c, http.StatusOK, web.TypeGeoJSON)
	// QGIS looks for "numberReturned":0 and "features":[] spelled so.
	out.Buf = append(out.Buf, `{"type":"FeatureCollection","numberMatched":`...)
	out.Buf = strconv.AppendInt(out.Buf, int64(found.Matched), 10)
	out.Buf = append(out.Buf, `,"numberReturned":`...)
	out.Buf = strconv.AppendInt(out.Buf, int64(found.Returned), 10)
	out.Buf = append(out.Buf, `,"timeStamp":"`...)
	out.Buf = s.clock().UTC().AppendFormat(out.Buf, time.RFC3339)
	out.Buf = append(out.Buf, `","links":`...)
	out.Buf = append(out.Buf, member...)
	for _, m := range systemMembers(asked.in) {
		out.Buf = append(append(append(out.Buf, `,"`...), m.Name...), `":`...)
		out.Buf = append(out.Buf, m.Value...)
	}
	out.Buf = append(out.Buf, `,"features":[`...)
	first := true
	err = found.Each(func(f *data.Feature) error {
		if !first {
			out.Buf = append(out.Buf, ',')
		}
		first = false
		var err error
		if out.Buf, err = encoder.AppendFeature(out.Buf, projected(asked.of(f), asked.in)); err != nil {
			return err
		}
		return out.Flush()
	})
	if err != nil {
		out.Discard()
		return err
	}
	out.Buf = append(out.Buf, "]}\n"...)
	return out.End()
}

// Titles of links.
var (
	collectionText = data.Text{FR: "La collection", EN: "The collection"}
	nextText       = data.Text{FR: "Page suivante", EN: "Next page"}
	previousText   = data.Text{FR: "Page précédente", EN: "Previous page"}
)

// pageLinks carry the request's own parameters; the start of the next page is
// apart from its size, which the client may change on the way.
func pageLinks(c *gin.Context, cl collection, found *snapshot.Page) []web.Link {
	call, path := web.CallOf(c), "/collections/"+cl.id
	links := append(alternates(c, path+"/items", call.Text(cl.title), itemVariants()),
		web.Link{Href: call.URL(path, kept(call)), Rel: "collection", Type: web.TypeJSON, Title: call.Text(collectionText)})
	other := func(rel, after string, title data.Text) {
		links = append(links, web.Link{Href: call.URL(path+"/items", with(call.Query, "after", after)), Rel: rel, Type: links[0].Type, Title: call.Text(title)})
	}
	if found.Next != "" {
		other("next", found.Next, nextText)
	}
	if found.HasPrevious {
		other("prev", found.Previous, previousText)
	}
	return links
}

// maxLinks is how many bytes of links go in a header: proxies take 4 or 8 KiB of header in all,
// and a filter may be long. All links are in the body.
const maxLinks = 3 << 10

// setLinks puts links in the header, the ways to other pages first.
func setLinks(c *gin.Context, links []web.Link) {
	size, h := 0, c.Writer.Header()
	for _, paging := range []bool{true, false} {
		for _, l := range links {
			if (l.Rel == "next" || l.Rel == "prev") != paging {
				continue
			}
			value := "<" + l.Href + ">; rel=\"" + l.Rel + "\"; type=\"" + l.Type + "\""
			if size += len(value); size <= maxLinks {
				h["Link"] = append(h["Link"], value)
			}
		}
	}
}

func (s *Service) itemsPage(c *gin.Context, cl collection, asked request, found *snapshot.Page) error {
	call := web.CallOf(c)
	t := table{Head: []string{call.Text(data.Text{FR: "Identifiant", EN: "Identifier"})}}
	for _, column := range asked.schema.Columns {
		head := call.Text(column.Label)
		if unit := unitSign(column.Unit); unit != "" {
			head += " (" + unit + ")"
		}
		t.Head = append(t.Head, head)
	}
	err := found.Each(func(f *data.Feature) error {
		row := []cell{{Text: f.ID, Href: itemURL(call, cl, f.ID)}}
		shown := asked.of(f)
		for i, v := range shown.Values {
			row = append(row, cell{Text: spoken(call, &asked.schema.Columns[i], v)})
		}
		t.Rows = append(t.Rows, row)
		return nil
	})
	if err != nil {
		return err
	}
	links := pageLinks(c, cl, found)
	setLinks(c, links)
	count := call.Text(data.Text{
		FR: fmt.Sprintf("Objets de cette page\u00a0: %d sur %d.", found.Returned, found.Matched), EN: fmt.Sprintf("Features on this page: %d of %d.", found.Returned, found.Matched),
	})
	return s.page(c, page{
		Title:       call.Text(data.Text{FR: cl.title.FR + "\u00a0: objets", EN: cl.title.EN + ": items"}),
		Description: count, Crumbs: append(crumbs(call), collectionCrumb(call, cl)),
		Links: links, Tables: []table{t},
	})
}

func itemURL(call *web.Call, cl collection, id string) string {
	return call.URL("/collections/"+cl.id+"/items/"+url.PathEscape(id), kept(call))
}

func collectionCrumb(call *web.Call, cl collection) web.Link {
	return web.Link{Href: call.URL("/collections/"+cl.id, kept(call)), Title: call.Text(cl.title)}
}

// spoken is a value in words: that of its code, and numbers with the decimals of the column.
func spoken(call *web.Call, column *data.Column, v data.Value) string {
	if b, ok := v.Bool(); ok {
		if b {
			return call.Text(data.Text{FR: "oui", EN: "yes"})
		}
		return call.Text(data.Text{FR: "non", EN: "no"})
	}
	if f, ok := v.Float(); ok && column.Type == data.TypeNumber {
		return strconv.FormatFloat(f, 'f', column.Decimals, 64)
	}
	text := v.Format()
	for _, code := range column.Codes {
		if code.Code == text {
			return call.Text(code.Label)
		}
	}
	return text
}

func (s *Service) item(cl collection) web.Handler {
	return func(c *gin.Context) error {
		v, err := s.mustOpen(c, cl)
		if err != nil {
			return err
		}
		call := web.CallOf(c)
		in, err := systemOf(call, "crs")
		if err != nil {
			return err
		}
		feature, ok := v.Get(c.Param("featureId"))
		if !ok {
			return web.NotFound()
		}
		html := format(c) == formatHTML
		if s.notModified(c, v, representation(call, html)...) {
			return nil
		}
		path := "/collections/" + cl.id
		links := append(twins(c, path+"/items/"+url.PathEscape(feature.ID), web.TypeGeoJSON, feature.ID),
			web.Link{Href: call.URL(path, kept(call)), Rel: "collection", Type: web.TypeJSON, Title: call.Text(collectionText)})
		encoder, err := s.encoderOf(v.Schema())
		if err != nil {
			return err
		}
		if err := s.record(c, v.read(1, func() []string { return []string{feature.ID} })); err != nil {
			return err
		}
		setSystem(c, in)
		setLinks(c, links)
		shown := projected(&feature, in)
		if html {
			return s.itemPage(c, cl, v.Schema(), shown, links)
		}
		member, err := web.Marshal(links)
		if err != nil {
			return err
		}
		out := web.NewChunks(c, http.StatusOK, web.TypeGeoJSON)
		if out.Buf, err = encoder.AppendFeature(out.Buf, shown, append(systemMembers(in), geojson.Member{Name: "links", Value: member})...); err != nil {
			out.Discard()
			return err
		}
		return out.End()
	}
}

func (s *Service) itemPage(c *gin.Context, cl collection, schema *data.Schema, f *data.Feature, links []web.Link) error {
	call := web.CallOf(c)
	t := table{}
	for i := range schema.Columns {
		column := &schema.Columns[i]
		t.Rows = append(t.Rows, []cell{{Text: call.Text(column.Label)}, {Text: spoken(call, column, f.Values[i])}, {Text: unitSign(column.Unit)}})
	}
	t.Rows = append(t.Rows, []cell{{Text: call.Text(data.Text{FR: "Géométrie", EN: "Geometry"})}, {Text: place(f.Geometry)}, {}})
	return s.page(c, page{Title: f.ID, Crumbs: append(crumbs(call), collectionCrumb(call, cl)), Links: links, Tables: []table{t}})
}

// unitSign is a unit as people write it; "" for a count or a ratio.
func unitSign(unit string) string {
	if unit == "1" {
		return ""
	}
	return strings.ReplaceAll(unit, "m2", "m²")
}

// place names a geometry: the coordinates of a point, the type of others.
func place(g orb.Geometry) string {
	switch g := g.(type) {
	case nil:
		return ""
	case orb.Point:
		return strconv.FormatFloat(g[0], 'f', 6, 64) + ", " + strconv.FormatFloat(g[1], 'f', 6, 64)
	default:
		return g.GeoJSONType()
	}
}
