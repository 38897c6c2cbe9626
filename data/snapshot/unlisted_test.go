package snapshot_test

import (
	"reflect"
	"testing"

	"vigie/data"
	"vigie/geo/exposure"
)

// peopled is a house with a commune of people under 21, so that supply is known.
func peopled(t *testing.T) *house {
	h := scored(t)
	people := 500.
	b := data.Batch{
		PutAreas:      []data.Area{{Level: data.AreaCommune, Code: "03001", Name: "Commune fictive", DepartmentCode: "03", Geometry: zone(data.ZoneCustom, "", "", 0, 0, 2000).Geometry}},
		PutStatistics: new(data.StatisticTable),
	}
	b.PutStatistics.Append(&data.Statistic{
		Area: "03001", Level: data.StatisticCommune, Department: "03", Indicator: "population_under_21", Year: 2021, Edition: "2021",
		Source: "insee", Status: data.StatisticPublished, Value: &people, Unit: "1",
	}, 0)
	for _, s := range []data.StoredSite{site("near", "03", 100, 0), site("far", "03", 9000, 0), site("other", "63", 500, 0)} {
		s.Version, s.Capacity = 2, new(int)
		*s.Capacity = 10
		b.PutSites = append(b.PutSites, s)
	}
	h.write(b)
	return h
}

// hidden are homes that the public register lacks, next to the home "near".
func hidden() []data.StoredSite {
	one, two := site("secret", "63", 200, 50), site("place", "03", 60, 30)
	for i, s := range []*data.StoredSite{&one, &two} {
		s.Capacity = new(int)
		*s.Capacity = 8 + i
	}
	one.FINESS = ""
	two.Kind, two.Category = "living_place", "462" // in the register, and maybe a private home
	return []data.StoredSite{one, two}
}

// TestRule11UnlistedHomesBearOnNoOther: whatever is done to a home that the public register
// lacks, whoever does not see it gets the same of all others, ETag and explanation included.
func TestRule11UnlistedHomesBearOnNoOther(t *testing.T) {
	h := peopled(t)
	inspector := data.NewViewer(data.ViewerSpec{Subject: "inspector", Precision: data.ViewExact, Departments: []string{"03"}})
	provider := data.NewViewer(data.ViewerSpec{Subject: "provider", Now: now, Assignments: []data.Assignment{{Role: data.RoleProvider, Scope: data.Scope{Sites: []string{"near"}}}}})
	type view struct {
		properties  map[string]data.Value
		explanation any
		etag        string
	}
	look := func(v data.Viewer) view {
		x, ok := h.service.Explain(h.service.Current(), v, "near")
		if !ok {
			t.Fatal("the home is not seen")
		}
		p := h.properties(v, data.LayerSites, "near")
		return view{p, *x, h.service.Current().ETag(v, data.LayerSites)}
	}
	// The first of them lies in a département that the inspector does not see.
	one, both := hidden()[:1], hidden()
	asInspector, asProvider := look(inspector), look(provider)
	for _, name := range []string{"homes_within_500m", "homes_within_1000m", "place_supply_40km"} {
		number(t, asProvider.properties, name)
	}
	for name, change := range map[string]func(s *data.StoredSite){
		"added":  func(*data.StoredSite) {},
		"moved":  func(s *data.StoredSite) { s.Position.Point = plane.Inverse(5000, 0) },
		"larger": func(s *data.StoredSite) { *s.Capacity = 60 },
		"closed": func(s *data.StoredSite) { s.Status = data.SiteClosed },
	} {
		h := peopled(t)
		h.write(data.Batch{PutSites: one})
		changed := hidden()[0]
		changed.Version = 2
		change(&changed)
		h.write(data.Batch{PutSites: []data.StoredSite{changed}})
		x, _ := h.service.Explain(h.service.Current(), inspector, "near")
		if p := h.properties(inspector, data.LayerSites, "near"); !reflect.DeepEqual(p, asInspector.properties) || !reflect.DeepEqual(any(*x), asInspector.explanation) {
			t.Errorf("%s: an inspector of another département sees a difference: %v, %v", name, p, asInspector.properties)
		}
	}
	h.write(data.Batch{PutSites: both})
	if after := look(provider); !reflect.DeepEqual(after, asProvider) {
		t.Errorf("a provider sees a difference: %+v, before %+v", after, asProvider)
	}
}

// TestRule11RanksAreForWhoSeesTheDepartement: a rank tells of all homes of the département.
func TestRule11RanksAreForWhoSeesTheDepartement(t *testing.T) {
	h := scored(t)
	placed := site("placed", "63", 900, 0)
	placed.PlacingDepartments = []string{"03"}
	h.write(data.Batch{PutSites: []data.StoredSite{placed}})
	whole := data.NewViewer(data.ViewerSpec{Subject: "inspector", Precision: data.ViewExact, Departments: []string{"03"}})
	provider := data.NewViewer(data.ViewerSpec{Subject: "provider", Now: now, Assignments: []data.Assignment{{Role: data.RoleProvider, Scope: data.Scope{Sites: []string{"near"}}}}})
	for _, c := range []struct {
		viewer data.Viewer
		id     string
		ranked bool
	}{{whole, "near", true}, {operator, "placed", true}, {provider, "near", false}, {whole, "placed", false}} {
		p := h.properties(c.viewer, data.LayerSites, c.id)
		x, ok := h.service.Explain(h.service.Current(), c.viewer, c.id)
		if !ok || x.Status != "computed" || p["exposure_score"].IsNull() {
			t.Fatalf("%s of %s: no score", c.id, c.viewer.Subject())
		}
		for _, name := range []string{"exposure_rank", "exposure_rank_low", "exposure_rank_high", "exposure_top_decile_probability"} {
			if p[name].IsNull() == c.ranked {
				t.Errorf("%s of %s: %s is %q", c.id, c.viewer.Subject(), name, p[name].Format())
			}
		}
		if (x.Rank > 0) != c.ranked || (x.Ranked > 0) != c.ranked || (x.RankHigh > 0) != c.ranked {
			t.Errorf("%s of %s: rank %d of %d", c.id, c.viewer.Subject(), x.Rank, x.Ranked)
		}
	}
}

// TestListedNeighboursChangeTheETag: what a home of the public register changes in another's
// figures gets a new ETag, for who sees the other only.
func TestListedNeighboursChangeTheETag(t *testing.T) {
	h := peopled(t)
	provider := data.NewViewer(data.ViewerSpec{Subject: "provider", Now: now, Assignments: []data.Assignment{{Role: data.RoleProvider, Scope: data.Scope{Sites: []string{"near"}}}}})
	before, etag := h.properties(provider, data.LayerSites, "near"), h.service.Current().ETag(provider, data.LayerSites)
	next := site("next", "63", 300, 0)
	next.Capacity = new(int)
	h.write(data.Batch{PutSites: []data.StoredSite{next}})
	after := h.properties(provider, data.LayerSites, "near")
	if number(t, after, "homes_within_500m") != number(t, before, "homes_within_500m")+1 || h.service.Current().ETag(provider, data.LayerSites) == etag {
		t.Errorf("%v homes, then %v, ETag %s", before["homes_within_500m"], after["homes_within_500m"], etag)
	}
}

// TestNoListedHome: without any home of the public register, how many are around is unknown,
// and known everywhere once there is one.
func TestNoListedHome(t *testing.T) {
	h := open(t)
	secret := hidden()[0]
	h.write(data.Batch{PutSites: []data.StoredSite{secret}})
	if p := h.properties(operator, data.LayerSites, "secret"); !p["homes_within_500m"].IsNull() {
		t.Errorf("%q homes", p["homes_within_500m"].Format())
	}
	unknown, _ := h.service.Current().Unknowns(operator, "secret")
	reasons := map[string]exposure.Reason{}
	for _, u := range unknown {
		reasons[u.Indicator] = u.Reason
	}
	if reasons["homes_within_500m"] != exposure.ReasonNotLoaded {
		t.Errorf("reason %q", reasons["homes_within_500m"])
	}
	h.write(data.Batch{PutSites: []data.StoredSite{site("far", "03", 90_000, 0)}})
	if p := h.properties(operator, data.LayerSites, "secret"); p["homes_within_500m"].Format() != "0" {
		t.Errorf("%q homes", p["homes_within_500m"].Format())
	}
}
