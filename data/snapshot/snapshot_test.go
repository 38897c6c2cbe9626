package snapshot_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/data/snapshot"
	"vigie/data/sqlite"
	"vigie/geo/crs"
	"vigie/geo/score"
)

var (
	now      = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	operator = data.NewViewer(data.ViewerSpec{Subject: "operator", Precision: data.ViewExact, Restricted: true, Writes: true})
	plane    = crs.NewAzimuthal(orb.Point{2.6, 46.4})
)

func site(id, department string, x, y float64) data.StoredSite {
	return data.StoredSite{Version: 1, Site: data.Site{
		ID: id, FINESS: id, Name: "Foyer fictif " + id, Kind: "mecs", Category: "177", Status: data.SiteOpen, DepartmentCode: department,
		Position: &data.Position{Point: plane.Inverse(x, y), Precision: data.PrecisionHouseNumber},
	}}
}

func zone(kind data.ZoneKind, edition, code string, x, y, half float64) data.Zone {
	ring := orb.Ring{plane.Inverse(x-half, y-half), plane.Inverse(x+half, y-half), plane.Inverse(x+half, y+half), plane.Inverse(x-half, y+half)}
	return data.Zone{Kind: kind, Edition: edition, Code: code, Name: "Zone fictive " + code, DepartmentCodes: []string{"03"}, Geometry: orb.MultiPolygon{{append(ring, ring[0])}}}
}

type house struct {
	t       *testing.T
	store   data.Store
	service *snapshot.Service
}

func open(t *testing.T) *house {
	t.Helper()
	ctx := context.Background()
	store, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "test.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	service, err := snapshot.Open(ctx, store, snapshot.Options{Clock: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	return &house{t, store, service}
}

func (h *house) write(b data.Batch) {
	h.t.Helper()
	ctx := context.Background()
	if err := h.store.Write(ctx, operator, &b, data.AuditEntry{At: now, Subject: "operator", Action: "test"}); err != nil {
		h.t.Fatal(err)
	}
	if err := h.service.Refresh(ctx); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) properties(v data.Viewer, layer data.Layer, id string) map[string]data.Value {
	h.t.Helper()
	c, ok := h.service.Current().Collection(v, layer)
	if !ok {
		h.t.Fatalf("no collection %s", layer)
	}
	f, ok := c.Get(id)
	if !ok {
		h.t.Fatalf("no feature %s in %s", id, layer)
	}
	out := map[string]data.Value{}
	for i, column := range c.Schema().Columns {
		out[column.Name] = f.Values[i]
	}
	return out
}

func ids(t *testing.T, c *snapshot.Collection, q snapshot.Query) []string {
	t.Helper()
	var out []string
	page := c.Query(q)
	if err := page.Each(func(f *data.Feature) error { out = append(out, f.ID); return nil }); err != nil {
		t.Fatal(err)
	}
	if page.Returned != len(out) {
		t.Errorf("Returned = %d for %d features", page.Returned, len(out))
	}
	return out
}

func TestIndicatorsFollowWrites(t *testing.T) {
	h := open(t)
	qpv := zone(data.ZoneQPV, "2024", "QN00001X", 1000, 0, 100)
	h.write(data.Batch{PutSites: []data.StoredSite{site("a", "03", 0, 0)}})
	p := h.properties(operator, data.LayerSites, "a")
	for _, name := range []string{"in_zone", "nearest_zone_distance_m", "zones_within_1000m", "zone_share_1000m", "qpv_in_zone"} {
		if !p[name].IsNull() {
			t.Errorf("%s without any zone is %q: unknown is not 0", name, p[name].Format())
		}
	}
	h.write(data.Batch{PutZones: []data.Zone{qpv}, Current: &data.Edition{Kind: data.ZoneQPV, Label: "2024"}})
	p = h.properties(operator, data.LayerSites, "a")
	if d, _ := p["nearest_zone_distance_m"].Float(); math.Abs(d-900) > 0.01 {
		t.Errorf("distance = %v, want 900", d)
	}
	if got := p["nearest_zone_id"].Format(); got != "QN00001X" {
		t.Errorf("nearest = %q", got)
	}
	if n, ok := p["zones_within_500m"].Int(); !ok || n != 0 {
		t.Errorf("within 500 m = %v: a count of zones that are loaded is 0, not unknown", p["zones_within_500m"].Format())
	}
	if !p["qrr_in_zone"].IsNull() {
		t.Error("no QRR is loaded: qrr_in_zone is unknown")
	}
	moved := site("a", "03", 1000, 50)
	moved.Version = 2
	h.write(data.Batch{PutSites: []data.StoredSite{moved}})
	if in, _ := h.properties(operator, data.LayerSites, "a")["in_zone"].Bool(); !in {
		t.Error("the moved site is inside")
	}
}

func TestUnlocatedAndVaguePositions(t *testing.T) {
	h := open(t)
	inside := zone(data.ZoneQPV, "2024", "QN00001X", 0, 0, 500)
	nowhere := site("nowhere", "03", 0, 0)
	nowhere.Position = nil
	vague := site("vague", "03", 0, 0)
	vague.Position.Precision = data.PrecisionCommune
	h.write(data.Batch{PutZones: []data.Zone{inside}, PutSites: []data.StoredSite{nowhere, vague}, Current: &data.Edition{Kind: data.ZoneQPV, Label: "2024"}})
	for id, status := range map[string]string{"nowhere": "not_located", "vague": "position_commune"} {
		p := h.properties(operator, data.LayerSites, id)
		if p["proximity_status"].Format() != status || !p["in_zone"].IsNull() {
			t.Errorf("%s: status %q, in_zone %q", id, p["proximity_status"].Format(), p["in_zone"].Format())
		}
	}
	c, _ := h.service.Current().Collection(operator, data.LayerSites)
	if got := ids(t, c, snapshot.Query{Limit: 10}); len(got) != 2 {
		t.Errorf("homes without a usable position are listed: %v", got)
	}
	world := []orb.Bound{{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}}
	if got := ids(t, c, snapshot.Query{Limit: 10, Bounds: world}); len(got) != 1 || got[0] != "vague" {
		t.Errorf("a bbox selects located features only: %v", got)
	}
}

func TestOnlyTheCurrentEditionCounts(t *testing.T) {
	h := open(t)
	old, recent := zone(data.ZoneQPV, "2015", "QP000001", 300, 0, 100), zone(data.ZoneQPV, "2024", "QN00001X", 2000, 0, 100)
	h.write(data.Batch{PutZones: []data.Zone{old, recent}, PutSites: []data.StoredSite{site("a", "03", 0, 0)}, Current: &data.Edition{Kind: data.ZoneQPV, Label: "2024"}})
	if got := h.properties(operator, data.LayerSites, "a")["nearest_zone_id"].Format(); got != "QN00001X" {
		t.Errorf("nearest = %q", got)
	}
	c, _ := h.service.Current().Collection(operator, data.LayerZones)
	if got := ids(t, c, snapshot.Query{Limit: 10}); fmt.Sprint(got) != "[qpv.2024.QN00001X]" {
		t.Errorf("zones = %v", got)
	}
	if got := ids(t, c, snapshot.Query{Limit: 10, Editions: true}); len(got) != 2 {
		t.Errorf("zones of every edition = %v", got)
	}
	h.write(data.Batch{Current: &data.Edition{Kind: data.ZoneQPV, Label: "2015"}})
	if got := h.properties(operator, data.LayerSites, "a")["nearest_zone_id"].Format(); got != "QP000001" {
		t.Errorf("after the switch nearest = %q", got)
	}
}

func TestRestrictedZones(t *testing.T) {
	h := open(t)
	secret := zone(data.ZoneZSP, "2023", "Z1", 100, 0, 50)
	secret.Restricted = true
	h.write(data.Batch{PutZones: []data.Zone{secret, zone(data.ZoneQPV, "2024", "QN00001X", 3000, 0, 100)}, PutSites: []data.StoredSite{site("a", "03", 0, 0)},
		Current: &data.Edition{Kind: data.ZoneZSP, Label: "2023"}})
	h.write(data.Batch{Current: &data.Edition{Kind: data.ZoneQPV, Label: "2024"}})
	if got := h.properties(operator, data.LayerSites, "a")["nearest_zone_id"].Format(); got != "QN00001X" {
		t.Errorf("a restricted zone shows in an open indicator: %q", got)
	}
	open := data.NewViewer(data.ViewerSpec{Subject: "inspector", Precision: data.ViewExact})
	c, _ := h.service.Current().Collection(open, data.LayerZones)
	if got := ids(t, c, snapshot.Query{Limit: 10, Editions: true}); fmt.Sprint(got) != "[qpv.2024.QN00001X]" {
		t.Errorf("zones without the right = %v", got)
	}
	if _, ok := c.Get("zsp.2023.Z1"); ok {
		t.Error("a restricted zone is found by its identifier")
	}
	if n := len(h.service.Current().Editions(open)); n != 1 {
		t.Errorf("%d editions without the right", n)
	}
}

func TestScope(t *testing.T) {
	h := open(t)
	h.write(data.Batch{PutSites: []data.StoredSite{site("a", "03", 0, 0), site("b", "63", 480, 0), site("c", "03", 900, 0)}})
	inspector := data.NewViewer(data.ViewerSpec{Subject: "inspector", Precision: data.ViewExact, Departments: []string{"03"}})
	c, _ := h.service.Current().Collection(inspector, data.LayerSites)
	page := c.Query(snapshot.Query{Limit: 10})
	if page.Matched != 2 {
		t.Errorf("matched = %d", page.Matched)
	}
	if _, ok := c.Get("b"); ok {
		t.Error("a site out of scope is found")
	}
	before := h.service.Current().ETag(inspector, data.LayerSites)
	b := site("b", "63", 450, 0) // as many homes around the others as before
	b.Version = 2
	h.write(data.Batch{PutSites: []data.StoredSite{b}})
	if h.service.Current().ETag(inspector, data.LayerSites) != before {
		t.Error("the ETag tells of a change in another département that bears on nothing here")
	}
	a := site("a", "03", 10, 0)
	a.Version = 2
	h.write(data.Batch{PutSites: []data.StoredSite{a}})
	if h.service.Current().ETag(inspector, data.LayerSites) == before {
		t.Error("the ETag is unchanged after a change in scope")
	}
	nobody := data.NewViewer(data.ViewerSpec{Subject: "x", Precision: data.ViewNone})
	if _, ok := h.service.Current().Collection(nobody, data.LayerSites); ok {
		t.Error("a viewer who sees nothing has a collection of sites")
	}
	// Homes seen less than exactly are not among those seen exactly.
	tomorrow := now.AddDate(0, 0, 1)
	mixed := data.NewViewer(data.ViewerSpec{Subject: "x", Precision: data.ViewMasked, Grants: []data.Grant{{
		Kind: data.GrantExact, State: data.GrantApproved, Scope: data.Scope{Sites: []string{"b"}}, Expires: &tomorrow,
	}}, Now: now})
	exact, _ := h.service.Current().Collection(mixed, data.LayerSites)
	if got := ids(t, exact, snapshot.Query{Limit: 10}); fmt.Sprint(got) != "[b]" {
		t.Errorf("with a grant on b: %v", got)
	}
	tag := h.service.Current().ETag(mixed, data.LayerSites)
	b.Version, b.Name = 3, "Autre nom"
	h.write(data.Batch{PutSites: []data.StoredSite{b}})
	if h.service.Current().ETag(mixed, data.LayerSites) == tag {
		t.Error("the ETag is unchanged after a change of the home that was granted")
	}
}

func TestPagingReachesEveryFeatureOnce(t *testing.T) {
	h := open(t)
	var sites []data.StoredSite
	for i := range 25 {
		s := site(fmt.Sprintf("s%02d", i), "03", float64(100*i), 0)
		if i%5 == 0 {
			s.Status = data.SiteClosed
		}
		sites = append(sites, s)
	}
	h.write(data.Batch{PutSites: sites})
	c, _ := h.service.Current().Collection(operator, data.LayerSites)
	seen := map[string]bool{}
	after := ""
	for {
		page := c.Query(snapshot.Query{Limit: 7, After: after})
		if page.Matched != 20 {
			t.Fatalf("matched = %d on the page after %q", page.Matched, after)
		}
		_ = page.Each(func(f *data.Feature) error {
			if seen[f.ID] {
				t.Errorf("%s twice", f.ID)
			}
			seen[f.ID] = true
			return nil
		})
		if page.Next == "" {
			break
		}
		after = page.Next
	}
	if len(seen) != 20 {
		t.Errorf("%d features", len(seen))
	}
	for status, want := range map[string]int{"": 20, "open": 20, "closed": 5, "all": 25} {
		if got := c.Query(snapshot.Query{Limit: 1, Status: status}).Matched; got != want {
			t.Errorf("status %q: %d, want %d", status, got, want)
		}
	}
	if got := c.Query(snapshot.Query{Limit: 1, Equal: map[string]string{"site_id": "s03"}}).Matched; got != 1 {
		t.Errorf("equal: %d", got)
	}
	if got := c.Query(snapshot.Query{Limit: 1, Equal: map[string]string{"no_such_column": ""}}).Matched; got != 0 {
		t.Errorf("unknown column: %d", got)
	}
}

func TestReadersKeepTheirSnapshot(t *testing.T) {
	h := open(t)
	h.write(data.Batch{PutSites: []data.StoredSite{site("a", "03", 0, 0)}})
	held := h.service.Current()
	b := site("b", "03", 10, 0)
	h.write(data.Batch{PutSites: []data.StoredSite{b}})
	c, _ := held.Collection(operator, data.LayerSites)
	if c.Query(snapshot.Query{Limit: 5}).Matched != 1 {
		t.Error("a held snapshot changed")
	}
}

func TestMergedSitesAreNotServed(t *testing.T) {
	h := open(t)
	absorbed := site("b", "03", 0, 0)
	absorbed.MergedInto = "a"
	h.write(data.Batch{PutSites: []data.StoredSite{site("a", "03", 0, 0), absorbed}})
	c, _ := h.service.Current().Collection(operator, data.LayerSites)
	if got := ids(t, c, snapshot.Query{Limit: 5, Status: "all"}); fmt.Sprint(got) != "[a]" {
		t.Errorf("%v", got)
	}
}

func TestAssessor(t *testing.T) {
	h := open(t)
	h.write(data.Batch{PutZones: []data.Zone{zone(data.ZoneQPV, "2024", "QN00001X", 1000, 0, 100)}, Current: &data.Edition{Kind: data.ZoneQPV, Label: "2024"}})
	sn := h.service.Current()
	radii := []float64{1500, 950}
	schema := sn.AssessSchema(radii)
	var f data.Feature
	sn.Assessor(operator, radii).Measure("p", plane.Inverse(0, 0), &f)
	if len(f.Values) != len(schema.Columns) {
		t.Fatalf("%d values for %d columns", len(f.Values), len(schema.Columns))
	}
	got := map[string]string{}
	for i, c := range schema.Columns {
		got[c.Name] = f.Values[i].Format()
	}
	if got["zones_within_1500m"] != "1" || got["zones_within_950m"] != "1" || got["in_zone"] != "false" {
		t.Errorf("%v", got)
	}
	if got["zone_share_1500m"] <= got["zone_share_950m"] && got["zone_share_950m"] == "0" {
		t.Errorf("shares keep the order of the radii: %v", got)
	}
}

// TestIncrementalEqualsFull: after any sequence of writes, what was kept from the
// snapshot before is what a fresh start would compute.
func TestIncrementalEqualsFull(t *testing.T) {
	h := open(t)
	quick := score.Default()
	quick.Draws = 100
	options := snapshot.Options{Profile: quick}
	service, err := snapshot.Open(context.Background(), h.store, options)
	if err != nil {
		t.Fatal(err)
	}
	h.service = service
	rng := rand.New(rand.NewPCG(1, 2))
	h.write(data.Batch{PutZones: []data.Zone{zone(data.ZoneQPV, "2024", "QN00001X", 0, 0, 300)}, Current: &data.Edition{Kind: data.ZoneQPV, Label: "2024"}})
	versions := map[string]int64{}
	for step := range 60 {
		id := fmt.Sprintf("s%02d", rng.IntN(12))
		s := site(id, "03", 1500*rng.NormFloat64(), 1500*rng.NormFloat64())
		switch rng.IntN(5) {
		case 0:
			s.Position = nil
		case 1:
			s.Position.Precision = data.PrecisionCommune
		case 2:
			s.Status = data.SiteClosed
		case 3:
			s.Position.Precision = data.PrecisionStreet
		}
		versions[id]++
		s.Version = versions[id]
		h.write(data.Batch{PutSites: []data.StoredSite{s}})
		if step%4 == 1 {
			// Zones come, move, and are open or not, near and far.
			z := zone([]data.ZoneKind{data.ZoneQPV, data.ZoneZSP}[rng.IntN(2)], "2024", fmt.Sprintf("QN0000%dY", rng.IntN(3)), 4000*rng.NormFloat64(), 4000*rng.NormFloat64(), 50+300*rng.Float64())
			z.Restricted = z.Kind == data.ZoneZSP && rng.IntN(2) == 0
			h.write(data.Batch{PutZones: []data.Zone{z}, Current: &data.Edition{Kind: z.Kind, Label: "2024"}})
		}
		if step%20 == 7 {
			place := data.Place{ID: fmt.Sprintf("p%d", step), Kind: "police", Name: "Poste fictif", Position: &data.Position{Point: plane.Inverse(rng.Float64()*5000, 0), Precision: data.PrecisionSurveyed}}
			h.write(data.Batch{PutPlaces: []data.Place{place}})
		}
		fresh, err := snapshot.Open(context.Background(), h.store, options)
		if err != nil {
			t.Fatal(err)
		}
		got, _ := h.service.Current().Collection(operator, data.LayerSites)
		want, _ := fresh.Current().Collection(operator, data.LayerSites)
		all := snapshot.Query{Limit: 100, Status: "all"}
		for _, id := range ids(t, want, all) {
			a, _ := got.Get(id)
			b, _ := want.Get(id)
			for i, column := range want.Schema().Columns {
				x, number := a.Values[i].Float()
				y, _ := b.Values[i].Float()
				// The order of the index may change the last bit of a sum.
				if a.Values[i] != b.Values[i] && !(number && math.Abs(x-y) <= 1e-9*max(1, math.Abs(y))) {
					t.Fatalf("step %d, site %s, %s: incremental %q, full %q", step, id, column.Name, a.Values[i].Format(), b.Values[i].Format())
				}
			}
		}
	}
}
