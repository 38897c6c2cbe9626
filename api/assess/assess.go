// Package assess answers the proximity indicators of any points, against the
// current zones. Points are neither stored nor logged.
package assess

import (
	"net/http"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"
	"github.com/paulmach/orb"

	"vigie/api/auth"
	"vigie/api/web"
	"vigie/data"
	"vigie/data/export/geojson"
	"vigie/data/snapshot"
	"vigie/geo/exposure"
	"vigie/geo/zoneindex"
)

// Limits of a request.
const (
	maxPoints = 1000
	maxRadius = 20000 // metres
)

// Service measures points.
type Service struct {
	snapshots *snapshot.Service
	gate      *auth.Gate
	clock     data.Clock
}

// New makes the service.
func New(snapshots *snapshot.Service, gate *auth.Gate, clock data.Clock) *Service {
	return &Service{snapshots: snapshots, gate: gate, clock: clock}
}

// Routes are the service's rows of the route table.
func (s *Service) Routes() []web.Route {
	return []web.Route{{
		Method: http.MethodPost, Path: "/assess", Access: web.SignedIn, Reads: true, Handler: s.assess, Timeout: 30 * time.Second,
		Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("assess", "assess", tr("Indicateurs de proximité de points quelconques", "Proximity indicators of any points"))
			op.Description = tr(
				"Un point (lon, lat) ou une liste «\u00a0points\u00a0», en degrés, CRS84\u00a0; rayons en mètres.",
				"One point (lon, lat) or a list “points”, in degrees, CRS84; radii in metres.")
			web.Takes(op, web.Named("AssessRequest", requestSchema()), web.TypeJSON)
			return web.Answers(op, 200, tr("Points et indicateurs", "Points and indicators"), web.TypeGeoJSON, web.Inline(openapi3.NewObjectSchema()))
		},
	}}
}

func longitude() *openapi3.Schema { return openapi3.NewFloat64Schema().WithMin(-180).WithMax(180) }
func latitude() *openapi3.Schema  { return openapi3.NewFloat64Schema().WithMin(-90).WithMax(90) }
func id() *openapi3.Schema        { return openapi3.NewStringSchema().WithMaxLength(100) }

func requestSchema() *openapi3.Schema {
	point := web.Closed(map[string]*openapi3.Schema{"id": id(), "lon": longitude(), "lat": latitude()}, "lon", "lat")
	radius := openapi3.NewIntegerSchema().WithMin(1).WithMax(maxRadius)
	return web.Closed(map[string]*openapi3.Schema{
		"points": openapi3.NewArraySchema().WithItems(point).WithMinItems(1).WithMaxItems(maxPoints),
		"id":     id(), "lon": longitude(), "lat": latitude(),
		"radii": openapi3.NewArraySchema().WithItems(radius).WithMinItems(1).WithMaxItems(zoneindex.MaxRadii).WithUniqueItems(true),
	})
}

type point struct {
	ID  string   `json:"id"`
	Lon *float64 `json:"lon"`
	Lat *float64 `json:"lat"`
}

type request struct {
	point
	Points []point   `json:"points"`
	Radii  []float64 `json:"radii"`
}

func (s *Service) assess(c *gin.Context) error {
	var r request
	if err := web.Decode(c, &r); err != nil {
		return err
	}
	single := r.Lon != nil && r.Lat != nil
	switch {
	case single && r.Points == nil:
		r.Points = []point{r.point}
	case r.Lon != nil || r.Lat != nil || r.Points == nil:
		return web.NewProblem(web.CodeInvalidRecord,
			"Donnez soit «\u00a0lon\u00a0» et «\u00a0lat\u00a0», soit «\u00a0points\u00a0».",
			"Give either “lon” and “lat”, or “points”.")
	}
	radii := r.Radii
	if radii == nil {
		radii = exposure.DefaultRadii
	}
	current := s.snapshots.Current()
	encoder, err := geojson.NewEncoder(current.AssessSchema(radii))
	if err != nil {
		return err
	}
	if err := s.gate.RecordAssess(c, len(r.Points)); err != nil {
		return err
	}
	assessor := current.Assessor(auth.ViewerOf(c), radii)
	out := web.NewChunks(c, http.StatusOK, web.TypeGeoJSON)
	out.Buf = append(out.Buf, `{"type":"FeatureCollection","timeStamp":"`...)
	out.Buf = s.clock().UTC().AppendFormat(out.Buf, time.RFC3339)
	out.Buf = append(out.Buf, `","features":[`...)
	var f data.Feature
	for i, p := range r.Points {
		if i > 0 {
			out.Buf = append(out.Buf, ',')
		}
		assessor.Measure(p.ID, orb.Point{*p.Lon, *p.Lat}, &f)
		if out.Buf, err = encoder.AppendFeature(out.Buf, &f); err == nil {
			err = out.Flush()
		}
		if err != nil {
			out.Discard()
			return err
		}
	}
	out.Buf = append(out.Buf, "]}\n"...)
	return out.End()
}
