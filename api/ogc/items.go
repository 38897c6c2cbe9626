package ogc

import (
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"vigie/api/web"
	"vigie/data"
	"vigie/data/export/geojson"
	"vigie/data/snapshot"
)

func (s *Service) items(cl collection) web.Handler {
	return func(c *gin.Context) error {
		view, err := s.mustOpen(c, cl)
		if err != nil {
			return err
		}
		call := web.CallOf(c)
		query, err := cl.query(call.Query)
		if err != nil {
			return err
		}
		if s.notModified(c, view, cl.layer, "geojson") {
			return nil
		}
		encoder, err := s.encoderOf(view.Schema())
		if err != nil {
			return err
		}
		page := view.Query(query)
		if cl.layer == data.LayerSites {
			// In the journal before any of it leaves.
			if err := s.gate.RecordRead(c, page.IDs()); err != nil {
				return err
			}
		}
		return s.writePage(c, cl, call, encoder, &page)
	}
}

func (s *Service) writePage(c *gin.Context, cl collection, call *web.Call, encoder *geojson.Encoder, page *snapshot.Page) error {
	links, err := web.Marshal(pageLinks(cl, call, page))
	if err != nil {
		return err
	}
	c.Header("OGC-NumberMatched", strconv.Itoa(page.Matched))
	c.Header("OGC-NumberReturned", strconv.Itoa(page.Returned))
	out := web.NewChunks(c, http.StatusOK, web.TypeGeoJSON)
	// QGIS looks for "numberReturned":0 and "features":[] spelled so.
	out.Buf = append(out.Buf, `{"type":"FeatureCollection","numberMatched":`...)
	out.Buf = strconv.AppendInt(out.Buf, int64(page.Matched), 10)
	out.Buf = append(out.Buf, `,"numberReturned":`...)
	out.Buf = strconv.AppendInt(out.Buf, int64(page.Returned), 10)
	out.Buf = append(out.Buf, `,"timeStamp":"`...)
	out.Buf = s.clock().UTC().AppendFormat(out.Buf, time.RFC3339)
	out.Buf = append(out.Buf, `","links":`...)
	out.Buf = append(out.Buf, links...)
	out.Buf = append(out.Buf, `,"features":[`...)
	first := true
	err = page.Each(func(f *data.Feature) error {
		if !first {
			out.Buf = append(out.Buf, ',')
		}
		first = false
		var err error
		if out.Buf, err = encoder.AppendFeature(out.Buf, f); err != nil {
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

// pageLinks carry the request's own parameters; the start of the next page is
// apart from its size, which the client may change on the way.
func pageLinks(cl collection, call *web.Call, page *snapshot.Page) []web.Link {
	path := "/collections/" + string(cl.layer)
	links := []web.Link{
		{Href: call.URL(path+"/items", call.Query), Rel: "self", Type: web.TypeGeoJSON},
		{Href: call.URL(path, nil), Rel: "collection", Type: web.TypeJSON},
	}
	if page.Next != "" {
		next := maps.Clone(call.Query)
		if next == nil {
			next = url.Values{}
		}
		next["after"] = []string{page.Next}
		links = append(links, web.Link{Href: call.URL(path+"/items", next), Rel: "next", Type: web.TypeGeoJSON})
	}
	return links
}

func (s *Service) item(cl collection) web.Handler {
	return func(c *gin.Context) error {
		view, err := s.mustOpen(c, cl)
		if err != nil {
			return err
		}
		call := web.CallOf(c)
		feature, ok := view.Get(c.Param("featureId"))
		if !ok {
			return web.NotFound()
		}
		if s.notModified(c, view, cl.layer, "geojson") {
			return nil
		}
		encoder, err := s.encoderOf(view.Schema())
		if err != nil {
			return err
		}
		path := "/collections/" + string(cl.layer)
		links, err := web.Marshal([]web.Link{
			{Href: call.URL(path+"/items/"+url.PathEscape(feature.ID), nil), Rel: "self", Type: web.TypeGeoJSON},
			{Href: call.URL(path, nil), Rel: "collection", Type: web.TypeJSON},
		})
		if err != nil {
			return err
		}
		if cl.layer == data.LayerSites {
			if err := s.gate.RecordRead(c, []string{feature.ID}); err != nil {
				return err
			}
		}
		out := web.NewChunks(c, http.StatusOK, web.TypeGeoJSON)
		if out.Buf, err = encoder.AppendFeature(out.Buf, &feature, geojson.Member{Name: "links", Value: links}); err != nil {
			out.Discard()
			return err
		}
		return out.End()
	}
}
