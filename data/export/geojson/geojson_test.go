package geojson_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/paulmach/orb"
	orbjson "github.com/paulmach/orb/geojson"
	"pgregory.net/rapid"

	"vigie/data"
	checked "vigie/data/export"
	"vigie/data/export/geojson"
)

var schema = &data.Schema{
	Layer: data.LayerSites, Geometry: "Point",
	Columns: []data.Column{
		{Name: "name", Type: data.TypeString},
		{Name: "capacity", Type: data.TypeInteger},
		{Name: "nearest_zone_distance_m", Type: data.TypeNumber, Decimals: 1},
		{Name: "in_zone", Type: data.TypeBoolean},
	},
}

func site(id, name string, g orb.Geometry) *data.Feature {
	return &data.Feature{ID: id, Geometry: g, Values: []data.Value{
		data.String(name), data.Integer(12), data.Number(1234.5678), data.Boolean(true),
	}}
}

func export(t *testing.T, schema *data.Schema, features []*data.Feature, options ...geojson.Option) string {
	t.Helper()
	var b bytes.Buffer
	w, err := geojson.NewWriter(&b, schema, options...)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range features {
		if err := w.Write(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestCollection(t *testing.T) {
	unknown := &data.Feature{ID: "b", Values: make([]data.Value, 4)}
	got := export(t, schema, []*data.Feature{site("a", "Foyer « Les Tilleuls »", orb.Point{2.35222193, 48.5}), unknown})
	want := `{"type":"FeatureCollection","features":[` +
		`{"type":"Feature","id":"a","geometry":{"type":"Point","coordinates":[2.3522219,48.5]},` +
		`"properties":{"name":"Foyer « Les Tilleuls »","capacity":12,"nearest_zone_distance_m":1234.6,"in_zone":true}},` + "\n" +
		`{"type":"Feature","id":"b","geometry":null,` +
		`"properties":{"name":null,"capacity":null,"nearest_zone_distance_m":null,"in_zone":null}}` +
		`]}` + "\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestProvenanceComesBeforeTheFeatures(t *testing.T) {
	p := &data.Provenance{Recipient: "analyste", Mark: "K7Q2"}
	got := export(t, schema, nil, geojson.WithProvenance(p))
	if want := `{"type":"FeatureCollection","provenance":{"recipient":"analyste","mark":"K7Q2"},"features":[]}` + "\n"; got != want {
		t.Errorf("got %s want %s", got, want)
	}
}

// Features encoded apart and written in batches give the document that Write gives.
func TestBatches(t *testing.T) {
	type batchWriter interface {
		AppendFeature(dst []byte, f *data.Feature) ([]byte, error)
		WriteEncoded(features []byte, n int) error
	}
	for _, size := range []int{1, 3, 1000} {
		var features []*data.Feature
		for i := range 2500 {
			features = append(features, site(fmt.Sprint(i), strings.Repeat("Foyer ", i%5), orb.Point{2, 48}))
		}
		var b bytes.Buffer
		w, err := geojson.NewWriter(&b, schema)
		if err != nil {
			t.Fatal(err)
		}
		batches := w.(batchWriter)
		for i := 0; i < len(features); i += size {
			var encoded []byte
			batch := features[i:min(i+size, len(features))]
			for _, f := range batch {
				if encoded, err = batches.AppendFeature(encoded, f); err != nil {
					t.Fatal(err)
				}
			}
			if err := batches.WriteEncoded(encoded, len(batch)); err != nil {
				t.Fatal(err)
			}
		}
		if err := batches.WriteEncoded(nil, 0); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if b.String() != export(t, schema, features) {
			t.Errorf("batches of %d give another document", size)
		}
		if batches.WriteEncoded([]byte("{}"), 1) == nil {
			t.Error("written after the end")
		}
	}
}

func TestEmptyCollection(t *testing.T) {
	if got, want := export(t, schema, nil), `{"type":"FeatureCollection","features":[]}`+"\n"; got != want {
		t.Errorf("got %s want %s", got, want)
	}
}

func TestSingleFeatureWithLinks(t *testing.T) {
	links := geojson.Member{Name: "links", Value: []byte(`[{"rel":"self","href":"/x"}]`)}
	got := encode(t, []byte("> "), site("a", "x", nil), links)
	if want := `},"links":[{"rel":"self","href":"/x"}]}`; !bytes.HasPrefix(got, []byte(`> {"type":"Feature"`)) || !bytes.HasSuffix(got, []byte(want)) {
		t.Errorf("got %s", got)
	}
}

func encode(t interface {
	Helper()
	Fatal(...any)
}, dst []byte, f *data.Feature, extra ...geojson.Member) []byte {
	t.Helper()
	e, err := geojson.NewEncoder(schema)
	if err != nil {
		t.Fatal(err)
	}
	line, err := e.AppendFeature(dst, f, extra...)
	if err != nil {
		t.Fatal(err)
	}
	return line
}

// Any text reads back as itself, with what is not UTF-8 in an identifier replaced, and
// without the characters that break JavaScript or terminals.
func TestStringsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.ReplaceAll(rapid.String().Draw(t, "text"), "\x00", "") + "\u2028\u2029\"\\\x7f"
		s := string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")) + text + "\x00"
		line := encode(t, nil, site(s, text, nil))
		if !utf8.Valid(line) || bytes.ContainsAny(line, "\u2028\u2029\x00\x7f\n") {
			t.Fatalf("unsafe output %q", line)
		}
		var f struct {
			ID         string
			Properties struct{ Name string }
		}
		if err := json.Unmarshal(line, &f); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		// Each byte that is not UTF-8 is replaced on its own, as Go's range does.
		want := string([]rune(s))
		if f.ID != want || f.Properties.Name != text {
			t.Fatalf("%q became %q, %q became %q", want, f.ID, text, f.Properties.Name)
		}
	})
}

// Every geometry type reads back within half of the last decimal.
func TestGeometriesReadBack(t *testing.T) {
	ring := orb.Ring{{2.1, 48.1}, {2.2, 48.1}, {2.2, 48.2}, {2.1, 48.1}}
	hole := orb.Ring{{2.15, 48.12}, {2.16, 48.13}, {2.16, 48.12}, {2.15, 48.12}}
	for _, g := range []orb.Geometry{
		orb.Point{-178.12345674, -13.5},
		orb.MultiPoint{{1, 2}, {3, 4}},
		orb.LineString{{1, 2}, {3, 4}},
		orb.MultiLineString{{{1, 2}, {3, 4}}},
		orb.Polygon{ring, hole},
		orb.MultiPolygon{{ring, hole}, {ring}},
		orb.Collection{orb.Point{1, 2}, orb.Polygon{ring}},
		orb.MultiPolygon{},
	} {
		line := encode(t, nil, site("a", "x", g))
		f, err := orbjson.UnmarshalFeature(line)
		if err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		if want := orb.Round(orb.Clone(g), 1e7); !orb.Equal(f.Geometry, want) {
			t.Errorf("%v became %v", want, f.Geometry)
		}
	}
}

func TestRefusesWhatJSONCannotHold(t *testing.T) {
	for name, f := range map[string]*data.Feature{
		"NaN":            site("a", "x", orb.Point{math.NaN(), 48}),
		"infinite":       site("a", "x", orb.MultiPolygon{{{{2, math.Inf(-1)}}}}),
		"too few values": {ID: "a", Values: []data.Value{data.Null}},
	} {
		w, err := geojson.NewWriter(io.Discard, schema)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(f); err == nil || !strings.Contains(err.Error(), `"a"`) {
			t.Errorf("%s: error %v, want one that names the feature", name, err)
		}
		if w.Close() == nil {
			t.Errorf("%s: Close succeeds on a document that lacks a feature", name)
		}
	}
	notANumber := site("a", "x", nil)
	notANumber.Values[2] = data.Number(math.Inf(1))
	if line := encode(t, nil, notANumber); !json.Valid(line) {
		t.Errorf("an infinite value gives %s", line)
	}
	twice := &data.Schema{Columns: []data.Column{{Name: "a"}, {Name: "a"}}}
	if _, err := geojson.NewWriter(io.Discard, twice); err == nil {
		t.Error("a repeated column is accepted")
	}
}

// What the encoder finds on its way is what export.CheckFeature refuses, in its words; nothing
// is left of a refused feature.
func TestRefusesWhatCheckFeatureRefuses(t *testing.T) {
	number := rapid.OneOf(rapid.Float64Range(-180, 180), rapid.SampledFrom([]float64{math.NaN(), math.Inf(1), math.Inf(-1)}))
	rapid.Check(t, func(t *rapid.T) {
		line := func() (points orb.LineString) {
			for range rapid.IntRange(0, 3).Draw(t, "points") {
				points = append(points, orb.Point{number.Draw(t, "lon"), number.Draw(t, "lat")})
			}
			return points
		}
		point := orb.Point{number.Draw(t, "lon"), number.Draw(t, "lat")}
		f := site(rapid.String().Draw(t, "id"), string(rapid.SliceOfN(rapid.Byte(), 0, 3).Draw(t, "text")), rapid.SampledFrom([]orb.Geometry{
			nil, point, orb.MultiPoint(line()), line(), orb.MultiLineString{line(), line()}, orb.Polygon{orb.Ring(line())},
			orb.MultiPolygon{{}, {orb.Ring(line()), orb.Ring(line())}}, orb.Ring(line()), orb.Bound{Min: point, Max: point},
			orb.Collection{point, line()}, orb.Collection{nil}, orb.Collection{},
		}).Draw(t, "geometry"))
		f.Values = f.Values[:rapid.SampledFrom([]int{4, 4, 4, 3}).Draw(t, "values")]
		e, err := geojson.NewEncoder(schema)
		if err != nil {
			t.Fatal(err)
		}
		want := checked.CheckFeature(schema, f)
		out, err := e.AppendFeature([]byte("> "), f)
		if want == nil {
			if err != nil || !json.Valid(out[2:]) {
				t.Fatalf("%s, %v", out, err)
			}
		} else if err == nil || err.Error() != "geojson: "+want.Error() || string(out) != "> " {
			t.Fatalf("%q, error %v, want %v", out, err, want)
		}
		w, err := geojson.NewWriter(io.Discard, schema)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(f); (err == nil) != (want == nil) || err != nil && err.Error() != "geojson: "+want.Error() {
			t.Fatalf("the writer's error is %v, want %v", err, want)
		}
	})
}

type failing struct{ after int }

var errFull = errors.New("disk full")

func (f *failing) Write(p []byte) (int, error) {
	if f.after -= len(p); f.after < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestWriteErrorIsReported(t *testing.T) {
	w, err := geojson.NewWriter(&failing{after: 200_000}, schema)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < 10_000 && err == nil; i++ {
		err = w.Write(site("a", "x", orb.Point{1, 2}))
	}
	if !errors.Is(err, errFull) || !errors.Is(w.Close(), errFull) {
		t.Errorf("the failure of the destination is lost: %v", err)
	}
}

// wide is a site with as many properties as the catalogue gives it.
func wide() (*data.Schema, *data.Feature) {
	s := &data.Schema{Layer: data.LayerSites, Geometry: "Point"}
	f := &data.Feature{ID: "010000001", Geometry: orb.Point{2.3522219, 48.8566101}}
	for i := range 30 {
		c := data.Column{Name: fmt.Sprintf("zones_within_%dm", i*100), Type: data.TypeNumber, Decimals: 4}
		var v data.Value
		switch i % 5 {
		case 0:
			v = data.String("Foyer départemental")
		case 1:
			v = data.Integer(i * 37)
		case 2:
			v = data.Boolean(i%2 == 0)
		default:
			v = data.Number(float64(i) / 7)
		}
		s.Columns = append(s.Columns, c)
		f.Values = append(f.Values, v)
	}
	return s, f
}

func TestWriteDoesNotAllocate(t *testing.T) {
	s, f := wide()
	w, err := geojson.NewWriter(io.Discard, s)
	if err != nil {
		t.Fatal(err)
	}
	ring := orb.Ring{{2.1, 48.1}, {2.2, 48.1}, {2.2, 48.2}, {2.1, 48.1}}
	for _, g := range []orb.Geometry{f.Geometry, orb.MultiPolygon{{ring}, {ring, ring}}, nil} {
		f.Geometry = g
		if n := testing.AllocsPerRun(2000, func() {
			if err := w.Write(f); err != nil {
				t.Fatal(err)
			}
		}); n > 0.01 {
			t.Errorf("%v allocations a feature with %v", n, g)
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	s, f := wide()
	w, err := geojson.NewWriter(io.Discard, s)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := w.Write(f); err != nil {
			b.Fatal(err)
		}
	}
}
