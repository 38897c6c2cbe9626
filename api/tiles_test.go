package api_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/maptile"

	"vigie/api"
	"vigie/data"
	"vigie/data/snapshot"
)

const typeMVT = "application/vnd.mapbox-vector-tile"

func tilePath(layer string, t maptile.Tile) string {
	return fmt.Sprintf("/api/collections/%s/tiles/WebMercatorQuad/%d/%d/%d", layer, t.Z, t.Y, t.X)
}

// newTileServer also gives what changes the store and has it served.
func newTileServer(t testing.TB) (*server, func(func(by data.Viewer, entry data.AuditEntry) error)) {
	t.Helper()
	var snapshots *snapshot.Service
	s := newServerWith(t, func(cfg *api.Config) { snapshots = cfg.Snapshot })
	return s, func(change func(data.Viewer, data.AuditEntry) error) {
		t.Helper()
		by := data.NewViewer(data.ViewerSpec{Subject: "fixture", Precision: data.ViewExact, Restricted: true, Writes: true})
		if err := errors.Join(change(by, data.AuditEntry{At: now(), Subject: "fixture", Action: "fixture"}), snapshots.Refresh(t.Context())); err != nil {
			t.Fatal(err)
		}
	}
}

// tileFeatures decodes a tile of one layer; none when it is empty.
func tileFeatures(t testing.TB, w *httptest.ResponseRecorder, layer string) []*geojson.Feature {
	t.Helper()
	if w.Code == http.StatusNoContent && w.Body.Len() == 0 {
		return nil
	}
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != typeMVT {
		t.Fatalf("%d %s %s", w.Code, w.Header().Get("Content-Type"), w.Body)
	}
	layers, err := mvt.Unmarshal(w.Body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if len(layers) != 1 || layers[0].Name != layer || layers[0].Version != 2 || layers[0].Extent != 4096 {
		t.Fatalf("layers %+v", layers)
	}
	for _, f := range layers[0].Features {
		if b := f.Geometry.Bound(); b.Min[0] < -64 || b.Min[1] < -64 || b.Max[0] > 4160 || b.Max[1] > 4160 {
			t.Errorf("%v leaves the tile: %v", f.Properties["id"], b)
		}
	}
	return layers[0].Features
}

// A tile says where things are, to a unit of its grid, and what the viewer may know of them.
func TestTileRoundTrip(t *testing.T) {
	s := newServer(t)
	at := maptile.At(orb.Point{5.31, 45.95}, 12)
	for layer, want := range map[string]map[string]orb.Bound{
		"zones":  {"qpv.2024.QN00101I": {Min: orb.Point{5.298, 45.94}, Max: orb.Point{5.325, 45.96}}},
		"sites":  {"F-001": orb.Point{5.31, 45.95}.Bound(), "F-002": orb.Point{5.32, 45.95}.Bound()},
		"places": {},
		"areas":  {"department.01": {}},
	} {
		features := tileFeatures(t, s.do("GET", tilePath(layer, at), ""), layer)
		var schema struct{ Columns []struct{ Name string } }
		if err := json.Unmarshal(s.do("GET", "/api/collections/"+layer+"/schema", "").Body.Bytes(), &schema); err != nil {
			t.Fatal(err)
		}
		found := map[string]bool{}
		for _, f := range features {
			id, _ := f.Properties["id"].(string)
			found[id] = true
			for name := range f.Properties {
				if name != "id" && !slices.ContainsFunc(schema.Columns, func(c struct{ Name string }) bool { return c.Name == name }) {
					t.Errorf("%s: %s is not in the viewer's schema", layer, name)
				}
			}
			if b, ok := want[id]; ok && b != (orb.Bound{}) {
				one := &mvt.Layer{Extent: 4096, Features: []*geojson.Feature{f}}
				one.ProjectToWGS84(at)
				got := f.Geometry.Bound()
				unit := 2 * 360.0 / math.Ldexp(4096, 12)
				for _, d := range []float64{got.Min[0] - b.Min[0], got.Max[0] - b.Max[0], got.Min[1] - b.Min[1], got.Max[1] - b.Max[1]} {
					// What leaves the tile is cut.
					if math.Abs(d) > unit && at.Bound(-0.01).Contains(b.Min) && at.Bound(-0.01).Contains(b.Max) {
						t.Errorf("%s is at %v, want %v", id, got, b)
					}
				}
			}
		}
		for id := range want {
			if !found[id] {
				t.Errorf("%s: %s is not in the tile, %v are", layer, id, found)
			}
		}
	}
}

// Every zone is drawn at every zoom, however small it is there.
func TestZonesAreVisibleAtEveryZoom(t *testing.T) {
	s := newServer(t)
	for z := range maptile.Zoom(23) {
		for id, p := range map[string]orb.Point{"qpv.2024.QN00101I": {5.31, 45.95}, "custom.1.a/b c": {179.7, -16.7}} {
			features := tileFeatures(t, s.anyone("GET", tilePath("zones", maptile.At(p, z)), ""), "zones")
			if !slices.ContainsFunc(features, func(f *geojson.Feature) bool { return f.Properties["id"] == id }) {
				t.Errorf("zoom %d: %s is not drawn", z, id)
			}
		}
	}
}

// Nobody but those in charge gets a tile made from homes; to others it does not exist.
func TestPublicHasNoTilesOfHomes(t *testing.T) {
	s := newServer(t)
	missing := s.anyone("GET", "/api/collections/none/tiles", "")
	for _, path := range []string{"", "/WebMercatorQuad", "/WebMercatorQuad/0/0/0", "/WebMercatorQuad/10/364/527", "/WebMercatorQuad/99/a/-1"} {
		w := s.anyone("GET", "/api/collections/sites/tiles"+path, "")
		if w.Code != 404 || bodyOf(w) != bodyOf(missing) {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	if style := s.anyone("GET", "/api/styles/vigie", "").Body.String(); strings.Contains(style, "sites") {
		t.Errorf("the public's style draws homes: %s", style)
	}
	if style := s.do("GET", "/api/styles/vigie", "").Body.String(); !strings.Contains(style, "/api/collections/sites/tiles/WebMercatorQuad?f=tilejson") {
		t.Errorf("%s", style)
	}
	if len(s.audit.entries) != 0 {
		t.Errorf("entries %+v", s.audit.entries)
	}
}

// Homes of a tile are in the journal before it leaves, those of the buffer included; a
// journal that can't be written gives no tile, and a 304 reads nothing.
func TestTilesOfHomesAreRecorded(t *testing.T) {
	s := newServer(t)
	path := tilePath("sites", maptile.At(orb.Point{5.31, 45.95}, 12))
	w := s.do("GET", path, "")
	var ids []string
	for _, f := range tileFeatures(t, w, "sites") {
		ids = append(ids, f.Properties["id"].(string))
	}
	if w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("Cache-Control %q", w.Header().Get("Cache-Control"))
	}
	if n := len(s.audit.entries); n != 1 || s.audit.entries[0].Action != data.ActionRead || !slices.Equal(s.audit.entries[0].Records, ids) || len(ids) == 0 {
		t.Fatalf("entries %+v for %v", s.audit.entries, ids)
	}
	if again := s.do("GET", path, "", "If-None-Match", w.Header().Get("ETag")); again.Code != http.StatusNotModified || len(s.audit.entries) != 1 {
		t.Errorf("%d, %d entries", again.Code, len(s.audit.entries))
	}
	s.audit.err = errors.New("disk full")
	if broken := s.do("GET", path, ""); broken.Code != http.StatusInternalServerError || strings.Contains(broken.Body.String(), "F-001") {
		t.Errorf("%d %s", broken.Code, broken.Body)
	}
}

// A masked viewer's tiles hold cells and what a masked view tells, nothing else.
func TestMaskedTilesHoldCells(t *testing.T) {
	s, change := newTileServer(t)
	cell := data.MaskedSite{
		Pseudonym: "m-1", Kind: "mecs", Category: "177", DepartmentCode: "01", Cell: "CRS3035RES2000mN2520000E3946000", Class: 3,
	}
	change(func(by data.Viewer, entry data.AuditEntry) error {
		return s.store.PutRelease(t.Context(), by, &data.Release{ID: "2026-11-24", FrozenAt: now(), Rules: data.ReleaseRules, Rows: []data.MaskedSite{cell}}, entry)
	})
	page := decode[collection](t, s.as("analyst", "GET", "/api/collections/sites/items", ""))
	if len(page.Features) != 1 {
		t.Fatalf("page %+v", page)
	}
	var g geojson.Geometry
	if err := json.Unmarshal(page.Features[0].Geometry, &g); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, z := range []maptile.Zoom{4, 10, 12} {
		for _, f := range tileFeatures(t, s.as("analyst", "GET", tilePath("sites", maptile.At(g.Geometry().Bound().Center(), z)), ""), "sites") {
			seen++
			if _, ok := f.Geometry.(orb.Polygon); !ok || f.Properties["id"] != "m-1" || f.Properties["exposure_class"] != "3" {
				t.Errorf("%T %v", f.Geometry, f.Properties)
			}
			for name := range f.Properties {
				if _, ok := page.Features[0].Properties[name]; !ok && name != "id" {
					t.Errorf("%s is in the tile and not in the masked view", name)
				}
			}
		}
	}
	if seen != 3 {
		t.Errorf("the cell is in %d tiles of 3", seen)
	}
	// Nothing at the very positions, wherever the cell is not.
	for i := range 20 {
		p := orb.Point{5.30 + 0.01*float64(i), 45.95}
		if fs := tileFeatures(t, s.as("analyst", "GET", tilePath("sites", maptile.At(p, 16)), ""), "sites"); len(fs) > 0 && !g.Geometry().Bound().Pad(0.001).Contains(p) {
			t.Errorf("%v: %d features", p, len(fs))
		}
	}
}

// A restricted zone is in the tiles of those who may see it, also after them in nobody else's.
func TestRestrictedZonesInTiles(t *testing.T) {
	s, change := newTileServer(t)
	b := data.Batch{PutZones: []data.Zone{{
		Kind: data.ZoneCustom, Edition: "1", Code: "secret", Name: "Zone réservée", Restricted: true, DepartmentCodes: []string{"01"}, Geometry: square(5.30, 45.94, 5.32, 45.96),
	}}}
	change(func(by data.Viewer, entry data.AuditEntry) error { return s.store.Write(t.Context(), by, &b, entry) })
	path := tilePath("zones", maptile.At(orb.Point{5.31, 45.95}, 12))
	has := func(w *httptest.ResponseRecorder) bool {
		return slices.ContainsFunc(tileFeatures(t, w, "zones"), func(f *geojson.Feature) bool { return f.Properties["id"] == "custom.1.secret" })
	}
	for range 2 {
		for _, login := range []string{"mia", "analyst", "inspector"} {
			user, err := s.store.UserByLogin(t.Context(), login)
			if err != nil {
				t.Fatal(err)
			}
			may := slices.ContainsFunc(user.Assignments, func(a data.Assignment) bool { return a.Restricted })
			if got := has(s.as(login, "GET", path, "")); got != may {
				t.Errorf("%s sees the restricted zone: %v, want %v", login, got, may)
			}
		}
		if has(s.anyone("GET", path, "")) {
			t.Error("the public sees the restricted zone")
		}
	}
}

// What is not in the matrix does not exist, what is no number is refused; neither fails.
func TestTilesThatDoNotExist(t *testing.T) {
	s := newServer(t)
	for place, status := range map[string]int{
		"0/1/0": 404, "0/0/1": 404, "1/2/0": 404, "22/4194304/0": 404, "5/99999999999/0": 404,
		"23/0/0": 400, "-1/0/0": 400, "5/-1/0": 400, "a/0/0": 400, "5/1.5/0": 400, "5/%20/0": 400, "0x1/0/0": 400,
		"22/4194303/4194303": 204, "0/0/0": 200,
	} {
		if w := s.anyone("GET", "/api/collections/zones/tiles/WebMercatorQuad/"+place, ""); w.Code != status {
			t.Errorf("%s: %d %s, want %d", place, w.Code, w.Body, status)
		}
	}
	wantProblem(t, s.anyone("GET", "/api/collections/zones/tiles/WorldCRS84Quad/0/0/0", ""), 404, "not-found")
	wantProblem(t, s.anyone("GET", "/api/collections/zones/tiles/WebMercatorQuad/0/0/0?f=png", ""), 400, "invalid-parameter")
}

func FuzzTileAddress(f *testing.F) {
	s := newServer(f)
	for _, place := range []string{"0/0/0", "22/0/4194303", "1e1/0/0", "+1/0/0", "00/0/0", "10/364/527", "10/364/527/", "%2e%2e/0/0", "9/٣/1"} {
		f.Add(place)
	}
	f.Fuzz(func(t *testing.T, place string) {
		target := "/api/collections/zones/tiles/WebMercatorQuad/" + (&url.URL{Path: place}).EscapedPath()
		if w := s.anyone("GET", target, ""); w.Code >= 500 {
			t.Errorf("%q: %d %s", place, w.Code, w.Body)
		} else if w.Code == 200 && w.Header().Get("Content-Type") == typeMVT {
			tileFeatures(t, w, "zones")
		}
	})
}

// A place on the antimeridian and one at the pole break nothing.
func TestTilesAtTheEdgesOfTheWorld(t *testing.T) {
	s, change := newTileServer(t)
	b := data.Batch{
		PutPlaces: []data.Place{
			{ID: "E", Kind: "police", Position: &data.Position{Point: orb.Point{180, 0}}},
			{ID: "W", Kind: "police", Position: &data.Position{Point: orb.Point{-180, 0}}},
			{ID: "N", Kind: "police", Position: &data.Position{Point: orb.Point{0, 90}}},
			{ID: "S", Kind: "police", Position: &data.Position{Point: orb.Point{0, -90}}},
		},
		PutZones: []data.Zone{
			{Kind: data.ZoneCustom, Edition: "1", Code: "cap", Geometry: square(-180, -90, 180, -80)},
			{Kind: data.ZoneCustom, Edition: "1", Code: "sides", Geometry: orb.MultiPolygon{square(179, 0, 180, 1)[0], square(-180, 0, -179, 1)[0]}},
		},
	}
	change(func(by data.Viewer, entry data.AuditEntry) error { return s.store.Write(t.Context(), by, &b, entry) })
	ids := func(layer string, at maptile.Tile) (out []string) {
		for _, f := range tileFeatures(t, s.anyone("GET", tilePath(layer, at), ""), layer) {
			out = append(out, f.Properties["id"].(string))
		}
		return out
	}
	world := maptile.Tile{}
	if got := ids("places", world); !slices.Equal(got, []string{"E", "P-1", "W"}) {
		t.Errorf("places %v", got)
	}
	last := uint32(1)<<8 - 1
	for _, want := range []struct {
		at   maptile.Tile
		zone string
	}{
		{maptile.New(3, last, 8), "custom.1.cap"}, {maptile.New(last, 127, 8), "custom.1.sides"}, {maptile.New(0, 127, 8), "custom.1.sides"}, {world, "custom.1.sides"},
	} {
		if got := ids("zones", want.at); !slices.Contains(got, want.zone) {
			t.Errorf("%v holds %v, not %s", want.at, got, want.zone)
		}
	}
}

// The metadata says what clients of OGC API – Tiles, TileJSON and MapLibre read.
func TestTileMetadata(t *testing.T) {
	s := newServer(t)
	type tileset struct {
		DataType, CRS       string
		TileMatrixSetURI    string
		Links               []link
		Layers              []struct{ ID string }
		TileMatrixSetLimits []struct {
			TileMatrix                                     string
			MinTileRow, MaxTileRow, MinTileCol, MaxTileCol int
		}
	}
	const uri = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
	for _, layer := range []string{"zones", "places", "areas", "sites"} {
		list := get[struct {
			Links    []link
			Tilesets []tileset
		}](t, s, "/api/collections/"+layer+"/tiles")
		if len(list.Tilesets) != 1 || hrefOf(list.Links, "self") == "" {
			t.Fatalf("%s: %+v", layer, list)
		}
		follow := func(links []link, rel string) string {
			t.Helper()
			u, err := url.Parse(hrefOf(links, rel))
			if err != nil || u.Path == "" {
				t.Fatalf("%s: no link %s in %+v", layer, rel, links)
			}
			return u.RequestURI()
		}
		set := get[tileset](t, s, follow(list.Tilesets[0].Links, "self"))
		if set.DataType != "vector" || set.CRS != "http://www.opengis.net/def/crs/EPSG/0/3857" || set.TileMatrixSetURI != uri || len(set.Layers) != 1 || set.Layers[0].ID != layer {
			t.Errorf("%s: %+v", layer, set)
		}
		matrices := get[struct {
			URI          string
			TileMatrices []struct {
				ID                                   string
				MatrixWidth, MatrixHeight, TileWidth int
				ScaleDenominator, CellSize           float64
			}
		}](t, s, follow(set.Links, "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"))
		if matrices.URI != uri || len(matrices.TileMatrices) != 23 {
			t.Fatalf("matrices %+v", matrices)
		}
		for z, m := range matrices.TileMatrices {
			if m.ID != fmt.Sprint(z) || m.MatrixWidth != 1<<z || m.MatrixHeight != 1<<z || m.TileWidth != 256 || math.Abs(m.ScaleDenominator-m.CellSize/0.28e-3) > 1e-6*m.ScaleDenominator {
				t.Errorf("matrix %+v", m)
			}
		}
		for z, l := range set.TileMatrixSetLimits {
			if l.TileMatrix != fmt.Sprint(z) || l.MinTileRow > l.MaxTileRow || l.MinTileCol > l.MaxTileCol || l.MinTileRow < 0 || l.MaxTileRow >= 1<<z || l.MaxTileCol >= 1<<z {
				t.Errorf("%s: limits %+v", layer, l)
			}
		}
		item := hrefOf(set.Links, "item")
		at := set.TileMatrixSetLimits[6]
		u, err := url.Parse(strings.NewReplacer("{tileMatrix}", "6", "{tileRow}", fmt.Sprint(at.MinTileRow), "{tileCol}", fmt.Sprint(at.MinTileCol)).Replace(item))
		if err != nil {
			t.Fatal(err)
		}
		if w := s.do("GET", u.RequestURI(), ""); w.Code != 200 && w.Code != 204 {
			t.Errorf("%s: %d", u, w.Code)
		}
		tj := get[struct {
			TileJSON     string
			Tiles        []string
			MaxZoom      int
			Bounds       []float64
			VectorLayers []struct {
				ID     string
				Fields map[string]string
			} `json:"vector_layers"`
		}](t, s, follow(set.Links, "describedby"))
		if tj.TileJSON != "3.0.0" || len(tj.Tiles) != 1 || !strings.HasSuffix(tj.Tiles[0], "/{z}/{y}/{x}") || tj.MaxZoom != 22 || len(tj.Bounds) != 4 ||
			len(tj.VectorLayers) != 1 || tj.VectorLayers[0].ID != layer || tj.VectorLayers[0].Fields["id"] == "" {
			t.Errorf("%s: %+v", layer, tj)
		}
	}
}

// A tile of what is open is kept in the browser with a validator, and changes with the data.
func TestTilesAreRevalidated(t *testing.T) {
	s, change := newTileServer(t)
	path := tilePath("zones", maptile.At(orb.Point{5.31, 45.95}, 12))
	w := s.anyone("GET", path, "")
	tag := w.Header().Get("ETag")
	if w.Header().Get("Cache-Control") != "private, no-cache" || tag == "" || w.Header().Get("OGC-NumberReturned") != "1" {
		t.Errorf("%v", w.Header())
	}
	if again := s.anyone("GET", path, "", "If-None-Match", tag); again.Code != http.StatusNotModified {
		t.Errorf("%d, want 304", again.Code)
	}
	b := data.Batch{PutZones: []data.Zone{{Kind: data.ZoneCustom, Edition: "1", Code: "new", Geometry: square(5.30, 45.95, 5.31, 45.955)}}}
	change(func(by data.Viewer, entry data.AuditEntry) error { return s.store.Write(t.Context(), by, &b, entry) })
	if again := s.anyone("GET", path, "", "If-None-Match", tag); len(tileFeatures(t, again, "zones")) != 2 {
		t.Errorf("%d: the new zone is not drawn", again.Code)
	}
}
