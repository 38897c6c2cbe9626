package storetest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"vigie/data"
)

// complete is a batch where every field of every record is used at least once.
func complete() *data.Batch {
	zero, twelve := 0, 12
	full := data.StoredSite{
		Site: data.Site{
			ID: "2A9990001", FINESS: "2A9990001", LegalEntityFINESS: "2A9990002", Name: "L’Étoile <du> \"Large\" & Cie",
			Category: "177", Kind: "mecs", Status: data.SiteClosed, OpenedOn: "1999-01-31", ClosedOn: "2023-12-31",
			Address:     data.Address{Street: "1 RUE DE L’ÉCUME", PostalCode: "20999", Locality: "PORT-FICTIF"},
			CommuneCode: "2A999", DepartmentCode: "2A", Capacity: &twelve,
			Position: &data.Position{
				Point: orb.Point{-10.1 - 0.2, 45.00000000000001}, Precision: data.PrecisionStreet,
				Source: "1,BAN,100,RGF93", GeocodingScore: 87.5,
			},
		},
		Version:    1,
		MergedInto: "990000003",
	}
	corrected := full.Site
	corrected.Name = "as the file gave it"
	full.Source = &corrected

	asImported := site("990000003", "99", "as imported", 1)
	source := asImported.Site
	asImported.Source = &source

	ring := square(-10.4, 45.4, 0.1)
	ring = append(ring, orb.Ring{{-10.38, 45.42}, {-10.38, 45.44}, {-10.36, 45.44}, {-10.36, 45.42}, {-10.38, 45.42}})
	return &data.Batch{
		PutSites: []data.StoredSite{
			full,
			{Site: data.Site{ID: "bare", Kind: data.KindOther, Status: data.SiteOpen, Capacity: &zero}, Version: 1},
			asImported,
		},
		PutZones: []data.Zone{
			{
				Kind: data.ZoneQRR, Edition: "2020/b é", Code: "Z/1 %", Name: "Zone « A »",
				CommuneCodes: []string{"99001", "98001"}, CommuneNames: []string{"Port-Fictif"},
				DepartmentCodes: []string{"98", "99"}, Restricted: true,
				Geometry: orb.MultiPolygon{ring, square(-10.2, 45.1, 0.01)},
			},
			{Kind: data.ZoneCustom, Edition: "", Code: "bare"},
		},
		PutPlaces: []data.Place{
			{
				ID: "p1", Kind: "gendarmerie", Name: "Brigade", CommuneCode: "99001", DepartmentCode: "99",
				Position: &data.Position{Point: orb.Point{-10.33, 45.31}, Precision: data.PrecisionUnspecified},
			},
			{ID: "p2", Kind: "school", OpenAtNight: new(bool), Source: "bpe", Edition: "2025"},
		},
		PutAreas:      []data.Area{area("99", "Large"), {Level: data.AreaCommune, Code: "99001", Name: "Port-Fictif", DepartmentCode: "99"}},
		PutStatistics: table(completeStatistics()...),
	}
}

// completeStatistics are in their order.
func completeStatistics() []data.Statistic {
	share, third, households := 1./3, 4., 12.
	context := statistic("2A", "2A", "armed_robbery"+data.SuppressedMean, 2025, 0.1)
	context.Level, context.Count, context.Denominator = data.StatisticDepartment, nil, nil
	absent := statistic("2A999", "2A", "armed_robbery", 2024, -1)
	absent.Status, absent.Denominator = data.StatisticNotAvailable, &households
	return []data.Statistic{
		context,
		absent,
		statistic("2A999", "2A", "armed_robbery", 2025, -1),
		statistic("2A999", "2A", "vandalism", 2025, 0),
		{
			Area: "CRS3035RES200mN2000000E3000000", Level: data.StatisticGrid200, Indicator: data.IndicatorPoorShare, Year: 2021, Edition: "2021 é",
			Source: data.SourceFilosofi, Status: data.StatisticPublished, Value: &share, Count: &third, Denominator: &households, Unit: data.UnitRatio, Estimated: true,
		},
		{Area: "x", Level: "l", Indicator: "i", Source: "s", Status: data.StatisticPublished, Value: &share},
	}
}

func testRecords(t *testing.T, b Backend) {
	t.Run("an empty store holds nothing", func(t *testing.T) {
		f := start(t, b)
		equal(t, "content", f.content(), content{})
		equal(t, "versions", len(f.versions()), 0)
		imports, err := f.store.Imports(t.Context(), f.operator, 10)
		if err != nil || len(imports) != 0 {
			t.Errorf("imports: %v, %v", imports, err)
		}
	})

	t.Run("every field comes back, in order", func(t *testing.T) {
		f := start(t, b)
		batch := complete()
		f.mustWrite(batch)
		want := complete()
		slices.SortFunc(want.PutSites, func(a, b data.StoredSite) int { return cmp.Compare(a.ID, b.ID) })
		slices.SortFunc(want.PutZones, func(a, b data.Zone) int { return cmp.Compare(a.Kind, b.Kind) })
		slices.SortFunc(want.PutAreas, func(a, b data.Area) int { return cmp.Compare(a.Level, b.Level) })
		equal(t, "content", f.content(), content{
			Sites: want.PutSites, Zones: want.PutZones, Places: want.PutPlaces, Areas: want.PutAreas, Statistics: completeStatistics(),
			Editions: []data.Edition{
				{Kind: data.ZoneCustom, Label: "", Zones: 1}, {Kind: data.ZoneQRR, Label: "2020/b é", Zones: 1},
			},
		})
	})

	t.Run("records handed out belong to the caller", func(t *testing.T) {
		f := start(t, b)
		f.mustWrite(complete())
		c := f.content()
		for i := range c.Sites {
			s := &c.Sites[i]
			if s.Source == nil {
				continue
			}
			source := s.Source.Position.Point
			s.Position.Point[0] = 0
			if s.Source.Position.Point != source {
				t.Errorf("site %s shares its position with its source", s.ID)
			}
		}
		if f.site("990000003").Position.Point[0] == 0 {
			t.Error("a change of a record handed out reached the store")
		}
	})

	t.Run("order is that of bytes", func(t *testing.T) {
		f := start(t, b)
		ids := []string{"b", "é", "a", "B", "10", "9", "A1", "a b"}
		var batch data.Batch
		for _, id := range ids {
			batch.PutSites = append(batch.PutSites, site(id, "99", id, 1))
			batch.PutPlaces = append(batch.PutPlaces, place(id, "99", id))
			batch.PutAreas = append(batch.PutAreas, area(id, id))
			batch.PutZones = append(batch.PutZones, zone(id, "x", id), zone("e", id, id))
		}
		f.mustWrite(&batch)
		c := f.content()
		var sites, places, areas []string
		for _, s := range c.Sites {
			sites = append(sites, s.ID)
		}
		for _, p := range c.Places {
			places = append(places, p.ID)
		}
		for _, a := range c.Areas {
			areas = append(areas, a.Code)
		}
		slices.Sort(ids)
		equal(t, "sites", sites, ids)
		equal(t, "places", places, ids)
		equal(t, "areas", areas, ids)
		if !slices.IsSortedFunc(c.Zones, func(a, b data.Zone) int {
			return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Edition, b.Edition), cmp.Compare(a.Code, b.Code))
		}) || len(c.Zones) != 2*len(ids) {
			t.Errorf("zones out of order or missing: %d", len(c.Zones))
		}
		if !slices.IsSortedFunc(c.Editions, func(a, b data.Edition) int { return cmp.Compare(a.Label, b.Label) }) {
			t.Errorf("editions out of order: %v", c.Editions)
		}
	})

	t.Run("a département is read without the others", func(t *testing.T) {
		f := start(t, b)
		f.mustWrite(complete())
		f.mustWrite(&data.Batch{
			PutSites:  []data.StoredSite{site("b", "98", "", 1), site("a", "98", "", 1), site("c", "é \"9", "", 1)},
			PutZones:  []data.Zone{zone("2024", "b", "", "98"), zone("2024", "a", "", "97", "98"), zone("2024", "c", "", "")},
			PutPlaces: []data.Place{place("p3", "98", "")}, PutAreas: []data.Area{area("98", "")},
		})
		// They move, and one comes back.
		f.mustWrite(&data.Batch{
			PutSites:  []data.StoredSite{site("b", "97", "", 2), site("a", "97", "", 2)},
			PutZones:  []data.Zone{zone("2024", "b", "", "97", "99")},
			PutPlaces: []data.Place{place("p3", "97", "")},
		})
		f.mustWrite(&data.Batch{PutSites: []data.StoredSite{site("a", "98", "", 3)}})
		all := f.content()
		for _, in := range [][]string{{"98"}, {"97", "2A"}, {"99", "98"}, {""}, {"", "97"}, {"é \"9"}, {"9"}, {"98", "98"}, {}} {
			within := func(codes ...string) bool {
				if len(codes) == 0 {
					codes = []string{""}
				}
				return slices.ContainsFunc(codes, func(code string) bool { return slices.Contains(in, code) })
			}
			want := content{
				Sites:  only(all.Sites, func(s *data.StoredSite) bool { return within(s.DepartmentCode) }),
				Zones:  only(all.Zones, func(z *data.Zone) bool { return within(z.DepartmentCodes...) }),
				Places: only(all.Places, func(p *data.Place) bool { return within(p.DepartmentCode) }),
				Areas:  only(all.Areas, func(a *data.Area) bool { return within(a.DepartmentCode) }),
			}
			got, err := readIn(t.Context(), f.store, in)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, fmt.Sprintf("records of %q", in), got, want)
		}
	})

	t.Run("an error of the callback ends the reading and comes back", func(t *testing.T) {
		f := start(t, b)
		f.mustWrite(complete())
		stop := errors.New("stop")
		calls := 0
		for name, err := range map[string]error{
			"sites":  f.store.Sites(t.Context(), nil, func(*data.StoredSite) error { calls++; return stop }),
			"zones":  f.store.Zones(t.Context(), nil, func(*data.Zone) error { calls++; return stop }),
			"places": f.store.Places(t.Context(), nil, func(*data.Place) error { calls++; return stop }),
			"areas":  f.store.Areas(t.Context(), nil, func(*data.Area) error { calls++; return stop }),

			"statistics": f.store.Statistics(t.Context(), data.StatisticFilter{}, func(*data.Statistic) error { calls++; return stop }),
		} {
			wantError(t, name, err, stop)
		}
		equal(t, "calls", calls, 5)
	})

	t.Run("the store can be used from a callback", func(t *testing.T) {
		f := start(t, b)
		f.mustWrite(&data.Batch{PutSites: []data.StoredSite{site("s1", "99", "before", 1)}})
		err := f.store.Sites(t.Context(), nil, func(s *data.StoredSite) error {
			s.Version++
			s.Name = "after"
			return f.write(&data.Batch{PutSites: []data.StoredSite{*s}})
		})
		if err != nil || f.site("s1").Name != "after" {
			t.Errorf("write while reading: %v, %+v", err, f.site("s1"))
		}
	})

	t.Run("any site comes back as it was put", func(t *testing.T) {
		f := start(t, b)
		n := 0
		rapid.Check(t, func(r *rapid.T) {
			n++
			want := drawSite(r, fmt.Sprintf("site %d", n))
			if err := f.write(&data.Batch{PutSites: []data.StoredSite{want}}); err != nil {
				r.Fatalf("write: %v", err)
			}
			equal(r, "site", *f.site(want.ID), want)
		})
	})
}

func drawSite(r *rapid.T, id string) data.StoredSite {
	text := rapid.String()
	draw := func() data.Site {
		s := data.Site{
			ID: id, FINESS: text.Draw(r, "finess"), Name: text.Draw(r, "name"), Kind: text.Draw(r, "kind"),
			Status: data.SiteOpen, DepartmentCode: text.Draw(r, "department"),
			Address: data.Address{Street: text.Draw(r, "street")},
		}
		if rapid.Bool().Draw(r, "has capacity") {
			n := rapid.IntRange(0, 1000).Draw(r, "capacity")
			s.Capacity = &n
		}
		if rapid.Bool().Draw(r, "located") {
			s.Position = &data.Position{
				Point:     orb.Point{rapid.Float64Range(-180, 180).Draw(r, "lon"), rapid.Float64Range(-90, 90).Draw(r, "lat")},
				Precision: data.PrecisionUnspecified, GeocodingScore: rapid.Float64Range(0, 100).Draw(r, "score"),
			}
		}
		return s
	}
	s := data.StoredSite{Site: draw(), Version: 1}
	switch rapid.IntRange(0, 2).Draw(r, "source") {
	case 1:
		source := s.Site
		s.Source = &source
	case 2:
		source := draw()
		s.Source = &source
	}
	return s
}

// only is the records that are kept, in order; nil when there are none.
func only[T any](all []T, keep func(*T) bool) (out []T) {
	for i := range all {
		if keep(&all[i]) {
			out = append(out, all[i])
		}
	}
	return out
}
