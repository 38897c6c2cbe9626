package storetest

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"vigie/data"
)

// noon is the time of every fictitious event.
var noon = time.Date(2024, 5, 17, 12, 0, 0, 123456789, time.UTC)

// fixture is a store on a database of its own and the viewers that use it.
type fixture struct {
	*testing.T
	backend  Backend
	address  string
	store    data.Store
	operator data.Viewer
}

func start(t *testing.T, b Backend) *fixture {
	t.Helper()
	f := &fixture{T: t, backend: b, address: b.Create(t), operator: b.operator()}
	f.store = f.open()
	return f
}

func (b Backend) operator() data.Viewer {
	return b.Viewer(data.ViewerSpec{
		Subject: "operator", Precision: data.ViewExact, Restricted: true, Writes: true, Purpose: "tests",
	})
}

// open opens one more store on the same database; it is closed with the test.
func (f *fixture) open() data.Store {
	f.Helper()
	s, err := f.backend.Open(f.Context(), f.address)
	if err != nil {
		f.Fatalf("open: %v", err)
	}
	f.Cleanup(func() {
		if err := s.Close(); err != nil {
			f.Errorf("close: %v", err)
		}
	})
	return s
}

func entry(action string) data.AuditEntry {
	return data.AuditEntry{At: noon, Subject: "operator", Action: action}
}

func (f *fixture) write(b *data.Batch) error {
	return f.store.Write(f.Context(), f.operator, b, entry("test"))
}

func (f *fixture) mustWrite(b *data.Batch) {
	f.Helper()
	if err := f.write(b); err != nil {
		f.Fatalf("write: %v", err)
	}
}

func (f *fixture) undo(id string) error {
	_, err := f.store.UndoImport(f.Context(), f.operator, id, entry("undo"))
	return err
}

func (f *fixture) mustUndo(id string) {
	f.Helper()
	if err := f.undo(id); err != nil {
		f.Fatalf("undo %s: %v", id, err)
	}
}

// content is all that a SnapshotSource gives but the versions of layers.
type content struct {
	Sites    []data.StoredSite
	Zones    []data.Zone
	Editions []data.Edition
	Places   []data.Place
	Areas    []data.Area

	Statistics []data.Statistic
}

func read(ctx context.Context, s data.SnapshotSource) (content, error) {
	c, err := readIn(ctx, s, nil)
	if err != nil {
		return c, err
	}
	if c.Editions, err = s.Editions(ctx); err != nil {
		return c, err
	}
	err = s.Statistics(ctx, data.StatisticFilter{}, func(x *data.Statistic) error { c.Statistics = append(c.Statistics, *x); return nil })
	return c, err
}

// readIn reads the layers that are read by département.
func readIn(ctx context.Context, s data.SnapshotSource, departments []string) (c content, err error) {
	err = errors.Join(
		s.Sites(ctx, departments, func(x *data.StoredSite) error { c.Sites = append(c.Sites, *x); return nil }),
		s.Zones(ctx, departments, func(x *data.Zone) error { c.Zones = append(c.Zones, *x); return nil }),
		s.Places(ctx, departments, func(x *data.Place) error { c.Places = append(c.Places, *x); return nil }),
		s.Areas(ctx, departments, func(x *data.Area) error { c.Areas = append(c.Areas, *x); return nil }),
	)
	return c, err
}

func (f *fixture) content() content {
	f.Helper()
	c, err := read(f.Context(), f.store)
	if err != nil {
		f.Fatalf("read: %v", err)
	}
	return c
}

// unversioned is the content with the versions of sites left out.
func (c content) unversioned() content {
	sites := make([]data.StoredSite, len(c.Sites))
	for i, s := range c.Sites {
		s.Version = 0
		sites[i] = s
	}
	c.Sites = sites
	return c
}

func (f *fixture) versions() map[data.LayerVersion]int64 {
	f.Helper()
	list, err := f.store.Versions(f.Context())
	if err != nil {
		f.Fatalf("versions: %v", err)
	}
	m := map[data.LayerVersion]int64{}
	for _, v := range list {
		m[data.LayerVersion{Layer: v.Layer, Department: v.Department}] = v.Version
	}
	return m
}

func (f *fixture) site(id string) *data.StoredSite {
	f.Helper()
	var found *data.StoredSite
	if err := f.store.Sites(f.Context(), nil, func(s *data.StoredSite) error {
		if s.ID == id {
			found = s
		}
		return nil
	}); err != nil {
		f.Fatalf("sites: %v", err)
	}
	return found
}

// reporter is a *testing.T or a *rapid.T.
type reporter interface {
	Helper()
	Errorf(format string, args ...any)
}

func equal[T any](t reporter, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

func wantError(t reporter, what string, err, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Errorf("%s: got error %v, want %v", what, err, target)
	}
}

// wantConflict checks which records a conflict names.
func wantConflict(t reporter, what string, err error, records ...string) {
	t.Helper()
	var c *data.ConflictError
	if !errors.As(err, &c) || !errors.Is(err, data.ErrConflict) {
		t.Errorf("%s: got error %v, want a conflict", what, err)
		return
	}
	equal(t, what+": records of the conflict", c.Records, records)
	if c.Message.FR == "" || c.Message.EN == "" {
		t.Errorf("%s: the conflict lacks a language: %+v", what, c.Message)
	}
}

// Fictitious records, in the middle of the sea.

func site(id, department, name string, version int64) data.StoredSite {
	return data.StoredSite{Version: version, Site: data.Site{
		ID: id, FINESS: id, Name: name, Category: "177", Kind: "mecs", Status: data.SiteOpen,
		CommuneCode: department + "001", DepartmentCode: department,
		Position: &data.Position{Point: orb.Point{-10.25, 45.5}, Precision: data.PrecisionHouseNumber},
	}}
}

func square(lon, lat, side float64) orb.Polygon {
	return orb.Polygon{{{lon, lat}, {lon + side, lat}, {lon + side, lat + side}, {lon, lat + side}, {lon, lat}}}
}

func zone(edition, code, name string, departments ...string) data.Zone {
	return data.Zone{
		Kind: data.ZoneQPV, Edition: edition, Code: code, Name: name, DepartmentCodes: departments,
		Geometry: orb.MultiPolygon{square(-10.5, 45.25, 0.01)},
	}
}

func place(id, department, name string) data.Place {
	return data.Place{ID: id, Kind: "police", Name: name, DepartmentCode: department}
}

func area(code, name string) data.Area {
	return data.Area{
		Level: data.AreaDepartment, Code: code, Name: name, DepartmentCode: code,
		Geometry: orb.MultiPolygon{square(-11, 45, 1)},
	}
}

// statistic is a fictitious rate of a commune; a negative value is one withheld.
func statistic(area, department, indicator string, year int, value float64) data.Statistic {
	s := data.Statistic{
		Area: area, Level: data.StatisticCommune, Department: department, Indicator: indicator, Year: year,
		Edition: "2026", Source: data.SourceSSMSI, Unit: data.UnitPerInhabitants, Status: data.StatisticNotPublished,
	}
	if value >= 0 {
		count, population := value*10, 10_000.
		s.Status, s.Value, s.Count, s.Denominator = data.StatisticPublished, &value, &count, &population
	}
	return s
}

func table(statistics ...data.Statistic) *data.StatisticTable {
	t := new(data.StatisticTable)
	for i := range statistics {
		t.Append(&statistics[i], uint32(i))
	}
	return t
}

func imported(id string, b data.Batch) *data.Batch {
	b.Import = &data.Import{
		ID: id, Layer: data.LayerZones, Format: "geojson", FileName: id + ".geojson",
		SHA256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", ImportedAt: noon, By: "operator",
	}
	return &b
}

func edition(label string) *data.Edition { return &data.Edition{Kind: data.ZoneQPV, Label: label} }
