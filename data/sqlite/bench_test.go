package sqlite_test

import (
	"fmt"
	"math"
	"path/filepath"
	"sync"
	"testing"

	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/data/sqlite"
)

// nationalZones are as many zones and vertices as the real QPV edition of 2024.
func nationalZones() []data.Zone {
	zones := make([]data.Zone, 1600)
	for i := range zones {
		ring := make(orb.Ring, 0, 91)
		for v := range 90 {
			angle := 2 * math.Pi * float64(v) / 90
			ring = append(ring, orb.Point{-10 + float64(i)/1000 + math.Cos(angle)/300, 45 + math.Sin(angle)/300})
		}
		zones[i] = data.Zone{
			Kind: data.ZoneQPV, Edition: "2024", Code: fmt.Sprintf("QN%06d", i), Name: "Quartier fictif",
			CommuneCodes: []string{"99001"}, DepartmentCodes: []string{fmt.Sprintf("%02d", i%96)},
			Geometry: orb.MultiPolygon{{append(ring, ring[0])}},
		}
	}
	return zones
}

func manySites(n int) []data.StoredSite {
	sites := make([]data.StoredSite, n)
	capacity := 12
	for i := range sites {
		s := data.Site{
			ID: fmt.Sprintf("%09d", i), FINESS: fmt.Sprintf("%09d", i), LegalEntityFINESS: "990000000",
			Name: "MAISON D’ENFANTS FICTIVE", Category: "177", Kind: "mecs", Status: data.SiteOpen, OpenedOn: "1999-01-31",
			Address:     data.Address{Street: "1 RUE DE L’ÉCUME", PostalCode: "99000", Locality: "PORT-FICTIF"},
			CommuneCode: "99001", DepartmentCode: fmt.Sprintf("%02d", i%96), Capacity: &capacity,
			Position: &data.Position{
				Point: orb.Point{-10 + float64(i)/1e5, 45.5}, Precision: data.PrecisionHouseNumber, Source: "1,BAN,100,RGF93", GeocodingScore: 87.5,
			},
		}
		source := s
		sites[i] = data.StoredSite{Site: s, Source: &source, Version: 1}
	}
	return sites
}

func benchStore(b *testing.B, batch *data.Batch) *sqlite.Store {
	b.Helper()
	s, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "vigie.db"), sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	if err := s.Write(b.Context(), operator(), batch, audited("import")); err != nil {
		b.Fatal(err)
	}
	return s
}

func BenchmarkLoadZones(b *testing.B) {
	s := benchStore(b, &data.Batch{PutZones: nationalZones()})
	for b.Loop() {
		vertices := 0
		if err := s.Zones(b.Context(), nil, func(z *data.Zone) error { vertices += len(z.Geometry[0][0]); return nil }); err != nil {
			b.Fatal(err)
		}
		if vertices != 1600*91 {
			b.Fatal(vertices)
		}
	}
}

func BenchmarkLoadSites100k(b *testing.B) {
	s := benchStore(b, &data.Batch{PutSites: manySites(100_000)})
	for b.Loop() {
		n := 0
		if err := s.Sites(b.Context(), nil, func(*data.StoredSite) error { n++; return nil }); err != nil {
			b.Fatal(err)
		}
		if n != 100_000 {
			b.Fatal(n)
		}
	}
}

func BenchmarkImportZones(b *testing.B) {
	zones := nationalZones()
	for b.Loop() {
		benchStore(b, &data.Batch{PutZones: zones, Import: &data.Import{ID: "i"}})
	}
}

func BenchmarkImportSites100k(b *testing.B) {
	sites := manySites(100_000)
	for b.Loop() {
		benchStore(b, &data.Batch{PutSites: sites, Import: &data.Import{ID: "i"}})
	}
}

func BenchmarkCorrectOneSite(b *testing.B) {
	sites := manySites(10_000)
	s := benchStore(b, &data.Batch{PutSites: sites})
	for b.Loop() {
		sites[0].Version++
		if err := s.Write(b.Context(), operator(), &data.Batch{PutSites: sites[:1]}, audited("site.correct")); err != nil {
			b.Fatal(err)
		}
	}
}

// manyStatistics are figures of a tenth of the communes over ten years and fifteen indicators.
func manyStatistics() *data.StatisticTable {
	t := new(data.StatisticTable)
	value, count, population := 1.25, 10., 8000.
	for commune := range 3500 {
		s := data.Statistic{
			Area: fmt.Sprintf("%05d", commune), Level: data.StatisticCommune, Department: fmt.Sprintf("%02d", commune/40),
			Edition: "2026", Source: data.SourceSSMSI, Unit: data.UnitPerInhabitants, Denominator: &population,
		}
		for year := 2016; year < 2026; year++ {
			for indicator := range 15 {
				s.Year, s.Indicator, s.Status, s.Value, s.Count = year, fmt.Sprintf("indicator_%d", indicator), data.StatisticPublished, &value, &count
				if indicator > 5 {
					s.Status, s.Value, s.Count = data.StatisticNotPublished, nil, nil
				}
				t.Append(&s, 0)
			}
		}
	}
	return t
}

func BenchmarkImportStatistics525k(b *testing.B) {
	statistics := manyStatistics()
	for b.Loop() {
		benchStore(b, &data.Batch{PutStatistics: statistics, Import: &data.Import{ID: "i"}})
	}
}

func BenchmarkLoadStatistics(b *testing.B) {
	s := benchStore(b, &data.Batch{PutStatistics: manyStatistics()})
	for name, c := range map[string]struct {
		filter data.StatisticFilter
		want   int
	}{
		"all 525k":               {data.StatisticFilter{}, 525_000},
		"newest 3 years":         {data.StatisticFilter{Newest: true, Since: 2023}, 157_500},
		"50 communes of 1 of 15": {data.StatisticFilter{Indicators: []string{"indicator_1"}, Areas: communes(50)}, 500},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				n := 0
				if err := s.Statistics(b.Context(), c.filter, func(*data.Statistic) error { n++; return nil }); err != nil {
					b.Fatal(err)
				}
				if n != c.want {
					b.Fatal(n)
				}
			}
		})
	}
}

func communes(n int) []string {
	codes := make([]string, n)
	for i := range codes {
		codes[i] = fmt.Sprintf("%05d", i*7)
	}
	return codes
}

// BenchmarkAudit is one entry made durable, with as many callers at a time as its name says.
func BenchmarkAudit(b *testing.B) {
	for _, callers := range []int{1, 16} {
		b.Run(fmt.Sprint(callers), func(b *testing.B) {
			s := benchStore(b, &data.Batch{})
			entry := audited("read")
			entry.Layer, entry.Records, entry.Count = data.LayerSites, []string{"990000001"}, 1
			var group sync.WaitGroup
			left := make(chan struct{})
			for range callers {
				group.Go(func() {
					for range left {
						if err := s.Audit(b.Context(), entry); err != nil {
							b.Error(err)
						}
					}
				})
			}
			for b.Loop() {
				left <- struct{}{}
			}
			close(left)
			group.Wait()
		})
	}
}
